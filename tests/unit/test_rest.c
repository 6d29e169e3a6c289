/* SPDX-License-Identifier: Apache-2.0
 * Goal: a process gives memory back after work and when it rests, not while it works and not again
 * and again. Method: made-up times of the clock and the processor. */
#include "lib/run/rest.h"
#include "tests/support/test.h"

/* Asks every 200 ms for that long; how often it was due. */
static int ask(struct rest *r, int64_t *mono_ms, int64_t *used_ms, int64_t for_ms, int64_t use)
{
    int due = 0;
    for (int64_t i = 0; i < for_ms / 200; i++) {
        *mono_ms += 200;
        *used_ms += use;
        due += rest_is_due(r, *mono_ms, *used_ms);
    }
    return due;
}

TEST(rest_gives_back_once_after_each_time_of_work)
{
    struct rest r = {0};
    int64_t mono_ms = 5000000, used_ms = 0;
    for (int round = 0; round < 3; round++) {
        assert_int_equal(ask(&r, &mono_ms, &used_ms, 60000, 100), 0); /* half of a processor */
        assert_int_equal(ask(&r, &mono_ms, &used_ms, 60000, 0), 1);
        assert_int_equal(ask(&r, &mono_ms, &used_ms, 60000, 0), 0);
    }
}

TEST(rest_comes_soon_after_work)
{
    struct rest r = {0};
    int64_t mono_ms = 5000000, used_ms = 0;
    assert_int_equal(ask(&r, &mono_ms, &used_ms, 10000, 200), 0);
    assert_int_equal(ask(&r, &mono_ms, &used_ms, 4200, 0), 1);
}

TEST(rest_is_less_than_a_twentieth_of_a_processor)
{
    struct rest r = {0};
    int64_t mono_ms = 5000000, used_ms = 0;
    assert_int_equal(ask(&r, &mono_ms, &used_ms, 60000, 10), 0); /* exactly a twentieth */
    /* Heartbeats and polls are rest; every half second of them that it adds up to, it looks. */
    struct rest other = {0};
    used_ms = 0;
    assert_int_equal(ask(&other, &mono_ms, &used_ms, 60000, 2), 1);
}

/* What starting took leaves nothing to give back. */
TEST(rest_does_not_begin_with_giving_back)
{
    struct rest r = {0};
    int64_t mono_ms = 5000000, used_ms = 30;
    assert_int_equal(ask(&r, &mono_ms, &used_ms, 60000, 0), 0);
}
