/* SPDX-License-Identifier: Apache-2.0
 * Goal: a pause and its end are durable, and their times are Redis's. Method: a real Redis, and a bus
 * that keeps what is published. */
#include "lib/effect/durable.h"
#include "lib/record/walkers.h"
#include "lib/store/state_control.h"
#include "producers/operator.h"
#include "tests/support/desk.h"

static const struct log QUIET = {.least = LOG_ERROR + 1};
static const struct order ORDER = {{"ann", 3}, {"a test", 6}, &QUIET};

TEST(operator_pauses_and_resumes_durably)
{
    struct desk k;
    struct control_held held;
    bool was_paused;
    int64_t until;
    desk_open(&k);
    struct state_fixture *f = &k.state;
    struct str scope = STR("account:123456789012");
    assert_ok(operator_resume(&k.fake.ports, scope, &ORDER, &f->arena, &was_paused, &f->e), f->e);
    assert_false(was_paused);
    assert_int_equal(k.fake.published_n, 0);
    assert_ok(operator_pause(&k.fake.ports, scope, 0, &ORDER, &f->arena, &until, &f->e), f->e);
    assert_ok(state_read_control(&f->port, scope, &f->arena, &held, &f->e), f->e);
    assert_true(held.recorded && held.record.kind == CONTROL_PAUSE);
    assert_int_equal(k.fake.published_n, 1);
    assert_str(k.fake.published[0].key, "control:account:123456789012");
    struct control c = {0};
    assert_ok(msgpack_decode(&CONTROL_RECORD, k.fake.published[0].value, &f->arena, &c, &f->e),
              f->e);
    assert_int_equal(c.version, 1);
    assert_str(c.by, "ann");
    assert_ok(operator_resume(&k.fake.ports, scope, &ORDER, &f->arena, &was_paused, &f->e), f->e);
    assert_true(was_paused);
    assert_ok(state_read_control(&f->port, scope, &f->arena, &held, &f->e), f->e);
    assert_true(held.recorded && held.record.kind == CONTROL_RESUME && held.record.version == 2);
    desk_close(&k);
}

/* The operator's clock is years behind: what counts is Redis's, by which claims are refused. */
TEST(operator_pauses_by_the_clock_of_redis)
{
    struct desk k;
    struct control_held held;
    bool was_paused;
    int64_t until, before_ms, after_ms;
    desk_open(&k);
    struct state_fixture *f = &k.state;
    struct str scope = STR("account:123456789012");
    k.fake.now_ms = FAKE_PORTS_NOW_MS;
    assert_ok(state_time(&f->port, &f->arena, &before_ms, &f->e), f->e);
    assert_true(before_ms > k.fake.now_ms + 86400000);
    assert_ok(operator_pause(&k.fake.ports, scope, 600000, &ORDER, &f->arena, &until, &f->e), f->e);
    assert_ok(state_time(&f->port, &f->arena, &after_ms, &f->e), f->e);
    assert_true(until >= before_ms + 600000 && until <= after_ms + 600000);
    assert_ok(state_read_control(&f->port, scope, &f->arena, &held, &f->e), f->e);
    assert_int_equal(held.record.until, until);
    assert_int_equal(held.record.at, until - 600000);
    assert_true(control_pauses(&held.record, after_ms));
    assert_ok(operator_resume(&k.fake.ports, scope, &ORDER, &f->arena, &was_paused, &f->e), f->e);
    assert_true(was_paused);
    desk_close(&k);
}
