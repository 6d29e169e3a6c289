/* SPDX-License-Identifier: Apache-2.0
 * How those operations look on the wire. */
#include "lib/aws/shapes/ecs_setup.h"

#include "lib/aws/shapes/ecs_objects.h"

/* What makes something may have made it when no answer came, so it is sent once; removing it again
 * does nothing more. */
#define MAKES   AWS_RETRY_NEVER
#define REPEATS AWS_RETRY_READ
#define OPERATION(constant, name_, input_, output_, retry_)                                        \
    const struct aws_operation constant = {.name = (name_),                                        \
                                           .service = &AWS_ECS,                                    \
                                           .input = &(input_),                                     \
                                           .output = &(output_),                                   \
                                           .retry = (retry_)}

static const struct field cluster_fields[] = {
    F_STR(struct ecs_cluster, cluster_arn, "clusterArn"),
    F_STR(struct ecs_cluster, cluster_name, "clusterName"),
    F_STR(struct ecs_cluster, status, "status"),
};
static const struct record cluster = RECORD_OF(struct ecs_cluster, cluster_fields);
static const struct field create_cluster_input_fields[] = {
    F_STR(struct ecs_create_cluster_input, cluster_name, "clusterName", .max = 255),
    F_LIST(struct ecs_create_cluster_input, tags, ECS_TAG_RECORD, "tags", .max = ECS_TAGS_MAX),
};
static const struct record create_cluster_input =
    RECORD_OF(struct ecs_create_cluster_input, create_cluster_input_fields);
static const struct field cluster_output_fields[] = {
    F_RECORD(struct ecs_cluster_output, cluster, struct ecs_cluster, cluster, "cluster"),
};
static const struct record cluster_output =
    RECORD_OF(struct ecs_cluster_output, cluster_output_fields);
OPERATION(ECS_CREATE_CLUSTER, "CreateCluster", create_cluster_input, cluster_output, MAKES);

static const struct field delete_cluster_input_fields[] = {
    F_STR(struct ecs_delete_cluster_input, cluster, "cluster", .flags = FIELD_REQUIRED),
};
static const struct record delete_cluster_input =
    RECORD_OF(struct ecs_delete_cluster_input, delete_cluster_input_fields);
OPERATION(ECS_DELETE_CLUSTER, "DeleteCluster", delete_cluster_input, cluster_output, REPEATS);

static const struct field container_definition_fields[] = {
    F_STR(struct ecs_container_definition, name, "name"),
    F_STR(struct ecs_container_definition, image, "image"),
    F_BOOL(struct ecs_container_definition, essential, "essential"),
    F_STRS(struct ecs_container_definition, command, "command"),
};
static const struct record container_definition =
    RECORD_OF(struct ecs_container_definition, container_definition_fields);
static const struct field task_definition_fields[] = {
    F_STR(struct ecs_task_definition, task_definition_arn, "taskDefinitionArn"),
    F_STR(struct ecs_task_definition, family, "family"),
    F_INT(struct ecs_task_definition, revision, "revision"),
    F_STR(struct ecs_task_definition, status, "status"),
    F_STR(struct ecs_task_definition, network_mode, "networkMode"),
    F_STR(struct ecs_task_definition, cpu, "cpu"),
    F_STR(struct ecs_task_definition, memory, "memory"),
    F_LIST(struct ecs_task_definition, container_definitions, container_definition,
           "containerDefinitions"),
};
static const struct record task_definition =
    RECORD_OF(struct ecs_task_definition, task_definition_fields);
static const struct field register_input_fields[] = {
    F_STR(struct ecs_register_task_definition_input, family, "family", .flags = FIELD_REQUIRED,
          .max = 255),
    F_STR(struct ecs_register_task_definition_input, network_mode, "networkMode"),
    F_STR(struct ecs_register_task_definition_input, cpu, "cpu"),
    F_STR(struct ecs_register_task_definition_input, memory, "memory"),
    F_LIST(struct ecs_register_task_definition_input, container_definitions, container_definition,
           "containerDefinitions", .flags = FIELD_REQUIRED),
    F_STRS(struct ecs_register_task_definition_input, requires_compatibilities,
           "requiresCompatibilities"),
    F_LIST(struct ecs_register_task_definition_input, tags, ECS_TAG_RECORD, "tags",
           .max = ECS_TAGS_MAX),
};
static const struct record register_input =
    RECORD_OF(struct ecs_register_task_definition_input, register_input_fields);
