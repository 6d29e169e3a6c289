/* SPDX-License-Identifier: Apache-2.0
 * Goal: what Redis lost is rebuilt from ebb.state, in whatever order its records come, and nothing
 * newer is lost by it. Method: a state is made, Redis is wiped, the records are merged, and the
 * limits are asked again. */
#include "lib/base/clock.h"
#include "tests/support/state_fixture.h"

static void merge(struct state_fixture *f, const struct drain *d)
{
    assert_ok(state_merge(&f->port, d, true, &f->arena, &f->e), f->e);
}

/* Redis as it comes up empty; the epoch has begun. */
static void wipe(struct state_fixture *f)
{
    struct str run_id, epoch;
    (void)state_fixture_redis(f, "FLUSHALL");
    assert_ok(state_run_id(&f->port, &f->arena, &run_id, &epoch, &f->e), f->e);
    assert_null(epoch.p);
    state_fixture_begin_epoch(f);
}

static struct drain claimed(struct state_fixture *f, int n)
{
    struct clock clock = clock_system();
    struct drain d = state_fixture_drain(f, n);
    d.claimed_at = clock_wall_ms(&clock);
    state_fixture_claimed(f, &d);
    return state_fixture_read(f, &d);
}

TEST(state_merge_puts_an_open_drain_back_with_all_it_holds)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain d = claimed(&f, 1);
    wipe(&f);
    merge(&f, &d);
    assert_int_equal(state_fixture_read(&f, &d).version, 1);
    assert_str(state_fixture_redis(&f, "ZSCORE {ebb}:timers drain-1").text, "1700000060000");

    struct drain same_task = state_fixture_drain(&f, 2), same_address = state_fixture_drain(&f, 3),
                 same_event = state_fixture_drain(&f, 4), other = state_fixture_drain(&f, 5);
    same_task.task_arn = d.task_arn;
    same_address.address = d.address;
    same_event.cause = d.cause;
    assert_int_equal(state_fixture_claim(&f, &same_task).refusal, REASON_ALREADY_DRAINING);
    assert_int_equal(state_fixture_claim(&f, &same_address).refusal, REASON_ADDRESS_HELD);
    struct limits_fact seen = state_fixture_claim(&f, &same_event);
    assert_int_equal(seen.refusal, REASON_EVENT_SEEN);
    assert_str(seen.seen_drain_id, "drain-1");
    f.settings.drains_at_once = 1;
    assert_int_equal(state_fixture_claim(&f, &other).refusal, REASON_CONCURRENCY_LIMIT);
    f.settings.drains_per_hour = 1;
    assert_int_equal(state_fixture_claim(&f, &other).refusal, REASON_HOURLY_LIMIT);
    f.settings.cooldown_ms = 900000;
    assert_int_equal(state_fixture_claim(&f, &other).refusal, REASON_COOLDOWN);
    /* And it goes on from there, but with no number that was given before. */
    state_fixture_move(&f, &d, DRAIN_REMOVED);
    assert_true(d.version > 2);
    state_fixture_close(&f);
}

TEST(state_merge_keeps_the_highest_version_in_any_order)
{
    for (int order = 0; order < 2; order++) {
        struct state_fixture f;
        state_fixture_open(&f);
        struct drain old = claimed(&f, 1), new = old;
        state_fixture_move(&f, &new, DRAIN_DRAINING);
        wipe(&f);
        merge(&f, order ? &old : &new);
        merge(&f, order ? &new : &old);
        struct drain there = state_fixture_read(&f, &new);
        assert_int_equal(there.version, 2);
        assert_int_equal(there.state, DRAIN_DRAINING);
        struct str before = state_fixture_dump(&f);
        int64_t writes = state_fixture_writes(&f);
        merge(&f, &new);
        merge(&f, &old);
        assert_int_equal(state_fixture_writes(&f), writes);
        assert_true(str_eq(state_fixture_dump(&f), before));
        state_fixture_close(&f);
    }
}

TEST(state_merge_never_overwrites_what_redis_kept)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain old = claimed(&f, 1), d = old;
    state_fixture_move(&f, &d, DRAIN_REMOVED);
    state_fixture_move(&f, &d, DRAIN_DRAINING);
    struct str before = state_fixture_dump(&f);
    merge(&f, &old);
    assert_true(str_eq(state_fixture_dump(&f), before));
    state_fixture_close(&f);
}

