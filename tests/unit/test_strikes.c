/* SPDX-License-Identifier: Apache-2.0
 * Goal: who sends too many wrong tokens is told apart from others for a minute, in a table that does
 * not grow. Method: strikes at times of the test's own. */
#include "producers/strikes.h"
#include "tests/support/test.h"

#define STRIKES   20
#define PEERS     256
#define MINUTE_MS ((int64_t)60 * 1000)

static void strike(struct strikes *s, struct str peer, int times, int64_t now_ms)
{
    for (int i = 0; i < times; i++)
        strikes_add(s, peer, now_ms);
}

TEST(strikes_are_counted_for_a_minute)
{
    struct strikes *s = strikes_new();
    strike(s, STR("a"), STRIKES - 1, 1000);
    assert_false(strikes_are_too_many(s, STR("a"), 1000));
    strike(s, STR("a"), 1, 1000 + MINUTE_MS);
    assert_true(strikes_are_too_many(s, STR("a"), 1000 + MINUTE_MS));
    assert_false(strikes_are_too_many(s, STR("b"), 1000 + MINUTE_MS));
    assert_false(strikes_are_too_many(s, STR("a"), 1001 + MINUTE_MS));
    strike(s, STR("a"), 1, 1001 + MINUTE_MS);
    assert_false(strikes_are_too_many(s, STR("a"), 1001 + MINUTE_MS));
    strikes_free(s);
}

TEST(strikes_forget_the_oldest_of_too_many_peers)
{
    struct arena a;
    struct strikes *s = strikes_new();
    arena_init(&a);
    /* The oldest is in the middle of them. */
    for (int i = 0; i < PEERS; i++)
        strike(s, arena_format(&a, "peer-%d", i), STRIKES, i == 100 ? 1 : 2 + i);
    assert_true(strikes_are_too_many(s, STR("peer-100"), 500));
    strike(s, STR("another"), STRIKES, 500);
    assert_true(strikes_are_too_many(s, STR("another"), 500));
    for (int i = 0; i < PEERS; i++)
        assert_int_equal(strikes_are_too_many(s, arena_format(&a, "peer-%d", i), 500), i != 100);
    arena_release(&a);
    strikes_free(s);
}
