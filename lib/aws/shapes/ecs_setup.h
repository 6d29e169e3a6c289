/* SPDX-License-Identifier: Apache-2.0
 * The operations of Amazon ECS that make and remove clusters, task definitions and services. No role
 * of Ebb calls them: ebb verify-aws does, and whoever sets up a world. */
#ifndef EBB_AWS_SHAPES_ECS_SETUP_H
#define EBB_AWS_SHAPES_ECS_SETUP_H

#include "lib/aws/shapes/ecs.h"

#define ECS_TAGS_MAX             50
#define ECS_LIST_DEFINITIONS_MAX 100

struct ecs_create_cluster_input {
    struct str cluster_name; /* absent = "default" */
    struct list tags;        /* of struct ecs_tag */
};
struct ecs_cluster_output {
    struct ecs_cluster cluster;
};
extern const struct aws_operation ECS_CREATE_CLUSTER;

struct ecs_delete_cluster_input {
    struct str cluster;
};
extern const struct aws_operation ECS_DELETE_CLUSTER;

struct ecs_container_definition {
    struct str name, image;
    bool essential;
    struct list command; /* of struct str */
};
struct ecs_task_definition {
    struct str task_definition_arn, family, status, network_mode, cpu, memory;
    int64_t revision;
    struct list container_definitions; /* of struct ecs_container_definition */
};
struct ecs_register_task_definition_input {
    struct str family, network_mode, cpu, memory;
    struct list container_definitions;
    struct list requires_compatibilities; /* of struct str */
    struct list tags;                     /* of struct ecs_tag */
};
struct ecs_task_definition_output {
    struct ecs_task_definition task_definition;
};
extern const struct aws_operation ECS_REGISTER_TASK_DEFINITION;

struct ecs_deregister_task_definition_input {
    struct str task_definition; /* "family:revision", or its ARN */
};
extern const struct aws_operation ECS_DEREGISTER_TASK_DEFINITION;

struct ecs_list_task_definitions_input {
    struct str family_prefix; /* the whole name of a family */
    struct str status;        /* absent = ACTIVE */
    int64_t max_results;
    struct str next_token;
};
struct ecs_list_task_definitions_output {
    struct list task_definition_arns; /* of struct str */
    struct str next_token;
};
extern const struct aws_operation ECS_LIST_TASK_DEFINITIONS;

struct ecs_deployment_configuration {
    int64_t maximum_percent, minimum_healthy_percent; /* 0 = AWS's defaults, 200 and 100 */
};
struct ecs_capacity_provider {
    struct str capacity_provider;
    int64_t weight, base;
};
struct ecs_awsvpc_configuration {
    struct list subnets, security_groups; /* of struct str */
    struct str assign_public_ip;          /* ENABLED, DISABLED */
};
struct ecs_network_configuration {
    struct ecs_awsvpc_configuration awsvpc;
};
struct ecs_create_service_input {
    struct str cluster, service_name, task_definition, launch_type, scheduling_strategy;
    int64_t desired_count; /* decoding: -1 = not given */
    struct ecs_deployment_controller deployment_controller;
    struct ecs_deployment_configuration deployment_configuration;
    struct list capacity_provider_strategy; /* of struct ecs_capacity_provider */
    struct ecs_network_configuration network_configuration;
    struct str availability_zone_rebalancing; /* ENABLED, DISABLED */
    struct str client_token;
    struct list tags; /* of struct ecs_tag */
};
struct ecs_service_output {
    struct ecs_service service;
};
extern const struct aws_operation ECS_CREATE_SERVICE;

struct ecs_delete_service_input {
    struct str cluster, service;
    bool force;
};
extern const struct aws_operation ECS_DELETE_SERVICE;

struct ecs_run_task_input {
    struct str cluster, task_definition, started_by, group, launch_type, client_token;
    int64_t count; /* 0 = AWS's default, 1 */
};
struct ecs_run_task_output {
    struct list tasks;    /* of struct ecs_task */
    struct list failures; /* of struct ecs_failure */
};
extern const struct aws_operation ECS_RUN_TASK;

#endif
