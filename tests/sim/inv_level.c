/* SPDX-License-Identifier: Apache-2.0
 * An alarm is a level. One that stays in ALARM takes its service to the floor, whatever became of its
 * events. With cancelWhenOk nothing is begun and nothing lowered but in a look that saw an alarm of
 * the service in ALARM; what is undone as over was over; and no drain goes on whose alarm has long been
 * over. */
#include "lib/aws/shapes/cloudwatch.h"
#include "lib/aws/shapes/ecs.h"
#include "lib/budget/budget.h"
#include "lib/record/walkers.h"
#include "schemas/contract.h"
#include "tests/sim/alarms.h"
#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"
#include "world/region/snapshot.h"

#define HOUR_MS ((int64_t)3600 * 1000)
/* A draining task's alarm was noted by then: a lost event, a poll, a look, and what they take. */
#define NOTICED_MS ((int64_t)3 * 60 * 1000)
/* Of a look at a service: ListTasks, DescribeTasks, and one of either that was tried again. */
#define CALLS_OF_LOOK 3
/* A poll, and what comes of it. */
#define ASKED_MS ((int64_t)15 * 1000)

static const struct service_settings *settings_of(const struct sim *sim, size_t service)
{
    return &sim->scene->plan.services[service].settings;
}

static void saw(struct sim *sim, struct str name, struct str state)
{
    const struct sim_alarms *all = sim->scene->alarms;
    if (!str_eq(state, STR("ALARM"))) return;
    for (size_t i = 0; i < all->n; i++)
        if (str_eq(all->items[i].name, name))
            sim->running->saw_in_alarm |= 1u << all->items[i].service;
}

static void may_lower(struct sim *sim, struct str service_name)
{
    size_t service = planned_service_number(sim, service_name);
    if (service == sim->scene->services_n || sim->running->saw_in_alarm & (1u << service)) return;
    if (!settings_of(sim, service)->cancel_when_ok) return;
    for (size_t i = 0; i < sim->invariants->watch.drains_n; i++) {
        const struct drain *d = &sim->invariants->watch.drains[i].newest;
        if (d->state == DRAIN_DRAINED && d->by_alarm &&
            planned_service_number(sim, d->service) == service)
            sim_violation(sim, "the count of %.*s is lowered, and no alarm was seen in ALARM",
                          STR_ARG(service_name));
    }
}

void inv_level_asks(struct sim *sim, const struct aws_operation *shape, const void *input)
{
    if (shape == &ECS_UPDATE_SERVICE)
        may_lower(sim, ((const struct ecs_update_service_input *)input)->service);
}

void inv_level_knows(struct sim *sim, const struct aws_operation *shape, const void *output)
{
    const struct cloudwatch_describe_alarms_output *out = output;
    if (shape != &CLOUDWATCH_DESCRIBE_ALARMS) return;
    for (size_t i = 0; i < out->metric_alarms.n; i++) {
        const struct cloudwatch_alarm *a = LIST_AT(out->metric_alarms, struct cloudwatch_alarm, i);
        saw(sim, a->alarm_name, a->state_value);
    }
}

void inv_level_start(struct sim *sim, struct str path, struct str body)
{
    struct arena a;
    struct err e = {0};
    struct start_body start = {0};
    if (!str_eq(path, STR("/drain/start"))) return;
    arena_init(&a);
    if (json_decode(&START_BODY_RECORD, body, &a, &start, &e))
        sim_violation(sim, "a start cannot be read: %s", e.text);
    const struct watch *w = &sim->invariants->watch;
    for (size_t i = 0; i < w->drains_n; i++) {
        const struct drain *d = &w->drains[i].newest;
        size_t service = planned_service_number(sim, d->service);
        if (!str_eq(d->drain_id, start.drain_id) || service == sim->scene->services_n) continue;
        bool asks = settings_of(sim, service)->cancel_when_ok && d->by_alarm;
        if (asks && !(sim->running->saw_in_alarm & (1u << service)))
            sim_violation(sim, "drain %.*s is started, and no alarm was seen in ALARM",
                          STR_ARG(d->drain_id));
    }
    arena_release(&a);
}

