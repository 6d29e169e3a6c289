/* SPDX-License-Identifier: Apache-2.0
 * The secret, from which every token is made, is in no byte that is written. */
#include "tests/sim/invariants.h"
#include "tests/sim/redis_model.h"
#include "tests/sim/scene.h"

void inv_secrets_record(struct sim *sim, const struct bus_message *message)
{
    if (message->value.p && str_contains(message->value, STR(SIM_SECRET)))
        sim_violation(sim, "the secret is on %.*s", STR_ARG(message->topic));
}

void inv_secrets_final(struct sim *sim)
{
    struct arena a;
    arena_init(&a);
    if (str_contains(redis_model_dump(sim->redis, &a), STR(SIM_SECRET)))
        sim_violation(sim, "the secret is in Redis");
    arena_release(&a);
}
