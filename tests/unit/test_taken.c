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
    struct reply r = state_fixture_redis(&k->state, "HLEN {ebb}:taken:ebb.select:2:7");
    assert_int_equal(r.kind, REPLY_INT);
    return r.integer;
}

static struct ports ports_of(struct desk *k, struct str holder)
{
    struct ports ports = k->fake.ports;
    ports.holder = holder;
    return ports;
}

/* Taken, and its worker dies. Returns how many others had it. */
static int64_t die(struct desk *k, struct str holder)
{
    struct ports ports = ports_of(k, holder);
    return taken_begin(&ports, &k->options.log, &k->message);
}

static void give_back(struct desk *k, struct str holder)
{
    struct ports ports = ports_of(k, holder);
    assert_true(taken_give_back(&ports, &k->options.log, &k->message));
}

static void three_die(struct desk *k)
{
    assert_int_equal(die(k, STR("a")), 0);
    assert_int_equal(die(k, STR("b")), 1);
    assert_int_equal(die(k, STR("c")), 2);
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
    three_die(&k);
    /* It stays known: until its letter is written, and when it comes once more. */
    assert_int_equal(held_for(&k, 0), TAKEN_SETTLED_MS);
    assert_int_equal(k.fake.published_n, 0);
    k.fake.bus_codes[0] = E_UNREACHABLE;
    assert_int_equal(held_for(&k, 1), 500);
    assert_true(count(&k) > TAKEN_MAX);
    int64_t hold_ms;
    assert_int_equal(desk_work_again(&k, 2, &hold_ms), HANDLED_DONE);
    assert_int_equal(held_for(&k, 0), TAKEN_SETTLED_MS);
    assert_int_equal(desk_work_again(&k, 1, &hold_ms), HANDLED_DONE);
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

/* A partition that is handed on from one to the next meets each of them before the last has let it go. */
TEST(taken_from_those_who_live_is_worked_on)
{
    struct desk k;
    int64_t hold_ms;
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    three_die(&k);
    assert_int_equal(held_for(&k, 0), TAKEN_SETTLED_MS);
    give_back(&k, STR("b"));
    assert_int_equal(desk_work_again(&k, 1, &hold_ms), HANDLED_DONE);
    assert_int_equal(k.fake.published_n, 0);
    assert_int_equal(count(&k), 0);
    desk_close(&k);
}

/* What is sent again because no answer came. */
TEST(taken_by_one_counts_once)
{
    struct desk k;
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    for (int i = 0; i < TAKEN_MAX; i++)
        assert_int_equal(die(&k, STR("a")), 0);
    assert_int_equal(die(&k, STR("b")), 1);
    for (int i = 0; i < TAKEN_MAX; i++)
        give_back(&k, STR("a"));
    assert_int_equal(die(&k, STR("c")), 1);
    desk_close(&k);
}

TEST(taken_twice_in_vain_is_worked_on_and_then_forgotten)
{
    struct desk k;
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    die(&k, STR("a"));
    die(&k, STR("b"));
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
        die(&k, STR("a"));
        give_back(&k, STR("a"));
    }
    /* That others died with it stays. */
    die(&k, STR("a"));
    die(&k, STR("b"));
    give_back(&k, STR("a"));
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
    assert_int_equal(die(&k, STR("a")) + die(&k, STR("b")) + die(&k, STR("c")), 0);
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
    die(&k, STR("a"));
    assert_int_equal(desk_work(&k), HANDLED_DONE);
    assert_int_equal(turns.together, 2);
    die(&k, STR("b"));
    die(&k, STR("c"));
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
    three_die(&k);
    k.fake.ports.store = (struct store_port){.command = away, .script = script_away};
    assert_int_equal(desk_work(&k), HANDLED_DONE);
    assert_int_equal(k.fake.published_n, 0);
    assert_false(taken_give_back(&k.fake.ports, &k.options.log, &k.message));
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
