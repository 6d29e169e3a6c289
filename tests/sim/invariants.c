/* SPDX-License-Identifier: Apache-2.0
 * See invariants.h: what is shown to which. */
#include "tests/sim/invariants.h"

#include "tests/sim/bus_model.h"
#include "tests/sim/process.h"
#include "tests/sim/scene.h"
#include "tests/sim/story.h"

#include <stdlib.h>
#include <string.h>

void invariants_begin(struct sim *sim)
{
    sim->invariants = calloc(1, sizeof(*sim->invariants));
    if (!sim->invariants) abort();
}

void invariants_end(struct sim *sim)
{
    watch_free(&sim->invariants->watch);
    ledger_free(&sim->invariants->ledger);
    free(sim->invariants->protections.items);
    free(sim->invariants);
}

void invariants_record(struct sim *sim, const struct bus_message *message)
{
    struct seen_drain *seen = watch_record(sim, message);
    if (seen) inv_records_record(sim, seen, message);
    if (seen) inv_drains_record(sim, seen);
    if (seen) inv_outside_record(sim, seen);
    if (seen) inv_protection_record(sim, seen);
    if (seen) inv_events_claim(sim, seen);
    if (seen) inv_level_record(sim, seen);
    if (seen) inv_end_record(sim, seen);
    inv_events_record(sim, message);
    inv_control_record(sim, message);
    inv_poison_record(sim, message);
    inv_foreign_record(sim, message);
    inv_secrets_record(sim, message);
}

/* Each is shown the entry after the watch has taken it in, but for the one that asks what was before:
 * inv_order.c. */
void invariants_region(struct sim *sim)
{
    struct invariants *inv = sim->invariants;
    for (size_t i = (size_t)inv->log_read; i < region_log_count(sim->region); i++) {
        const struct log_entry *entry = region_log_at(sim->region, i);
        inv->log_read = (int64_t)i + 1;
        tell_entry(sim, entry);
        inv_order_entry(sim, entry);
        inv_outside_entry(sim, entry);
        watch_entry(sim, entry);
        inv_hand_entry(sim, entry);
        inv_count_entry(sim, entry);
        inv_cut_entry(sim, entry);
        inv_protection_entry(sim, entry);
    }
}

void invariants_script(struct process *process, const char *script, const struct str *args,
                       size_t n, const struct reply *reply)
{
    struct sim *sim = process->sim;
    const struct claim *claim = ledger_script(sim, script, args, n, reply);
    if (claim) inv_limits_claim(sim, claim);
    if (claim) inv_turns_claim(sim, claim);
    inv_control_script(sim, script, args, n, reply);
    if (strcmp(script, "begin_epoch") == 0 && reply->kind == REPLY_INT && reply->integer == 1)
        inv_records_epoch(process);
}

void invariants_redis_lost(struct sim *sim, bool is_copy)
{
    ledger_lost(&sim->invariants->ledger, is_copy);
    sim->invariants->redis_anew++;
}

void invariants_redis_copied(struct sim *sim)
{
    ledger_copied(&sim->invariants->ledger);
}

bool invariants_all_is_final(struct sim *sim)
{
    const struct watch *w = &sim->invariants->watch;
    if (sim->now_ms < sim->over_from_ms || bus_model_unfinished(sim->bus)) return false;
    if (sim->late_calls) return false;
    for (size_t i = 0; i < w->drains_n; i++)
        if (!drain_is_final(w->drains[i].newest.state)) return false;
    for (size_t i = 0; i < sim->scene->events_n; i++)
        if (!sim->scene->events[i].is_answered) return false;
    /* Of what Redis holds until then some is old. */
    if (sim->invariants->epoch_of != sim->invariants->redis_anew) return false;
    return inv_control_is_settled(sim) && inv_level_is_settled(sim);
}

void invariants_final(struct sim *sim)
{
    /* What took effect at this very moment has not been looked at. */
    invariants_region(sim);
    inv_events_final(sim);
    inv_drains_final(sim);
    inv_records_final(sim);
    inv_count_final(sim);
    inv_control_final(sim);
    inv_poison_final(sim);
    inv_foreign_final(sim);
    inv_end_final(sim);
    inv_level_final(sim);
    inv_secrets_final(sim);
}
