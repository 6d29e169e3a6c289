/* SPDX-License-Identifier: Apache-2.0
 * What a service and a task of Amazon ECS look like on the wire, in replies and in the `detail` of
 * events, and where a task's address is found in it. */
#include "lib/aws/shapes/ecs_objects.h"

static const struct field tag_fields[] = {
    F_STR(struct ecs_tag, key, "key"),
    F_STR(struct ecs_tag, value, "value"),
};
const struct record ECS_TAG_RECORD = RECORD_OF(struct ecs_tag, tag_fields);

static const struct field failure_fields[] = {
    F_STR(struct ecs_failure, arn, "arn"),
    F_STR(struct ecs_failure, reason, "reason"),
    F_STR(struct ecs_failure, detail, "detail"),
};
const struct record ECS_FAILURE_RECORD = RECORD_OF(struct ecs_failure, failure_fields);

static const struct field deployment_fields[] = {
    F_STR(struct ecs_deployment, id, "id"),
    F_STR(struct ecs_deployment, status, "status"),
    F_STR(struct ecs_deployment, task_definition, "taskDefinition"),
    F_INT(struct ecs_deployment, desired_count, "desiredCount", .flags = FIELD_ALWAYS),
    F_INT(struct ecs_deployment, pending_count, "pendingCount", .flags = FIELD_ALWAYS),
    F_INT(struct ecs_deployment, running_count, "runningCount", .flags = FIELD_ALWAYS),
    F_INT(struct ecs_deployment, failed_tasks, "failedTasks", .flags = FIELD_ALWAYS),
    F_STR(struct ecs_deployment, launch_type, "launchType"),
    F_STR(struct ecs_deployment, rollout_state, "rolloutState"),
    F_STR(struct ecs_deployment, rollout_state_reason, "rolloutStateReason"),
    F_TIME(struct ecs_deployment, created_at, "createdAt"),
    F_TIME(struct ecs_deployment, updated_at, "updatedAt"),
};
const struct record ECS_DEPLOYMENT_RECORD = RECORD_OF(struct ecs_deployment, deployment_fields);

static const struct field service_event_fields[] = {
    F_STR(struct ecs_service_event, id, "id"),
    F_TIME(struct ecs_service_event, created_at, "createdAt"),
    F_STR(struct ecs_service_event, message, "message"),
};
static const struct record service_event =
    RECORD_OF(struct ecs_service_event, service_event_fields);

static const struct field load_balancer_fields[] = {
    F_STR(struct ecs_load_balancer, target_group_arn, "targetGroupArn"),
    F_STR(struct ecs_load_balancer, load_balancer_name, "loadBalancerName"),
    F_STR(struct ecs_load_balancer, container_name, "containerName"),
    F_INT(struct ecs_load_balancer, container_port, "containerPort"),
};
static const struct record load_balancer =
    RECORD_OF(struct ecs_load_balancer, load_balancer_fields);

static const struct field controller_fields[] = {
    F_STR(struct ecs_deployment_controller, type, "type"),
};
static const struct record controller =
    RECORD_OF(struct ecs_deployment_controller, controller_fields);

static const struct field service_fields[] = {
    F_STR(struct ecs_service, service_arn, "serviceArn"),
    F_STR(struct ecs_service, service_name, "serviceName"),
    F_STR(struct ecs_service, cluster_arn, "clusterArn"),
    F_STR(struct ecs_service, status, "status"),
    F_INT(struct ecs_service, desired_count, "desiredCount", .flags = FIELD_ALWAYS),
    F_INT(struct ecs_service, running_count, "runningCount", .flags = FIELD_ALWAYS),
    F_INT(struct ecs_service, pending_count, "pendingCount", .flags = FIELD_ALWAYS),
    F_STR(struct ecs_service, launch_type, "launchType"),
    F_STR(struct ecs_service, scheduling_strategy, "schedulingStrategy"),
    F_RECORD(struct ecs_service, deployment_controller, struct ecs_deployment_controller,
             controller, "deploymentController"),
    F_LIST(struct ecs_service, deployments, ECS_DEPLOYMENT_RECORD, "deployments",
           .flags = FIELD_ALWAYS),
    F_LIST(struct ecs_service, events, service_event, "events", .flags = FIELD_ALWAYS),
    F_STR(struct ecs_service, task_definition, "taskDefinition"),
    F_TIME(struct ecs_service, created_at, "createdAt"),
    F_INT(struct ecs_service, health_check_grace_period_seconds, "healthCheckGracePeriodSeconds"),
    F_STR(struct ecs_service, availability_zone_rebalancing, "availabilityZoneRebalancing"),
    F_LIST(struct ecs_service, load_balancers, load_balancer, "loadBalancers",
           .flags = FIELD_ALWAYS),
    F_LIST(struct ecs_service, tags, ECS_TAG_RECORD, "tags"),
};
const struct record ECS_SERVICE_RECORD = RECORD_OF(struct ecs_service, service_fields);

