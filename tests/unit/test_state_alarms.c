/* SPDX-License-Identifier: Apache-2.0
 * Goal: the newest word of an alarm counts, whatever order it comes in; its end wakes the service's
 * open drains; nothing is watched for ever. Method: notes on a real Redis. */
#include "lib/store/state_alarms.h"
#include "tests/support/state_fixture.h"

#define SERVICE STR(STATE_SERVICE)
#define SEEN_MS ((int64_t)1700000000000)

static void note(struct state_fixture *f, const char *name, int state, int64_t seen_at,
                 int64_t look_at)
{
    struct alarm_note one = {.name = str_from(name), .state = state, .since = seen_at - 5};
    one.is_gone = state < 0;
    struct alarm_notes notes = {&one, 1};
    assert_ok(state_note_alarms(&f->port, SERVICE, &notes, seen_at, look_at, &f->arena, &f->e),
              f->e);
}

static struct alarm_notes noted(struct state_fixture *f)
{
    struct alarm_notes notes;
    assert_ok(state_read_alarms(&f->port, SERVICE, &f->arena, &notes, &f->e), f->e);
    return notes;
}

static size_t watched_n(struct state_fixture *f)
{
    struct str_list services;
    assert_ok(state_watched(&f->port, &f->arena, &services, &f->e), f->e);
    return services.n;
}

TEST(state_alarms_newest_word_counts)
{
    struct state_fixture f;
    state_fixture_open(&f);
    note(&f, "calls idle\n", ALARM_ALARM, SEEN_MS, 0);
    note(&f, "calls idle\n", ALARM_OK, SEEN_MS - 1, 0);
    struct alarm_notes notes = noted(&f);
    assert_int_equal(notes.n, 1);
    assert_str(notes.items[0].name, "calls idle\n");
    assert_int_equal(notes.items[0].state, ALARM_ALARM);
    assert_int_equal(notes.items[0].since, SEEN_MS - 5);
    assert_int_equal(notes.items[0].seen_at, SEEN_MS);
    note(&f, "calls idle\n", ALARM_INSUFFICIENT_DATA, SEEN_MS, 0);
    assert_int_equal(noted(&f).items[0].state, ALARM_INSUFFICIENT_DATA);
    assert_int_equal(watched_n(&f), 1);
    /* One that is heard of again after it was read to be gone is older news, too. */
    note(&f, "calls idle\n", -1, SEEN_MS - 1, 0);
    assert_int_equal(noted(&f).n, 1);
    note(&f, "calls idle\n", -1, SEEN_MS + 1, 0);
    assert_int_equal(noted(&f).n, 0);
    assert_int_equal(watched_n(&f), 0);
    state_fixture_close(&f);
}

TEST(state_alarms_of_a_service_are_bounded)
{
    struct state_fixture f;
    state_fixture_open(&f);
    for (int i = 0; i < STATE_ALARMS_MAX + 3; i++)
        note(&f, arena_format(&f.arena, "alarm %d", i).p, ALARM_OK, SEEN_MS + i, 0);
    assert_int_equal(noted(&f).n, STATE_ALARMS_MAX);
    /* Those that are there go on being told. */
    note(&f, "alarm 0", ALARM_ALARM, SEEN_MS + 1000, 0);
    int64_t life_ms = state_fixture_redis(&f, "PTTL {ebb}:alarms:" STATE_SERVICE).integer;
    assert_in_range(life_ms, STATE_ALARM_LIFE_MS - 60000, STATE_ALARM_LIFE_MS);
    life_ms = state_fixture_redis(&f, "PTTL {ebb}:watched").integer;
    assert_in_range(life_ms, STATE_ALARM_LIFE_MS - 60000, STATE_ALARM_LIFE_MS);
    state_fixture_close(&f);
}

TEST(state_alarms_end_when_nobody_knows_them)
{
    struct state_fixture f;
    state_fixture_open(&f);
    note(&f, "calls-idle", ALARM_OK, SEEN_MS, 0);
    struct alarm_note other = {.name = STR("chat-idle"), .state = ALARM_OK};
    struct alarm_notes notes = {&other, 1};
    assert_ok(state_note_alarms(&f.port, STR("aws:us-east-1:123456789012:demo/chat"), &notes,
                                SEEN_MS + STATE_ALARM_LIFE_MS, 0, &f.arena, &f.e),
              f.e);
    struct str_list services;
    assert_ok(state_watched(&f.port, &f.arena, &services, &f.e), f.e);
    assert_int_equal(services.n, 1);
    assert_str(services.items[0], "aws:us-east-1:123456789012:demo/chat");
    state_fixture_close(&f);
}

