/* SPDX-License-Identifier: Apache-2.0
 * The life of one task, from PROVISIONING to STOPPED, one step a due time. The state machine is
 * enter(); everything else only asks for a state. */
#include <stdio.h>
#include <stdlib.h>

#include "world/region/ecs_model.h"
#include "world/region/event_model.h"

/* How the time to start and to stop is divided among the states, in percent. */
static const int64_t share_percent[] = {
    [TASK_PROVISIONING] = 20, [TASK_PENDING] = 60,  [TASK_ACTIVATING] = 20,     [TASK_RUNNING] = 0,
    [TASK_DEACTIVATING] = 30, [TASK_STOPPING] = 20, [TASK_DEPROVISIONING] = 50, [TASK_STOPPED] = 0,
};

struct stop_words {
    const char *code, *reason;
};

static const struct stop_words stop_words[] = {
    [STOP_NONE] = {"", ""},
    [STOP_USER] = {"UserInitiated", "Task stopped by user"},
    [STOP_SCALE_IN] = {"ServiceSchedulerInitiated", "Scaling activity initiated by deployment"},
    [STOP_DEPLOYMENT] = {"ServiceSchedulerInitiated", "Scaling activity initiated by deployment"},
    [STOP_SERVICE] = {"ServiceSchedulerInitiated", "Service was deleted"},
    [STOP_EXITED] = {"EssentialContainerExited", "Essential container in task exited"},
    [STOP_NOT_STARTED] = {"TaskFailedToStart", "Task failed to start"},
    [STOP_RECLAIMED] = {"SpotInterruption", "Your Spot Task was interrupted."},
};

static void enter(struct region *region, struct task *task, enum task_status status);

static struct str service_key_of(const struct task *task)
{
    return task->service ? str_from(task->service->key) : STR_NONE;
}

static void take_step(struct region *region, uint64_t number, uint64_t step)
{
    struct task *task = task_by_number(region, number);
    if (!task || task->step != step) return;
    switch (task->now.last_status) {
    case TASK_PROVISIONING:
        if (!address_take(region, task)) {
            task_stop(region, task, STOP_NOT_STARTED, STR_NONE, STR("RESOURCE:ENI"));
            return;
        }
        enter(region, task, TASK_PENDING);
        return;
    case TASK_PENDING: enter(region, task, TASK_ACTIVATING); return;
    case TASK_ACTIVATING: enter(region, task, TASK_RUNNING); return;
    case TASK_RUNNING: return;
    case TASK_DEACTIVATING: enter(region, task, TASK_STOPPING); return;
    case TASK_STOPPING: enter(region, task, TASK_DEPROVISIONING); return;
    case TASK_DEPROVISIONING: enter(region, task, TASK_STOPPED); return;
    case TASK_STOPPED: return;
    }
}

static int64_t span_ms(struct region *region, const struct task *task, enum task_status status)
{
    const struct app_options *app = app_of(task);
    bool starting = status < TASK_RUNNING;
    int64_t own_ms = starting ? app->start_ms : app->stop_ms;
    int64_t region_ms = starting ? region->options.task_start_ms : region->options.task_stop_ms;
    int64_t whole_ms = own_ms ? own_ms : region_ms;
    return random_about(region, whole_ms * share_percent[status] / 100);
}

static void purge(struct region *region, uint64_t number, uint64_t detail)
{
    (void)detail; /* one purge a task */
    struct task *task = task_by_number(region, number);
    if (!task) return;
    vector_remove(&region->tasks, task);
    task_index_remove(&region->task_ids, task);
    if (task->service) vector_remove(&task->service->tasks, task);
    task_free(task);
}

static void became_running(struct region *region, struct task *task)
{
    task->now.started_ms = region->now_ms;
    task->app.alive = true;
    log_add(region, (struct log_entry){.kind = LOG_TASK_STARTED,
                                       .service = service_key_of(task),
                                       .subject = str_from(task->arn),
                                       .detail = str_from(task->now.address)});
}

/* The process has been told to end, or has ended. With a grace it goes on until that is over. */
static int64_t became_stopping(struct region *region, struct task *task)
{
    int64_t grace_ms = app_of(task)->sigterm_grace_ms;
    task->now.execution_stopped_ms = region->now_ms;
    if (grace_ms > 0 && task->app.alive && task->app.sessions > 0) return grace_ms;
    sessions_cut(region, task);
    return span_ms(region, task, TASK_STOPPING);
}

