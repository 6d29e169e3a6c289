/* SPDX-License-Identifier: Apache-2.0
 * Goal: a look ends, whatever its stage wants, and is told once it is over. Method: stages of
 * one line, on a real Redis. */
#include "lib/record/walkers.h"
#include "lib/run/look.h"
#include "tests/support/desk.h"

static struct step never_content(const struct view *v, int64_t now_ms)
{
    (void)v, (void)now_ms;
    return want(EFFECT_READ_DRAIN);
}

TEST(look_that_goes_round_in_a_circle_ends)
{
    struct desk k;
    struct look_report report;
    desk_open(&k);
    look(&k.fake.ports, never_content, &k.fake.view, &report);
    assert_int_equal(report.verdict.kind, VERDICT_RETRY);
    assert_int_equal(report.verdict.reason, REASON_TOO_MANY_STEPS);
    assert_int_equal(report.steps_n, LOOK_STEPS_MAX);
    assert_false(report.acted);
    desk_close(&k);
}

static void count_looks(void *ctx, struct str stage, const struct view *v,
                        const struct look_report *report, int64_t took_ms)
{
    int *looks = ctx;
    (void)stage, (void)v, (void)report, (void)took_ms;
    ++*looks;
}

TEST(handled_looks_are_told_once_they_are_over)
{
    struct desk k;
    int looks = 0;
    desk_open(&k);
    desk_lay_message(&k, desk_never_ready);
    k.options.observer = (struct look_observer){&looks, count_looks};
    assert_int_equal(desk_work(&k), HANDLED_HOLD);
    assert_int_equal(looks, 0);
    k.options.next = desk_done_at_once;
    assert_int_equal(desk_work(&k), HANDLED_DONE);
    assert_int_equal(looks, 1);
    desk_close(&k);
}

TEST(handled_messages_that_are_too_large_are_dead_letters_unread)
{
    struct desk k;
    struct dead_letter letter = {0};
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    k.message.value.n = MESSAGE_MAX + 1;
    k.message.value.p = arena_alloc(&k.state.arena, k.message.value.n);
    assert_int_equal(desk_work(&k), HANDLED_DONE);
    assert_str(k.fake.published[0].topic, TOPIC_DEAD);
    assert_ok(msgpack_decode(&DEAD_LETTER_RECORD, k.fake.published[0].value, &k.state.arena,
                             &letter, &k.state.e),
              k.state.e);
    assert_str(letter.error, "larger than any message of ours");
    desk_close(&k);
}

#define LATER_MS ((int64_t)1900000000000)

static struct step wait_until_later(const struct view *v, int64_t now_ms)
{
    (void)v, (void)now_ms;
    return wait_until(LATER_MS, REASON_STOPPING);
}

/* What it waits for outlives this process, and its message is done. */
TEST(handled_and_waiting_has_a_timer)
{
    struct desk k;
    desk_open(&k);
    struct drain d = state_fixture_drain(&k.state, 1);
    state_fixture_claimed(&k.state, &d);
    desk_lay_message_about(&k, wait_until_later, &d);
    (void)state_fixture_redis(&k.state, "DEL {ebb}:timers");
    assert_int_equal(desk_work(&k), HANDLED_DONE);
    struct reply due = state_fixture_redis(&k.state, "ZSCORE {ebb}:timers drain-1");
    assert_str(due.text, "1900000000000");
    desk_close(&k);
}

static struct step put_off(const struct view *v, int64_t now_ms)
{
    (void)v;
    struct step s = finish(VERDICT_RETRY, REASON_API_BUDGET);
    s.verdict.at = now_ms + 7000;
    return s;
}

static int64_t held_for(struct desk *k, int64_t tries)
{
    struct handling handling = {.tries = tries};
    assert_int_equal(desk_work_again(k, &handling), HANDLED_HOLD);
    return handling.hold_ms;
}

/* Longer each time, but for what is told when its turn is. */
TEST(handled_and_held_is_due_again)
{
    struct desk k;
    desk_open(&k);
    desk_lay_message(&k, desk_never_ready);
    assert_int_equal(held_for(&k, 0), 250);
    assert_int_equal(held_for(&k, 3), 2000);
    assert_int_equal(held_for(&k, 50), 30000);
    k.options.next = put_off;
    assert_int_equal(held_for(&k, 0), 7000);
    assert_int_equal(held_for(&k, 50), 7000);
    desk_close(&k);
}
