/* SPDX-License-Identifier: Apache-2.0
 * The events AWS itself sends, word for word: ECS's and CloudWatch's alarms. */
#include "lib/aws/shapes/cloudwatch.h"
#include "lib/aws/shapes/ecs.h"
#include "lib/base/time_text.h"
#include "world/region/event_model.h"

#define DETAIL_BYTES_MAX ((size_t)64 * 1024)

/* "," before every member but the first of an object. */
static void add_name(struct buf *b, const char *name)
{
    char last = b->n ? b->p[b->n - 1] : '{';
    if (last != '{' && last != '[') buf_add_char(b, ',');
    buf_add_json_string(b, str_from(name));
    buf_add_char(b, ':');
}

/* Absent texts are left out. */
static void add_text(struct buf *b, const char *name, struct str value)
{
    if (!value.p) return;
    add_name(b, name);
    buf_add_json_string(b, value);
}

static void add_time(struct buf *b, const char *name, int64_t ms)
{
    if (!ms) return;
    struct arena scratch;
    arena_init(&scratch);
    add_text(b, name, time_format_iso(&scratch, ms));
    arena_release(&scratch);
}

static void emit(struct region *region, const char *source, const char *detail_type,
                 const char *resource, const struct buf *detail)
{
    EBB_ASSERT(!buf_failed(detail));
    struct str resources = str_from(resource);
    struct event event = {.source = str_from(source),
                          .detail_type = str_from(detail_type),
                          .detail = buf_view(detail),
                          .resources = LIST_OF(&resources, 1)};
    event_emit(region, &event, NULL);
}

static void add_attachment(struct buf *b, const struct ecs_attachment *attachment)
{
    add_name(b, "attachments");
    buf_add_text(b, "[{");
    add_text(b, "id", attachment->id);
    /* The API calls the same thing ElasticNetworkInterface. */
    add_text(b, "type", STR("eni"));
    add_text(b, "status", attachment->status);
    add_name(b, "details");
    buf_add_char(b, '[');
    for (size_t i = 0; i < attachment->details.n; i++) {
        const struct ecs_key_value *detail = LIST_AT(attachment->details, struct ecs_key_value, i);
        buf_add_text(b, i ? ",{" : "{");
        add_text(b, "name", detail->name);
        add_text(b, "value", detail->value);
        buf_add_char(b, '}');
    }
    buf_add_text(b, "]}]");
}

static void add_container(struct buf *b, const struct ecs_container *container,
                          const struct definition *definition)
{
    add_name(b, "containers");
    buf_add_text(b, "[{");
    add_text(b, "containerArn", container->container_arn);
    add_text(b, "lastStatus", container->last_status);
    add_text(b, "name", container->name);
    add_text(b, "image", str_from(definition->image));
    add_text(b, "taskArn", container->task_arn);
    if (container->exit_code.p) {
        add_name(b, "exitCode");
        buf_add(b, container->exit_code);
    }
    add_name(b, "networkInterfaces");
    buf_add_char(b, '[');
    for (size_t i = 0; i < container->network_interfaces.n; i++) {
        const struct ecs_network_interface *interface =
            LIST_AT(container->network_interfaces, struct ecs_network_interface, i);
        buf_add_char(b, '{');
        add_text(b, "attachmentId", interface->attachment_id);
        add_text(b, "privateIpv4Address", interface->private_ipv4);
        buf_add_char(b, '}');
    }
    buf_add_char(b, ']');
    add_text(b, "cpu", STR("0"));
    buf_add_text(b, "}]");
}

