/* SPDX-License-Identifier: Apache-2.0
 * The service scheduler: brings the tasks of a service to its desired count. Whom it stops is
 * chance among the unprotected, as AWS promises no order. Replacing tasks by a newer definition is
 * in deployments.c. */
#include <stdio.h>
#include <stdlib.h>

#include "world/region/ecs_model.h"
#include "world/region/event_model.h"

#define STARTS_PER_LOOK_MAX 20 /* AWS launches no faster than about that a second */
#define STARTED_BY_BYTES    64
#define LATE_MS             ((int64_t)120 * 1000)
#define TASK_LIST_BYTES     1500

bool task_is_protected(const struct region *region, const struct task *task)
{
    int64_t until_ms = task->now.protected_until_ms;
    return until_ms > region->now_ms || (until_ms && region_departs(region, DEPART_EXPIRED_HOLDS));
}

static uint64_t primary_of(const struct service *service)
{
    return service->now.deployments[0].number;
}

int64_t service_wanted(const struct service *service)
{
    int64_t n = 0;
    for (size_t i = 0; i < service->tasks.n; i++)
        n += service_task(service, i)->now.wanted;
    return n;
}

int64_t service_protected(const struct region *region, const struct service *service)
{
    int64_t n = 0;
    for (size_t i = 0; i < service->tasks.n; i++) {
        const struct task *task = service_task(service, i);
        n += task->now.wanted && task_is_protected(region, task);
    }
    return n;
}

/* The sentence AWS adds for each task in its service events. */
static void list_task(struct buf *list, const struct task *task)
{
    buf_add_format(list, " (task %s)", task->id);
}

static struct str stop_reason(const struct service *service, char *out, size_t bytes)
{
    (void)snprintf(out, bytes, "Scaling activity initiated by (deployment %s)",
                   service->now.deployments[0].id); /* both are short */
    return str_from(out);
}

/* Tasks of that age that are wanted, and whether protected or not. */
static void add_candidates(const struct region *region, const struct service *service,
                           enum task_age age, bool is_protected, struct vector *out)
{
    for (size_t i = 0; i < service->tasks.n; i++) {
        struct task *task = service_task(service, i);
        bool is_new = task->deployment == primary_of(service);
        if (!task->now.wanted || is_new != (age == TASKS_NEW)) continue;
        if (task_is_protected(region, task) == is_protected) vector_push(out, task);
    }
}

/* Those that may be stopped. */
static struct vector candidates_of(const struct region *region, const struct service *service,
                                   enum task_age age, enum stop_cause cause)
{
    struct vector candidates = {0};
    if (cause == STOP_SCALE_IN && region_departs(region, DEPART_IGNORES_PROTECTION))
        add_candidates(region, service, age, true, &candidates);
    if (!candidates.n) add_candidates(region, service, age, false, &candidates);
    if (cause == STOP_DEPLOYMENT && region_departs(region, DEPART_DEPLOYS_OVER))
        add_candidates(region, service, age, true, &candidates);
    return candidates;
}

/* Up to n of the candidates, by chance; how many. */
static int64_t stop_from(struct region *region, struct service *service, struct vector *candidates,
                         int64_t n, enum stop_cause cause, struct buf *list)
{
    char reason[REASON_BYTES];
    (void)stop_reason(service, reason, sizeof(reason)); /* is in reason */
    int64_t stopped = 0;
    for (; stopped < n && candidates->n; stopped++) {
        int64_t chosen = random_below(region, STREAM_VICTIMS, (int64_t)candidates->n);
        struct task *task = candidates->items[chosen];
        vector_remove(candidates, task);
        list_task(list, task);
        task_stop(region, task, cause, str_from(service->changed_by), str_from(reason));
    }
    return stopped;
}

int64_t stop_some(struct region *region, struct service *service, int64_t n, enum task_age age,
                  enum stop_cause cause)
{
    struct vector candidates = candidates_of(region, service, age, cause);
    struct buf list;
    buf_init(&list, TASK_LIST_BYTES);
    int64_t stopped = stop_from(region, service, &candidates, n, cause, &list);
    if (stopped && cause == STOP_SCALE_IN && region_departs(region, DEPART_STOPS_ONE_MORE)) {
        add_candidates(region, service, age, true, &candidates);
        stopped += stop_from(region, service, &candidates, 1, cause, &list);
    }
    if (stopped)
        service_event(region, service, "(service %s) has stopped %lld running tasks:%.*s.",
                      service->name, (long long)stopped, STR_ARG(buf_view(&list)));
    buf_release(&list);
    vector_release(&candidates);
    return stopped;
}

