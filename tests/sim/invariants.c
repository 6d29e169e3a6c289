/* SPDX-License-Identifier: Apache-2.0
 * See invariants.h: what is shown to which. */
#include "tests/sim/invariants.h"

#include "tests/sim/bus_model.h"
#include "tests/sim/scene.h"

#include <stdlib.h>

void invariants_begin(struct sim *sim)
{
    sim->invariants = calloc(1, sizeof(*sim->invariants));
    if (!sim->invariants) abort();
}

void invariants_end(struct sim *sim)
{
    free(sim->invariants->drains);
    free(sim->invariants);
}

void invariants_record(struct sim *sim, const struct bus_message *message)
{
    inv_events_record(sim, message);
    inv_drains_record(sim, message);
    inv_secrets_record(sim, message);
}

void invariants_region(struct sim *sim)
{
    struct invariants *inv = sim->invariants;
    for (size_t i = (size_t)inv->log_read; i < region_log_count(sim->region); i++) {
        const struct log_entry *entry = region_log_at(sim->region, i);
        inv->log_read = (int64_t)i + 1;
        inv_hand_entry(sim, entry);
        inv_cut_entry(sim, entry);
    }
}

bool invariants_all_is_final(const struct sim *sim)
{
    const struct invariants *inv = sim->invariants;
    if (sim->now_ms < sim->quiet_from_ms || bus_model_unfinished(sim->bus)) return false;
    for (size_t i = 0; i < inv->drains_n; i++)
        if (!drain_is_final(inv->drains[i].newest.state)) return false;
    for (size_t i = 0; i < sim->scene->events_n; i++)
        if (!sim->scene->events[i].is_answered) return false;
    return true;
}

void invariants_final(struct sim *sim)
{
    inv_events_final(sim);
    inv_drains_final(sim);
    inv_end_final(sim);
    inv_secrets_final(sim);
}

const struct drain *seen_drain_of(const struct sim *sim, struct str task_arn)
{
    const struct invariants *inv = sim->invariants;
    for (size_t i = inv->drains_n; i > 0; i--)
        if (str_eq(inv->drains[i - 1].newest.task_arn, task_arn)) return &inv->drains[i - 1].newest;
    return NULL;
}