void inv_level_record(struct sim *sim, const struct seen_drain *seen)
{
    const struct drain *d = &seen->newest;
    const struct sim_alarms *all = sim->scene->alarms;
    size_t service = planned_service_number(sim, d->service);
    if (service == sim->scene->services_n) return;
    bool any = alarms_any(sim, service), cancels = settings_of(sim, service)->cancel_when_ok;
    bool is_over = d->state == DRAIN_UNDOING && str_eq(d->reason, STR("trigger_over"));
    if (is_over && !cancels)
        sim_violation(sim, "drain %.*s is undone without cancelWhenOk", STR_ARG(d->drain_id));
    /* The record's times are those of processes, whose clocks may step. */
    if (sim->faults->mean_ms[EVENT_OF_CLOCK]) return;
    if (is_over && alarms_was_on_since(sim, d->trigger, d->claimed_at))
        sim_violation(sim, "drain %.*s is undone, and its alarm was never over",
                      STR_ARG(d->drain_id));
    int64_t over_since = all->changed_at[service];
    if (over_since < sim->quiet_from_ms) over_since = sim->quiet_from_ms;
    bool is_drained = d->by_alarm && d->state == DRAIN_DRAINED;
    /* Without polls the end of an alarm whose event is lost is not known. */
    if (is_drained && cancels && !any && all->poll_ms && d->drained_at > over_since + NOTICED_MS)
        sim_violation(sim, "drain %.*s went on, and its alarm was long over", STR_ARG(d->drain_id));
}

/* Whether its hour was used up then, as far as drains that began are known. */
static bool hour_is_used(const struct sim *sim, size_t service, int64_t at_ms)
{
    const struct watch *w = &sim->invariants->watch;
    int64_t n = 0;
    for (size_t i = 0; i < w->drains_n; i++)
        n += w->drains[i].newest.claimed_at > at_ms - HOUR_MS &&
             w->drains[i].newest.claimed_at <= at_ms && !drain_never_began(&w->drains[i].newest) &&
             planned_service_number(sim, w->drains[i].newest.service) == service;
    return n >= settings_of(sim, service)->drains_per_hour;
}

/* Once it is not any more, there is to be time for as many drains as an hour has. */
static bool hour_was_used(const struct sim *sim, size_t service)
{
    const struct watch *w = &sim->invariants->watch;
    int64_t hour_ms = settings_of(sim, service)->drains_per_hour * ALARMS_DRAIN_MS;
    int64_t time_ms = alarms_time_ms(sim, service);
    int64_t since_ms = sim->now_ms - (hour_ms < time_ms ? hour_ms : time_ms);
    for (size_t i = 0; i < w->drains_n; i++) {
        int64_t at_ms = w->drains[i].newest.claimed_at;
        if (hour_is_used(sim, service, at_ms > since_ms ? at_ms : since_ms)) return true;
    }
    return false;
}

/* A deployment forbids drains, and another's protection of a task that it replaces holds it up, for
 * hours perhaps; once it is over there is to be time for as many drains as ever. Ebb's own protection
 * is none that excuses it. */
static bool is_deployed_by_others(struct sim *sim, size_t service)
{
    const struct protections *all = &sim->invariants->protections;
    struct str path = sim->scene->paths[service];
    struct snapshot_counts shown;
    bool is_held = false;
    bool there = !region_snapshot_counts(sim->region, path, &shown);
    for (size_t i = 0; i < all->n && there && shown.deployments > 1; i++) {
        const struct seen_task *t = seen_task_named(sim, all->items[i].arn);
        is_held |= t && str_eq(t->service, path) && !t->is_stopping && !t->is_gone &&
                   all->items[i].theirs_until_ms > sim->now_ms - ASKED_MS;
    }
    const struct seen_service *seen = seen_service_named(sim, path);
    bool was_lately = seen->deployed_ms > sim->quiet_from_ms &&
                      sim->now_ms - seen->deployed_ms < alarms_time_ms(sim, service);
    return is_held || was_lately;
}

