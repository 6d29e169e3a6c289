/* SPDX-License-Identifier: Apache-2.0
 * See alarms.h. */
#include "tests/sim/alarms.h"

#include "lib/aws/shapes/cloudwatch.h"
#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"
#include "tests/sim/story.h"

#include <stdlib.h>

#define SECOND_MS      ((int64_t)1000)
#define CHANGES_MAX    6
#define SPARE_DRAINS   3
#define DAY_S          86400
#define ACTIVE_MOST_MS ((int64_t)14 * 60 * SECOND_MS)

bool alarms_any(const struct sim *sim, size_t service)
{
    const struct sim_alarms *all = sim->scene->alarms;
    for (size_t i = 0; i < all->n; i++)
        if (all->items[i].service == service && all->items[i].in_alarm) return true;
    return false;
}

static bool was_heard(const struct scene *s, struct str name)
{
    for (size_t i = 0; i < s->events_n; i++)
        if (s->events[i].is_heard && str_eq(s->events[i].alarm, name)) return true;
    return false;
}

bool alarms_any_watched(const struct sim *sim, size_t service)
{
    const struct sim_alarms *all = sim->scene->alarms;
    const int64_t *means = sim->faults->mean_ms;
    /* What was heard stands in Redis alone. */
    bool is_forgotten = means[EVENT_OF_WIPE] || means[EVENT_OF_FAILOVER];
    for (size_t i = 0; i < all->n; i++) {
        const struct sim_alarm *alarm = &all->items[i];
        bool is_known = alarm->is_listed || (was_heard(sim->scene, alarm->name) && !is_forgotten);
        if (alarm->service == service && alarm->in_alarm && is_known) return true;
    }
    return false;
}

bool alarms_was_on_since(const struct sim *sim, struct str name, int64_t since_ms)
{
    const struct sim_alarms *all = sim->scene->alarms;
    for (size_t i = 0; i < all->n; i++)
        if (str_eq(all->items[i].name, name))
            return all->items[i].in_alarm && all->items[i].last_off_at < since_ms;
    return false;
}

static void change(struct sim *sim, struct sim_alarm *alarm, bool in_alarm)
{
    struct sim_alarms *all = sim->scene->alarms;
    bool before = alarms_any(sim, alarm->service);
    struct cloudwatch_set_alarm_state_input in = {.alarm_name = alarm->name,
                                                  .state_value =
                                                      in_alarm ? STR("ALARM") : STR("OK"),
                                                  .state_reason = STR("simulated")};
    if (scene_call(sim, &CLOUDWATCH_SET_ALARM_STATE, &in, NULL)) abort();
    if (!alarm->in_alarm) alarm->last_off_at = sim->now_ms;
    alarm->in_alarm = in_alarm;
    if (before != alarms_any(sim, alarm->service)) all->changed_at[alarm->service] = sim->now_ms;
    sim_trace(sim, "%.*s is %s", STR_ARG(alarm->name), in_alarm ? "in ALARM" : "OK");
    if ((int64_t)sim_random(sim, 100) < all->lost_percent) {
        tell(sim, sim->scene->services[alarm->service], "CloudWatch",
             "%.*s is %.*s, and the event is lost", STR_ARG(alarm->name), STR_ARG(in.state_value));
        return;
    }
    scene_tell(sim, alarm->service, alarm->name, in.state_value);
}

static void flip(struct sim *sim, void *ctx, uint64_t unused)
{
    struct sim_alarm *alarm = ctx;
    (void)unused;
    change(sim, alarm, !alarm->in_alarm);
}

/* So long a period that the region never changes it by itself. */
static void put(struct sim *sim, const struct sim_alarm *alarm)
{
    struct cloudwatch_dimension dimensions[] = {
        {STR("ClusterName"), STR(SIM_CLUSTER)},
        {STR("ServiceName"), sim->scene->services[alarm->service]}};
    struct cloudwatch_put_metric_alarm_input in = {
        .alarm_name = alarm->name,
        .actions_enabled = true,
        .namespace_name = STR("Custom"),
        .metric_name = STR("Idle"),
        .statistic = STR("Average"),
        .dimensions = LIST_OF(dimensions, EBB_COUNT(dimensions)),
        .period = DAY_S,
        .evaluation_periods = 1,
        .comparison_operator = STR("LessThanThreshold"),
    };
    if (scene_call(sim, &CLOUDWATCH_PUT_METRIC_ALARM, &in, NULL)) abort();
}

