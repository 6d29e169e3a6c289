/* SPDX-License-Identifier: Apache-2.0
 * See courses.h. */
#include "tests/sim/courses.h"

#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"

#include <string.h>

#define SECOND_MS ((int64_t)1000)
#define MINUTE_MS (60 * SECOND_MS)

/* One service of three tasks with a few short sessions, one process, one alarm. */
static void scale_in(struct plan *p)
{
    *p = (struct plan){
        .services = {{
            .tasks = 3,
            .app = {.distributor = STR(SIM_FUNCTION),
                    .arrivals_per_hour = 600,
                    .session_mean_ms = 8 * SECOND_MS,
                    .session_fixed = true,
                    .start_ms = 4 * SECOND_MS,
                    .stop_ms = 2 * SECOND_MS},
            .settings = {.mode = MODE_ACT,
                         .drains_per_hour = 10,
                         .drains_at_once = 2,
                         .drain_timeout_ms = 2 * MINUTE_MS,
                         .min_tasks = 1,
                         .status_poll_ms = 10 * SECOND_MS,
                         .event_age_max_ms = 15 * MINUTE_MS,
                         .attempts = 4,
                         .on_deadline = ON_DEADLINE_UNDO,
                         .victim = VICTIM_NEWEST,
                         .distributor = {.function = STR(SIM_FUNCTION),
                                         .invocation = INVOCATION_REQUEST_RESPONSE,
                                         .remove_action = STR("comment_out_ip"),
                                         .restore_action = STR("restore_ip"),
                                         .release_action = STR("release_ip"),
                                         .late_effect_ms = 900000},
                         .task = {.scheme = STR("http"), .port = 8080, .timeout_ms = 3000}},
        }},
        .services_n = 1,
        .events = {{.service = 0, .at_ms = 0}},
        .events_n = 1,
        .processes_n = 1,
        .active_ms = 4 * MINUTE_MS,
        .addresses = 16,
    };
}

static void refused(struct plan *p)
{
    scale_in(p);
    p->services[0].app.start_status = 409;
}

static void deadline(struct plan *p)
{
    scale_in(p);
    p->services[0].app.session_mean_ms = 10 * MINUTE_MS;
    p->services[0].settings.drain_timeout_ms = 20 * SECOND_MS;
}

static void death(struct plan *p)
{
    scale_in(p);
    p->services[0].app.session_mean_ms = 10 * MINUTE_MS;
    p->victim_dies = true;
}

static void distributor(struct plan *p)
{
    scale_in(p);
    p->distributor_is_broken = true;
    p->services[0].settings.attempts = 2;
}

static void no_cancel(struct plan *p)
{
    deadline(p);
    p->services[0].app.no_cancel = true;
    p->services[0].app.session_mean_ms = 150 * SECOND_MS;
}

static void two(struct plan *p)
{
    scale_in(p);
    p->services[0].tasks = 5;
    p->events[1] = (struct plan_event){.service = 0, .at_ms = 1 * SECOND_MS};
    p->events_n = 2;
}

/* No event comes; the alarm is polled. */
static void level(struct plan *p)
{
    scale_in(p);
    p->events_n = 0;
    p->alarm_poll_ms = 10 * SECOND_MS;
    p->alarm_from_ms = 5 * SECOND_MS;
    p->services[0].settings.min_tasks = 2;
    p->services[0].settings.cooldown_ms = 20 * SECOND_MS;
    p->services[0].settings.on_deadline = ON_DEADLINE_FINISH;
    p->services[0].settings.cancel_when_ok = true;
}

static void over(struct plan *p)
{
    level(p);
    p->alarm_to_ms = 50 * SECOND_MS;
    p->services[0].app.session_mean_ms = 10 * MINUTE_MS;
    p->services[0].settings.drain_timeout_ms = 10 * MINUTE_MS;
}

const struct course COURSES[] = {
    {"scale-in", "a task is drained and stopped", scale_in, DRAIN_SCALED_OUT, 1},
    {"two", "two tasks are drained and stopped together", two, DRAIN_SCALED_OUT, 2},
    {"refused", "the task refuses the start: undone", refused, DRAIN_RESTORED, 0},
    {"deadline", "the deadline comes first: undone", deadline, DRAIN_RESTORED, 0},
    {"no-cancel", "undone, and the task knows no cancel: replaced", no_cancel, DRAIN_REPLACED, 0},
    {"death", "the task dies while it drains: released", death, DRAIN_GONE, 0},
    {"distributor", "the distributor fails: undone once it is back", distributor, DRAIN_RESTORED,
     0},
    {"level", "an alarm stays in ALARM, and no event tells of it: to the floor", level,
     DRAIN_SCALED_OUT, 1},
    {"over", "the alarm is over while the task drains: undone", over, DRAIN_RESTORED, 0},
};
const size_t COURSES_N = EBB_COUNT(COURSES);

const struct course *course_named(const char *name)
{
    for (size_t i = 0; i < COURSES_N; i++)
        if (strcmp(COURSES[i].name, name) == 0) return &COURSES[i];
    return NULL;
}

bool course_is_at_its_end(struct sim *sim, const struct course *course)
{
    const struct watch *w = &sim->invariants->watch;
    int64_t lowered = seen_service_named(sim, STR(SIM_CLUSTER "/s0"))->lowered;
    for (size_t i = 0; i < w->drains_n; i++)
        if (w->drains[i].newest.state != (int)course->end) return false;
    return w->drains_n && lowered == course->lowered;
}