static void add_task(struct buf *b, const struct task *task, const struct ecs_task *shown)
{
    add_attachment(b, LIST_AT(shown->attachments, struct ecs_attachment, 0));
    add_text(b, "availabilityZone", shown->availability_zone);
    add_text(b, "clusterArn", shown->cluster_arn);
    add_text(b, "connectivity", shown->connectivity);
    add_time(b, "connectivityAt", task->now.connected_ms);
    add_container(b, LIST_AT(shown->containers, struct ecs_container, 0), task->definition);
    add_text(b, "cpu", shown->cpu);
    add_time(b, "createdAt", shown->created_at);
    add_text(b, "desiredStatus", shown->desired_status);
    add_time(b, "executionStoppedAt", task->now.execution_stopped_ms);
    add_text(b, "group", shown->group);
    add_text(b, "launchType", shown->launch_type);
    add_text(b, "lastStatus", shown->last_status);
    add_text(b, "memory", shown->memory);
    add_name(b, "overrides");
    buf_add_text(b, "{\"containerOverrides\":[{");
    add_text(b, "name", str_from(task->definition->container));
    buf_add_text(b, "}]}");
    add_text(b, "platformVersion", STR("1.4.0"));
    add_time(b, "pullStartedAt", task->now.pull_started_ms);
    add_time(b, "pullStoppedAt", task->now.pull_stopped_ms);
    add_time(b, "startedAt", shown->started_at);
    add_text(b, "startedBy", shown->started_by);
    add_time(b, "stoppingAt", shown->stopping_at);
    add_time(b, "stoppedAt", shown->stopped_at);
    add_text(b, "stopCode", shown->stop_code);
    add_text(b, "stoppedReason", shown->stopped_reason);
    add_text(b, "taskArn", shown->task_arn);
    add_text(b, "taskDefinitionArn", shown->task_definition_arn);
}

void event_task_changed(struct region *region, const struct task *task)
{
    if (!event_is_wanted(region)) return;
    struct arena scratch;
    struct buf detail;
    arena_init(&scratch);
    buf_init(&detail, DETAIL_BYTES_MAX);
    struct ecs_task shown = task_describe(region, task, &task->now, &scratch);
    buf_add_char(&detail, '{');
    add_task(&detail, task, &shown);
    add_time(&detail, "updatedAt", region->now_ms);
    add_name(&detail, "version");
    buf_add_format(&detail, "%lld}", (long long)task->now.version);
    emit(region, "aws.ecs", "ECS Task State Change", task->arn, &detail);
    buf_release(&detail);
    arena_release(&scratch);
}

void event_service_action(struct region *region, const struct service *service, const char *type,
                          const char *name)
{
    if (!event_is_wanted(region)) return;
    struct buf detail;
    buf_init(&detail, DETAIL_BYTES_MAX);
    buf_add_char(&detail, '{');
    add_text(&detail, "eventType", str_from(type));
    add_text(&detail, "eventName", str_from(name));
    add_text(&detail, "clusterArn", str_from(service->cluster->arn));
    add_time(&detail, "createdAt", region->now_ms);
    buf_add_char(&detail, '}');
    emit(region, "aws.ecs", "ECS Service Action", service->arn, &detail);
    buf_release(&detail);
}

void deployment_event(struct region *region, const struct service *service, const char *name,
                      const struct deployment *deployment)
{
    if (!event_is_wanted(region)) return;
    struct arena scratch;
    struct buf detail;
    arena_init(&scratch);
    buf_init(&detail, DETAIL_BYTES_MAX);
    bool done = deployment->rollout == ROLLOUT_COMPLETED;
    buf_add_char(&detail, '{');
    add_text(&detail, "eventType", STR("INFO"));
    add_text(&detail, "eventName", str_from(name));
    add_text(&detail, "clusterArn", str_from(service->cluster->arn));
    add_text(&detail, "deploymentId", str_from(deployment->id));
    add_time(&detail, "updatedAt", region->now_ms);
    add_text(&detail, "reason",
             arena_format(&scratch, "ECS deployment %s %s.", deployment->id,
                          done ? "completed" : "in progress"));
    buf_add_char(&detail, '}');
    emit(region, "aws.ecs", "ECS Deployment State Change", service->arn, &detail);
    buf_release(&detail);
    arena_release(&scratch);
}