static struct sim_alarm *make_one(struct sim *sim, size_t service, int number)
{
    struct sim_alarms *all = sim->scene->alarms;
    struct sim_alarm *alarm = &all->items[all->n++];
    alarm->name = arena_format(&sim->arena, "%.*s-%s", STR_ARG(sim->scene->services[service]),
                               number ? "quiet" : "idle");
    alarm->service = service;
    alarm->last_off_at = sim->now_ms;
    put(sim, alarm);
    return alarm;
}

/* Its last change may be its first, and it stays as it is then. */
static void let_change(struct sim *sim, struct sim_alarm *alarm, uint64_t *own)
{
    for (int64_t n = (int64_t)sim_draw(own, CHANGES_MAX); n > 0; n--) {
        int64_t at_ms = (int64_t)sim_draw(own, (uint64_t)ACTIVE_MOST_MS);
        if (at_ms < sim->scene->plan.active_ms) sim_at(sim, sim->now_ms + at_ms, flip, alarm, 0);
    }
}

static void make_service(struct sim *sim, size_t i)
{
    struct plan_service *p = &sim->scene->plan.services[i];
    uint64_t own = sim_stream(sim, "alarms", p->number);
    bool is_listed = sim_draw(&own, 2);
    int n = 1 + (int)sim_draw(&own, SIM_ALARMS_OF_SERVICE);
    struct str *names = ARENA_ARRAY(&sim->arena, (size_t)n, struct str);
    p->settings.cancel_when_ok = sim_draw(&own, 3) == 0;
    for (int k = 0; k < n; k++) {
        struct sim_alarm *alarm = make_one(sim, i, k);
        alarm->is_listed = is_listed;
        names[k] = alarm->name;
        let_change(sim, alarm, &own);
    }
    if (is_listed) p->settings.alarms = LIST_OF(names, (size_t)n);
}

static void make_for_course(struct sim *sim, size_t i)
{
    struct plan *plan = &sim->scene->plan;
    struct sim_alarm *alarm = make_one(sim, i, 0);
    if (!plan->alarm_poll_ms) return;
    sim->scene->alarms->poll_ms = plan->alarm_poll_ms;
    sim->scene->alarms->lost_percent = 100;
    alarm->is_listed = true;
    plan->services[i].settings.alarms = LIST_OF(&alarm->name, 1);
    sim_at(sim, sim->now_ms + plan->alarm_from_ms, flip, alarm, 0);
    if (plan->alarm_to_ms) sim_at(sim, sim->now_ms + plan->alarm_to_ms, flip, alarm, 0);
}

void alarms_make(struct sim *sim)
{
    static const int64_t LOST[] = {0, 0, 30, 100};
    struct scene *s = sim->scene;
    uint64_t own = sim_stream(sim, "level", 0);
    s->alarms = ARENA_NEW(&sim->arena, struct sim_alarms);
    if (sim->options->course) {
        for (size_t i = 0; i < s->services_n; i++)
            make_for_course(sim, i);
        return;
    }
    s->alarms->lost_percent = LOST[sim_draw(&own, EBB_COUNT(LOST))];
    /* Polling in two of three histories. */
    if (sim_draw(&own, 3)) s->alarms->poll_ms = (5 + (int64_t)sim_draw(&own, 55)) * SECOND_MS;
    for (size_t i = 0; i < s->services_n; i++)
        make_service(sim, i);
}

int64_t alarms_time_ms(const struct sim *sim, size_t service)
{
    return (sim->scene->plan.services[service].tasks + SPARE_DRAINS) * ALARMS_DRAIN_MS;
}

int64_t alarms_extra_ms(const struct sim *sim)
{
    int64_t most_ms = 0;
    for (size_t i = 0; i < sim->scene->services_n; i++)
        if (alarms_time_ms(sim, i) > most_ms) most_ms = alarms_time_ms(sim, i);
    return sim->scene->alarms->poll_ms ? most_ms : 0;
}

void alarms_are_over(struct sim *sim, void *ctx, uint64_t unused)
{
    struct sim_alarms *all = sim->scene->alarms;
    (void)ctx;
    (void)unused;
    inv_level_final(sim);
    for (size_t i = 0; i < all->n; i++)
        if (all->items[i].in_alarm) change(sim, &all->items[i], false);
}
