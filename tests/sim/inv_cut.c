/* SPDX-License-Identifier: Apache-2.0
 * No session is cut, but by a deadline that was set to do so, by a task's own death, or where
 * somebody else has a hand in it. */
#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"

void inv_cut_entry(struct sim *sim, const struct log_entry *entry)
{
    if (entry->kind != LOG_SESSIONS_CUT || !entry->count) return;
    if (entry->cause == STOP_EXITED || entry->cause == STOP_RECLAIMED) return;
    if (sim->scene->others_interfere) return;
    const struct drain *d = seen_drain_of(sim, entry->subject);
    if (d && d->by_deadline) return;
    sim_violation(sim, "%lld sessions were cut on %.*s", (long long)entry->count,
                  STR_ARG(entry->subject));
}
