/* SPDX-License-Identifier: Apache-2.0
 * Goal: between a wipe and the end of its merge nobody acts on what is there. Method: a real Redis,
 * emptied, with one record put back and no epoch begun. */
#include "tests/support/state_fixture.h"

/* While state is put together again an older version may be there: to move it would make a second
 * one of the same number, and to act on it would do again what is long done. */
TEST(state_that_is_lost_is_neither_moved_nor_acted_on)
{
    struct state_fixture f;
    struct drain_held held;
    struct drain out;
    struct str run_id, epoch;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1);
    state_fixture_claimed(&f, &d);
    d = state_fixture_read(&f, &d);
    assert_ok(state_run_id(&f.port, &f.arena, &run_id, &epoch, &f.e), f.e);
    (void)state_fixture_redis(&f, "FLUSHALL");
    assert_ok(state_merge(&f.port, &d, true, &f.arena, &f.e), f.e);
    struct str before = state_fixture_dump(&f);
    struct move_request request = {.becomes = &d};
    assert_int_equal(state_move(&f.port, &request, &f.arena, &out, &f.e), E_STATE_LOST);
    assert_int_equal(state_read_to_act(&f.port, d.drain_id, &f.arena, &held, &f.e), E_STATE_LOST);
    assert_true(str_eq(state_fixture_dump(&f), before));
    state_fixture_begin_epoch(&f);
    assert_ok(state_read_to_act(&f.port, d.drain_id, &f.arena, &held, &f.e), f.e);
    assert_true(held.exists && held.recorded);
    assert_ok(state_move(&f.port, &request, &f.arena, &out, &f.e), f.e);
    assert_ok(state_read_to_act(&f.port, STR("nobody"), &f.arena, &held, &f.e), f.e);
    assert_false(held.exists);
    state_fixture_close(&f);
}
