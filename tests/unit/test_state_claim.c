/* SPDX-License-Identifier: Apache-2.0
 * Goal: a claim is refused exactly where each limit says, and writes all or nothing. Method: a real
 * Redis whose scripts' clock the test owns, so that every limit is tried on both sides of its edge.
 */
#include "tests/support/state_fixture.h"

#define HOUR_MS ((int64_t)3600 * 1000)

static void assert_refused(struct state_fixture *f, const struct drain *d, enum reason reason)
{
    int64_t writes = state_fixture_writes(f);
    struct limits_fact out = state_fixture_claim(f, d);
    assert_str(reason_word(out.refusal), reason_word(reason).p);
    assert_int_equal(state_fixture_writes(f), writes);
}

TEST(state_claim_writes_the_record_and_takes_task_address_event_and_timer)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1);
    state_fixture_set_clock(&f, STATE_FUTURE_MS);
    state_fixture_claimed(&f, &d);
    struct drain there = state_fixture_read(&f, &d);
    assert_int_equal(there.version, 1);
    assert_int_equal(there.state, DRAIN_CLAIMED);
    assert_str(there.task_arn, arena_cstr(&f.arena, d.task_arn));
    assert_str(state_fixture_redis(&f, "GET {ebb}:task:%s", d.task_arn.p).text, "drain-1");
    assert_str(state_fixture_redis(&f, "GET {ebb}:address:123456789012:us-east-1:10.0.0.2").text,
               "drain-1");
    assert_str(state_fixture_redis(&f, "GET {ebb}:event:" STATE_SERVICE ":event-1").text,
               "drain-1");
    assert_str(state_fixture_redis(&f, "ZSCORE {ebb}:timers drain-1").text, "1700000060000");
    assert_str(state_fixture_redis(&f, "ZSCORE {ebb}:begun:" STATE_SERVICE " drain-1").text,
               "3999999600000");
    int64_t event_life =
        state_fixture_redis(&f, "PTTL {ebb}:event:" STATE_SERVICE ":event-1").integer;
    assert_true(event_life > STATE_EVENT_LIFE_MS - 60000 && event_life <= STATE_EVENT_LIFE_MS);
    state_fixture_close(&f);
}

TEST(state_claim_cooldown_holds_at_exactly_its_end)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain one = state_fixture_drain(&f, 1), other = state_fixture_drain(&f, 2);
    f.settings.cooldown_ms = 900000;
    state_fixture_set_clock(&f, STATE_FUTURE_MS);
    state_fixture_claimed(&f, &one);
    assert_refused(&f, &other, REASON_COOLDOWN);
    state_fixture_set_clock(&f, STATE_FUTURE_MS + 900000);
    struct limits_fact out = state_fixture_claim(&f, &other);
    assert_int_equal(out.refusal, REASON_COOLDOWN);
    assert_int_equal(out.have, 900000);
    assert_int_equal(out.need, 0);
    assert_int_equal(out.at, STATE_FUTURE_MS + 900000);
    state_fixture_set_clock(&f, STATE_FUTURE_MS + 900001);
    state_fixture_claimed(&f, &other);
    state_fixture_close(&f);
}

TEST(state_claim_cooldown_zero_is_none)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain one = state_fixture_drain(&f, 1), other = state_fixture_drain(&f, 2);
    state_fixture_set_clock(&f, STATE_FUTURE_MS);
    state_fixture_claimed(&f, &one);
    state_fixture_claimed(&f, &other);
    state_fixture_close(&f);
}

TEST(state_claim_cooldown_ends_by_redis_own_clock)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct clock clock = clock_system();
    struct drain one = state_fixture_drain(&f, 1), other = state_fixture_drain(&f, 2);
    f.settings.cooldown_ms = 300;
    state_fixture_claimed(&f, &one);
    int64_t began_ms = clock_mono_ms(&clock), took_ms = 0;
    while (state_fixture_claim(&f, &other).refusal) {
        took_ms = clock_mono_ms(&clock) - began_ms;
        assert_true(took_ms < 20000);
        clock_sleep_ms(5);
    }
    took_ms = clock_mono_ms(&clock) - began_ms;
    assert_true(took_ms >= 295);
    state_fixture_close(&f);
}