static void became_stopped(struct region *region, struct task *task)
{
    task->now.stopped_ms = region->now_ms;
    task->now.protected_until_ms = 0;
    address_release(region, task);
    log_add(region, (struct log_entry){.kind = LOG_TASK_STOPPED,
                                       .access_key_id = str_from(task->stopper),
                                       .service = service_key_of(task),
                                       .subject = str_from(task->arn),
                                       .reason = str_from(task->now.stopped_reason),
                                       .cause = (int)task->cause});
    region_at(region, region->now_ms + TASK_VISIBLE_MS, purge, task->number, 0);
}

static void enter(struct region *region, struct task *task, enum task_status status)
{
    struct task_facts *now = &task->now;
    int64_t stay_ms = span_ms(region, task, status);
    now->last_status = status;
    switch (status) {
    case TASK_PROVISIONING: break;
    case TASK_PENDING: now->connected_ms = now->pull_started_ms = region->now_ms; break;
    case TASK_ACTIVATING: now->pull_stopped_ms = region->now_ms; break;
    case TASK_RUNNING: became_running(region, task); break;
    case TASK_DEACTIVATING: break;
    case TASK_STOPPING: stay_ms = became_stopping(region, task); break;
    case TASK_DEPROVISIONING: sessions_cut(region, task); break;
    case TASK_STOPPED: became_stopped(region, task); break;
    }
    task_changed(region, task);
    task->step++;
    if (status != TASK_RUNNING && status != TASK_STOPPED)
        region_at(region, region->now_ms + stay_ms, take_step, task->number, task->step);
    else if (task->service)
        service_wake(region, task->service);
}

struct task *task_start(struct region *region, const struct task_birth *birth)
{
    struct task *task = calloc(1, sizeof(*task));
    if (!task) abort();
    struct arena scratch;
    arena_init(&scratch);
    task->number = region_number(region);
    task->service = birth->service;
    task->cluster = birth->cluster;
    task->definition = birth->definition;
    task->deployment = birth->deployment;
    task->created_ms = region->now_ms;
    task->address_index = -1;
    task->now.wanted = true;
    random_hex(region, task->id, 32);
    struct str arn =
        region_arn(region, &scratch, "ecs", "task/%s/%s", birth->cluster->name, task->id);
    (void)snprintf(task->arn, sizeof(task->arn), "%s", arn.p); /* region_arn has checked it fits */
    (void)snprintf(task->started_by, sizeof(task->started_by), "%.*s", STR_ARG(birth->started_by));
    (void)snprintf(task->group, sizeof(task->group), "%.*s", STR_ARG(birth->group));
    random_uuid(region, task->attachment_id);
    char hex[18];
    random_hex(region, hex, 17);
    (void)snprintf(task->interface_id, sizeof(task->interface_id), "eni-%s", hex);
    (void)snprintf(task->mac, sizeof(task->mac), "0a:%.2s:%.2s:%.2s:%.2s:%.2s", hex, hex + 2,
                   hex + 4, hex + 6, hex + 8);
    char zone = (char)('a' + random_below(region, STREAM_TIMES, 3));
    /* A longer region name than AWS has is cut. */
    (void)snprintf(task->zone, sizeof(task->zone), "%.*s%c", STR_ARG(region->options.region), zone);
    vector_push(&region->tasks, task);
    task_index_add(&region->task_ids, task);
    if (task->service) vector_push(&task->service->tasks, task);
    arena_release(&scratch);
    enter(region, task, TASK_PROVISIONING);
    return task;
}

void task_stop(struct region *region, struct task *task, enum stop_cause cause, struct str stopper,
               struct str reason)
{
    struct task_facts *now = &task->now;
    if (!now->wanted) return;
    now->wanted = false;
    now->stopping_ms = region->now_ms;
    now->stop_code = stop_words[cause].code;
    task->cause = cause;
    struct str words = str_is_empty(reason) ? str_from(stop_words[cause].reason) : reason;
    (void)snprintf(now->stopped_reason, sizeof(now->stopped_reason), "%.*s", STR_ARG(words));
    (void)snprintf(task->stopper, sizeof(task->stopper), "%.*s", STR_ARG(stopper));
    log_add(region, (struct log_entry){.kind = LOG_TASK_STOPPING,
                                       .access_key_id = stopper,
                                       .service = service_key_of(task),
                                       .subject = str_from(task->arn),
                                       .reason = words,
                                       .detail = str_from(now->address),
                                       .cause = (int)cause,
                                       .count = task->app.sessions});
    bool process_ended = cause == STOP_EXITED;
    if (process_ended) sessions_cut(region, task);
    if (now->last_status == TASK_RUNNING && !process_ended)
        enter(region, task, TASK_DEACTIVATING);
    else
        enter(region, task, TASK_DEPROVISIONING);
    if (task->service) service_wake(region, task->service);
}

void task_free(struct task *task)
{
    if (!task) return;
    free(task->past);
    free(task->app.callback_url);
    free(task->app.token);
    free(task);
}
