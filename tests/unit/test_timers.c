/* SPDX-License-Identifier: Apache-2.0
 * Goal: a due timer becomes one message, and the time that the look it leads to asks for is never
 * lost, however soon that look is. Method: the role on a real Redis, with a bus that does within
 * publish() what a stage does a moment after it. */
#include "producers/producers.h"
#include "tests/support/state_fixture.h"

#include <stdatomic.h>

#define WAIT_MS  5000
#define PAUSE_MS 10
#define LOOK_MS  ((int64_t)30 * 1000)

struct looker {
    struct state_fixture *f;
    struct drain drain;
    int64_t look_at;      /* what the look asks for; 0: it asks for nothing */
    int refusals;         /* of publish, before it works */
    int refusal;          /* and with what */
    atomic_int published; /* also those refused */
};

static int publish(void *ctx, const struct bus_record *records, int *results, size_t count,
                   struct err *e)
{
    struct looker *looker = ctx;
    struct arena a;
    (void)records;
    assert_int_equal(count, 1);
    int n = atomic_fetch_add(&looker->published, 1);
    results[0] = n < looker->refusals ? looker->refusal : E_OK;
    if (results[0]) return err_set(e, looker->refusal, "the test refuses");
    arena_init(&a);
    int code = E_OK;
    if (looker->look_at)
        code = state_wake(&looker->f->port, looker->drain.service, looker->drain.drain_id,
                          looker->look_at, &a, e);
    arena_release(&a);
    return code;
}

static int64_t timer_of(struct looker *looker)
{
    struct reply r =
        state_fixture_redis(looker->f, "ZSCORE {ebb}:timers %.*s", STR_ARG(looker->drain.drain_id));
    int64_t at = -1;
    assert_true(r.kind == REPLY_STR && str_to_int(r.text, &at));
    return at;
}

/* Runs the role until it has published so often, then stops it, which waits for what it is at. */
static void run_until_published(struct looker *looker, int times)
{
    struct role role;
    struct err e = {0};
    struct clock clock = clock_system();
    struct config config = {0};
    struct role_context context = {
        .ports = {.store = looker->f->port,
                  .bus = {.ctx = looker, .publish = publish},
                  .clock = clock},
        .config = &config,
        .process = STR("test"),
        .log = log_open(clock, STR("error"), STR("test")),
    };
    context.log.least = LOG_ERROR + 1; /* what a test provokes is no news */
    assert_ok(timers_start(&context, &role, &e), e);
    int64_t until_ms = clock_mono_ms(&clock) + WAIT_MS;
    while (atomic_load(&looker->published) < times && clock_mono_ms(&clock) < until_ms)
        clock_sleep_ms(PAUSE_MS);
    role.stop(role.self);
    assert_int_equal(atomic_load(&looker->published), times);
}

/* A drain whose timer is due. */
static void open_due(struct looker *looker, struct state_fixture *f)
{
    state_fixture_open(f);
    *looker = (struct looker){.f = f, .drain = state_fixture_drain(f, 1)};
    state_fixture_claimed(f, &looker->drain);
    struct reply r =
        state_fixture_redis(f, "ZADD {ebb}:timers 1000 %.*s", STR_ARG(looker->drain.drain_id));
    assert_int_equal(r.kind, REPLY_INT);
}

TEST(timers_keep_the_time_that_a_faster_look_asks_for)
{
    struct state_fixture f;
    struct looker looker;
    struct clock clock = clock_system();
    open_due(&looker, &f);
    looker.look_at = clock_wall_ms(&clock) + LOOK_MS;
    run_until_published(&looker, 1);
    assert_int_equal(timer_of(&looker), looker.look_at);
    state_fixture_close(&f);
}

TEST(timers_come_again_after_a_while_when_nobody_looks)
{
    struct state_fixture f;
    struct looker looker;
    struct clock clock = clock_system();
    open_due(&looker, &f);
    run_until_published(&looker, 1);
    assert_in_range(timer_of(&looker), clock_wall_ms(&clock) + LOOK_MS,
                    clock_wall_ms(&clock) + 2 * LOOK_MS);
    state_fixture_close(&f);
}

TEST(timers_that_could_not_be_published_are_due_at_once_again)
{
    struct state_fixture f;
    struct looker looker;
    open_due(&looker, &f);
    looker.refusals = 1;
    looker.refusal = E_UNREACHABLE;
    run_until_published(&looker, 2);
    state_fixture_close(&f);
}

/* What Kafka will never take is no reason to publish it again at once, nor to forget it. */
TEST(timers_that_can_never_be_published_come_again_after_a_while)
{
    struct state_fixture f;
    struct looker looker;
    struct clock clock = clock_system();
    open_due(&looker, &f);
    looker.refusals = 1;
    looker.refusal = E_TOO_LARGE;
    run_until_published(&looker, 1);
    assert_in_range(timer_of(&looker), clock_wall_ms(&clock) + LOOK_MS,
                    clock_wall_ms(&clock) + 2 * LOOK_MS);
    state_fixture_close(&f);
}

TEST(timers_of_drains_that_are_not_there_end)
{
    struct state_fixture f;
    struct looker looker;
    open_due(&looker, &f);
    (void)state_fixture_redis(&f, "ZADD {ebb}:timers 500 ffffffffffffffff");
    run_until_published(&looker, 1);
    assert_int_equal(state_fixture_redis(&f, "ZSCORE {ebb}:timers ffffffffffffffff").kind,
                     REPLY_NIL);
    state_fixture_close(&f);
}
