/* SPDX-License-Identifier: Apache-2.0
 * When all is final: distributors shut nobody out, no running task drains, no intent is open. */
#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"
#include "tests/sim/redis_model.h"
#include "tests/sim/scene.h"
#include "world/region/snapshot.h"

/* By how much workers/stage.h takes two processes' clocks to differ at most. */
#define CLOCKS_MS ((int64_t)5 * 1000)
/* A record that says it was written so long ago was held up on its way, or is of a clock behind. */
#define BEHIND_MS ((int64_t)60 * 1000)

/* How long a call that takes effect late is waited for counts from when it was made, by the clock of
 * who made it, to when it is over by that of whoever looks: one that is minutes behind, and then set
 * right, or minutes ahead, has it waited for too short. Whoever looks and finds it over notes the call
 * that takes it back, by the same clock. */
void inv_end_record(struct sim *sim, struct seen_drain *seen)
{
    int64_t sent_at = seen->newest.call_sent_at, off_ms = sent_at - sim->now_ms;
    if (!sent_at || sent_at == seen->call_noted) return;
    seen->call_noted = sent_at;
    bool is_ahead = off_ms > CLOCKS_MS && sim->clocks_ahead_ms > CLOCKS_MS;
    bool is_behind = -off_ms > BEHIND_MS && sim->clocks_behind_ms > BEHIND_MS;
    if (is_ahead || is_behind) seen->has_wrong_clock = true;
}

static bool came_too_late(const struct sim *sim, struct str drain_id)
{
    const struct seen_drain *seen = seen_drain_named(sim, drain_id);
    return seen && seen->has_wrong_clock && sim->faults->happened_call[FAULT_OF_DISTRIBUTOR_LATE];
}

static bool came_too_late_for(const struct sim *sim, struct str address)
{
    const struct seen_exclusion *x = seen_exclusion_of(sim, address);
    return x && came_too_late(sim, x->drain_id);
}

static void look_at_service(struct sim *sim, const struct snapshot_service *service)
{
    for (size_t i = 0; i < service->tasks.n; i++) {
        const struct snapshot_task *t = LIST_AT(service->tasks, struct snapshot_task, i);
        if (!str_eq(t->last_status, STR("RUNNING"))) continue;
        if (inv_control_excuses(sim, STR_NONE, t->arn, t->address)) continue;
        if (t->draining)
            sim_violation(sim, "task %.*s runs and drains, in no drain", STR_ARG(t->arn));
        if (t->excluded && !came_too_late_for(sim, t->address))
            sim_violation(sim, "task %.*s runs and is shut out, in no drain", STR_ARG(t->arn));
    }
}

void inv_end_final(struct sim *sim)
{
    struct arena a;
    struct region_snapshot shown;
    arena_init(&a);
    region_snapshot(sim->region, &a, &shown);
    for (size_t i = 0; i < shown.services.n; i++)
        look_at_service(sim, LIST_AT(shown.services, struct snapshot_service, i));
    for (size_t i = 0; i < shown.excluded.n; i++) {
        /* "FUNCTION ADDRESS DRAIN" */
        struct str line = *LIST_AT(shown.excluded, struct str, i), rest = line;
        (void)str_cut(&rest, ' ');
        (void)str_cut(&rest, ' ');
        if (!inv_control_excuses(sim, rest, STR_NONE, STR_NONE) && !came_too_late(sim, rest))
            sim_violation(sim, "the distributor still shuts out %.*s", STR_ARG(line));
    }
    if (str_contains(redis_model_dump(sim->redis, &a), STR("{ebb}:intent:")))
        sim_violation(sim, "an intent is still open");
    arena_release(&a);
}
