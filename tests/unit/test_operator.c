/* SPDX-License-Identifier: Apache-2.0
 * Goal: an order is taken where it can be carried out and refused where not, is in Redis and in
 * ebb.state before it counts, and given twice is one. Method: a table of states on a real Redis,
 * with a bus that keeps or refuses what is published. */
#include "lib/record/walkers.h"
#include "lib/store/state_control.h"
#include "producers/operator.h"
#include "tests/support/desk.h"

#include <string.h>

static const struct log QUIET = {.least = LOG_ERROR + 1};
static const struct order ORDER = {{"ann", 3}, {"a test", 6}, &QUIET};

/* A drain that stands in that state, recorded. */
static struct drain in_state(struct desk *k, int n, enum drain_state state)
{
    struct state_fixture *f = &k->state;
    struct drain d = state_fixture_drain(f, n), out;
    state_fixture_claimed(f, &d);
    d = state_fixture_read(f, &d);
    d.state = (int)state;
    d.remove_sent_at = d.start_sent_at = 5;
    struct move_request request = {.becomes = &d};
    assert_ok(state_move(&f->port, &request, &f->arena, &out, &f->e), f->e);
    state_fixture_written(f, &out);
    return out;
}

static const char *topic_published(const struct desk *k, size_t i)
{
    return k->fake.published[i].topic.p;
}

TEST(operator_cancels_what_is_not_drained_yet)
{
    static const struct {
        enum drain_state state;
        enum order_answer answer;
    } ROWS[] = {
        {DRAIN_CLAIMED, ORDER_GIVEN},         {DRAIN_REMOVED, ORDER_GIVEN},
        {DRAIN_DRAINING, ORDER_GIVEN},        {DRAIN_DRAINED, ORDER_TOO_LATE},
        {DRAIN_UNDOING, ORDER_GIVEN_BEFORE},  {DRAIN_RELEASING, ORDER_TOO_LATE},
        {DRAIN_SCALED_OUT, ORDER_TOO_LATE},   {DRAIN_REPLACED, ORDER_TOO_LATE},
        {DRAIN_RESTORED, ORDER_GIVEN_BEFORE}, {DRAIN_GONE, ORDER_TOO_LATE},
    };
    struct desk k;
    struct drain out;
    enum order_answer answer;
    desk_open(&k);
    struct state_fixture *f = &k.state;
    for (int i = 0; i < (int)EBB_COUNT(ROWS); i++) {
        struct drain d = in_state(&k, i, ROWS[i].state);
        k.fake.published_n = 0;
        assert_ok(
            operator_cancel(&k.fake.ports, d.drain_id, &ORDER, &f->arena, &out, &answer, &f->e),
            f->e);
        assert_int_equal(answer, ROWS[i].answer);
        struct drain there = state_fixture_read(f, &d);
        bool given = answer == ORDER_GIVEN;
        assert_int_equal(there.version, d.version + given);
        assert_int_equal(there.cancel_asked_at != 0, given);
        assert_int_equal(there.state, ROWS[i].state);
        if (!given) continue;
        assert_str(there.cancel_asked_by, "ann");
        assert_str(there.cancel_why, "a test");
        assert_int_equal(k.fake.published_n, 2);
        assert_string_equal(topic_published(&k, 0), TOPIC_STATE);
        assert_string_equal(topic_published(&k, 1),
                            ROWS[i].state == DRAIN_CLAIMED ? TOPIC_REMOVE : TOPIC_DRAIN);
        /* Once more: nothing changes, and the stage is told again. */
        assert_ok(
            operator_cancel(&k.fake.ports, d.drain_id, &ORDER, &f->arena, &out, &answer, &f->e),
            f->e);
        assert_int_equal(answer, ORDER_GIVEN_BEFORE);
        assert_int_equal(state_fixture_read(f, &d).version, there.version);
        assert_int_equal(k.fake.published_n, 3);
    }
    desk_close(&k);
}

