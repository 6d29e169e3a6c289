/* SPDX-License-Identifier: Apache-2.0
 * Goal: a message whose worker died with it three times is a dead letter and nothing else is; one
 * with which a worker died twice is worked on alone; what is held, given back or cannot be counted is
 * worked on. Method: handle() on a real Redis; a death is that a message was counted and nothing came
 * of it. */
#include "lib/record/walkers.h"
#include "lib/run/taken.h"
#include "tests/support/desk.h"

static void three_die(struct desk *k)
{
    assert_int_equal(desk_die_with(k, STR("a")), 0);
    assert_int_equal(desk_die_with(k, STR("b")), 1);
    assert_int_equal(desk_die_with(k, STR("c")), 2);
}

static int64_t held_for(struct desk *k, struct handling *handling)
{
    assert_int_equal(desk_work_again(k, handling), HANDLED_HOLD);
    return handling->hold_ms;
}

TEST(taken_three_times_in_vain_is_a_dead_letter)
{
    struct desk k;
    struct dead_letter letter = {0};
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    three_die(&k);
    /* It stays known: until its letter is written, and when it comes once more. */
    struct handling handling = {0}, once_more = {0};
    assert_int_equal(held_for(&k, &handling), TAKEN_SETTLED_MS);
    assert_int_equal(k.fake.published_n, 0);
    k.fake.bus_codes[0] = E_UNREACHABLE;
    assert_int_equal(held_for(&k, &handling), 500);
    assert_int_equal(desk_taken(&k), TAKEN_MAX);
    assert_int_equal(desk_work_again(&k, &handling), HANDLED_DONE);
    assert_int_equal(held_for(&k, &once_more), TAKEN_SETTLED_MS);
    assert_int_equal(desk_work_again(&k, &once_more), HANDLED_DONE);
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
    struct handling handling = {.tries = 5}; /* of what it was held for before */
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    three_die(&k);
    assert_int_equal(held_for(&k, &handling), TAKEN_SETTLED_MS);
    /* Nor is it in the hands of who waits for that. */
    assert_int_equal(desk_taken(&k), TAKEN_MAX);
    desk_give_back(&k, STR("b"));
    assert_int_equal(desk_work_again(&k, &handling), HANDLED_DONE);
    assert_int_equal(k.fake.published_n, 0);
    assert_int_equal(desk_taken(&k), 0);
    desk_close(&k);
}

/* One that kills at its second try only, and is held at the first: nothing came of it yet. */
TEST(taken_in_vain_stays_known_while_it_is_held)
{
    struct desk k;
    struct handling handling = {0};
    desk_open(&k);
    desk_lay_message(&k, desk_never_ready);
    assert_int_equal(desk_die_with(&k, STR("a")), 0);
    (void)held_for(&k, &handling);
    assert_int_equal(desk_taken(&k), 1);
    assert_int_equal(desk_die_with(&k, STR("b")), 1);
    desk_close(&k);
}

/* What is sent again because no answer came. */
TEST(taken_by_one_counts_once)
{
    struct desk k;
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    for (int i = 0; i < TAKEN_MAX; i++)
        assert_int_equal(desk_die_with(&k, STR("a")), 0);
    assert_int_equal(desk_die_with(&k, STR("b")), 1);
    for (int i = 0; i < TAKEN_MAX; i++)
        desk_give_back(&k, STR("a"));
    assert_int_equal(desk_die_with(&k, STR("c")), 1);
    desk_close(&k);
}

TEST(taken_twice_in_vain_is_worked_on_and_then_forgotten)
{
    struct desk k;
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    desk_die_with(&k, STR("a"));
    desk_die_with(&k, STR("b"));
    assert_int_equal(desk_work(&k), HANDLED_DONE);
    assert_int_equal(k.fake.published_n, 0);
    assert_int_equal(desk_taken(&k), 0);
    desk_close(&k);
}

TEST(taken_and_held_or_given_back_is_no_death)
{
    struct desk k;
    desk_open(&k);
    desk_lay_message(&k, desk_never_ready);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(desk_work(&k), HANDLED_HOLD);
        assert_int_equal(desk_taken(&k), 0);
    }
    /* That others died with it stays. */
    desk_die_with(&k, STR("a"));
    desk_die_with(&k, STR("b"));
    desk_give_back(&k, STR("a"));
    assert_int_equal(desk_taken(&k), 1);
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
    assert_int_equal(
        desk_die_with(&k, STR("a")) + desk_die_with(&k, STR("b")) + desk_die_with(&k, STR("c")), 0);
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
    if (alone) t->counted = desk_taken(t->desk);
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
    desk_die_with(&k, STR("a"));
    assert_int_equal(desk_work(&k), HANDLED_DONE);
    assert_int_equal(turns.together, 2);
    desk_die_with(&k, STR("b"));
    desk_die_with(&k, STR("c"));
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

static void enter_as_one_gives_back(void *ctx, bool alone)
{
    struct turns *t = ctx;
    enter(ctx, alone);
    if (!alone) desk_give_back(t->desk, STR("c"));
}

/* It may be the last chance since it was asked. */
TEST(taken_as_another_gives_back_waits_for_its_turn_alone)
{
    struct desk k;
    struct turns turns = {.desk = &k};
    struct handling handling = {0};
    desk_open(&k);
    desk_lay_message(&k, desk_done_at_once);
    k.options.alone = (struct alone_port){&turns, enter_as_one_gives_back, leave};
    three_die(&k);
    assert_int_equal(held_for(&k, &handling), 250);
    assert_int_equal(desk_work_again(&k, &handling), HANDLED_DONE);
    assert_int_equal(turns.together, 1);
    assert_int_equal(turns.alone, 1);
    assert_int_equal(turns.in, 0);
    desk_close(&k);
}
