/* SPDX-License-Identifier: Apache-2.0
 * A task has at most one open drain, and in the end all are final. Versions are Ebb's own order: an
 * older record that is written once more is not news. */
#include "lib/record/walkers.h"
#include "schemas/message.h"
#include "tests/sim/invariants.h"

#include <stdlib.h>

static struct seen_drain *seen(struct sim *sim, struct str id)
{
    struct invariants *inv = sim->invariants;
    for (size_t i = 0; i < inv->drains_n; i++)
        if (str_eq(inv->drains[i].id, id)) return &inv->drains[i];
    if (inv->drains_n == inv->drains_max) {
        inv->drains_max = inv->drains_max ? 2 * inv->drains_max : 64;
        inv->drains = realloc(inv->drains, inv->drains_max * sizeof(*inv->drains));
        if (!inv->drains) abort();
    }
    struct seen_drain *s = &inv->drains[inv->drains_n++];
    *s = (struct seen_drain){.id = arena_copy(&sim->arena, id)};
    return s;
}

void inv_drains_record(struct sim *sim, const struct bus_message *message)
{
    struct err e = {0};
    struct drain d = {0};
    if (!str_eq(message->topic, STR(TOPIC_STATE)) || !message->value.p) return;
    if (msgpack_decode(&DRAIN_RECORD, message->value, &sim->arena, &d, &e))
        sim_violation(sim, "a record cannot be read: %s", e.text);
    struct seen_drain *s = seen(sim, d.drain_id);
    if (d.version < s->newest.version) return;
    s->newest = d;
    sim_trace(sim, "drain %.*s is %.*s (version %lld)", STR_ARG(d.drain_id),
              STR_ARG(enum_word(&DRAIN_STATES, d.state)), (long long)d.version);
    if (drain_is_final(d.state)) return;
    for (size_t i = 0; i < sim->invariants->drains_n; i++) {
        const struct drain *other = &sim->invariants->drains[i].newest;
        if (other->version && !drain_is_final(other->state) &&
            str_eq(other->task_arn, d.task_arn) && !str_eq(other->drain_id, d.drain_id))
            sim_violation(sim, "task %.*s has two open drains: %.*s and %.*s", STR_ARG(d.task_arn),
                          STR_ARG(other->drain_id), STR_ARG(d.drain_id));
    }
}

void inv_drains_final(struct sim *sim)
{
    for (size_t i = 0; i < sim->invariants->drains_n; i++) {
        const struct drain *d = &sim->invariants->drains[i].newest;
        if (!drain_is_final(d->state))
            sim_violation(sim, "drain %.*s is still %.*s", STR_ARG(d->drain_id),
                          STR_ARG(enum_word(&DRAIN_STATES, d->state)));
    }
}