/* A count is not lowered while tasks are missing (docs/scale.md, step 7). They are for good where the
 * counts of all services are together more than there are addresses, which only others can make them.
 * Once that is over there is to be time for as many drains as ever. */
static bool is_crowded_by_others(struct sim *sim, size_t service)
{
    const struct seen_service *seen = seen_service_named(sim, sim->scene->paths[service]);
    return seen->crowded_ms > sim->quiet_from_ms &&
           sim->now_ms - seen->crowded_ms < alarms_time_ms(sim, service);
}

/* The drains of the account that are open, or were so until a poll ago: what they leave is asked for
 * at the next. Who of several services gets it is judged by inv_turns.c. */
static bool account_is_used(const struct sim *sim)
{
    const struct watch *w = &sim->invariants->watch;
    int64_t poll_ago_ms = sim->now_ms - sim->config->alarms.poll_ms - ASKED_MS, n = 0;
    for (size_t i = 0; i < w->drains_n; i++)
        n += !drain_is_final(w->drains[i].newest.state) || w->drains[i].stored_ms > poll_ago_ms;
    return n >= sim->config->limits.open_per_account;
}

/* Services ask at each poll, or once a cooldown. More than the API budget lets be looked at wait in a
 * queue until they are too old, and whose turn it is is chance. */
static bool asks_too_much(const struct sim *sim)
{
    int64_t asked = 0; /* in an hour */
    for (size_t i = 0; i < sim->scene->services_n; i++) {
        int64_t pace_ms = settings_of(sim, i)->cooldown_ms;
        if (pace_ms < sim->config->alarms.poll_ms) pace_ms = sim->config->alarms.poll_ms;
        if (pace_ms && alarms_any_watched(sim, i)) asked += HOUR_MS / pace_ms;
    }
    int64_t calls =
        budget_rate(sim->config->budget.share, BUCKET_RESOURCE_READ) * HOUR_MS / 1000000;
    return asked > calls / CALLS_OF_LOOK;
}

/* Tasks that leave once they are drained are replaced by ECS, those that refuse to be drained stay,
 * and drains that are undone at their deadline are begun again: none of these comes to an end. */
static bool must_reach_floor(struct sim *sim, size_t service)
{
    const struct app_options *app = &sim->scene->plan.services[service].app;
    const struct service_settings *s = settings_of(sim, service);
    bool is_silent = app->no_status || app->lies_about_task;
    bool can_drain = !app->exits_when_drained && !app->start_status && !app->start_hangs &&
                     !(app->start_delay_ms && is_silent);
    /* Open drains of a newer version, which this one leaves alone, hold their slots for ever. */
    if (sim->faults->mean_ms[EVENT_OF_NEWER]) return false;
    return sim->config->alarms.poll_ms && alarms_any_watched(sim, service) && can_drain &&
           s->mode == MODE_ACT && s->on_deadline == ON_DEADLINE_FINISH &&
           !inv_control_is_paused(sim, sim->scene->keys[service]) && !asks_too_much(sim);
}

static bool is_at_floor(const struct sim *sim, size_t service)
{
    struct snapshot_counts shown;
    return region_snapshot_counts(sim->region, sim->scene->paths[service], &shown) ||
           shown.desired <= settings_of(sim, service)->min_tasks;
}

bool inv_level_is_on_its_way(struct sim *sim, size_t service)
{
    return must_reach_floor(sim, service) && !hour_is_used(sim, service, sim->now_ms) &&
           !is_at_floor(sim, service);
}

bool inv_level_is_settled(struct sim *sim)
{
    for (size_t i = 0; i < sim->scene->services_n; i++)
        if (inv_level_is_on_its_way(sim, i)) return false;
    return true;
}

void inv_level_final(struct sim *sim)
{
    for (size_t i = 0; i < sim->scene->services_n; i++)
        if (inv_level_is_on_its_way(sim, i) && !is_deployed_by_others(sim, i) &&
            !is_crowded_by_others(sim, i) && !account_is_used(sim) && !hour_was_used(sim, i))
            sim_violation(sim, "an alarm of %.*s is in ALARM, and it is not at the floor",
                          STR_ARG(sim->scene->services[i]));
}
