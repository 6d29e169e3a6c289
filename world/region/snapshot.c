/* SPDX-License-Identifier: Apache-2.0
 * See snapshot.h. */
#include "world/region/snapshot.h"

#include "world/region/autoscaling.h"
#include "world/region/distributor.h"
#include "world/region/event_model.h"

static struct str text(struct arena *a, const char *s)
{
    return s && *s ? arena_copy(a, str_from(s)) : STR_NONE;
}

static struct snapshot_task show_task(const struct region *region, const struct task *task,
                                      struct arena *a)
{
    const struct app_options *app = app_of(task);
    struct str address = task->address_index >= 0 ? text(a, task->now.address) : STR_NONE;
    return (struct snapshot_task){
        .arn = text(a, task->arn),
        .id = text(a, task->id),
        .address = address,
        .task_definition = text(a, task->definition->arn),
        .last_status = task_status_word(task->now.last_status),
        .desired_status = task->now.wanted ? STR("RUNNING") : STR("STOPPED"),
        .created_ms = task->created_ms,
        .started_ms = task->now.started_ms,
        .stopped_ms = task->now.stopped_ms,
        .protected_until_ms = task->now.protected_until_ms,
        .sessions = task->app.sessions,
        .draining = task->app.draining,
        .drained = task->app.drained,
        .excluded = address.p && !str_is_empty(app->distributor) &&
                    region_excluded(region, app->distributor, address, NULL),
        .drain_id = text(a, task->app.drain_id),
        .stop_cause = task->cause ? enum_word(&stop_cause_names, (int)task->cause) : STR_NONE,
        .stopped_reason = text(a, task->now.stopped_reason),
        .completed = task->app.completed,
        .refused = task->app.refused,
        .cut = task->app.cut,
    };
}

static double load_now(const struct service *service)
{
    double percent =
        load_percent(service, (double)service->load.sessions, (double)service->now.running);
    return percent < 0 ? 0 : percent;
}

static struct snapshot_service show_service(const struct region *region,
                                            const struct service *service, struct arena *a)
{
    static const struct str statuses[] = {STR("ACTIVE"), STR("DRAINING"), STR("INACTIVE")};
    const struct service_load *load = &service->load;
    struct snapshot_task *tasks = ARENA_ARRAY(a, service->tasks.n + 1, struct snapshot_task);
    for (size_t i = 0; i < service->tasks.n; i++)
        tasks[i] = show_task(region, service_task(service, i), a);
    struct str resource_id = arena_format(a, "service/%s", service->key);
    const struct scalable_target *target = scalable_target_find(region, resource_id);
    struct snapshot_service out = {
        .key = text(a, service->key),
        .arn = text(a, service->arn),
        .status = statuses[service->now.status],
        .desired = service->now.desired,
        .running = service->now.running,
        .pending = service->now.pending,
        .deployments = (int64_t)service->now.deployments_n,
        .load_percent = load_now(service),
        .sessions = load->sessions,
        .arrived = load->arrived,
        .completed = load->completed,
        .refused = load->refused,
        .nowhere = load->nowhere,
        .cut_by_user = load->cut[STOP_USER],
        .cut_by_scale_in = load->cut[STOP_SCALE_IN],
        .cut_by_deployment = load->cut[STOP_DEPLOYMENT],
        .cut_by_exit = load->cut[STOP_EXITED],
        .min_capacity = target ? target->minimum : 0,
        .max_capacity = target ? target->maximum : 0,
        .tasks = LIST_OF(tasks, service->tasks.n),
        .last_event = service->events_n ? text(a, service->events[0].message) : STR_NONE,
    };
    for (size_t i = 0; i < STOP_CAUSES_N; i++)
        out.cut += load->cut[i];
    out.cut_by_other =
        out.cut - out.cut_by_user - out.cut_by_scale_in - out.cut_by_deployment - out.cut_by_exit;
    return out;
}

