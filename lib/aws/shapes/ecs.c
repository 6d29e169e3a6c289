/* SPDX-License-Identifier: Apache-2.0
 * The operations of Amazon ECS and what their inputs and outputs look like on the wire. The objects
 * themselves (service, task) are in ecs_objects.c. */
#include "lib/aws/shapes/ecs_objects.h"

const struct aws_service AWS_ECS = {
    .id = "ECS",
    .host_prefix = "ecs",
    .signing_name = "ecs",
    .protocol = AWS_JSON_1_1,
    .target_prefix = "AmazonEC2ContainerServiceV20141113",
};

/* Services */

static const struct field describe_services_input_fields[] = {
    F_STR(struct ecs_describe_services_input, cluster, "cluster"),
    F_STRS(struct ecs_describe_services_input, services, "services",
           .flags = FIELD_ALWAYS | FIELD_REQUIRED),
    F_STRS(struct ecs_describe_services_input, include, "include"),
};
static const struct record describe_services_input =
    RECORD_OF(struct ecs_describe_services_input, describe_services_input_fields);

static const struct field describe_services_output_fields[] = {
    F_LIST(struct ecs_describe_services_output, services, ECS_SERVICE_RECORD, "services",
           .flags = FIELD_ALWAYS),
    F_LIST(struct ecs_describe_services_output, failures, ECS_FAILURE_RECORD, "failures",
           .flags = FIELD_ALWAYS),
};
static const struct record describe_services_output =
    RECORD_OF(struct ecs_describe_services_output, describe_services_output_fields);

const struct aws_operation ECS_DESCRIBE_SERVICES = {
    .name = "DescribeServices",
    .service = &AWS_ECS,
    .input = &describe_services_input,
    .output = &describe_services_output,
    .retry = AWS_RETRY_READ,
};

static const struct field list_services_input_fields[] = {
    F_STR(struct ecs_list_services_input, cluster, "cluster"),
    F_STR(struct ecs_list_services_input, launch_type, "launchType"),
    F_STR(struct ecs_list_services_input, scheduling_strategy, "schedulingStrategy"),
    F_INT(struct ecs_list_services_input, max_results, "maxResults"),
    F_STR(struct ecs_list_services_input, next_token, "nextToken"),
};
static const struct record list_services_input =
    RECORD_OF(struct ecs_list_services_input, list_services_input_fields);

static const struct field list_services_output_fields[] = {
    F_STRS(struct ecs_list_services_output, service_arns, "serviceArns", .flags = FIELD_ALWAYS),
    F_STR(struct ecs_list_services_output, next_token, "nextToken"),
};
static const struct record list_services_output =
    RECORD_OF(struct ecs_list_services_output, list_services_output_fields);

const struct aws_operation ECS_LIST_SERVICES = {
    .name = "ListServices",
    .service = &AWS_ECS,
    .input = &list_services_input,
    .output = &list_services_output,
    .retry = AWS_RETRY_READ,
};

static const struct field update_service_input_fields[] = {
    F_STR(struct ecs_update_service_input, cluster, "cluster"),
    F_STR(struct ecs_update_service_input, service, "service", .flags = FIELD_REQUIRED),
    F_INT(struct ecs_update_service_input, desired_count, "desiredCount", .flags = FIELD_ALWAYS),
    F_BOOL(struct ecs_update_service_input, force_new_deployment, "forceNewDeployment"),
    F_STR(struct ecs_update_service_input, task_definition, "taskDefinition"),
};
static const struct record update_service_input =
    RECORD_OF(struct ecs_update_service_input, update_service_input_fields);

static const struct field update_service_output_fields[] = {
    F_RECORD(struct ecs_update_service_output, service, struct ecs_service, ECS_SERVICE_RECORD,
             "service"),
};
static const struct record update_service_output =
    RECORD_OF(struct ecs_update_service_output, update_service_output_fields);

/* Lowering twice stops two tasks, so it is never sent again. */
const struct aws_operation ECS_UPDATE_SERVICE = {
    .name = "UpdateService",
    .service = &AWS_ECS,
    .input = &update_service_input,
    .output = &update_service_output,
    .retry = AWS_RETRY_NEVER,
};

/* Tasks */

static const struct field list_tasks_input_fields[] = {
    F_STR(struct ecs_list_tasks_input, cluster, "cluster"),
    F_STR(struct ecs_list_tasks_input, service_name, "serviceName"),
    F_STR(struct ecs_list_tasks_input, desired_status, "desiredStatus"),
    F_STR(struct ecs_list_tasks_input, family, "family"),
    F_STR(struct ecs_list_tasks_input, launch_type, "launchType"),
    F_STR(struct ecs_list_tasks_input, started_by, "startedBy"),
    F_INT(struct ecs_list_tasks_input, max_results, "maxResults"),
    F_STR(struct ecs_list_tasks_input, next_token, "nextToken"),
};
static const struct record list_tasks_input =
    RECORD_OF(struct ecs_list_tasks_input, list_tasks_input_fields);

static const struct field list_tasks_output_fields[] = {
    F_STRS(struct ecs_list_tasks_output, task_arns, "taskArns", .flags = FIELD_ALWAYS),
    F_STR(struct ecs_list_tasks_output, next_token, "nextToken"),
};
static const struct record list_tasks_output =
    RECORD_OF(struct ecs_list_tasks_output, list_tasks_output_fields);

