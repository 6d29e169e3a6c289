/* SPDX-License-Identifier: Apache-2.0
 * Goal: who is alone is alone. Method: threads that stay in until they are told to leave. */
#include "lib/base/clock.h"
#include "lib/run/alone.h"
#include "tests/support/test.h"

#include <pthread.h>
#include <stdatomic.h>

#define PATIENCE_MS 100

struct visitor {
    struct alone_port port;
    bool alone;
    _Atomic bool is_in, may_go;
};

static void *visit(void *arg)
{
    struct visitor *v = arg;
    alone_enter(&v->port, v->alone);
    v->is_in = true;
    while (!v->may_go)
        clock_sleep_ms(1);
    alone_leave(&v->port);
    return NULL;
}

static bool gets_in(const struct visitor *v, int64_t patience_ms)
{
    struct clock clock = clock_system();
    int64_t until_ms = clock_mono_ms(&clock) + patience_ms;
    while (!v->is_in && clock_mono_ms(&clock) < until_ms)
        clock_sleep_ms(1);
    return v->is_in;
}

TEST(alone_is_alone_among_threads)
{
    static const struct {
        bool first, second, waits; /* alone */
    } ROWS[] = {
        {true, false, true}, {false, true, true}, {true, true, true}, {false, false, false}};
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct alone *alone = alone_new();
        struct visitor first = {.port = alone_port_of(alone), .alone = ROWS[i].first};
        struct visitor second = {.port = alone_port_of(alone), .alone = ROWS[i].second};
        pthread_t threads[2];
        assert_int_equal(pthread_create(&threads[0], NULL, visit, &first), 0);
        assert_true(gets_in(&first, 10000));
        assert_int_equal(pthread_create(&threads[1], NULL, visit, &second), 0);
        assert_int_equal(gets_in(&second, ROWS[i].waits ? PATIENCE_MS : 10000), !ROWS[i].waits);
        first.may_go = true;
        assert_true(gets_in(&second, 10000));
        second.may_go = true;
        assert_int_equal(pthread_join(threads[0], NULL), 0);
        assert_int_equal(pthread_join(threads[1], NULL), 0);
        alone_free(alone);
    }
}
