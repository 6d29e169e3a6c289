/* SPDX-License-Identifier: Apache-2.0
 * Goal: an order that another move came before is given on what the drain has become, and one that
 * cannot be written is not given. Method: a real Redis, in front of which moves are met by others. */
#include "producers/operator.h"
#include "tests/support/fake_ports.h"
#include "tests/support/state_fixture.h"

static const struct log QUIET = {.least = LOG_ERROR + 1};
static const struct order ORDER = {{"ann", 3}, {"a test", 6}, &QUIET};

struct desk {
    struct state_fixture state;
    struct fake_ports fake;
    struct drain drain;
    int races, code; /* how many moves another comes before; what each of the others ends with */
};

static int command(void *ctx, const struct str *args, size_t n, struct arena *a, struct reply *out,
                   struct err *e)
{
    const struct desk *k = ctx;
    return store_command(&k->state.port, args, n, a, out, e);
}

static int script(void *ctx, const struct script *of, const struct str *keys,
                  const struct str *args, size_t n, struct arena *a, struct reply *out,
                  struct err *e)
{
    struct desk *k = ctx;
    if (str_eq(str_from(of->name), STR("move"))) {
        if (k->races > 0) {
            k->races--;
            state_fixture_move(&k->state, &k->drain, (enum drain_state)k->drain.state);
        } else if (k->code) {
            return err_set(e, k->code, "the test refuses");
        }
    }
    return store_script(&k->state.port, of, keys, args, n, a, out, e);
}

static void open_desk(struct desk *k)
{
    *k = (struct desk){0};
    state_fixture_open(&k->state);
    fake_ports_open(&k->fake);
    k->fake.ports.store = (struct store_port){k, command, script};
    k->drain = state_fixture_drain(&k->state, 1);
    state_fixture_claimed(&k->state, &k->drain);
    k->drain = state_fixture_read(&k->state, &k->drain);
}

static void close_desk(struct desk *k)
{
    fake_ports_close(&k->fake);
    state_fixture_close(&k->state);
}

static int cancel(struct desk *k, enum order_answer *answer)
{
    struct drain out;
    return operator_cancel(&k->fake.ports, k->drain.drain_id, &ORDER, &k->state.arena, &out, answer,
                           &k->state.e);
}

TEST(operator_orders_what_the_drain_has_become_meanwhile)
{
    struct desk k;
    enum order_answer answer;
    open_desk(&k);
    k.races = 7;
    assert_ok(cancel(&k, &answer), k.state.e);
    assert_int_equal(answer, ORDER_GIVEN);
    struct drain there = state_fixture_read(&k.state, &k.drain);
    assert_int_equal(there.version, k.drain.version + 1);
    assert_true(there.cancel_asked_at != 0);
    close_desk(&k);
}

static void lose_the_order(void *ctx)
{
    struct desk *k = ctx;
    struct state_fixture *f = &k->state;
    k->fake.on_publish = NULL;
    (void)state_fixture_redis(f, "FLUSHALL");
    state_fixture_begin_epoch(f);
    assert_ok(state_merge(&f->port, &k->drain, true, &f->arena, &f->e), f->e);
    state_fixture_move(f, &k->drain, DRAIN_REMOVED);
}

TEST(operator_orders_once_more_what_redis_lost_before_it_was_stored)
{
    struct desk k;
    enum order_answer answer;
    open_desk(&k);
    k.fake.on_publish = lose_the_order;
    k.fake.on_publish_ctx = &k;
    assert_ok(cancel(&k, &answer), k.state.e);
    assert_int_equal(answer, ORDER_GIVEN);
    struct drain there = state_fixture_read(&k.state, &k.drain);
    assert_int_equal(there.state, DRAIN_REMOVED);
    assert_true(there.cancel_asked_at != 0);
    close_desk(&k);
}

TEST(operator_does_not_race_for_ever)
{
    struct desk k;
    enum order_answer answer;
    open_desk(&k);
    k.races = 100;
    assert_int_equal(cancel(&k, &answer), E_CONFLICT);
    assert_int_equal(k.races, 100 - 8);
    assert_int_equal(state_fixture_read(&k.state, &k.drain).cancel_asked_at, 0);
    assert_int_equal(k.fake.published_n, 0);
    close_desk(&k);
}

TEST(operator_whose_order_cannot_be_written_gives_none)
{
    struct desk k;
    enum order_answer answer;
    open_desk(&k);
    k.code = E_UNAVAILABLE;
    assert_int_equal(cancel(&k, &answer), E_UNAVAILABLE);
    assert_int_equal(k.fake.published_n, 0);
    close_desk(&k);
}

/* A state that only a newer version of Ebb knows. */
TEST(operator_cancels_nothing_of_a_newer_version)
{
    struct desk k;
    enum order_answer answer;
    open_desk(&k);
    state_fixture_move(&k.state, &k.drain, DRAIN_OTHER);
    assert_ok(cancel(&k, &answer), k.state.e);
    assert_int_equal(answer, ORDER_NEWER);
    assert_int_equal(state_fixture_read(&k.state, &k.drain).version, k.drain.version);
    assert_int_equal(k.fake.published_n, 0);
    close_desk(&k);
}