int64_t start_some(struct region *region, struct service *service, int64_t n)
{
    if (n > STARTS_PER_LOOK_MAX) n = STARTS_PER_LOOK_MAX;
    if (n <= 0) return 0;
    struct deployment *primary = &service->now.deployments[0];
    char group[KEY_BYTES];
    (void)snprintf(group, sizeof(group), "service:%s", service->name); /* a name is shorter */
    struct buf list;
    buf_init(&list, TASK_LIST_BYTES);
    for (int64_t i = 0; i < n; i++) {
        struct task_birth birth = {.service = service,
                                   .cluster = service->cluster,
                                   .definition = primary->definition,
                                   .deployment = primary->number,
                                   .started_by = str_from(primary->id),
                                   .group = str_from(group)};
        list_task(&list, task_start(region, &birth));
    }
    service_event(region, service, "(service %s) has started %lld tasks:%.*s.", service->name,
                  (long long)n, STR_ARG(buf_view(&list)));
    buf_release(&list);
    return n;
}

/* More tasks than desired and not enough of them may be stopped: AWS says so once a time. */
static void say_blocked(struct region *region, struct service *service)
{
    if (service->blocked) return;
    service->blocked = true;
    service_event(region, service,
                  "service (%s) was unable to reach steady state because task set (%s) was unable "
                  "to scale in. Reason: The number of protected tasks are more than the desired "
                  "count of tasks.",
                  service->name, service->now.deployments[0].id);
}

static void say_steady(struct region *region, struct service *service)
{
    if (service->steady) return;
    service->steady = true;
    service_event(region, service, "(service %s) has reached a steady state.", service->name);
    event_service_action(region, service, "INFO", "SERVICE_STEADY_STATE");
}

static void delete_step(struct region *region, struct service *service)
{
    bool all_stopping = true;
    for (size_t i = 0; i < service->tasks.n; i++) {
        struct task *task = service_task(service, i);
        if (task->now.wanted)
            task_stop(region, task, STOP_SERVICE, str_from(service->changed_by), STR_NONE);
        if (task->now.last_status < TASK_STOPPING) all_stopping = false;
    }
    if (!all_stopping) {
        service_wake(region, service);
        return;
    }
    service->now.status = SERVICE_INACTIVE;
    service->now.deployments_n = 0;
    service_changed(region, service);
}

static void scale_in(struct region *region, struct service *service, int64_t surplus)
{
    bool is_late = region_departs(region, DEPART_STARTS_LATE) &&
                   region->now_ms < service->desired_at_ms + LATE_MS;
    if (is_late) service_wake(region, service);
    if (is_late || service->gave_up) return;
    int64_t stopped = stop_some(region, service, surplus, TASKS_NEW, STOP_SCALE_IN);
    service->gave_up = stopped < surplus && region_departs(region, DEPART_FORGETS_HELD_BACK);
}

static void look(struct region *region, struct service *service)
{
    int64_t desired = service->now.desired;
    int64_t surplus = service_wanted(service) - desired;
    int64_t missing = -surplus - service->not_replaced;
    if (service->now.deployments_n > 1) {
        deployment_step(region, service);
    } else if (surplus > 0) {
        scale_in(region, service, surplus);
    } else if (missing > 0 && start_some(region, service, missing) < missing) {
        service_wake(region, service);
    }
    if (service_protected(region, service) > desired)
        say_blocked(region, service);
    else
        service->blocked = false;
    bool settled = service->now.deployments_n == 1 && service->now.running == desired &&
                   service_wanted(service) == desired && service->now.pending == 0;
    if (settled) {
        deployment_complete(region, service);
        say_steady(region, service);
    } else {
        service->steady = false;
    }
}

static void wake_up(struct region *region, uint64_t number, uint64_t detail)
{
    (void)detail; /* one look a service is ever waiting */
    struct service *service = service_by_number(region, number);
    if (!service) return;
    service->wake_pending = false;
    switch (service->now.status) {
    case SERVICE_ACTIVE: look(region, service); return;
    case SERVICE_DRAINING: delete_step(region, service); return;
    case SERVICE_INACTIVE: return;
    }
}

void service_wake(struct region *region, struct service *service)
{
    if (service->wake_pending) return;
    service->wake_pending = true;
    int64_t delay_ms = random_about(region, region->options.scheduler_delay_ms);
    region_at(region, region->now_ms + delay_ms, wake_up, service->number, 0);
}
