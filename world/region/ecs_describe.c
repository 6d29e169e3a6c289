/* SPDX-License-Identifier: Apache-2.0
 * Services and tasks in AWS's shapes, and the reads that hand them out. Reads see the facts of a
 * moment that may lie in the past (the consistency delay). */
#include <stdio.h>

#include "world/region/ecs_model.h"
#include "world/region/operations.h"

#define LIST_SERVICES_DEFAULT 10
#define SHOWN_LATE_MS         ((int64_t)30 * 1000)

static struct str text(struct arena *a, const char *s)
{
    return s && *s ? arena_copy(a, str_from(s)) : STR_NONE;
}

static struct str launch_type(const struct service *service)
{
    return service && service->spot ? STR_NONE : STR("FARGATE");
}

static struct list deployments_of(const struct service *service, const struct service_facts *facts,
                                  struct arena *a)
{
    struct ecs_deployment *list = ARENA_ARRAY(a, facts->deployments_n + 1, struct ecs_deployment);
    for (size_t i = 0; i < facts->deployments_n; i++) {
        const struct deployment *d = &facts->deployments[i];
        bool done = d->rollout == ROLLOUT_COMPLETED;
        list[i] = (struct ecs_deployment){
            .id = text(a, d->id),
            .status = i == 0 ? STR("PRIMARY") : STR("ACTIVE"),
            .task_definition = text(a, d->definition->arn),
            .desired_count = i == 0 ? d->desired : 0,
            .pending_count = d->pending,
            .running_count = d->running,
            .launch_type = launch_type(service),
            .rollout_state = done ? STR("COMPLETED") : STR("IN_PROGRESS"),
            .rollout_state_reason =
                arena_format(a, "ECS deployment %s %s.", d->id, done ? "completed" : "in progress"),
            .created_at = d->created_ms,
            .updated_at = d->updated_ms,
        };
    }
    return LIST_OF(list, facts->deployments_n);
}

static struct list events_of(const struct service *service, struct arena *a)
{
    struct ecs_service_event *list =
        ARENA_ARRAY(a, service->events_n + 1, struct ecs_service_event);
    for (size_t i = 0; i < service->events_n; i++)
        list[i] = (struct ecs_service_event){.id = text(a, service->events[i].id),
                                             .created_at = service->events[i].at_ms,
                                             .message = text(a, service->events[i].message)};
    return LIST_OF(list, service->events_n);
}

struct ecs_service service_describe(const struct region *region, const struct service *service,
                                    const struct service_facts *facts, struct arena *a)
{
    (void)region; /* the facts say it all */
    static const struct str statuses[] = {STR("ACTIVE"), STR("DRAINING"), STR("INACTIVE")};
    static const struct str controllers[] = {STR("ECS"), STR("CODE_DEPLOY"), STR("EXTERNAL")};
    struct ecs_service out = {
        .service_arn = text(a, service->arn),
        .service_name = text(a, service->name),
        .cluster_arn = text(a, service->cluster->arn),
        .status = statuses[facts->status],
        .desired_count = facts->desired,
        .running_count = facts->running,
        .pending_count = facts->pending,
        .launch_type = launch_type(service),
        .scheduling_strategy = service->daemon ? STR("DAEMON") : STR("REPLICA"),
        .deployment_controller = {controllers[service->controller]},
        .deployments = deployments_of(service, facts, a),
        .events = events_of(service, a),
        .created_at = service->created_ms,
    };
    if (facts->deployments_n) out.task_definition = text(a, facts->deployments[0].definition->arn);
    return out;
}