const struct aws_operation ECS_LIST_TASKS = {
    .name = "ListTasks",
    .service = &AWS_ECS,
    .input = &list_tasks_input,
    .output = &list_tasks_output,
    .retry = AWS_RETRY_READ,
};

static const struct field describe_tasks_input_fields[] = {
    F_STR(struct ecs_describe_tasks_input, cluster, "cluster"),
    F_STRS(struct ecs_describe_tasks_input, tasks, "tasks", .flags = FIELD_ALWAYS | FIELD_REQUIRED),
    F_STRS(struct ecs_describe_tasks_input, include, "include"),
};
static const struct record describe_tasks_input =
    RECORD_OF(struct ecs_describe_tasks_input, describe_tasks_input_fields);

static const struct field describe_tasks_output_fields[] = {
    F_LIST(struct ecs_describe_tasks_output, tasks, ECS_TASK_RECORD, "tasks",
           .flags = FIELD_ALWAYS),
    F_LIST(struct ecs_describe_tasks_output, failures, ECS_FAILURE_RECORD, "failures",
           .flags = FIELD_ALWAYS),
};
static const struct record describe_tasks_output =
    RECORD_OF(struct ecs_describe_tasks_output, describe_tasks_output_fields);

const struct aws_operation ECS_DESCRIBE_TASKS = {
    .name = "DescribeTasks",
    .service = &AWS_ECS,
    .input = &describe_tasks_input,
    .output = &describe_tasks_output,
    .retry = AWS_RETRY_READ,
};

static const struct field stop_task_input_fields[] = {
    F_STR(struct ecs_stop_task_input, cluster, "cluster"),
    F_STR(struct ecs_stop_task_input, task, "task", .flags = FIELD_REQUIRED),
    F_STR(struct ecs_stop_task_input, reason, "reason"),
};
static const struct record stop_task_input =
    RECORD_OF(struct ecs_stop_task_input, stop_task_input_fields);

static const struct field stop_task_output_fields[] = {
    F_RECORD(struct ecs_stop_task_output, task, struct ecs_task, ECS_TASK_RECORD, "task"),
};
static const struct record stop_task_output =
    RECORD_OF(struct ecs_stop_task_output, stop_task_output_fields);

/* It names one task, which can only be stopped once: repeating is harmless. */
const struct aws_operation ECS_STOP_TASK = {
    .name = "StopTask",
    .service = &AWS_ECS,
    .input = &stop_task_input,
    .output = &stop_task_output,
    .retry = AWS_RETRY_READ,
};

/* Protection */

static const struct field protected_task_fields[] = {
    F_STR(struct ecs_protected_task, task_arn, "taskArn"),
    F_BOOL(struct ecs_protected_task, protection_enabled, "protectionEnabled",
           .flags = FIELD_ALWAYS),
    F_TIME(struct ecs_protected_task, expiration_date, "expirationDate"),
};
static const struct record protected_task =
    RECORD_OF(struct ecs_protected_task, protected_task_fields);

static const struct field protection_output_fields[] = {
    F_LIST(struct ecs_task_protection_output, protected_tasks, protected_task, "protectedTasks",
           .flags = FIELD_ALWAYS),
    F_LIST(struct ecs_task_protection_output, failures, ECS_FAILURE_RECORD, "failures",
           .flags = FIELD_ALWAYS),
};
static const struct record protection_output =
    RECORD_OF(struct ecs_task_protection_output, protection_output_fields);

static const struct field get_protection_input_fields[] = {
    F_STR(struct ecs_get_task_protection_input, cluster, "cluster", .flags = FIELD_REQUIRED),
    F_STRS(struct ecs_get_task_protection_input, tasks, "tasks"),
};
static const struct record get_protection_input =
    RECORD_OF(struct ecs_get_task_protection_input, get_protection_input_fields);

const struct aws_operation ECS_GET_TASK_PROTECTION = {
    .name = "GetTaskProtection",
    .service = &AWS_ECS,
    .input = &get_protection_input,
    .output = &protection_output,
    .retry = AWS_RETRY_READ,
};

static const struct field update_protection_input_fields[] = {
    F_STR(struct ecs_update_task_protection_input, cluster, "cluster", .flags = FIELD_REQUIRED),
    F_STRS(struct ecs_update_task_protection_input, tasks, "tasks",
           .flags = FIELD_ALWAYS | FIELD_REQUIRED),
    F_BOOL(struct ecs_update_task_protection_input, protection_enabled, "protectionEnabled",
           .flags = FIELD_ALWAYS),
    F_INT(struct ecs_update_task_protection_input, expires_in_minutes, "expiresInMinutes"),
};
static const struct record update_protection_input =
    RECORD_OF(struct ecs_update_task_protection_input, update_protection_input_fields);

/* Repeating it only sets the same expiry again. */
const struct aws_operation ECS_UPDATE_TASK_PROTECTION = {
    .name = "UpdateTaskProtection",
    .service = &AWS_ECS,
    .input = &update_protection_input,
    .output = &protection_output,
    .retry = AWS_RETRY_READ,
};