static struct list show_queues(const struct region *region, struct arena *a)
{
    struct snapshot_queue *list = ARENA_ARRAY(a, region->queues.n + 1, struct snapshot_queue);
    for (size_t i = 0; i < region->queues.n; i++) {
        const struct queue *queue = queue_at(region, i);
        struct queue_counts counts = queue_count(region, queue);
        list[i] = (struct snapshot_queue){.name = text(a, queue->name),
                                          .url = queue_url(region, queue, a),
                                          .arn = text(a, queue->arn),
                                          .visible = counts.visible,
                                          .in_flight = counts.in_flight,
                                          .delayed = counts.delayed,
                                          .sent = queue->sent,
                                          .received = queue->received,
                                          .deleted = queue->deleted,
                                          .redriven = queue->redriven};
    }
    return LIST_OF(list, region->queues.n);
}

static struct list show_alarms(const struct region *region, struct arena *a)
{
    struct snapshot_alarm *list = ARENA_ARRAY(a, region->alarms.n + 1, struct snapshot_alarm);
    for (size_t i = 0; i < region->alarms.n; i++) {
        const struct alarm *alarm = alarm_at(region, i);
        list[i] = (struct snapshot_alarm){.name = text(a, alarm->name),
                                          .state = alarm_state_word(alarm->now.state),
                                          .reason = text(a, alarm->now.reason),
                                          .since_ms = alarm->transitioned_ms,
                                          .value = alarm->points_n ? alarm->points[0].value : 0};
    }
    return LIST_OF(list, region->alarms.n);
}

static struct list show_calls(const struct region *region, struct arena *a)
{
    size_t operations_n, n = 0;
    const struct region_operation *operations = region_operations(&operations_n);
    struct snapshot_calls *list = ARENA_ARRAY(a, operations_n, struct snapshot_calls);
    for (size_t i = 0; i < operations_n; i++) {
        const struct call_count *count = &region->calls[i];
        if (!count->calls && !count->throttled) continue;
        list[n++] = (struct snapshot_calls){str_from(operations[i].id), count->calls,
                                            count->refused, count->throttled};
    }
    return LIST_OF(list, n);
}

void region_snapshot(const struct region *region, struct arena *a, struct region_snapshot *out)
{
    *out = (struct region_snapshot){
        .now_ms = region->now_ms,
        .account = region->options.account,
        .region = region->options.region,
        .partition = region->options.partition,
        .queues = show_queues(region, a),
        .alarms = show_alarms(region, a),
        .calls = show_calls(region, a),
        .excluded = functions_exclusions(region, a),
        .callbacks_waiting = (int64_t)region->outgoing.n,
        .log_entries = (int64_t)region->log.n,
        .log_hash = arena_format(a, "%016llx", (unsigned long long)region_log_hash(region)),
    };
    struct snapshot_service *services =
        ARENA_ARRAY(a, region->services.n + 1, struct snapshot_service);
    for (size_t i = 0; i < region->services.n; i++) {
        struct snapshot_service *service = &services[i];
        *service = show_service(region, service_at(region, i), a);
        out->sessions += service->sessions;
        out->arrived += service->arrived;
        out->completed += service->completed;
        out->refused += service->refused;
        out->nowhere += service->nowhere;
        out->cut += service->cut;
        out->tasks_running += service->running;
    }
    out->services = LIST_OF(services, region->services.n);
}

int region_snapshot_service(const struct region *region, struct str key, struct arena *a,
                            struct snapshot_service *out)
{
    const struct service *service = service_find_key(region, key);
    if (!service) return E_NOT_FOUND;
    *out = show_service(region, service, a);
    return 0;
}

int region_snapshot_counts(const struct region *region, struct str key, struct snapshot_counts *out)
{
    const struct service *service = service_find_key(region, key);
    if (!service) return E_NOT_FOUND;
    *out = (struct snapshot_counts){service->now.desired, (int64_t)service->now.deployments_n};
    return 0;
}