static struct list attachments_of(const struct region *region, const struct task *task,
                                  const struct task_facts *facts, struct arena *a)
{
    bool is_told = facts->address[0] && !region_departs(region, DEPART_NO_ADDRESS);
    bool has = facts->address[0] && facts->last_status != TASK_STOPPED;
    struct ecs_key_value *details = ARENA_ARRAY(a, 4, struct ecs_key_value);
    size_t n = 0;
    details[n++] = (struct ecs_key_value){STR("subnetId"), STR("subnet-0123456789abcdef0")};
    if (is_told) {
        details[n++] =
            (struct ecs_key_value){STR("networkInterfaceId"), text(a, task->interface_id)};
        details[n++] = (struct ecs_key_value){STR("macAddress"), text(a, task->mac)};
        details[n++] = (struct ecs_key_value){STR("privateIPv4Address"), text(a, facts->address)};
    }
    struct ecs_attachment *attachment = ARENA_NEW(a, struct ecs_attachment);
    *attachment = (struct ecs_attachment){
        .id = text(a, task->attachment_id),
        .type = STR("ElasticNetworkInterface"),
        .status = has                                  ? STR("ATTACHED")
                  : facts->last_status == TASK_STOPPED ? STR("DELETED")
                                                       : STR("PRECREATED"),
        .details = LIST_OF(details, n),
    };
    return LIST_OF(attachment, 1);
}

static struct list containers_of(const struct region *region, const struct task *task,
                                 const struct task_facts *facts, struct arena *a)
{
    struct ecs_network_interface *interface = ARENA_NEW(a, struct ecs_network_interface);
    *interface =
        (struct ecs_network_interface){text(a, task->attachment_id), text(a, facts->address)};
    bool is_told = facts->address[0] && !region_departs(region, DEPART_NO_ADDRESS);
    struct ecs_container *container = ARENA_NEW(a, struct ecs_container);
    bool up = facts->last_status == TASK_RUNNING || facts->last_status == TASK_DEACTIVATING ||
              facts->last_status == TASK_STOPPING;
    bool ended = facts->last_status > TASK_STOPPING;
    *container = (struct ecs_container){
        /* The id of the container is that of its interface: both are one to one with the task. */
        .container_arn = region_arn(region, a, "ecs", "container/%s", task->attachment_id),
        .task_arn = text(a, task->arn),
        .name = text(a, task->definition->container),
        .last_status = up      ? STR("RUNNING")
                       : ended ? STR("STOPPED")
                               : STR("PENDING"),
        .exit_code = !ended || !facts->started_ms ? STR_NONE
                     : task->cause == STOP_EXITED ? STR("0")
                                                  : STR("143"),
        .health_status = STR("UNKNOWN"),
        .network_interfaces = LIST_OF(interface, is_told ? 1 : 0),
    };
    return LIST_OF(container, 1);
}

bool task_shown_wanted(const struct region *region, const struct task_facts *facts)
{
    bool departs = region_departs(region, DEPART_STOPPING_IS_WANTED);
    return facts->wanted || (departs && facts->last_status != TASK_STOPPED);
}

struct ecs_task task_describe(const struct region *region, const struct task *task,
                              const struct task_facts *facts, struct arena *a)
{
    bool has_code = !region_departs(region, DEPART_NO_STOP_CODE);
    return (struct ecs_task){
        .task_arn = text(a, task->arn),
        .cluster_arn = text(a, task->cluster->arn),
        .task_definition_arn = text(a, task->definition->arn),
        .group = text(a, task->group),
        .last_status = task_status_word(facts->last_status),
        .desired_status = task_shown_wanted(region, facts) ? STR("RUNNING") : STR("STOPPED"),
        .created_at = task->created_ms,
        .started_at = region_departs(region, DEPART_NO_START) ? 0 : facts->started_ms,
        .stopping_at = facts->stopping_ms,
        .stopped_at = facts->stopped_ms,
        .stopped_reason = text(a, facts->stopped_reason),
        .stop_code = has_code ? text(a, facts->stop_code) : STR_NONE,
        .started_by = text(a, task->started_by),
        .version = facts->version,
        .launch_type = launch_type(task->service),
        .cpu = text(a, task->definition->cpu),
        .memory = text(a, task->definition->memory),
        .availability_zone = text(a, task->zone),
        .connectivity = facts->connected_ms ? STR("CONNECTED") : STR_NONE,
        .health_status = STR("UNKNOWN"),
        .attachments = attachments_of(region, task, facts, a),
        .containers = containers_of(region, task, facts, a),
    };
}

