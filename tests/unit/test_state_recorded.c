/* SPDX-License-Identifier: Apache-2.0
 * Goal: only what ebb.state has last counts as recorded. Method: a real Redis, and writers that say in
 * any order what they wrote. */
#include "tests/support/state_fixture.h"

static bool is_recorded(struct state_fixture *f, const struct drain *d)
{
    struct drain_held held;
    assert_ok(state_read_drain(&f->port, d->drain_id, &f->arena, &held, &f->e), f->e);
    return held.recorded;
}

/* What lets an outside effect follow: only the version that ebb.state acknowledged. */
TEST(state_recorded_holds_for_one_version)
{
    struct state_fixture f;
    struct drain out;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1);
    state_fixture_claimed(&f, &d);
    d = state_fixture_read(&f, &d);
    assert_false(is_recorded(&f, &d));
    state_fixture_written(&f, &d);
    assert_true(is_recorded(&f, &d));
    struct drain older = d;
    state_fixture_move(&f, &d, DRAIN_REMOVED);
    assert_false(is_recorded(&f, &d));
    assert_int_equal(state_recorded(&f.port, &older, &f.arena, &out, &f.e), E_CONFLICT);
    /* Nor for another record of the same version. */
    struct drain other = d;
    other.reason = STR("another");
    assert_int_equal(state_recorded(&f.port, &other, &f.arena, &out, &f.e), E_CONFLICT);
    assert_int_equal(out.version, d.version);
    assert_int_equal(out.version, 2);
    assert_int_equal(out.state, DRAIN_REMOVED);
    assert_false(is_recorded(&f, &d));
    struct drain nobody = state_fixture_drain(&f, 2);
    assert_int_equal(state_recorded(&f.port, &nobody, &f.arena, &out, &f.e), E_NOT_FOUND);
    assert_int_equal(state_fixture_redis(&f, "EXISTS {ebb}:drain:drain-2").integer, 0);
    state_fixture_close(&f);
}

static void assert_is_written_again(struct state_fixture *f, struct drain *d)
{
    assert_false(is_recorded(f, d));
    assert_int_equal(state_fixture_redis(f, "ZCARD {ebb}:timers").integer, 1);
    state_fixture_written(f, d);
    assert_false(is_recorded(f, d));
    state_fixture_is_late(f, d);
    state_fixture_written(f, d);
    assert_true(is_recorded(f, d));
    assert_int_equal(state_fixture_redis(f, "ZCARD {ebb}:timers").integer, 0);
}

/* Whoever wrote the newer one may have done so before the older one got in, which stands behind it
 * then. */
TEST(state_recorded_is_written_again_when_an_older_one_came_between)
{
    struct state_fixture f;
    struct drain out;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1);
    state_fixture_claimed(&f, &d);
    struct drain older = d = state_fixture_read(&f, &d);
    state_fixture_move(&f, &d, DRAIN_GONE);
    assert_int_equal(state_recorded(&f.port, &older, &f.arena, &out, &f.e), E_CONFLICT);
    assert_int_equal(out.version, 2);
    state_fixture_written(&f, &d);
    assert_is_written_again(&f, &d);
    state_fixture_close(&f);
}

/* Who writes what another made may not be heard of while the other is, and so may each of two. */
TEST(state_recorded_waits_for_each_who_said_that_he_will_write)
{
    struct state_fixture f;
    struct drain out;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1);
    state_fixture_claimed(&f, &d);
    d = state_fixture_read(&f, &d);
    struct drain older = d;
    assert_ok(state_will_record(&f.port, &d, &f.arena, &out, &f.e), f.e);
    state_fixture_written(&f, &d);
    assert_true(is_recorded(&f, &d));
    state_fixture_move(&f, &d, DRAIN_GONE);
    state_fixture_written(&f, &d);
    assert_is_written_again(&f, &d);
    /* It is late for the older one now. */
    assert_int_equal(state_will_record(&f.port, &older, &f.arena, &out, &f.e), E_CONFLICT);
    assert_int_equal(out.version, 2);
    state_fixture_close(&f);
}