TEST(operator_whose_order_was_not_written_writes_it_when_asked_again)
{
    struct desk k;
    struct drain out;
    struct drain_held held;
    enum order_answer answer;
    desk_open(&k);
    struct state_fixture *f = &k.state;
    struct drain d = in_state(&k, 1, DRAIN_DRAINING);
    k.fake.bus_codes[0] = E_UNREACHABLE;
    assert_int_equal(
        operator_cancel(&k.fake.ports, d.drain_id, &ORDER, &f->arena, &out, &answer, &f->e),
        E_UNREACHABLE);
    assert_ok(state_read_drain(&f->port, d.drain_id, &f->arena, &held, &f->e), f->e);
    assert_true(held.record.cancel_asked_at && !held.recorded);
    assert_ok(operator_cancel(&k.fake.ports, d.drain_id, &ORDER, &f->arena, &out, &answer, &f->e),
              f->e);
    assert_int_equal(answer, ORDER_GIVEN_BEFORE);
    assert_ok(state_read_drain(&f->port, d.drain_id, &f->arena, &held, &f->e), f->e);
    assert_true(held.recorded);
    desk_close(&k);
}

TEST(operator_orders_nothing_that_redis_may_not_know)
{
    struct desk k;
    struct drain out;
    enum order_answer answer;
    int64_t until;
    desk_open(&k);
    struct state_fixture *f = &k.state;
    struct drain d = in_state(&k, 1, DRAIN_DRAINING);
    assert_int_equal(
        operator_cancel(&k.fake.ports, STR("nobody"), &ORDER, &f->arena, &out, &answer, &f->e),
        E_NOT_FOUND);
    (void)state_fixture_redis(f, "SET {ebb}:epoch another");
    assert_int_equal(
        operator_cancel(&k.fake.ports, d.drain_id, &ORDER, &f->arena, &out, &answer, &f->e),
        E_STATE_LOST);
    assert_int_equal(operator_pause(&k.fake.ports, d.service, 0, &ORDER, &f->arena, &until, &f->e),
                     E_STATE_LOST);
    assert_int_equal(k.fake.published_n, 0);
    desk_close(&k);
}

TEST(operator_closes_only_what_waits_for_a_confirmation)
{
    static const struct {
        enum drain_state state;
        enum order_answer answer;
        const char *unconfirmed; /* a part of it */
    } ROWS[] = {
        {DRAIN_CLAIMED, ORDER_TOO_EARLY, NULL},
        {DRAIN_DRAINING, ORDER_TOO_EARLY, NULL},
        {DRAIN_DRAINED, ORDER_TOO_EARLY, NULL},
        {DRAIN_UNDOING, ORDER_GIVEN,
         "has not confirmed that it accepts work again; the distributor has not confirmed that it "
         "sends work to the address 10.0.0.5 again"},
        {DRAIN_RELEASING, ORDER_GIVEN,
         "the distributor has not confirmed that it forgot the address 10.0.0.6"},
        {DRAIN_RESTORED, ORDER_GIVEN_BEFORE, NULL},
    };
    struct desk k;
    struct drain out;
    enum order_answer answer;
    desk_open(&k);
    struct state_fixture *f = &k.state;
    for (int i = 0; i < (int)EBB_COUNT(ROWS); i++) {
        struct drain d = in_state(&k, i + 1, ROWS[i].state);
        k.fake.published_n = 0;
        assert_ok(
            operator_close(&k.fake.ports, d.drain_id, &ORDER, &f->arena, &out, &answer, &f->e),
            f->e);
        assert_int_equal(answer, ROWS[i].answer);
        struct drain there = state_fixture_read(f, &d);
        assert_int_equal(there.closed_at != 0, ROWS[i].unconfirmed != NULL);
        assert_int_equal(operator_unconfirmed(&d, &f->arena).n != 0, ROWS[i].unconfirmed != NULL);
        if (!ROWS[i].unconfirmed) continue;
        assert_str(there.closed_by, "ann");
        assert_contains(there.unconfirmed, ROWS[i].unconfirmed);
        assert_int_equal(k.fake.published_n, 2);
        assert_string_equal(topic_published(&k, 0), TOPIC_STATE);
    }
    desk_close(&k);
}

