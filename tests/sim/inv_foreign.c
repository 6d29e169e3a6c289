/* SPDX-License-Identifier: Apache-2.0
 * What a newer version of Ebb wrote is left as it is. What nobody understands on a stage's topic is
 * one dead letter or more, and holds up nothing behind it (which the end shows). */
#include "lib/record/walkers.h"
#include "lib/store/keys.h"
#include "schemas/message.h"
#include "tests/sim/invariants.h"
#include "tests/sim/redis_model.h"
#include "tests/sim/scene.h"

static bool is_understood(struct sim *sim, struct str bytes)
{
    struct message m = {0};
    struct err e;
    return msgpack_decode(&MESSAGE_RECORD, bytes, &sim->arena, &m, &e) == E_OK;
}

void inv_foreign_record(struct sim *sim, const struct bus_message *m)
{
    struct invariants *inv = sim->invariants;
    bool is_stages = !str_eq(m->topic, STR(TOPIC_STATE)) && !str_eq(m->topic, STR(TOPIC_DEAD));
    if (!str_eq(m->key, STR(SIM_NONSENSE_KEY))) return;
    if (is_stages && !is_understood(sim, m->value)) inv->letters++;
    if (str_eq(m->topic, STR(TOPIC_DEAD))) inv->dead++;
}

void inv_foreign_final(struct sim *sim)
{
    const struct foreign *f = &sim->scene->foreign;
    struct arena a;
    arena_init(&a);
    if (sim->invariants->dead < sim->invariants->letters)
        sim_violation(sim, "%zu messages were nonsense, %zu dead letters are there",
                      sim->invariants->letters, sim->invariants->dead);
    for (size_t i = 0; i < f->n; i++) {
        struct str args[] = {STR("HGET"), key_drain(&a, f->drains[i].id), STR("record")};
        struct reply reply;
        redis_model_command(sim->redis, args, EBB_COUNT(args), &a, &reply);
        /* Absent: Redis lost it, and the newer version has not put it back. */
        if (reply.kind == REPLY_STR && !str_eq(reply.text, f->drains[i].record))
            sim_violation(sim, "the newer version's drain %.*s was touched",
                          STR_ARG(f->drains[i].id));
    }
    arena_release(&a);
}
