/* SPDX-License-Identifier: Apache-2.0
 * See plan.h. */
#include "tests/sim/plan.h"

#include "tests/sim/courses.h"
#include "tests/sim/scene.h"

#define SECOND_MS     ((int64_t)1000)
#define MINUTE_MS     (60 * SECOND_MS)
#define PROCESSES_MAX 8

/* What a size class may have at most. */
static const struct {
    int64_t services, tasks, processes, minutes, events;
} SIZES[SIM_SIZES] = {
    {1, 3, 2, 6, 8},
    {2, 6, 4, 10, 8},
    {3, 9, 6, 14, 8},
    {12, 10, 8, 14, 10},
};

static int64_t between(uint64_t *from, int64_t least, int64_t most)
{
    return least + (int64_t)sim_draw(from, (uint64_t)(most - least + 1));
}

static bool one_in(uint64_t *from, uint64_t n)
{
    return sim_draw(from, n) == 0;
}

/* A task that has no cancel must tell its state truly, or nobody could ever say that it is empty. */
static struct app_options draw_app(uint64_t *from)
{
    static const int64_t STATUSES[] = {500, 503, 404, 409, 429, 200};
    struct app_options app = {
        .arrivals_per_hour = between(from, 0, 4) * 900,
        .session_mean_ms = between(from, 5, 60) * SECOND_MS,
        .distributor = STR(SIM_FUNCTION),
        .start_ms = between(from, 1, 20) * SECOND_MS,
        .stop_ms = between(from, 1, 20) * SECOND_MS,
        .sigterm_grace_ms = one_in(from, 4) ? between(from, 1, 30) * SECOND_MS : 0,
        .exits_when_drained = one_in(from, 8),
        .no_cancel = one_in(from, 8),
        .start_delay_ms = one_in(from, 4) ? between(from, 1, 4000) : 0,
        .callback_copies = between(from, 1, 3),
        .callback_never = one_in(from, 6),
        .callback_delay_ms = one_in(from, 4) ? between(from, 1, 20000) : 0,
        .callback_wrong_drain = one_in(from, 10),
        .callback_before_empty = one_in(from, 16),
        .start_hangs = one_in(from, 24),
        .start_status = one_in(from, 12) ? STATUSES[sim_draw(from, EBB_COUNT(STATUSES))] : 0,
        .not_tasks = one_in(from, 40),
    };
    if (!app.no_cancel) {
        app.no_status = one_in(from, 12);
        app.lies_about_task = one_in(from, 24);
    }
    return app;
}

static struct service_settings draw_settings(uint64_t *from)
{
    return (struct service_settings){
        .mode = one_in(from, 16) ? MODE_OBSERVE : MODE_ACT,
        .cooldown_ms = between(from, 0, 3) * 10 * SECOND_MS,
        .drains_per_hour = between(from, 1, 20),
        .drains_at_once = between(from, 1, 3),
        .drain_timeout_ms = between(from, 1, 5) * MINUTE_MS,
        .min_tasks = between(from, 1, 3),
        .status_poll_ms = between(from, 2, 20) * SECOND_MS,
        .event_age_max_ms = 15 * MINUTE_MS,
        .attempts = between(from, 1, 4),
        .on_deadline = one_in(from, 2) ? ON_DEADLINE_FINISH : ON_DEADLINE_UNDO,
        .victim = one_in(from, 2) ? VICTIM_OLDEST : VICTIM_NEWEST,
        .distributor = {.function = STR(SIM_FUNCTION),
                        .invocation =
                            one_in(from, 10) ? INVOCATION_EVENT : INVOCATION_REQUEST_RESPONSE,
                        .remove_action = STR("comment_out_ip"),
                        .restore_action = STR("restore_ip"),
                        .release_action = STR("release_ip"),
                        .late_effect_ms = 15 * MINUTE_MS},
        .task = {.scheme = STR("http"), .port = 8080, .timeout_ms = 3000},
    };
}

static int64_t at_most(int64_t n, int64_t most)
{
    return most && n > most ? most : n;
}

static void draw_events(const struct sim *sim, struct plan *p, int64_t whole_ms)
{
    size_t service = p->services_n - 1;
    uint64_t own = sim_stream(sim, "events", p->services[service].number);
    for (int64_t n = between(&own, 1, SIZES[sim->options->size].events); n > 0; n--) {
        int64_t at_ms = between(&own, 0, whole_ms);
        if (at_ms < p->active_ms && p->events_n < SIM_EVENTS_MAX)
            p->events[p->events_n++] = (struct plan_event){service, at_ms};
    }
}

static void draw(const struct sim *sim, struct plan *p)
{
    const struct sim_options *o = sim->options;
    uint64_t own = sim_stream(sim, "scene", 0);
    int64_t services_n = between(&own, o->size == 3 ? 4 : 1, SIZES[o->size].services);
    p->processes_n = (size_t)at_most(between(&own, 1, SIZES[o->size].processes), o->processes);
    int64_t whole_ms = between(&own, 2, SIZES[o->size].minutes) * MINUTE_MS;
    bool few_addresses = one_in(&own, 3);
    p->active_ms = at_most(whole_ms, o->minutes * MINUTE_MS);
    for (int64_t i = 0; i < services_n; i++) {
        if (o->services && !(o->services & UINT64_C(1) << i)) continue;
        struct plan_service *s = &p->services[p->services_n++];
        uint64_t of_service = sim_stream(sim, "service", (uint64_t)i);
        s->number = (size_t)i;
        s->app = draw_app(&of_service);
        s->tasks = between(&of_service, 2, SIZES[o->size].tasks);
        s->settings = draw_settings(&of_service);
        uint64_t of_age = sim_stream(sim, "event age", (uint64_t)i);
        if (one_in(&of_age, 3)) s->settings.event_age_max_ms = between(&of_age, 1, 3) * MINUTE_MS;
        p->addresses += s->tasks;
        draw_events(sim, p, whole_ms);
    }
    uint64_t of_budget = sim_stream(sim, "budget", 0);
    p->is_throttled = one_in(&of_budget, 2);
    p->budget_share = one_in(&of_budget, 4) ? between(&of_budget, 1, 10) : 50;
    p->addresses = few_addresses ? p->addresses + 2 : 4 * p->addresses + 64;
    p->events_n = (size_t)at_most((int64_t)p->events_n, o->events);
}

void plan_make(const struct sim *sim, struct plan *out)
{
    *out = (struct plan){0};
    if (sim->options->course)
        course_named(sim->options->course)->plan(out);
    else
        draw(sim, out);
    EBB_ASSERT(out->services_n <= SIM_SERVICES_MAX && out->processes_n <= PROCESSES_MAX);
}
