/* SPDX-License-Identifier: Apache-2.0
 * Goal: a lease has one holder until it ends, and an intent is written and closed only under it.
 * Method: a real Redis; leases are ended by Redis's own clock or by giving them back. */
#include "tests/support/state_fixture.h"

#define SERVICE    STR(STATE_SERVICE)
#define LEASE      STR("scale:" STATE_SERVICE)
#define ONE        STR("one/scale/0")
#define OTHER      STR("other/scale/3")
#define MINUTE_MS  60000
#define TIMEOUT_MS 20000

static int take(struct state_fixture *f, struct str holder, int64_t life_ms)
{
    return state_take_lease(&f->port, LEASE, holder, life_ms, &f->arena, &f->e);
}

static void release(struct state_fixture *f, struct str holder)
{
    assert_ok(state_release_lease(&f->port, LEASE, holder, &f->arena, &f->e), f->e);
}

TEST(state_lease_is_taken_over_only_after_its_end)
{
    struct state_fixture f;
    struct clock clock = clock_system();
    state_fixture_open(&f);
    assert_ok(take(&f, ONE, 300), f.e);
    int64_t began_ms = clock_mono_ms(&clock);
    assert_int_equal(take(&f, OTHER, MINUTE_MS), E_BUSY);
    int code;
    while ((code = take(&f, OTHER, MINUTE_MS)) == E_BUSY) {
        assert_true(clock_mono_ms(&clock) - began_ms < TIMEOUT_MS);
        clock_sleep_ms(5);
    }
    assert_ok(code, f.e);
    assert_true(clock_mono_ms(&clock) - began_ms >= 295);
    assert_int_equal(take(&f, ONE, MINUTE_MS), E_BUSY);
    state_fixture_close(&f);
}

TEST(state_lease_is_renewed_by_its_holder)
{
    struct state_fixture f;
    state_fixture_open(&f);
    assert_ok(take(&f, ONE, 1000), f.e);
    assert_ok(take(&f, ONE, MINUTE_MS), f.e);
    int64_t left_ms = state_fixture_redis(&f, "PTTL {ebb}:lease:scale:" STATE_SERVICE).integer;
    assert_true(left_ms > MINUTE_MS / 2 && left_ms <= MINUTE_MS);
    assert_int_equal(take(&f, OTHER, MINUTE_MS), E_BUSY);
    /* Another service's lease is another lease. */
    assert_ok(state_take_lease(&f.port, STR("scale:aws:r:1:c/s"), OTHER, MINUTE_MS, &f.arena, &f.e),
              f.e);
    state_fixture_close(&f);
}

TEST(state_lease_is_given_back_by_its_holder_only)
{
    struct state_fixture f;
    state_fixture_open(&f);
    assert_ok(take(&f, ONE, MINUTE_MS), f.e);
    release(&f, OTHER);
    assert_int_equal(take(&f, OTHER, MINUTE_MS), E_BUSY);
    release(&f, ONE);
    release(&f, ONE); /* nobody's */
    assert_ok(take(&f, OTHER, MINUTE_MS), f.e);
    release(&f, ONE); /* too late: it is another's by now */
    assert_int_equal(take(&f, ONE, MINUTE_MS), E_BUSY);
    state_fixture_close(&f);
}

static int put(struct state_fixture *f, struct str holder, const struct intent_fact *intent)
{
    return state_put_intent(&f->port, SERVICE, holder, intent, &f->arena, &f->e);
}

static int close_intent(struct state_fixture *f, struct str holder,
                        const struct intent_fact *intent)
{
    return state_close_intent(&f->port, SERVICE, holder, intent, &f->arena, &f->e);
}

static struct intent_fact read_intent(struct state_fixture *f)
{
    struct intent_fact out;
    assert_ok(state_read_intent(&f->port, SERVICE, &f->arena, &out, &f->e), f->e);
    return out;
}

TEST(state_intent_is_read_back_as_it_was_put)
{
    struct state_fixture f;
    state_fixture_open(&f);
    assert_false(read_intent(&f).open);
    assert_ok(take(&f, ONE, MINUTE_MS), f.e);
    struct intent_fact intent = {.base = 5, .to = 3, .not_after = 1700000002000, .others = 3};
    assert_ok(put(&f, ONE, &intent), f.e);
    struct intent_fact there = read_intent(&f);
    assert_true(there.open);
    assert_int_equal(there.base, 5);
    assert_int_equal(there.to, 3);
    assert_int_equal(there.not_after, 1700000002000);
    assert_int_equal(there.others, 3);
    state_fixture_close(&f);
}

