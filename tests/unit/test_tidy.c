/* SPDX-License-Identifier: Apache-2.0
 * Goal: clauses T5 and T6 of the timers, and T2 for control records and intents. Method: passes of the
 * timers on a real Redis, with a bus that keeps what is published and lets it be read again. */
#include "lib/effect/durable.h"
#include "lib/effect/publish.h"
#include "lib/store/state_control.h"
#include "producers/timers.h"
#include "tests/support/fake_ports.h"
#include "tests/support/state_fixture.h"

#define SCOPE STR("account:123456789012")

struct desk {
    struct state_fixture state;
    struct fake_ports fake;
    struct log log;
    struct timers_pass pass;
};

static int64_t real_now(void *ctx)
{
    (void)ctx;
    struct clock clock = clock_system();
    return clock_wall_ms(&clock);
}

static void open_desk(struct desk *k)
{
    *k = (struct desk){0};
    state_fixture_open(&k->state);
    fake_ports_open(&k->fake);
    k->fake.ports.store = k->state.port;
    k->fake.ports.clock = (struct clock){NULL, real_now, real_now};
    k->log = (struct log){.least = LOG_ERROR + 1};
    k->pass = (struct timers_pass){.ports = &k->fake.ports, .log = &k->log, .holder = STR("test")};
}

static void close_desk(struct desk *k)
{
    fake_ports_close(&k->fake);
    state_fixture_close(&k->state);
}

static void run_pass(struct desk *k)
{
    int64_t pause_ms;
    k->pass.tidied_at = 0;
    assert_ok(timers_pass(&k->pass, &pause_ms, &k->state.e), k->state.e);
    assert_true(k->pass.leads);
}

TEST(tidy_writes_what_was_said_and_not_written)
{
    struct desk k;
    struct control_held held;
    open_desk(&k);
    struct state_fixture *f = &k.state;
    struct control c = {.format = 1, .kind = CONTROL_PAUSE, .scope = SCOPE, .at = 5, .version = 1};
    assert_ok(state_set_control(&f->port, &c, &f->arena, &f->e), f->e);
    run_pass(&k);
    assert_int_equal(k.fake.published_n, 1);
    assert_str(k.fake.published[0].topic, TOPIC_STATE);
    assert_str(k.fake.published[0].key, "control:account:123456789012");
    assert_ok(state_read_control(&f->port, SCOPE, &f->arena, &held, &f->e), f->e);
    assert_true(held.recorded);
    run_pass(&k);
    assert_int_equal(k.fake.published_n, 1);
    close_desk(&k);
}

/* Whoever ended it died before ebb.state had it, and its message with it. */
TEST(timers_write_a_final_drain_that_nobody_wrote)
{
    struct desk k;
    struct drain_held held;
    open_desk(&k);
    struct state_fixture *f = &k.state;
    struct drain d = state_fixture_drain(f, 1);
    state_fixture_claimed(f, &d);
    state_fixture_written(f, &d);
    state_fixture_move(f, &d, DRAIN_SCALED_OUT);
    assert_int_equal(state_fixture_redis(f, "ZCARD {ebb}:timers").integer, 1);
    /* Not at once: whoever ended it writes it, most likely. */
    run_pass(&k);
    assert_int_equal(k.fake.published_n, 0);
    struct reply r = state_fixture_redis(f, "ZADD {ebb}:timers 1000 %.*s", STR_ARG(d.drain_id));
    assert_int_equal(r.kind, REPLY_INT);
    int64_t pause_ms;
    k.fake.bus_codes[0] = E_UNREACHABLE;
    assert_int_equal(timers_pass(&k.pass, &pause_ms, &f->e), E_UNREACHABLE);
    r = state_fixture_redis(f, "ZADD {ebb}:timers 1000 %.*s", STR_ARG(d.drain_id));
    assert_int_equal(r.kind, REPLY_INT);
    run_pass(&k);
    assert_int_equal(k.fake.published_n, 2);
    assert_str(k.fake.published[1].topic, TOPIC_STATE);
    assert_str(k.fake.published[1].key, "drain-1");
    assert_ok(state_read_drain(&f->port, d.drain_id, &f->arena, &held, &f->e), f->e);
    assert_true(held.recorded);
    assert_int_equal(state_fixture_redis(f, "EXISTS {ebb}:timers").integer, 0);
    assert_int_equal(state_fixture_redis(f, "EXISTS {ebb}:task:%.*s", STR_ARG(d.task_arn)).integer,
                     0);
    close_desk(&k);
}

