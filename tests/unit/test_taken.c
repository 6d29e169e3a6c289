/* SPDX-License-Identifier: Apache-2.0
 * Goal: a message whose worker died with it three times is a dead letter and nothing else is; one
 * with which a worker died twice is worked on alone; what is held, given back or cannot be counted is
 * worked on. Method: handle() on a real Redis; a death is that a message was counted and nothing came
 * of it. */
#include "lib/record/walkers.h"
#include "lib/run/taken.h"
#include "tests/support/desk.h"

static struct step put_off(const struct view *v, int64_t now_ms)
{
    (void)v;
    struct step s = finish(VERDICT_RETRY, REASON_API_BUDGET);
    s.verdict.at = now_ms + 7000;
    return s;
}

static int64_t count(struct desk *k)
{
    int64_t n = 0;
    struct reply r = state_fixture_redis(&k->state, "GET {ebb}:taken:ebb.select:2:7");
    assert_true(r.kind != REPLY_STR || str_to_int(r.text, &n));
    return n;
}

/* Taken, and its worker dies. */
static void die(struct desk *k)
{
    (void)taken_begin(&k->fake.ports, &k->options.log, &k->message);
}

static int64_t held_for(struct desk *k, int64_t tries)
{
    int64_t hold_ms;
    assert_int_equal(desk_work_again(k, tries, &hold_ms), HANDLED_HOLD);
    return hold_ms;
}

TEST(taken_three_times_in_vain_is_a_dead_letter)
{
    struct desk k;
    struct dead_letter letter = {0};
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    for (int i = 0; i < TAKEN_MAX; i++)
        die(&k);
    /* It stays known: until its letter is written, and when it comes once more. */
    k.fake.bus_codes[0] = E_UNREACHABLE;
    assert_int_equal(desk_work(&k), HANDLED_HOLD);
    assert_true(count(&k) > TAKEN_MAX);
    /* As a worker does: it is tried again in place. */
    int64_t hold_ms;
    assert_int_equal(desk_work_again(&k, 1, &hold_ms), HANDLED_DONE);
    assert_int_equal(desk_work(&k), HANDLED_DONE);
    assert_int_equal(k.fake.published_n, 3);
    assert_str(k.fake.published[2].topic, TOPIC_DEAD);
    assert_str(k.fake.published[1].topic, TOPIC_DEAD);
    assert_ok(msgpack_decode(&DEAD_LETTER_RECORD, k.fake.published[1].value, &k.state.arena,
                             &letter, &k.state.e),
              k.state.e);
    assert_true(letter.times >= TAKEN_MAX);
    assert_contains(letter.error, "each time the process that worked on it died");
    assert_str(letter.origin, "kafka:ebb.select/2/7");
    desk_close(&k);
}

TEST(taken_twice_in_vain_is_worked_on_and_then_forgotten)
{
    struct desk k;
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    for (int i = 0; i < TAKEN_MAX - 1; i++)
        die(&k);
    assert_int_equal(desk_work(&k), HANDLED_DONE);
    assert_int_equal(k.fake.published_n, 0);
    assert_int_equal(count(&k), 0);
    desk_close(&k);
}

TEST(taken_and_held_or_given_back_is_no_death)
{
    struct desk k;
    desk_open(&k);
    desk_lay_message(&k, desk_never_ready);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(desk_work(&k), HANDLED_HOLD);
        assert_int_equal(count(&k), 0);
    }
    for (int i = 0; i < 5; i++) {
        die(&k);
        taken_give_back(&k.fake.ports, &k.options.log, &k.message);
    }
    /* What others have had it for stays. */
    die(&k);
    die(&k);
    taken_give_back(&k.fake.ports, &k.options.log, &k.message);
    assert_int_equal(count(&k), 1);
    assert_int_equal(k.fake.published_n, 0);
    desk_close(&k);
}

TEST(taken_messages_that_cannot_have_been_taken_before_cost_nothing)
{
    struct desk k;
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    k.message.may_be_again = false;
    int64_t writes = state_fixture_writes(&k.state);
    for (int i = 0; i < 5; i++)
        die(&k);
    assert_int_equal(desk_work(&k), HANDLED_DONE);
    assert_int_equal(state_fixture_writes(&k.state), writes);
    desk_close(&k);
}

struct turns {
    struct desk *desk;
    int64_t counted; /* when it entered alone */
    int alone, together, in;
};

static void enter(void *ctx, bool alone)
{
    struct turns *t = ctx;
    t->alone += alone;
    t->together += !alone;
    if (alone) t->counted = count(t->desk);
    t->in++;
}

static void leave(void *ctx)
{
    struct turns *t = ctx;
    t->in--;
}

TEST(taken_twice_in_vain_is_worked_on_alone_and_nothing_else_is)
{
    struct desk k;
    struct turns turns = {.desk = &k};
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    k.options.alone = (struct alone_port){&turns, enter, leave};
    assert_int_equal(desk_work(&k), HANDLED_DONE);
    die(&k);
    assert_int_equal(desk_work(&k), HANDLED_DONE);
    assert_int_equal(turns.together, 2);
    die(&k);
    die(&k);
    assert_int_equal(desk_work(&k), HANDLED_DONE);
    assert_int_equal(turns.alone, 1);
    /* Who waits to be alone is not counted yet: what kills meanwhile is another. */
    assert_int_equal(turns.counted, 2);
    /* It was finished: it is like any other. */
    assert_int_equal(desk_work(&k), HANDLED_DONE);
    assert_int_equal(turns.together, 3);
    assert_int_equal(turns.in, 0);
    desk_close(&k);
}

static int away(void *ctx, const struct str *args, size_t n, struct arena *a, struct reply *out,
                struct err *e)
{
    (void)ctx;
    (void)args;
    (void)n;
    (void)a;
    (void)out;
    return err_set(e, E_UNREACHABLE, "the test says so");
}

static int script_away(void *ctx, const struct script *script, const struct str *keys,
                       const struct str *args, size_t n, struct arena *a, struct reply *out,
                       struct err *e)
{
    (void)script;
    (void)keys;
    return away(ctx, args, n, a, out, e);
}

TEST(taken_without_a_redis_is_worked_on)
{
    struct desk k;
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    for (int i = 0; i < TAKEN_MAX; i++)
        die(&k);
    k.fake.ports.store = (struct store_port){.command = away, .script = script_away};
    assert_int_equal(desk_work(&k), HANDLED_DONE);
    assert_int_equal(k.fake.published_n, 0);
    desk_close(&k);
}

/* Longer each time, but for what is told when its turn is. */
TEST(taken_and_held_is_due_again)
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
