/* SPDX-License-Identifier: Apache-2.0
 * Goal: an offset may be stored only when everything below it is finished, whatever the order.
 * Method: small cases by hand, then random takes and finishes beside a model that keeps every
 * offset ever taken and looks at all of them. */
#include <stdlib.h>

#include "lib/bus/window.h"
#include "tests/support/test.h"

#define ROUNDS       200
#define STEPS        400
#define MODEL_MAX    STEPS
#define MAX_GAP      4
#define WINDOW_SIZES 12

TEST(window_without_messages_stores_nothing)
{
    struct window w;
    window_init(&w, 3);
    assert_int_equal(window_storable(&w), -1);
    assert_int_equal(window_low(&w), -1);
    assert_int_equal(window_next(&w), -1);
    assert_int_equal(window_unfinished(&w), 0);
    assert_false(window_finish(&w, 0));
    window_release(&w);
}

TEST(window_waits_for_the_lowest)
{
    struct window w;
    window_init(&w, 3);
    assert_true(window_take(&w, 10));
    assert_true(window_take(&w, 11));
    assert_true(window_take(&w, 12));
    assert_true(window_finish(&w, 12));
    assert_true(window_finish(&w, 11));
    assert_int_equal(window_storable(&w), -1);
    assert_int_equal(window_unfinished(&w), 1);
    assert_int_equal(window_low(&w), 10);
    assert_true(window_finish(&w, 10));
    assert_int_equal(window_storable(&w), 13);
    assert_int_equal(window_low(&w), 13);
    window_release(&w);
}

TEST(window_counts_finished_ones_that_wait)
{
    struct window w;
    window_init(&w, 2);
    assert_true(window_take(&w, 0));
    assert_true(window_take(&w, 1));
    assert_true(window_finish(&w, 1));
    assert_true(window_is_full(&w));
    assert_false(window_take(&w, 2));
    assert_true(window_finish(&w, 0));
    assert_false(window_is_full(&w));
    assert_true(window_take(&w, 2));
    assert_int_equal(window_storable(&w), 2);
    window_release(&w);
}

TEST(window_passes_gaps)
{
    struct window w;
    window_init(&w, 4);
    assert_true(window_take(&w, 5));
    assert_true(window_take(&w, 900));
    assert_true(window_finish(&w, 5));
    /* 6 is safe: what lies between was never handed out and never will be. */
    assert_int_equal(window_storable(&w), 6);
    assert_false(window_finish(&w, 6));
    assert_true(window_finish(&w, 900));
    assert_int_equal(window_storable(&w), 901);
    window_release(&w);
}

TEST(window_refuses_what_it_does_not_hold)
{
    struct window w;
    window_init(&w, 4);
    assert_true(window_take(&w, 7));
    assert_true(window_take(&w, 8));
    assert_true(window_finish(&w, 8));
    assert_false(window_finish(&w, 8));
    assert_false(window_finish(&w, 6));
    assert_false(window_finish(&w, 9));
    assert_true(window_finish(&w, 7));
    assert_false(window_finish(&w, 7));
    window_release(&w);
}

/* The model: every offset ever taken, and whether it is finished. */
struct model {
    int64_t offsets[MODEL_MAX];
    bool finished[MODEL_MAX];
    size_t n;
};

static size_t model_first_unfinished(const struct model *m)
{
    size_t i = 0;
    while (i < m->n && m->finished[i])
        i++;
    return i;
}

static void assert_same(const struct window *w, const struct model *m)
{
    size_t first = model_first_unfinished(m), unfinished = 0;
    for (size_t i = 0; i < m->n; i++)
        unfinished += !m->finished[i];
    assert_int_equal(window_storable(w), first == 0 ? -1 : m->offsets[first - 1] + 1);
    assert_int_equal(window_unfinished(w), unfinished);
    assert_int_equal(window_is_full(w), m->n - first == w->max);
    assert_int_equal(window_next(w), m->n == 0 ? -1 : m->offsets[m->n - 1] + 1);
    if (first < m->n) assert_int_equal(window_low(w), m->offsets[first]);
}

static void take_one(struct window *w, struct model *m)
{
    int64_t offset = (m->n == 0 ? 0 : m->offsets[m->n - 1] + 1) + rand() % MAX_GAP;
    bool fits = m->n - model_first_unfinished(m) < w->max;
    assert_int_equal(window_take(w, offset), fits);
    if (!fits) return;
    m->offsets[m->n] = offset;
    m->finished[m->n] = false;
    m->n++;
}

static void finish_one(struct window *w, struct model *m)
{
    if (m->n == 0) return;
    /* Sometimes one that is finished already, sometimes one that was never there. */
    int64_t offset = rand() % (int)(m->offsets[m->n - 1] + 2);
    if (rand() % 2) offset = m->offsets[m->n - 1 - (size_t)rand() % (m->n < 12 ? m->n : 12)];
    bool expected = false;
    for (size_t i = 0; i < m->n; i++) {
        if (m->offsets[i] != offset || m->finished[i]) continue;
        expected = true;
        m->finished[i] = true;
    }
    assert_int_equal(window_finish(w, offset), expected);
}

TEST(window_agrees_with_a_naive_model)
{
    for (unsigned seed = 1; seed <= ROUNDS; seed++) {
        srand(seed);
        struct window w;
        struct model m = {.n = 0};
        window_init(&w, 1 + (size_t)rand() % WINDOW_SIZES);
        for (int step = 0; step < STEPS; step++) {
            if (rand() % 2 && m.n < MODEL_MAX)
                take_one(&w, &m);
            else
                finish_one(&w, &m);
            assert_same(&w, &m);
        }
        window_release(&w);
    }
}