TEST(state_merge_of_a_final_record_closes_the_drain)
{
    struct state_fixture f;
    struct drain_list open;
    state_fixture_open(&f);
    struct drain old = claimed(&f, 1), final = old;
    state_fixture_move(&f, &final, DRAIN_SCALED_OUT);
    wipe(&f);
    merge(&f, &old);
    merge(&f, &final);
    assert_ok(state_read_open(&f.port, STR(STATE_SERVICE), DRAIN_OTHER, &f.arena, &open, &f.e),
              f.e);
    assert_int_equal(open.n, 0);
    assert_int_equal(state_fixture_redis(&f, "EXISTS {ebb}:timers").integer, 0);
    assert_true(state_fixture_redis(&f, "PTTL {ebb}:drain:drain-1").integer > 0);
    struct drain same_task = state_fixture_drain(&f, 2);
    same_task.task_arn = old.task_arn;
    same_task.address = old.address;
    /* It began all the same, so it counts. */
    f.settings.drains_per_hour = 1;
    assert_int_equal(state_fixture_claim(&f, &same_task).refusal, REASON_HOURLY_LIMIT);
    f.settings.drains_per_hour = 2;
    assert_int_equal(state_fixture_claim(&f, &same_task).refusal, REASON_NONE);
    /* A final record of an earlier drain takes nothing from the task's present one. */
    (void)state_fixture_redis(&f, "DEL {ebb}:drain:drain-1");
    merge(&f, &final);
    struct drain third = state_fixture_drain(&f, 3);
    third.address = old.address;
    f.settings.drains_per_hour = 9;
    assert_int_equal(state_fixture_claim(&f, &third).refusal, REASON_ADDRESS_HELD);
    state_fixture_close(&f);
}

TEST(state_merge_counts_only_drains_that_began)
{
    static const struct {
        enum drain_state state;
        int64_t start_sent_at;
        bool refused, counts;
    } ROWS[] = {
        {DRAIN_CLAIMED, 0, false, true},    {DRAIN_UNDOING, 0, false, false},
        {DRAIN_UNDOING, 5, false, true},    {DRAIN_UNDOING, 5, true, false},
        {DRAIN_RESTORED, 0, false, false},  {DRAIN_RESTORED, 5, false, true},
        {DRAIN_RESTORED, 5, true, false},   {DRAIN_RELEASING, 5, false, true},
        {DRAIN_SCALED_OUT, 5, false, true},
    };
    struct state_fixture f;
    state_fixture_open(&f);
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        wipe(&f);
        struct drain d = claimed(&f, 1);
        struct drain before = d;
        d.state = (int)ROWS[i].state;
        d.start_sent_at = ROWS[i].start_sent_at;
        d.start_refused = ROWS[i].refused;
        d.version = 7;
        wipe(&f);
        /* The record of when it was claimed may come first, and counts until the later one comes.
         */
        merge(&f, &before);
        merge(&f, &d);
        int64_t n = state_fixture_redis(&f, "ZCARD {ebb}:begun:" STATE_SERVICE).integer;
        assert_int_equal(n, ROWS[i].counts);
    }
    state_fixture_close(&f);
}

/* ebb.state keeps years; what is too old to count must not stay in Redis for ever. */
TEST(state_merge_of_old_records_leaves_nothing_behind_that_does_not_end)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain d = claimed(&f, 1), recent = claimed(&f, 2);
    d.claimed_at = 1600000000000;
    d.state = recent.state = DRAIN_SCALED_OUT;
    wipe(&f);
    merge(&f, &d);
    assert_int_equal(state_fixture_redis(&f, "EXISTS {ebb}:begun:" STATE_SERVICE).integer, 0);
    assert_int_equal(
        state_fixture_redis(&f, "EXISTS {ebb}:event:" STATE_SERVICE ":event-1").integer, 0);
    merge(&f, &recent);
    struct reply keys = state_fixture_redis(&f, "KEYS *");
    for (size_t i = 0; i < keys.n; i++) {
        if (str_eq(keys.items[i].text, STR("{ebb}:epoch"))) continue;
        if (str_eq(keys.items[i].text, STR("{ebb}:finished"))) continue;
        const char *key = arena_cstr(&f.arena, keys.items[i].text);
        if (state_fixture_redis(&f, "PTTL %s", key).integer <= 0) fail_msg("%s has no end", key);
    }
    assert_int_equal(keys.n, 6); /* epoch, finished, two drains, what began, its event */
    state_fixture_close(&f);
}