TEST(state_claim_counts_drains_of_the_last_hour_its_edge_included)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain one = state_fixture_drain(&f, 1), two = state_fixture_drain(&f, 2),
                 three = state_fixture_drain(&f, 3);
    f.settings.drains_per_hour = 2;
    state_fixture_set_clock(&f, STATE_FUTURE_MS);
    state_fixture_claimed(&f, &one);
    state_fixture_set_clock(&f, STATE_FUTURE_MS + 1000);
    state_fixture_claimed(&f, &two);
    assert_refused(&f, &three, REASON_HOURLY_LIMIT);
    state_fixture_set_clock(&f, STATE_FUTURE_MS + HOUR_MS);
    struct limits_fact out = state_fixture_claim(&f, &three);
    assert_int_equal(out.refusal, REASON_HOURLY_LIMIT);
    assert_int_equal(out.have, 2);
    assert_int_equal(out.need, 2);
    state_fixture_set_clock(&f, STATE_FUTURE_MS + HOUR_MS + 1);
    state_fixture_claimed(&f, &three);
    state_fixture_close(&f);
}

TEST(state_claim_per_hour_zero_allows_none)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1);
    f.settings.drains_per_hour = 0;
    assert_refused(&f, &d, REASON_HOURLY_LIMIT);
    state_fixture_close(&f);
}

TEST(state_claim_counts_open_drains_but_not_releasing_ones)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain one = state_fixture_drain(&f, 1), two = state_fixture_drain(&f, 2),
                 three = state_fixture_drain(&f, 3);
    f.settings.drains_at_once = 2;
    state_fixture_claimed(&f, &one);
    state_fixture_claimed(&f, &two);
    struct limits_fact out = state_fixture_claim(&f, &three);
    assert_int_equal(out.refusal, REASON_CONCURRENCY_LIMIT);
    assert_int_equal(out.have, 2);
    assert_int_equal(out.need, 2);
    assert_int_equal(out.open_tasks_n, 2);
    state_fixture_move(&f, &one, DRAIN_RELEASING);
    out = state_fixture_claim(&f, &three);
    assert_int_equal(out.refusal, REASON_NONE);
    state_fixture_close(&f);
}

TEST(state_claim_keeps_the_floor)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1);
    struct claim_request request = {.settings = &f.settings, .drain = &d, .serving = 2, .floor = 2};
    struct limits_fact out;
    assert_ok(state_claim(&f.port, &request, &f.arena, &out, &f.e), f.e);
    assert_int_equal(out.refusal, REASON_AT_MIN_CAPACITY);
    assert_int_equal(out.have, 2);
    assert_int_equal(out.need, 2);
    request.serving = 3;
    assert_ok(state_claim(&f.port, &request, &f.arena, &out, &f.e), f.e);
    assert_int_equal(out.refusal, REASON_NONE);
    state_fixture_close(&f);
}

/* Two looks count three serving tasks over a floor of two, then both claim: the second must see
 * that the first took one away. */
TEST(state_claim_floor_counts_drains_opened_since_serving_was_counted)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain old = state_fixture_drain(&f, 1), first = state_fixture_drain(&f, 2),
                 second = state_fixture_drain(&f, 3);
    struct limits_fact out;
    state_fixture_claimed(&f, &old);
    struct claim_request request = {.settings = &f.settings,
                                    .drain = &first,
                                    .serving = 3,
                                    .floor = 2,
                                    .open_tasks = &old.task_arn,
                                    .open_tasks_n = 1};
    assert_ok(state_claim(&f.port, &request, &f.arena, &out, &f.e), f.e);
    assert_int_equal(out.refusal, REASON_NONE);
    request.drain = &second;
    assert_ok(state_claim(&f.port, &request, &f.arena, &out, &f.e), f.e);
    assert_int_equal(out.refusal, REASON_AT_MIN_CAPACITY);
    assert_int_equal(out.have, 2);
    state_fixture_close(&f);
}