/* The drain's timer is due as well: what could not be told is no reason to call the order a failure. */
TEST(operator_whose_order_stands_but_is_not_told_is_given)
{
    static const struct {
        order_about *what;
        enum drain_state state;
    } ROWS[] = {{operator_cancel, DRAIN_DRAINING}, {operator_close, DRAIN_RELEASING}};
    struct desk k;
    struct drain out;
    struct drain_held held;
    enum order_answer answer;
    desk_open(&k);
    struct state_fixture *f = &k.state;
    for (int i = 0; i < (int)EBB_COUNT(ROWS); i++) {
        struct drain d = in_state(&k, i + 1, ROWS[i].state);
        k.fake.published_n = 0;
        k.fake.bus_codes[1] = E_UNREACHABLE;
        assert_ok(ROWS[i].what(&k.fake.ports, d.drain_id, &ORDER, &f->arena, &out, &answer, &f->e),
                  f->e);
        assert_int_equal(answer, ORDER_GIVEN);
        assert_int_equal(k.fake.published_n, 2);
        assert_ok(state_read_drain(&f->port, d.drain_id, &f->arena, &held, &f->e), f->e);
        assert_true(held.recorded);
        assert_true(held.record.look_at <= k.fake.now_ms);
    }
    desk_close(&k);
}

TEST(operator_names_the_protection_that_a_closed_drain_keeps)
{
    struct desk k;
    desk_open(&k);
    struct state_fixture *f = &k.state;
    struct drain d = in_state(&k, 1, DRAIN_UNDOING);
    d.remove_sent_at = d.start_sent_at = 0;
    assert_str(operator_unconfirmed(&d, &f->arena), "nothing");
    d.protection_asked = d.protected_until = FAKE_PORTS_NOW_MS;
    assert_contains(operator_unconfirmed(&d, &f->arena),
                    "stays protected from scale-in until 2023-11-14T22:13:20.000Z");
    d.remove_sent_at = 5;
    assert_contains(operator_unconfirmed(&d, &f->arena),
                    "sends work to the address 10.0.0.2 again; ");
    /* What ECS granted is not known. */
    d.protected_until = 0;
    assert_contains(operator_unconfirmed(&d, &f->arena), "until 2023-11-14T22:13:20.000Z");
    d.state = DRAIN_RELEASING;
    assert_null(strstr(operator_unconfirmed(&d, &f->arena).p, "protected"));
    desk_close(&k);
}

/* ---------------------------------------------------------------- the brake */

static struct result brake(struct desk *k, int64_t not_after)
{
    k->fake.view.intent = (struct intent_fact){.open = true, .not_after = not_after};
    return fake_perform(&k->fake, EFFECT_BRAKE);
}

TEST(brake_pauses_the_account_at_the_third_wrong_victim)
{
    struct desk k;
    struct control_held held;
    struct str scope = STR("account:123456789012");
    desk_open(&k);
    struct state_fixture *f = &k.state;
    for (int i = 0; i < 4; i++) /* of two intents, each told twice */
        assert_int_equal(brake(&k, i / 2).outcome, OUTCOME_OK);
    assert_ok(state_read_control(&f->port, scope, &f->arena, &held, &f->e), f->e);
    assert_false(held.exists);
    /* It is not done before ebb.state has it, and done when it is tried again. */
    k.fake.bus_codes[0] = E_UNREACHABLE;
    assert_int_equal(brake(&k, 2).outcome, OUTCOME_RETRY);
    assert_int_equal(brake(&k, 2).outcome, OUTCOME_OK);
    assert_ok(state_read_control(&f->port, scope, &f->arena, &held, &f->e), f->e);
    assert_true(held.recorded && held.record.kind == CONTROL_PAUSE && !held.record.until);
    assert_str(held.record.by, CONTROL_BY_EBB);
    assert_int_equal(held.record.version, 1);
    assert_int_equal(brake(&k, 3).outcome, OUTCOME_OK);
    assert_ok(state_read_control(&f->port, scope, &f->arena, &held, &f->e), f->e);
    assert_int_equal(held.record.version, 1);
    desk_close(&k);
}
