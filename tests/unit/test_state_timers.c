/* SPDX-License-Identifier: Apache-2.0
 * Goal: an open drain always has one timer and a final one none; timers come in order, and one that
 * was set anew is not taken for the one that fired. Method: a real Redis. */
#include "tests/support/state_fixture.h"

#define SERVICE STR(STATE_SERVICE)

static struct timer_list due(struct state_fixture *f, int64_t now_ms, size_t max)
{
    struct timer_list list;
    assert_ok(state_timers_due(&f->port, now_ms, max, &f->arena, &list, &f->e), f->e);
    return list;
}

static void wake(struct state_fixture *f, const struct drain *d, int64_t at)
{
    assert_ok(state_wake(&f->port, SERVICE, d->drain_id, at, &f->arena, &f->e), f->e);
}

static void fired(struct state_fixture *f, struct timer timer, int64_t next_ms)
{
    assert_ok(state_timer_fired(&f->port, &timer, next_ms, &f->arena, &f->e), f->e);
}

static int64_t timer_of(struct state_fixture *f, const struct drain *d)
{
    struct timer_list all = due(f, INT64_MAX / 2048, 1000);
    for (size_t i = 0; i < all.n; i++)
        if (str_eq(all.items[i].drain_id, d->drain_id)) return all.items[i].at;
    return -1;
}

static struct drain claimed(struct state_fixture *f, int n, int64_t look_at)
{
    struct drain d = state_fixture_drain(f, n);
    d.look_at = look_at;
    state_fixture_claimed(f, &d);
    return state_fixture_read(f, &d);
}

TEST(state_timers_come_in_order_when_due_and_no_more_than_asked_for)
{
    struct state_fixture f;
    state_fixture_open(&f);
    assert_int_equal(due(&f, 5000, 10).n, 0);
    (void)claimed(&f, 1, 3000);
    (void)claimed(&f, 2, 1000);
    (void)claimed(&f, 3, 2000);
    (void)claimed(&f, 4, 2001);
    assert_int_equal(due(&f, 999, 10).n, 0);
    struct timer_list list = due(&f, 2000, 10);
    assert_int_equal(list.n, 2);
    assert_str(list.items[0].drain_id, "drain-2");
    assert_int_equal(list.items[0].at, 1000);
    assert_str(list.items[1].drain_id, "drain-3");
    list = due(&f, 5000, 3);
    assert_int_equal(list.n, 3);
    assert_str(list.items[2].drain_id, "drain-4");
    state_fixture_close(&f);
}

TEST(state_timer_that_fired_comes_again_unless_it_was_set_anew)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain d = claimed(&f, 1, 1000);
    struct timer timer = due(&f, 1000, 1).items[0];
    fired(&f, timer, 61000);
    assert_int_equal(timer_of(&f, &d), 61000);
    /* The same timer, fired by a leader that was late, and a timer set anew meanwhile. */
    fired(&f, timer, 99000);
    assert_int_equal(timer_of(&f, &d), 61000);
    timer = due(&f, 61000, 1).items[0];
    d.look_at = 30000;
    struct move_request moved = {.becomes = &d};
    assert_ok(state_move(&f.port, &moved, &f.arena, &d, &f.e), f.e);
    fired(&f, timer, 121000);
    assert_int_equal(timer_of(&f, &d), 30000);
    fired(&f, timer, 0);
    assert_int_equal(timer_of(&f, &d), 30000);
    fired(&f, due(&f, 61000, 1).items[0], 0);
    assert_int_equal(timer_of(&f, &d), -1);
    fired(&f, timer, 1);
    assert_int_equal(timer_of(&f, &d), -1);
    state_fixture_close(&f);
}

TEST(state_wake_never_extends)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain d = claimed(&f, 1, 60000);
    wake(&f, &d, 90000);
    assert_int_equal(timer_of(&f, &d), 60000);
    wake(&f, &d, 5000);
    assert_int_equal(timer_of(&f, &d), 5000);
    wake(&f, &d, 6000);
    assert_int_equal(timer_of(&f, &d), 5000);
    /* An open drain whose timer was lost gets one. */
    (void)state_fixture_redis(&f, "ZREM {ebb}:timers drain-1");
    wake(&f, &d, 7000);
    assert_int_equal(timer_of(&f, &d), 7000);
    state_fixture_close(&f);
}

TEST(state_wake_never_resurrects)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain d = claimed(&f, 1, 60000), unknown = state_fixture_drain(&f, 2);
    state_fixture_written(&f, &d);
    state_fixture_move(&f, &d, DRAIN_RELEASING);
    wake(&f, &d, 4000); /* still open */
    assert_int_equal(timer_of(&f, &d), 4000);
    state_fixture_end(&f, &d, DRAIN_SCALED_OUT);
    assert_int_equal(state_wake(&f.port, SERVICE, d.drain_id, 5000, &f.arena, &f.e), E_NOT_FOUND);
    assert_int_equal(state_wake(&f.port, SERVICE, unknown.drain_id, 5000, &f.arena, &f.e),
                     E_NOT_FOUND);
    assert_int_equal(due(&f, INT64_MAX / 2048, 10).n, 0);
    state_fixture_close(&f);
}

TEST(state_timer_whose_score_is_no_time_is_told)
{
    struct state_fixture f;
    struct timer_list list;
    state_fixture_open(&f);
    (void)state_fixture_redis(&f, "ZADD {ebb}:timers 1.5 drain-1");
    assert_int_equal(state_timers_due(&f.port, 5000, 10, &f.arena, &list, &f.e), E_BUG);
    state_fixture_close(&f);
}
