/* SPDX-License-Identifier: Apache-2.0
 * Amazon ECS: the operations, objects and fields Ebb uses. A number or flag that AWS can leave out
 * and that is not the same as zero is said beside the member: who decodes such an input sets the
 * member to -1 first. */
#ifndef EBB_AWS_SHAPES_ECS_H
#define EBB_AWS_SHAPES_ECS_H

#include "lib/aws/aws.h"

#define ECS_DESCRIBE_SERVICES_MAX 10
#define ECS_DESCRIBE_TASKS_MAX    100
#define ECS_LIST_TASKS_MAX        100
#define ECS_GET_PROTECTION_MAX    100
#define ECS_UPDATE_PROTECTION_MAX 10

extern const struct aws_service AWS_ECS;

struct ecs_tag {
    struct str key, value;
};

/* One entry that could not be served though the reply was 200: MISSING, DEPLOYMENT_BLOCKED, ... */
struct ecs_failure {
    struct str arn, reason, detail;
};

struct ecs_key_value {
    struct str name, value;
};

struct ecs_deployment {
    struct str id, status, task_definition;
    int64_t desired_count, pending_count, running_count, failed_tasks;
    struct str launch_type, rollout_state, rollout_state_reason;
    int64_t created_at, updated_at;
};

struct ecs_service_event {
    struct str id;
    int64_t created_at;
    struct str message;
};

struct ecs_load_balancer {
    struct str target_group_arn, load_balancer_name, container_name;
    int64_t container_port;
};

struct ecs_deployment_controller {
    struct str type;
};

struct ecs_service {
    struct str service_arn, service_name, cluster_arn, status;
    int64_t desired_count, running_count, pending_count;
    struct str launch_type, scheduling_strategy;
    struct ecs_deployment_controller deployment_controller; /* absent type means ECS */
    struct list deployments;                                /* of struct ecs_deployment */
    struct list events;                                     /* of struct ecs_service_event */
    struct str task_definition;
    int64_t created_at, health_check_grace_period_seconds;
    struct str availability_zone_rebalancing;
    struct list load_balancers; /* of struct ecs_load_balancer */
    struct list tags;           /* of struct ecs_tag */
};

struct ecs_attachment {
    struct str id, type, status;
    struct list details; /* of struct ecs_key_value */
};

struct ecs_network_interface {
    struct str attachment_id, private_ipv4;
};

struct ecs_container {
    struct str container_arn, task_arn, name, last_status;
    struct str exit_code; /* the number's text; absent while it runs, when "0" would be a lie */
    struct str reason, health_status;
    struct list network_interfaces; /* of struct ecs_network_interface */
};

/* Also what the `detail` of an "ECS Task State Change" event holds. */
struct ecs_task {
    struct str task_arn, cluster_arn, task_definition_arn, group, last_status, desired_status;
    int64_t created_at, started_at, stopping_at, stopped_at;
    struct str stopped_reason, stop_code, started_by;
    int64_t version;
    struct str launch_type, cpu, memory, availability_zone, connectivity, health_status;
    struct list attachments; /* of struct ecs_attachment */
    struct list containers;  /* of struct ecs_container */
    struct list tags;        /* of struct ecs_tag */
};

extern const struct record ECS_SERVICE_RECORD, ECS_DEPLOYMENT_RECORD, ECS_TASK_RECORD;

/* The address other machines reach the task at: its network interface's first private IPv4, from
 * the attachment (named ElasticNetworkInterface by the API, eni in events) or else from a
 * container. Absent when it has none. */
struct str ecs_task_private_ipv4(const struct ecs_task *task);

struct ecs_describe_services_input {
    struct str cluster;
    struct list services; /* of struct str, names or ARNs */
    struct list include;  /* of struct str: TAGS */
};
struct ecs_describe_services_output {
    struct list services; /* of struct ecs_service */
    struct list failures; /* of struct ecs_failure */
};
extern const struct aws_operation ECS_DESCRIBE_SERVICES;

struct ecs_list_services_input {
    struct str cluster, launch_type, scheduling_strategy;
    int64_t max_results;
    struct str next_token;
};
struct ecs_list_services_output {
    struct list service_arns; /* of struct str */
    struct str next_token;
};
extern const struct aws_operation ECS_LIST_SERVICES;

struct ecs_update_service_input {
    struct str cluster, service;
    int64_t desired_count; /* always written: 0 is a count. Decoding: -1 = not given */
    bool force_new_deployment;
    struct str task_definition;
};
struct ecs_update_service_output {
    struct ecs_service service;
};
extern const struct aws_operation ECS_UPDATE_SERVICE;

struct ecs_list_tasks_input {
    struct str cluster, service_name, desired_status, family, launch_type, started_by;
    int64_t max_results;
    struct str next_token;
};
struct ecs_list_tasks_output {
    struct list task_arns; /* of struct str */
    struct str next_token;
};
extern const struct aws_operation ECS_LIST_TASKS;

struct ecs_describe_tasks_input {
    struct str cluster;
    struct list tasks;   /* of struct str, ids or ARNs */
    struct list include; /* of struct str: TAGS */
};
struct ecs_describe_tasks_output {
    struct list tasks;    /* of struct ecs_task */
    struct list failures; /* of struct ecs_failure */
};
extern const struct aws_operation ECS_DESCRIBE_TASKS;

struct ecs_stop_task_input {
    struct str cluster, task, reason;
};
struct ecs_stop_task_output {
    struct ecs_task task;
};
extern const struct aws_operation ECS_STOP_TASK;

struct ecs_protected_task {
    struct str task_arn;
    bool protection_enabled;
    int64_t expiration_date; /* 0 = none */
};

struct ecs_task_protection_output {
    struct list protected_tasks; /* of struct ecs_protected_task */
    struct list failures;        /* of struct ecs_failure */
};

struct ecs_get_task_protection_input {
    struct str cluster;
    struct list tasks; /* of struct str */
};
extern const struct aws_operation ECS_GET_TASK_PROTECTION;

struct ecs_update_task_protection_input {
    struct str cluster;
    struct list tasks; /* of struct str */
    bool protection_enabled;
    int64_t expires_in_minutes; /* 0 = AWS's default, 120 */
};
extern const struct aws_operation ECS_UPDATE_TASK_PROTECTION;

struct ecs_cluster {
    struct str cluster_arn, cluster_name, status;
    int64_t registered_container_instances_count, running_tasks_count, pending_tasks_count,
        active_services_count;
    struct list tags; /* of struct ecs_tag */
};

struct ecs_describe_clusters_input {
    struct list clusters; /* of struct str; empty means "default" */
    struct list include;  /* of struct str */
};
struct ecs_describe_clusters_output {
    struct list clusters; /* of struct ecs_cluster */
    struct list failures; /* of struct ecs_failure */
};
extern const struct aws_operation ECS_DESCRIBE_CLUSTERS;

struct ecs_list_clusters_input {
    int64_t max_results;
    struct str next_token;
};
struct ecs_list_clusters_output {
    struct list cluster_arns; /* of struct str */
    struct str next_token;
};
extern const struct aws_operation ECS_LIST_CLUSTERS;

#endif
