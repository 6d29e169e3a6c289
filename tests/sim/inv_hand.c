/* SPDX-License-Identifier: Apache-2.0
 * By our hand, as the region's own log has it: the count is never set below the floor, and lowered
 * by no more than was drained; only drained tasks are stopped. */
#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"

static bool was_drained(const struct sim *sim, struct str task_arn)
{
    const struct drain *d = seen_drain_of(sim, task_arn);
    return d && (d->drained_at || d->state == DRAIN_UNDOING);
}

static int64_t drained_so_far(const struct sim *sim)
{
    int64_t n = 0;
    for (size_t i = 0; i < sim->invariants->drains_n; i++)
        n += sim->invariants->drains[i].newest.drained_at != 0;
    return n;
}

void inv_hand_entry(struct sim *sim, const struct log_entry *entry)
{
    const struct service_settings *s = LIST_AT(sim->config->services, struct service_settings, 0);
    if (!str_eq(entry->access_key_id, STR(SIM_EBB_KEY))) return;
    if (entry->kind == LOG_DESIRED) {
        if (entry->after < s->min_tasks)
            sim_violation(sim, "we set %.*s to %lld, below the floor of %lld",
                          STR_ARG(entry->service), (long long)entry->after,
                          (long long)s->min_tasks);
        sim->invariants->lowered += entry->before - entry->after;
        /* ECS has no compare-and-set: what somebody else adds between our reading and our writing
         * is taken away with it (docs/scale.md). */
        bool others = sim->faults->mean_ms[EVENT_OF_DESIRED] != 0;
        if (!others && sim->invariants->lowered > drained_so_far(sim))
            sim_violation(sim, "we lowered by %lld, %lld were drained",
                          (long long)sim->invariants->lowered, (long long)drained_so_far(sim));
    }
    if (entry->kind == LOG_TASK_STOPPING && entry->cause == STOP_USER &&
        !was_drained(sim, entry->subject))
        sim_violation(sim, "we stopped %.*s, which was not drained", STR_ARG(entry->subject));
}
