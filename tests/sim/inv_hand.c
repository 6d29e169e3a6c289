/* SPDX-License-Identifier: Apache-2.0
 * By our hand, as the region's own log has it: the count is never set below the floor, only drained
 * tasks are stopped, and where we only observe nothing is touched. */
#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"

/* From reading a service to lowering its count pass two seconds at most, the time its answers may
 * lag behind, and that of a slow call. */
#define NEAR_MS ((int64_t)15 * 1000)

bool is_touched_by_others(struct sim *sim, struct str service)
{
    const struct seen_service *s = seen_service_named(sim, service);
    return s->touched_ms && s->touched_ms >= s->lowered_ms - NEAR_MS;
}

static bool was_drained(const struct sim *sim, struct str task_arn)
{
    const struct drain *d = seen_drain_of(sim, task_arn);
    return d && (d->drained_at || d->state == DRAIN_UNDOING);
}

static void look_at_count(struct sim *sim, const struct log_entry *e)
{
    const struct plan_service *p = planned_service(sim, e->service);
    if (p->settings.mode != MODE_ACT)
        sim_violation(sim, "we set %.*s to %lld, which we only observe", STR_ARG(e->service),
                      (long long)e->after);
    if (e->after < p->settings.min_tasks)
        sim_violation(sim, "we set %.*s to %lld, below the floor of %lld", STR_ARG(e->service),
                      (long long)e->after, (long long)p->settings.min_tasks);
    /* What somebody else has set since we read it is overwritten (docs/scale.md). */
    if (e->after > e->before && !is_touched_by_others(sim, e->service))
        sim_violation(sim, "we raised %.*s from %lld to %lld", STR_ARG(e->service),
                      (long long)e->before, (long long)e->after);
}

void inv_hand_entry(struct sim *sim, const struct log_entry *e)
{
    if (!is_by_us(e)) return;
    if (e->kind == LOG_DESIRED) look_at_count(sim, e);
    if (e->kind != LOG_TASK_STOPPING || was_drained(sim, e->subject)) return;
    if (e->cause == STOP_USER)
        sim_violation(sim, "we stopped %.*s, which was not drained", STR_ARG(e->subject));
    if (e->cause == STOP_SCALE_IN && !is_touched_by_others(sim, e->service))
        sim_violation(sim, "ECS stopped %.*s for our scale-in, which was not drained",
                      STR_ARG(e->subject));
}