/* What nobody knows the event of is no second delivery of anything. */
TEST(state_claim_without_an_event_remembers_none)
{
    struct state_fixture f;
    state_fixture_open(&f);
    f.settings.drains_at_once = 10;
    for (int i = 0; i < 2; i++) {
        struct drain d = state_fixture_drain(&f, i);
        d.cause = STR_NONE;
        state_fixture_claimed(&f, &d);
    }
    assert_int_equal(state_fixture_redis(&f, "EXISTS {ebb}:event:" STATE_SERVICE ":").integer, 0);
    state_fixture_close(&f);
}

TEST(state_claim_event_begins_one_drain_for_its_life)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain one = state_fixture_drain(&f, 1), again = state_fixture_drain(&f, 2);
    again.cause = one.cause;
    state_fixture_claimed(&f, &one);
    struct limits_fact out = state_fixture_claim(&f, &again);
    assert_int_equal(out.refusal, REASON_EVENT_SEEN);
    assert_str(out.seen_drain_id, "drain-1");
    /* The same event about another service is another matter. */
    struct drain elsewhere = again;
    elsewhere.service = STR("aws:us-east-1:123456789012:demo/chat");
    assert_int_equal(state_fixture_claim(&f, &elsewhere).refusal, REASON_NONE);
    /* Its life over, it would begin another. */
    (void)state_fixture_redis(&f, "PEXPIRE {ebb}:event:" STATE_SERVICE ":event-1 1");
    struct drain third = state_fixture_drain(&f, 3);
    third.cause = one.cause;
    struct clock clock = clock_system();
    int64_t deadline_ms = clock_mono_ms(&clock) + 20000;
    while (state_fixture_claim(&f, &third).refusal == REASON_EVENT_SEEN)
        assert_true(clock_mono_ms(&clock) < deadline_ms);
    state_fixture_close(&f);
}

TEST(state_claim_refuses_a_drain_that_was_there_a_moment_ago)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1);
    state_fixture_claimed(&f, &d);
    state_fixture_move(&f, &d, DRAIN_RESTORED);
    struct drain again = state_fixture_drain(&f, 1);
    again.cause = STR("event-2");
    /* ebb.state must not show two open drains of one task, in whatever order it is written. */
    assert_refused(&f, &again, REASON_ALREADY_DRAINING);
    state_fixture_end(&f, &d, DRAIN_RESTORED);
    assert_refused(&f, &again, REASON_RECENTLY_DRAINED);
    again.drain_id = STR("drain-of-the-next-ten-minutes");
    state_fixture_claimed(&f, &again);
    state_fixture_close(&f);
}

TEST(state_claim_refuses_task_and_address_of_open_drains)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1), same_task = state_fixture_drain(&f, 2),
                 same_address = state_fixture_drain(&f, 3);
    same_task.task_arn = d.task_arn;
    same_address.address = d.address;
    state_fixture_claimed(&f, &d);
    assert_refused(&f, &same_task, REASON_ALREADY_DRAINING);
    assert_refused(&f, &same_address, REASON_ADDRESS_HELD);
    /* A task that is gone still holds its address, until the distributor let it go. */
    state_fixture_move(&f, &d, DRAIN_RELEASING);
    assert_refused(&f, &same_address, REASON_ADDRESS_HELD);
    /* Elsewhere it is another address. */
    struct drain elsewhere = same_address;
    elsewhere.service = STR("aws:eu-west-1:123456789012:demo/calls");
    state_fixture_claimed(&f, &elsewhere);
    state_fixture_end(&f, &d, DRAIN_SCALED_OUT);
    struct drain later = state_fixture_drain(&f, 4);
    later.address = d.address;
    state_fixture_claimed(&f, &later);
    state_fixture_close(&f);
}

TEST(state_claim_clock_never_goes_back)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain one = state_fixture_drain(&f, 1), other = state_fixture_drain(&f, 2);
    f.settings.cooldown_ms = 1000;
    state_fixture_set_clock(&f, STATE_FUTURE_MS);
    state_fixture_claimed(&f, &one);
    /* Redis's own time is behind the last claim's: it counts as not having passed. */
    struct limits_fact out = state_fixture_claim(&f, &other);
    assert_int_equal(out.refusal, REASON_COOLDOWN);
    assert_int_equal(out.at, STATE_FUTURE_MS + 1000);
    assert_str(state_fixture_redis(&f, "GET {ebb}:clock").text, "3999999600000");
    state_fixture_close(&f);
}
