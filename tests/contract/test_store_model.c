/* SPDX-License-Identifier: Apache-2.0
 * Goal: the model of Redis answers and keeps what a real Redis does, for all that Ebb asks of it.
 * Method: random sequences of Ebb's own functions and of plain commands go to both; every reply is
 * compared, and at the end everything that is in them. Sequence n is made from seed n alone:
 * EBB_MODEL_SEQUENCES says how many (100000 are the full check), EBB_MODEL_SEED where to begin. */
#include <inttypes.h>
#include <stdlib.h>

#include "lib/store/state.h"
#include "tests/contract/random_steps.h"
#include "tests/support/state_fixture.h"

#define SEQUENCES_DEFAULT 3000
#define STEPS_MAX         60

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void begin(struct random_steps *r)
{
    struct both_stores *b = r->b;
    struct err e = {0};
    both_stores_say(b, "FLUSHALL");
    if (r->owns_clock)
        both_stores_say(b,
                        arena_format(&b->arena, "SET {ebb}:clock %lld", (long long)r->clock_ms).p);
    if (draw_chance(r, 10)) return;
    assert_ok(state_begin_merge(&b->port, STR("merge"), &b->arena, &e), e);
    assert_ok(state_begin_epoch(&b->port, b->run_id, STR("merge"), &b->arena, &e), e);
}

static void run_sequence(struct both_stores *b, uint64_t seed)
{
    struct random_steps r;
    arena_clear(&b->arena);
    random_steps_init(&r, b, seed);
    begin(&r);
    uint64_t steps = 1 + draw_below(&r, STEPS_MAX);
    for (uint64_t i = 0; i < steps && !both_stores_differ(b); i++) {
        if (draw_chance(&r, 2))
            random_state_step(&r);
        else
            random_command_step(&r);
    }
    both_stores_compare(b);
}

TEST(store_model_does_what_redis_does)
{
    uint64_t first = number_of("EBB_MODEL_SEED", 1);
    uint64_t n = number_of("EBB_MODEL_SEQUENCES", SEQUENCES_DEFAULT);
    struct both_stores b;
    both_stores_open(&b);
    for (uint64_t seed = first; seed < first + n; seed++) {
        run_sequence(&b, seed);
        if (!both_stores_differ(&b)) continue;
        /* Once more, told command by command. */
        b.is_verbose = true;
        run_sequence(&b, seed);
        fail_msg("EBB_MODEL_SEED=%" PRIu64 " EBB_MODEL_SEQUENCES=1: %s", seed, b.difference);
    }
    both_stores_close(&b);
}