TEST(tidy_removes_what_is_final_for_long)
{
    struct desk k;
    open_desk(&k);
    struct state_fixture *f = &k.state;
    static const int64_t AGES_MS[] = {STATE_FINAL_LIFE_MS + 1000, STATE_FINAL_LIFE_MS - 60000};
    for (int i = 0; i < 2; i++) {
        struct drain d = state_fixture_drain(f, i), out;
        state_fixture_claimed(f, &d);
        d = state_fixture_read(f, &d);
        d.state = DRAIN_SCALED_OUT;
        d.finished_at = real_now(NULL) - AGES_MS[i];
        struct move_request request = {.becomes = &d};
        assert_ok(state_move(&f->port, &request, &f->arena, &out, &f->e), f->e);
    }
    /* What is not acknowledged is removed the next time. */
    int64_t pause_ms;
    k.fake.bus_codes[0] = E_UNREACHABLE;
    assert_int_equal(timers_pass(&k.pass, &pause_ms, &f->e), E_UNREACHABLE);
    run_pass(&k);
    run_pass(&k);
    assert_int_equal(k.fake.published_n, 2);
    assert_str(k.fake.published[1].topic, TOPIC_STATE);
    assert_str(k.fake.published[1].key, "drain-0");
    assert_null(k.fake.published[1].value.p);
    close_desk(&k);
}

static int away(void *ctx, const struct script *of, const struct str *keys, const struct str *args,
                size_t n, struct arena *a, struct reply *out, struct err *e)
{
    (void)ctx, (void)of, (void)keys, (void)args, (void)n, (void)a, (void)out;
    return err_set(e, E_UNREACHABLE, "the test took it away");
}

static void take_redis_away(void *ctx)
{
    struct fake_ports *fake = ctx;
    fake->ports.store.script = away;
}

/* Neither Kafka nor Redis takes anything: then it comes again as one at which nobody looked. */
TEST(timers_that_are_neither_published_nor_set_back_come_again)
{
    struct desk k;
    int64_t pause_ms, at = 0;
    open_desk(&k);
    struct state_fixture *f = &k.state;
    struct drain d = state_fixture_drain(f, 1);
    state_fixture_claimed(f, &d);
    (void)state_fixture_redis(f, "ZADD {ebb}:timers 1000 %.*s", STR_ARG(d.drain_id));
    k.fake.bus_codes[0] = E_UNREACHABLE;
    k.fake.on_publish = take_redis_away;
    k.fake.on_publish_ctx = &k.fake;
    int64_t before_ms = clock_wall_ms(&k.fake.ports.clock);
    assert_int_equal(timers_pass(&k.pass, &pause_ms, &f->e), E_UNREACHABLE);
    assert_int_equal(k.fake.published_n, 1);
    struct reply r = state_fixture_redis(f, "ZSCORE {ebb}:timers %.*s", STR_ARG(d.drain_id));
    assert_true(str_to_int(r.text, &at));
    assert_in_range(at, before_ms + 1, before_ms + 120000);
    close_desk(&k);
}

/* ---------------------------------------------------------------- a merge */

static int read_kept(void *ctx, struct str topic, int64_t timeout_ms, bus_read_callback *callback,
                     void *callback_ctx, struct err *e)
{
    struct fake_ports *fake = ctx;
    (void)timeout_ms;
    for (size_t i = 0; i < fake->published_n; i++) {
        const struct fake_record *r = &fake->published[i];
        struct bus_message m = {.topic = r->topic, .key = r->key, .value = r->value};
        int code = str_eq(r->topic, topic) ? callback(callback_ctx, &m, e) : E_OK;
        if (code) return code;
    }
    return E_OK;
}