static int64_t timer_of(struct state_fixture *f, const struct drain *d)
{
    struct reply r = state_fixture_redis(f, "ZSCORE {ebb}:timers %.*s", STR_ARG(d->drain_id));
    int64_t at = -1;
    assert_true(r.kind == REPLY_STR && str_to_int(r.text, &at));
    return at;
}

TEST(state_alarms_end_wakes_the_open_drains)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1);
    d.look_at = SEEN_MS + 60000;
    state_fixture_claimed(&f, &d);
    note(&f, "calls-idle", ALARM_ALARM, SEEN_MS, SEEN_MS + 1);
    assert_int_equal(timer_of(&f, &d), d.look_at);
    /* Asked for nobody to look: nobody does. */
    note(&f, "calls-idle", ALARM_OK, SEEN_MS + 2, 0);
    assert_int_equal(timer_of(&f, &d), d.look_at);
    note(&f, "calls-idle", ALARM_ALARM, SEEN_MS + 3, 0);
    note(&f, "calls-idle", ALARM_OK, SEEN_MS + 4, SEEN_MS + 5);
    assert_int_equal(timer_of(&f, &d), SEEN_MS + 5);
    /* Never later than what is there; and an alarm that was not in ALARM wakes nobody. */
    note(&f, "calls-idle", ALARM_INSUFFICIENT_DATA, SEEN_MS + 6, SEEN_MS + 1);
    assert_int_equal(timer_of(&f, &d), SEEN_MS + 5);
    state_fixture_close(&f);
}

/* What was heard is lost with Redis; drains that alarms began are not. */
TEST(state_alarms_that_began_drains_are_watched_again_after_a_merge)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1), old = state_fixture_drain(&f, 2);
    struct drain asked = state_fixture_drain(&f, 3);
    state_fixture_set_clock(&f, STATE_FUTURE_MS);
    d.by_alarm = old.by_alarm = true;
    d.trigger = STR("calls-idle");
    old.trigger = STR("calls-quiet");
    asked.trigger = STR("somebody");
    d.claimed_at = asked.claimed_at = STATE_FUTURE_MS - STATE_ALARM_LIFE_MS;
    old.claimed_at = d.claimed_at - 1;
    d.state = old.state = asked.state = DRAIN_SCALED_OUT;
    assert_ok(state_merge(&f.port, &d, true, &f.arena, &f.e), f.e);
    assert_ok(state_merge(&f.port, &old, true, &f.arena, &f.e), f.e);
    assert_ok(state_merge(&f.port, &asked, true, &f.arena, &f.e), f.e);
    struct alarm_notes notes = noted(&f);
    assert_int_equal(notes.n, 1);
    assert_str(notes.items[0].name, "calls-idle");
    assert_int_equal(notes.items[0].state, ALARM_OTHER);
    assert_int_equal(notes.items[0].seen_at, d.claimed_at);
    assert_int_equal(watched_n(&f), 1);
    /* What is known already stays. */
    note(&f, "calls-idle", ALARM_ALARM, STATE_FUTURE_MS, 0);
    d.version++;
    assert_ok(state_merge(&f.port, &d, true, &f.arena, &f.e), f.e);
    assert_int_equal(noted(&f).items[0].state, ALARM_ALARM);
    state_fixture_close(&f);
}

TEST(state_alarms_ask_again_only_after_their_pace)
{
    struct state_fixture f;
    bool has_asked = true;
    state_fixture_open(&f);
    assert_ok(state_have_alarms_asked(&f.port, SERVICE, &f.arena, &has_asked, &f.e), f.e);
    assert_false(has_asked);
    assert_ok(state_alarms_asked(&f.port, SERVICE, 0, &f.arena, &f.e), f.e);
    assert_ok(state_have_alarms_asked(&f.port, SERVICE, &f.arena, &has_asked, &f.e), f.e);
    assert_false(has_asked);
    assert_ok(state_alarms_asked(&f.port, SERVICE, 900000, &f.arena, &f.e), f.e);
    assert_ok(state_have_alarms_asked(&f.port, SERVICE, &f.arena, &has_asked, &f.e), f.e);
    assert_true(has_asked);
    assert_in_range(state_fixture_redis(&f, "PTTL {ebb}:asked:" STATE_SERVICE).integer, 890000,
                    900000);
    state_fixture_close(&f);
}
