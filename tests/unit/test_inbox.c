/* SPDX-License-Identifier: Apache-2.0
 * Goal: messages come in their order, those held back come when they are due, however many others
 * wait, and what is left at the end can be given back. Method: a clock that the test owns. */
#include "lib/run/inbox.h"
#include "tests/support/test.h"

#include <pthread.h>

static int64_t now_of(void *ctx)
{
    return *(int64_t *)ctx;
}

static struct inbox *inbox_at(int64_t *now_ms)
{
    return inbox_new((struct clock){.ctx = now_ms, .wall_ms = now_of, .mono_ms = now_of});
}

/* Items are told apart by their tries; an inbox never looks at messages. */
static void put(struct inbox *q, int64_t name, int64_t due_ms)
{
    inbox_put(q, (struct inbox_item){.handling.tries = name}, due_ms);
}

static int64_t take(struct inbox *q)
{
    struct inbox_item item = {.handling.tries = -1};
    assert_true(inbox_take(q, &item));
    return item.handling.tries;
}

static void end(struct inbox *q)
{
    struct inbox_item item;
    inbox_close(q);
    while (inbox_drain(q, &item)) /* as many as were put */
        ;
    inbox_free(q);
}

TEST(inbox_keeps_the_order_of_what_is_due_at_once)
{
    int64_t now_ms = 1000;
    struct inbox *q = inbox_at(&now_ms);
    for (int i = 0; i < 5; i++)
        put(q, i, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(take(q), i);
    put(q, 5, 0);
    for (int i = 3; i < 6; i++)
        assert_int_equal(take(q), i);
    end(q);
}

TEST(inbox_gives_what_was_held_back_in_order_of_its_time)
{
    int64_t now_ms = 1000;
    struct inbox *q = inbox_at(&now_ms);
    put(q, 3, 1300);
    put(q, 1, 1100);
    put(q, 2, 1200);
    put(q, 4, 1300);
    put(q, 0, 0);
    assert_int_equal(take(q), 0);
    now_ms = 1300;
    for (int i = 1; i < 5; i++)
        assert_int_equal(take(q), i);
    end(q);
}

/* A stage that never runs out of new messages would otherwise never look at a held one again. */
TEST(inbox_gives_what_was_held_back_once_it_is_due_whatever_else_waits)
{
    int64_t now_ms = 1000;
    struct inbox *q = inbox_at(&now_ms);
    put(q, 7, 1250);
    for (int i = 0; i < 4; i++)
        put(q, i, 0);
    assert_int_equal(take(q), 0);
    now_ms = 1249;
    assert_int_equal(take(q), 1);
    now_ms = 1250;
    assert_int_equal(take(q), 7);
    assert_int_equal(take(q), 2);
    end(q);
}

TEST(inbox_that_is_closed_gives_nothing_but_what_is_left_in_it)
{
    int64_t now_ms = 1000;
    struct inbox_item item;
    struct inbox *q = inbox_at(&now_ms);
    put(q, 1, 0);
    put(q, 2, 5000);
    put(q, 3, 0);
    inbox_close(q);
    assert_false(inbox_take(q, &item));
    int64_t sum = 0, n = 0;
    while (inbox_drain(q, &item)) { /* three were put */
        sum += item.handling.tries;
        n++;
    }
    assert_int_equal(n, 3);
    assert_int_equal(sum, 6);
    inbox_free(q);
}

struct taker {
    struct inbox *q;
    struct inbox_item item;
    bool taken;
};

static void *wait_for_one(void *arg)
{
    struct taker *t = arg;
    t->taken = inbox_take(t->q, &t->item);
    return NULL;
}

TEST(inbox_wakes_who_waits)
{
    struct clock clock = clock_system();
    for (int round = 0; round < 3; round++) {
        pthread_t thread;
        struct taker t = {.q = inbox_new(clock)};
        assert_int_equal(pthread_create(&thread, NULL, wait_for_one, &t), 0);
        /* At once, after being held for a moment, or because the inbox is closed. */
        if (round == 0) put(t.q, 9, 0);
        if (round == 1) put(t.q, 9, clock_mono_ms(&clock) + 20);
        if (round == 2) inbox_close(t.q);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(t.taken, round < 2);
        end(t.q);
    }
}