TEST(state_intent_is_one_at_a_time_and_only_under_the_lease)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct intent_fact intent = {.base = 5, .to = 4, .not_after = 1700000002000, .others = 4},
                       second = {.base = 4, .to = 3, .not_after = 1700000009000, .others = 3};
    /* Nobody's lease, another's lease. */
    assert_int_equal(put(&f, ONE, &intent), E_BUSY);
    assert_ok(take(&f, OTHER, MINUTE_MS), f.e);
    assert_int_equal(put(&f, ONE, &intent), E_BUSY);
    assert_false(read_intent(&f).open);
    /* The lease of another service is none. */
    assert_ok(state_take_lease(&f.port, STR("scale:aws:r:1:c/s"), ONE, MINUTE_MS, &f.arena, &f.e),
              f.e);
    assert_int_equal(put(&f, ONE, &intent), E_BUSY);
    assert_ok(put(&f, OTHER, &intent), f.e);
    assert_int_equal(put(&f, OTHER, &second), E_CONFLICT);
    assert_int_equal(read_intent(&f).base, 5);
    state_fixture_close(&f);
}

TEST(state_intent_is_closed_only_as_it_was_looked_at)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct intent_fact intent = {.base = 5, .to = 4, .not_after = 1700000002000, .others = 4},
                       other_base = intent, other_time = intent;
    other_base.base = 6;
    other_time.not_after++;
    assert_ok(take(&f, ONE, MINUTE_MS), f.e);
    assert_ok(put(&f, ONE, &intent), f.e);
    assert_int_equal(close_intent(&f, ONE, &other_base), E_CONFLICT);
    assert_int_equal(close_intent(&f, ONE, &other_time), E_CONFLICT);
    assert_int_equal(close_intent(&f, OTHER, &intent), E_BUSY);
    assert_true(read_intent(&f).open);
    assert_ok(close_intent(&f, ONE, &intent), f.e);
    assert_false(read_intent(&f).open);
    assert_ok(close_intent(&f, ONE, &intent), f.e); /* closed is closed */
    release(&f, ONE);
    assert_int_equal(close_intent(&f, ONE, &intent), E_BUSY);
    state_fixture_close(&f);
}

/* Its holder is gone; who takes the lease over finds the intent and settles it. */
TEST(state_intent_outlives_the_lease_it_was_written_under)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct intent_fact intent = {.base = 5, .to = 4, .not_after = 1700000002000, .others = 4};
    assert_ok(take(&f, ONE, MINUTE_MS), f.e);
    assert_ok(put(&f, ONE, &intent), f.e);
    release(&f, ONE);
    assert_ok(take(&f, OTHER, MINUTE_MS), f.e);
    assert_true(read_intent(&f).open);
    assert_int_equal(put(&f, OTHER, &intent), E_CONFLICT);
    assert_int_equal(close_intent(&f, ONE, &intent), E_BUSY);
    assert_ok(close_intent(&f, OTHER, &intent), f.e);
    state_fixture_close(&f);
}

TEST(state_intent_that_is_no_numbers_is_told)
{
    struct state_fixture f;
    struct intent_fact out;
    state_fixture_open(&f);
    (void)state_fixture_redis(&f, "HSET {ebb}:intent:" STATE_SERVICE " base five to 4");
    assert_int_equal(state_read_intent(&f.port, SERVICE, &f.arena, &out, &f.e), E_BUG);
    state_fixture_close(&f);
}

/* The intent as it was put, after the one open drain of its service became final. */
static bool outlives_the_last_drain(int64_t not_after)
{
    struct state_fixture f;
    struct intent_fact intent = {.base = 5, .to = 4, .not_after = not_after, .others = 4}, found;
    state_fixture_open(&f);
    struct drain one = state_fixture_drain(&f, 1), other = state_fixture_drain(&f, 2);
    state_fixture_claimed(&f, &one);
    state_fixture_claimed(&f, &other);
    assert_ok(take(&f, ONE, MINUTE_MS), f.e);
    assert_ok(put(&f, ONE, &intent), f.e);
    one = state_fixture_read(&f, &one);
    state_fixture_move(&f, &one, DRAIN_GONE);
    assert_ok(state_read_intent(&f.port, SERVICE, &f.arena, &found, &f.e), f.e);
    assert_true(found.open);
    other = state_fixture_read(&f, &other);
    state_fixture_move(&f, &other, DRAIN_RESTORED);
    assert_ok(state_read_intent(&f.port, SERVICE, &f.arena, &found, &f.e), f.e);
    state_fixture_close(&f);
    return found.open;
}

/* An older copy of Redis may bring one back that was settled: nobody will look at it. */
TEST(state_intent_that_is_over_does_not_outlive_the_last_open_drain)
{
    assert_false(outlives_the_last_drain(1700000002000));
    assert_true(outlives_the_last_drain(STATE_FUTURE_MS));
}