TEST(timers_merge_what_was_said_before_the_epoch_begins)
{
    struct desk k;
    open_desk(&k);
    struct state_fixture *f = &k.state;
    k.fake.ports.bus.read_all = read_kept;
    struct control pause = {.kind = CONTROL_PAUSE, .scope = SCOPE, .by = STR("ann"), .at = 5};
    assert_ok(durable_control(&k.fake.ports, &pause, &f->arena, &f->e), f->e);
    (void)state_fixture_redis(f, "FLUSHALL");
    run_pass(&k);
    struct drain d = state_fixture_drain(f, 1);
    assert_int_equal(state_fixture_claim(f, &d).refusal, REASON_PAUSED);
    /* One of a newer version is not understood: without it the epoch does not begin. */
    int64_t pause_ms;
    struct control newer = {.format = 2, .kind = CONTROL_PAUSE, .scope = SCOPE, .version = 9};
    assert_ok(publish_control(&k.fake.ports.bus, &newer, &f->arena, &f->e), f->e);
    (void)state_fixture_redis(f, "FLUSHALL");
    assert_int_equal(timers_pass(&k.pass, &pause_ms, &f->e), E_UNAVAILABLE);
    assert_int_equal(state_fixture_claim(f, &d).refusal, REASON_STATE_LOST);
    close_desk(&k);
}

/* Until it is put back by who understands it, Redis does not hold all drains. What is no record can
 * be put back by nobody, and keeps nothing from it. */
TEST(timers_begin_no_epoch_without_the_drains_of_a_newer_version)
{
    struct desk k;
    int64_t pause_ms;
    open_desk(&k);
    struct state_fixture *f = &k.state;
    k.fake.ports.bus.read_all = read_kept;
    struct drain ours = state_fixture_drain(f, 1), newer = state_fixture_drain(f, 2), d;
    ours.version = newer.version = 3;
    newer.format = DRAIN_FORMAT + 1;
    assert_ok(publish_drain(&k.fake.ports.bus, &ours, &f->arena, &f->e), f->e);
    k.fake.published[k.fake.published_n++] =
        (struct fake_record){.topic = STR(TOPIC_STATE), .key = STR("none"), .value = STR("x")};
    (void)state_fixture_redis(f, "FLUSHALL");
    run_pass(&k);
    d = state_fixture_drain(f, 3);
    assert_int_equal(state_fixture_claim(f, &d).refusal, REASON_NONE);
    assert_int_equal(state_fixture_read(f, &ours).version, 3);

    assert_ok(publish_drain(&k.fake.ports.bus, &newer, &f->arena, &f->e), f->e);
    (void)state_fixture_redis(f, "FLUSHALL");
    assert_int_equal(timers_pass(&k.pass, &pause_ms, &f->e), E_UNAVAILABLE);
    assert_contains(str_from(f->e.text), "ebb.state has 1 records of a newer version of Ebb");
    assert_int_equal(state_fixture_claim(f, &d).refusal, REASON_STATE_LOST);
    close_desk(&k);
}

static bool has_intent(struct desk *k, const char *service)
{
    return state_fixture_redis(&k->state, "EXISTS {ebb}:intent:%s", service).integer;
}

/* An older copy of Redis came up: one service has a DRAINED drain, one an open drain that is not so
 * far, of one all is over. Who looks at DRAINED ones settles an intent, and nobody else does. */
TEST(timers_forget_old_intents_before_the_epoch_begins)
{
    struct desk k;
    open_desk(&k);
    struct state_fixture *f = &k.state;
    k.fake.ports.bus.read_all = read_kept;
    static const char *const SERVICES[] = {STATE_SERVICE, "aws:us-east-1:1:demo/other",
                                           "aws:us-east-1:1:demo/old"};
    struct drain d = state_fixture_drain(f, 1);
    state_fixture_claimed(f, &d);
    d = state_fixture_read(f, &d);
    state_fixture_move(f, &d, DRAIN_DRAINED);
    (void)state_fixture_redis(f, "HSET {ebb}:open:%s one CLAIMED/arn", SERVICES[1]);
    (void)state_fixture_redis(f, "SET {ebb}:epoch another");
    for (size_t i = 0; i < EBB_COUNT(SERVICES); i++)
        (void)state_fixture_redis(f, "HSET {ebb}:intent:%s base 3 to 2 notAfter 5", SERVICES[i]);
    run_pass(&k);
    assert_true(has_intent(&k, SERVICES[0]));
    assert_false(has_intent(&k, SERVICES[1]));
    assert_false(has_intent(&k, SERVICES[2]));
    close_desk(&k);
}