/* What a region that departs from AWS shows of a service. */
static void depart(const struct region *region, const struct service *service,
                   struct ecs_service *out)
{
    bool is_recent = region->now_ms < service->desired_at_ms + SHOWN_LATE_MS;
    if (is_recent && region_departs(region, DEPART_COUNT_SHOWN_LATE))
        out->desired_count = service->desired_before;
    if (region_departs(region, DEPART_DELETED_IS_ACTIVE)) out->status = STR("ACTIVE");
    if (out->deployments.n > 1 && region_departs(region, DEPART_HIDES_DEPLOYMENTS)) {
        out->deployments.n = 1;
        LIST_AT(out->deployments, struct ecs_deployment, 0)->rollout_state = STR("COMPLETED");
    }
}

int region_ecs_describe_services(struct region *region, const struct caller *caller,
                                 const struct ecs_describe_services_input *in, struct arena *a,
                                 struct ecs_describe_services_output *out, struct aws_error *err)
{
    (void)caller; /* a read */
    struct cluster *cluster;
    int code = cluster_need(region, in->cluster, &cluster, err);
    if (code) return code;
    if (in->services.n == 0)
        return refuse(err, "InvalidParameterException", "Services cannot be empty.");
    if (in->services.n > ECS_DESCRIBE_SERVICES_MAX)
        return refuse(err, "InvalidParameterException", "service names can have at most %d items.",
                      ECS_DESCRIBE_SERVICES_MAX);
    struct ecs_service *found = ARENA_ARRAY(a, in->services.n, struct ecs_service);
    struct ecs_failure *failures = ARENA_ARRAY(a, in->services.n, struct ecs_failure);
    size_t found_n = 0, failures_n = 0;
    int64_t as_of_ms = read_as_of(region);
    for (size_t i = 0; i < in->services.n; i++) {
        struct str name = *LIST_AT(in->services, struct str, i);
        const struct service *service = service_find(region, cluster, name);
        const struct service_facts *facts =
            service ? service_seen(region, service, as_of_ms) : NULL;
        if (facts) {
            found[found_n] = service_describe(region, service, facts, a);
            if (includes_tags(in->include)) found[found_n].tags = tags_copy(a, service->tags);
            depart(region, service, &found[found_n++]);
            continue;
        }
        struct str arn = str_find(name, ':') >= 0 ? arena_copy(a, name)
                                                  : region_arn(region, a, "ecs", "service/%s/%.*s",
                                                               cluster->name, STR_ARG(name));
        failures[failures_n++] = (struct ecs_failure){.arn = arn, .reason = STR("MISSING")};
    }
    out->services = LIST_OF(found, found_n);
    out->failures = LIST_OF(failures, failures_n);
    return 0;
}

static bool is_listed(const struct ecs_list_services_input *in, const struct service *service,
                      const struct service_facts *facts)
{
    if (!facts || facts->status != SERVICE_ACTIVE) return false;
    if (str_eq(in->launch_type, STR("EC2")) || str_eq(in->launch_type, STR("EXTERNAL")))
        return false;
    if (str_is_empty(in->scheduling_strategy)) return true;
    return str_eq(in->scheduling_strategy, service->daemon ? STR("DAEMON") : STR("REPLICA"));
}

int region_ecs_list_services(struct region *region, const struct caller *caller,
                             const struct ecs_list_services_input *in, struct arena *a,
                             struct ecs_list_services_output *out, struct aws_error *err)
{
    (void)caller; /* a read */
    struct cluster *cluster;
    struct page page;
    int code = cluster_need(region, in->cluster, &cluster, err);
    if (code) return code;
    struct str kind = arena_format(a, "services/%s", cluster->name);
    code = page_begin(&page, kind, in->next_token, in->max_results, LIST_SERVICES_DEFAULT, a, err);
    if (code) return code;
    struct str *arns = ARENA_ARRAY(a, (size_t)page.limit, struct str);
    size_t n = 0;
    uint64_t last = 0;
    int64_t as_of_ms = read_as_of(region);
    for (size_t i = 0; i < region->services.n; i++) {
        const struct service *service = service_at(region, i);
        if (service->cluster != cluster || service->number <= page.after) continue;
        if (!is_listed(in, service, service_seen(region, service, as_of_ms))) continue;
        if ((int64_t)n == page.limit) {
            out->next_token = page_token(a, kind, last);
            break;
        }
        arns[n++] = arena_copy(a, str_from(service->arn));
        last = service->number;
    }
    out->service_arns = LIST_OF(arns, n);
    return 0;
}