static const struct field definition_output_fields[] = {
    F_RECORD(struct ecs_task_definition_output, task_definition, struct ecs_task_definition,
             task_definition, "taskDefinition"),
};
static const struct record definition_output =
    RECORD_OF(struct ecs_task_definition_output, definition_output_fields);
OPERATION(ECS_REGISTER_TASK_DEFINITION, "RegisterTaskDefinition", register_input, definition_output,
          MAKES);

static const struct field deregister_input_fields[] = {
    F_STR(struct ecs_deregister_task_definition_input, task_definition, "taskDefinition",
          .flags = FIELD_REQUIRED),
};
static const struct record deregister_input =
    RECORD_OF(struct ecs_deregister_task_definition_input, deregister_input_fields);
OPERATION(ECS_DEREGISTER_TASK_DEFINITION, "DeregisterTaskDefinition", deregister_input,
          definition_output, REPEATS);

static const struct field list_definitions_input_fields[] = {
    F_STR(struct ecs_list_task_definitions_input, family_prefix, "familyPrefix"),
    F_STR(struct ecs_list_task_definitions_input, status, "status"),
    F_INT(struct ecs_list_task_definitions_input, max_results, "maxResults"),
    F_STR(struct ecs_list_task_definitions_input, next_token, "nextToken"),
};
static const struct record list_definitions_input =
    RECORD_OF(struct ecs_list_task_definitions_input, list_definitions_input_fields);
static const struct field list_definitions_output_fields[] = {
    F_STRS(struct ecs_list_task_definitions_output, task_definition_arns, "taskDefinitionArns",
           .flags = FIELD_ALWAYS),
    F_STR(struct ecs_list_task_definitions_output, next_token, "nextToken"),
};
static const struct record list_definitions_output =
    RECORD_OF(struct ecs_list_task_definitions_output, list_definitions_output_fields);
OPERATION(ECS_LIST_TASK_DEFINITIONS, "ListTaskDefinitions", list_definitions_input,
          list_definitions_output, REPEATS);

static const struct field controller_fields[] = {
    F_STR(struct ecs_deployment_controller, type, "type"),
};
static const struct record controller =
    RECORD_OF(struct ecs_deployment_controller, controller_fields);
static const struct field configuration_fields[] = {
    F_INT(struct ecs_deployment_configuration, maximum_percent, "maximumPercent"),
    F_INT(struct ecs_deployment_configuration, minimum_healthy_percent, "minimumHealthyPercent"),
};
static const struct record configuration =
    RECORD_OF(struct ecs_deployment_configuration, configuration_fields);
static const struct field capacity_provider_fields[] = {
    F_STR(struct ecs_capacity_provider, capacity_provider, "capacityProvider"),
    F_INT(struct ecs_capacity_provider, weight, "weight"),
    F_INT(struct ecs_capacity_provider, base, "base"),
};
static const struct record capacity_provider =
    RECORD_OF(struct ecs_capacity_provider, capacity_provider_fields);