static const struct field key_value_fields[] = {
    F_STR(struct ecs_key_value, name, "name"),
    F_STR(struct ecs_key_value, value, "value"),
};
static const struct record key_value = RECORD_OF(struct ecs_key_value, key_value_fields);

static const struct field attachment_fields[] = {
    F_STR(struct ecs_attachment, id, "id"),
    F_STR(struct ecs_attachment, type, "type"),
    F_STR(struct ecs_attachment, status, "status"),
    F_LIST(struct ecs_attachment, details, key_value, "details", .flags = FIELD_ALWAYS),
};
static const struct record attachment = RECORD_OF(struct ecs_attachment, attachment_fields);

static const struct field network_interface_fields[] = {
    F_STR(struct ecs_network_interface, attachment_id, "attachmentId"),
    F_STR(struct ecs_network_interface, private_ipv4, "privateIpv4Address"),
};
static const struct record network_interface =
    RECORD_OF(struct ecs_network_interface, network_interface_fields);

static const struct field container_fields[] = {
    F_STR(struct ecs_container, container_arn, "containerArn"),
    F_STR(struct ecs_container, task_arn, "taskArn"),
    F_STR(struct ecs_container, name, "name"),
    F_STR(struct ecs_container, last_status, "lastStatus"),
    F_STR(struct ecs_container, exit_code, "exitCode", .flags = FIELD_JSON_TEXT),
    F_STR(struct ecs_container, reason, "reason"),
    F_STR(struct ecs_container, health_status, "healthStatus"),
    F_LIST(struct ecs_container, network_interfaces, network_interface, "networkInterfaces"),
};
static const struct record container = RECORD_OF(struct ecs_container, container_fields);

static const struct field task_fields[] = {
    F_STR(struct ecs_task, task_arn, "taskArn"),
    F_STR(struct ecs_task, cluster_arn, "clusterArn"),
    F_STR(struct ecs_task, task_definition_arn, "taskDefinitionArn"),
    F_STR(struct ecs_task, group, "group"),
    F_STR(struct ecs_task, last_status, "lastStatus"),
    F_STR(struct ecs_task, desired_status, "desiredStatus"),
    F_TIME(struct ecs_task, created_at, "createdAt"),
    F_TIME(struct ecs_task, started_at, "startedAt"),
    F_TIME(struct ecs_task, stopping_at, "stoppingAt"),
    F_TIME(struct ecs_task, stopped_at, "stoppedAt"),
    F_STR(struct ecs_task, stopped_reason, "stoppedReason"),
    F_STR(struct ecs_task, stop_code, "stopCode"),
    F_STR(struct ecs_task, started_by, "startedBy"),
    F_INT(struct ecs_task, version, "version"),
    F_STR(struct ecs_task, launch_type, "launchType"),
    F_STR(struct ecs_task, cpu, "cpu"),
    F_STR(struct ecs_task, memory, "memory"),
    F_STR(struct ecs_task, availability_zone, "availabilityZone"),
    F_STR(struct ecs_task, connectivity, "connectivity"),
    F_STR(struct ecs_task, health_status, "healthStatus"),
    F_LIST(struct ecs_task, attachments, attachment, "attachments", .flags = FIELD_ALWAYS),
    F_LIST(struct ecs_task, containers, container, "containers", .flags = FIELD_ALWAYS),
    F_LIST(struct ecs_task, tags, ECS_TAG_RECORD, "tags"),
};
const struct record ECS_TASK_RECORD = RECORD_OF(struct ecs_task, task_fields);

static struct str attachment_ipv4(const struct ecs_attachment *att)
{
    if (!str_eq_nocase(att->type, STR("ElasticNetworkInterface")) &&
        !str_eq_nocase(att->type, STR("eni")))
        return STR_NONE;
    for (size_t i = 0; i < att->details.n; i++) {
        const struct ecs_key_value *detail = LIST_AT(att->details, const struct ecs_key_value, i);
        if (str_eq(detail->name, STR("privateIPv4Address")) && !str_is_empty(detail->value))
            return detail->value;
    }
    return STR_NONE;
}

struct str ecs_task_private_ipv4(const struct ecs_task *task)
{
    for (size_t i = 0; i < task->attachments.n; i++) {
        struct str address =
            attachment_ipv4(LIST_AT(task->attachments, const struct ecs_attachment, i));
        if (address.p) return address;
    }
    for (size_t i = 0; i < task->containers.n; i++) {
        const struct ecs_container *c = LIST_AT(task->containers, const struct ecs_container, i);
        for (size_t j = 0; j < c->network_interfaces.n; j++) {
            const struct ecs_network_interface *eni =
                LIST_AT(c->network_interfaces, const struct ecs_network_interface, j);
            if (!str_is_empty(eni->private_ipv4)) return eni->private_ipv4;
        }
    }
    return STR_NONE;
}
