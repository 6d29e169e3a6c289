/* SPDX-License-Identifier: Apache-2.0
 * No session is cut by our hand, but by a deadline that was set to do so, or where the task itself
 * said that it was empty and was not. A death, and what others stop, is theirs. */
#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"

void inv_cut_entry(struct sim *sim, const struct log_entry *e)
{
    if (e->kind != LOG_SESSIONS_CUT || !e->count || !is_by_us(e)) return;
    if (e->cause != STOP_SCALE_IN && e->cause != STOP_USER) return;
    const struct drain *d = seen_drain_of(sim, e->subject);
    if (d && d->by_deadline) return;
    if (planned_service(sim, e->service)->app.callback_before_empty) return;
    if (e->cause == STOP_SCALE_IN && !d && is_touched_by_others(sim, e->service)) return;
    sim_violation(sim, "%lld sessions were cut on %.*s", (long long)e->count, STR_ARG(e->subject));
}