static const struct field awsvpc_fields[] = {
    F_STRS(struct ecs_awsvpc_configuration, subnets, "subnets"),
    F_STRS(struct ecs_awsvpc_configuration, security_groups, "securityGroups"),
    F_STR(struct ecs_awsvpc_configuration, assign_public_ip, "assignPublicIp"),
};
static const struct record awsvpc = RECORD_OF(struct ecs_awsvpc_configuration, awsvpc_fields);
static const struct field network_fields[] = {
    F_RECORD(struct ecs_network_configuration, awsvpc, struct ecs_awsvpc_configuration, awsvpc,
             "awsvpcConfiguration"),
};
static const struct record network = RECORD_OF(struct ecs_network_configuration, network_fields);
static const struct field create_service_input_fields[] = {
    F_STR(struct ecs_create_service_input, cluster, "cluster"),
    F_STR(struct ecs_create_service_input, service_name, "serviceName", .flags = FIELD_REQUIRED,
          .max = 255),
    F_STR(struct ecs_create_service_input, task_definition, "taskDefinition"),
    F_INT(struct ecs_create_service_input, desired_count, "desiredCount", .flags = FIELD_ALWAYS),
    F_STR(struct ecs_create_service_input, launch_type, "launchType"),
    F_STR(struct ecs_create_service_input, scheduling_strategy, "schedulingStrategy"),
    F_RECORD(struct ecs_create_service_input, deployment_controller,
             struct ecs_deployment_controller, controller, "deploymentController"),
    F_RECORD(struct ecs_create_service_input, deployment_configuration,
             struct ecs_deployment_configuration, configuration, "deploymentConfiguration"),
    F_LIST(struct ecs_create_service_input, capacity_provider_strategy, capacity_provider,
           "capacityProviderStrategy"),
    F_RECORD(struct ecs_create_service_input, network_configuration,
             struct ecs_network_configuration, network, "networkConfiguration"),
    F_STR(struct ecs_create_service_input, availability_zone_rebalancing,
          "availabilityZoneRebalancing"),
    F_STR(struct ecs_create_service_input, client_token, "clientToken"),
    F_LIST(struct ecs_create_service_input, tags, ECS_TAG_RECORD, "tags", .max = ECS_TAGS_MAX),
};
static const struct record create_service_input =
    RECORD_OF(struct ecs_create_service_input, create_service_input_fields);
static const struct field service_output_fields[] = {
    F_RECORD(struct ecs_service_output, service, struct ecs_service, ECS_SERVICE_RECORD, "service"),
};
static const struct record service_output =
    RECORD_OF(struct ecs_service_output, service_output_fields);
OPERATION(ECS_CREATE_SERVICE, "CreateService", create_service_input, service_output, MAKES);

static const struct field delete_service_input_fields[] = {
    F_STR(struct ecs_delete_service_input, cluster, "cluster"),
    F_STR(struct ecs_delete_service_input, service, "service", .flags = FIELD_REQUIRED),
    F_BOOL(struct ecs_delete_service_input, force, "force"),
};
static const struct record delete_service_input =
    RECORD_OF(struct ecs_delete_service_input, delete_service_input_fields);
OPERATION(ECS_DELETE_SERVICE, "DeleteService", delete_service_input, service_output, REPEATS);

static const struct field run_task_input_fields[] = {
    F_STR(struct ecs_run_task_input, cluster, "cluster"),
    F_STR(struct ecs_run_task_input, task_definition, "taskDefinition", .flags = FIELD_REQUIRED),
    F_STR(struct ecs_run_task_input, started_by, "startedBy", .max = 128),
    F_STR(struct ecs_run_task_input, group, "group"),
    F_STR(struct ecs_run_task_input, launch_type, "launchType"),
    F_STR(struct ecs_run_task_input, client_token, "clientToken", .max = 64),
    F_INT(struct ecs_run_task_input, count, "count"),
};
static const struct record run_task_input =
    RECORD_OF(struct ecs_run_task_input, run_task_input_fields);
static const struct field run_task_output_fields[] = {
    F_LIST(struct ecs_run_task_output, tasks, ECS_TASK_RECORD, "tasks", .flags = FIELD_ALWAYS),
    F_LIST(struct ecs_run_task_output, failures, ECS_FAILURE_RECORD, "failures",
           .flags = FIELD_ALWAYS),
};
static const struct record run_task_output =
    RECORD_OF(struct ecs_run_task_output, run_task_output_fields);
OPERATION(ECS_RUN_TASK, "RunTask", run_task_input, run_task_output, MAKES);
