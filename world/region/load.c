/* SPDX-License-Identifier: Apache-2.0
 * Sessions come, last and go; a service's CPUUtilization is what they make of its tasks. */
#include "world/region/distributor.h"
#include "world/region/ecs_model.h"
#include "world/region/event_model.h"

#define HOUR_MS            ((double)3600 * 1000)
#define SESSION_MS_DEFAULT ((int64_t)3 * 60 * 1000)
#define CAPACITY_DEFAULT   10
#define SESSIONS_ADD_MAX   100000

void load_sum_up(struct region *region, struct service *service)
{
    struct load_sum *sum = &service->load.sum;
    double passed_ms = (double)(region->now_ms - sum->at_ms);
    sum->session_ms += (double)service->load.sessions * passed_ms;
    sum->running_ms += (double)service->now.running * passed_ms;
    sum->at_ms = region->now_ms;
}

double load_percent(const struct service *service, double session_ms, double running_ms)
{
    if (running_ms <= 0) return -1;
    int64_t capacity = service->app.capacity ? service->app.capacity : CAPACITY_DEFAULT;
    return 100.0 * session_ms / ((double)capacity * running_ms);
}

static void change_sessions(struct region *region, struct task *task, int64_t by)
{
    if (task->service) {
        load_sum_up(region, task->service);
        task->service->load.sessions += by;
    }
    task->app.sessions += by;
    EBB_ASSERT(task->app.sessions >= 0);
}

static void end_session(struct region *region, uint64_t task_number, uint64_t detail)
{
    (void)detail; /* sessions of a task are alike */
    struct task *task = task_by_number(region, task_number);
    if (!task || !task->app.alive) return; /* it was cut, and counted, when its task went */
    change_sessions(region, task, -1);
    task->app.completed++;
    if (task->service) task->service->load.completed++;
    app_check_empty(region, task);
}

static bool takes_sessions(const struct region *region, const struct task *task)
{
    if (task->now.last_status != TASK_RUNNING || !task->now.wanted) return false;
    struct str function = app_of(task)->distributor;
    return str_is_empty(function) ||
           !region_excluded(region, function, str_from(task->now.address), NULL);
}

static void arrive(struct region *region, uint64_t service_number, uint64_t chain)
{
    struct service *service = service_by_number(region, service_number);
    if (!service || service->load.arrivals != chain) return;
    if (service->now.status == SERVICE_INACTIVE || service->app.arrivals_per_hour <= 0) return;
    const struct app_options *app = &service->app;
    int64_t next_ms = random_exponential(region, HOUR_MS / (double)app->arrivals_per_hour);
    region_at(region, region->now_ms + next_ms, arrive, service_number, chain);
    int64_t mean_ms = app->session_mean_ms ? app->session_mean_ms : SESSION_MS_DEFAULT;
    int64_t lasts_ms = app->session_fixed ? mean_ms : random_exponential(region, (double)mean_ms);

    service->load.arrived++;
    int64_t open = 0;
    for (size_t i = 0; i < service->tasks.n; i++)
        open += takes_sessions(region, service_task(service, i));
    if (open == 0) {
        service->load.nowhere++;
        return;
    }
    int64_t chosen = random_below(region, STREAM_LOAD, open);
    for (size_t i = 0; i < service->tasks.n; i++) {
        struct task *task = service_task(service, i);
        if (!takes_sessions(region, task) || chosen-- > 0) continue;
        if (task->app.draining) {
            task->app.refused++;
            service->load.refused++;
            return;
        }
        change_sessions(region, task, 1);
        region_at(region, region->now_ms + lasts_ms, end_session, task->number, 0);
        return;
    }
}

void load_begin(struct region *region, struct service *service)
{
    load_sum_up(region, service);
    uint64_t chain = ++service->load.arrivals;
    if (service->app.arrivals_per_hour <= 0) return;
    double mean_ms = HOUR_MS / (double)service->app.arrivals_per_hour;
    region_at(region, region->now_ms + random_exponential(region, mean_ms), arrive, service->number,
              chain);
}

void sessions_cut(struct region *region, struct task *task)
{
    if (!task->app.alive) return;
    int64_t n = task->app.sessions;
    task->app.alive = false;
    callbacks_drop(region, task);
    if (n == 0) return;
    change_sessions(region, task, -n);
    task->app.endless = 0;
    task->app.cut += n;
    if (task->service) task->service->load.cut[task->cause] += n;
    log_add(region,
            (struct log_entry){.kind = LOG_SESSIONS_CUT,
                               .access_key_id = str_from(task->stopper),
                               .service = task->service ? str_from(task->service->key) : STR_NONE,
                               .subject = str_from(task->arn),
                               .reason = str_from(task->now.stopped_reason),
                               .cause = (int)task->cause,
                               .count = n});
}

static struct task *living_task(struct region *region, struct str name)
{
    struct task *task = task_find(region, NULL, name);
    return task && task->app.alive ? task : NULL;
}

int region_sessions_add(struct region *region, struct str name, int64_t count, int64_t duration_ms)
{
    struct task *task = living_task(region, name);
    if (!task) return E_NOT_FOUND;
    if (count > SESSIONS_ADD_MAX) return E_TOO_LARGE;
    for (int64_t i = 0; i < count; i++) {
        if (task->service) task->service->load.arrived++;
        change_sessions(region, task, 1);
        if (duration_ms > 0)
            region_at(region, region->now_ms + duration_ms, end_session, task->number, 0);
        else
            task->app.endless++;
    }
    return 0;
}

int region_sessions_end(struct region *region, struct str name, int64_t count)
{
    struct task *task = living_task(region, name);
    if (!task) return E_NOT_FOUND;
    if (count <= 0 || count > task->app.endless) count = task->app.endless;
    for (; count > 0; count--) {
        task->app.endless--;
        end_session(region, task->number, 0);
        if (!task->app.alive) break; /* that was the last one and it left */
    }
    return 0;
}
