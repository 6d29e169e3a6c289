/* SPDX-License-Identifier: Apache-2.0
 * What callers see of ECS and when: every change is kept for as long as a read may lag behind. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/region/ecs_model.h"
#include "world/region/event_model.h"

#define EVENT_MESSAGE_BYTES 2048

static const struct str status_words[] = {
#define X(name) STR(#name),
    TASK_STATUSES(X)
#undef X
};

struct str task_status_word(enum task_status status)
{
    return status_words[status];
}

static void keep_task(struct region *region, struct task *task)
{
    /* An entry followed by one that is old enough itself is out of every read's reach. */
    int64_t oldest_ms = region->now_ms - region->options.consistency_delay_ms;
    size_t drop = 0;
    while (drop + 1 < task->past_n && task->past[drop + 1].at_ms <= oldest_ms)
        drop++;
    task->past_n -= drop;
    if (drop) memmove(task->past, task->past + drop, task->past_n * sizeof(*task->past));
    if (task->past_n == task->past_size)
        task->past = vector_grow(task->past, &task->past_size, sizeof(*task->past));
    task->past[task->past_n++] = (struct task_past){region->now_ms, task->now};
}

void task_changed(struct region *region, struct task *task)
{
    task->now.version++;
    if (region->options.consistency_delay_ms > 0) keep_task(region, task);
    event_task_changed(region, task);
    if (task->service) service_changed(region, task->service);
}

static struct deployment *deployment_of(struct service *service, uint64_t number)
{
    for (size_t i = 0; i < service->now.deployments_n; i++)
        if (service->now.deployments[i].number == number) return &service->now.deployments[i];
    return NULL;
}

static void count_tasks(struct service *service)
{
    struct service_facts *now = &service->now;
    now->running = now->pending = 0;
    for (size_t i = 0; i < now->deployments_n; i++)
        now->deployments[i].running = now->deployments[i].pending = 0;
    for (size_t i = 0; i < service->tasks.n; i++) {
        const struct task *task = service_task(service, i);
        bool running = task->now.last_status == TASK_RUNNING;
        bool pending = task->now.last_status < TASK_RUNNING && task->now.wanted;
        if (!running && !pending) continue;
        struct deployment *deployment = deployment_of(service, task->deployment);
        now->running += running;
        now->pending += pending;
        if (!deployment) continue;
        deployment->running += running;
        deployment->pending += pending;
    }
}

static void keep_service(struct region *region, struct service *service)
{
    int64_t oldest_ms = region->now_ms - region->options.consistency_delay_ms;
    size_t drop = 0;
    while (drop + 1 < service->past_n && service->past[drop + 1].at_ms <= oldest_ms)
        drop++;
    service->past_n -= drop;
    if (drop)
        memmove(service->past, service->past + drop, service->past_n * sizeof(*service->past));
    if (service->past_n == service->past_size)
        service->past = vector_grow(service->past, &service->past_size, sizeof(*service->past));
    service->past[service->past_n++] = (struct service_past){region->now_ms, service->now};
}

void service_changed(struct region *region, struct service *service)
{
    load_sum_up(region, service);
    count_tasks(service);
    if (region->options.consistency_delay_ms > 0) keep_service(region, service);
}

int64_t read_as_of(struct region *region)
{
    int64_t delay_ms = region->options.consistency_delay_ms;
    if (delay_ms <= 0) return region->now_ms;
    return region->now_ms - random_below(region, STREAM_READS, delay_ms + 1);
}

const struct task_facts *task_seen(const struct region *region, const struct task *task,
                                   int64_t at_ms)
{
    if (at_ms >= region->now_ms) return &task->now;
    if (task->created_ms > at_ms) return NULL;
    for (size_t i = task->past_n; i > 0; i--)
        if (task->past[i - 1].at_ms <= at_ms) return &task->past[i - 1].facts;
    /* The journal began later than that: then nothing has changed since. */
    return task->past_n ? &task->past[0].facts : &task->now;
}

const struct service_facts *service_seen(const struct region *region, const struct service *service,
                                         int64_t at_ms)
{
    if (at_ms >= region->now_ms) return &service->now;
    if (service->created_ms > at_ms) return NULL;
    for (size_t i = service->past_n; i > 0; i--)
        if (service->past[i - 1].at_ms <= at_ms) return &service->past[i - 1].facts;
    return service->past_n ? &service->past[0].facts : &service->now;
}

void service_event(struct region *region, struct service *service, const char *format, ...)
{
    char message[EVENT_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof(message), format, args); /* a long list of tasks is cut */
    va_end(args);
    struct service_event *events = service->events;
    if (service->events_n == SERVICE_EVENTS_MAX) free(events[--service->events_n].message);
    memmove(events + 1, events, service->events_n * sizeof(*events));
    service->events_n++;
    events[0] = (struct service_event){.at_ms = region->now_ms, .message = strdup(message)};
    if (!events[0].message) abort();
    random_uuid(region, events[0].id);
}
