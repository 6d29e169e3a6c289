/* SPDX-License-Identifier: Apache-2.0
 * Goal: a look ends, whatever its stage wants, and is told once it is over. Method: stages of
 * one line, on a real Redis. */
#include "lib/record/walkers.h"
#include "lib/run/handle.h"
#include "lib/run/look.h"
#include "tests/support/fake_ports.h"
#include "tests/support/state_fixture.h"

static struct step never_content(const struct view *v, int64_t now_ms)
{
    (void)v, (void)now_ms;
    return want(EFFECT_READ_DRAIN);
}

TEST(look_that_goes_round_in_a_circle_ends)
{
    struct state_fixture redis;
    struct fake_ports fake;
    struct look_report report;
    state_fixture_open(&redis);
    fake_ports_open(&fake);
    fake.ports.store = redis.port;
    look(&fake.ports, never_content, &fake.view, &report);
    assert_int_equal(report.verdict.kind, VERDICT_RETRY);
    assert_int_equal(report.verdict.reason, REASON_TOO_MANY_STEPS);
    assert_int_equal(report.steps_n, LOOK_STEPS_MAX);
    assert_false(report.acted);
    fake_ports_close(&fake);
    state_fixture_close(&redis);
}

struct desk {
    struct state_fixture state;
    struct fake_ports fake;
    struct worker_options options;
    struct bus_message message;
};

static struct step done_at_once(const struct view *v, int64_t now_ms)
{
    (void)v;
    (void)now_ms;
    return finish(VERDICT_DONE, REASON_NOTHING_DRAINED); /* of which no history is kept */
}

static struct step never_ready(const struct view *v, int64_t now_ms)
{
    (void)v;
    (void)now_ms;
    return finish(VERDICT_RETRY, REASON_UNREACHABLE);
}

static void open_desk(struct desk *k, stage_next *next)
{
    struct buf b;
    *k = (struct desk){0};
    state_fixture_open(&k->state);
    fake_ports_open(&k->fake);
    k->fake.ports.store = k->state.port;
    k->fake.message.drain_id = STR_NONE;
    buf_init(&b, 4096);
    assert_ok(msgpack_encode(&MESSAGE_RECORD, &k->fake.message, &b, &k->state.e), k->state.e);
    k->message = (struct bus_message){.topic = STR(TOPIC_SELECT),
                                      .key = STR(FAKE_PORTS_SERVICE),
                                      .value = arena_copy(&k->state.arena, buf_view(&b)),
                                      .partition = 2,
                                      .offset = 7,
                                      .may_be_again = true};
    buf_release(&b);
    k->options = (struct worker_options){.stage = STR("select"),
                                         .topic = TOPIC_SELECT,
                                         .next = next,
                                         .ports = k->fake.ports,
                                         .config = &k->fake.config,
                                         .log = {.least = LOG_ERROR + 1}};
}

static void close_desk(struct desk *k)
{
    fake_ports_close(&k->fake);
    state_fixture_close(&k->state);
}

static enum handled work(struct desk *k)
{
    int64_t hold_ms;
    return handle(&k->options, &k->fake.ports, &k->message, 0, &hold_ms);
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
    open_desk(&k, never_ready);
    k.options.observer = (struct look_observer){&looks, count_looks};
    assert_int_equal(work(&k), HANDLED_HOLD);
    assert_int_equal(looks, 0);
    k.options.next = done_at_once;
    assert_int_equal(work(&k), HANDLED_DONE);
    assert_int_equal(looks, 1);
    close_desk(&k);
}

TEST(handled_messages_that_are_too_large_are_dead_letters_unread)
{
    struct desk k;
    struct dead_letter letter = {0};
    open_desk(&k, done_at_once);
    k.message.value.n = MESSAGE_MAX + 1;
    k.message.value.p = arena_alloc(&k.state.arena, k.message.value.n);
    assert_int_equal(work(&k), HANDLED_DONE);
    assert_str(k.fake.published[0].topic, TOPIC_DEAD);
    assert_ok(msgpack_decode(&DEAD_LETTER_RECORD, k.fake.published[0].value, &k.state.arena,
                             &letter, &k.state.e),
              k.state.e);
    assert_str(letter.error, "larger than any message of ours");
    close_desk(&k);
}
