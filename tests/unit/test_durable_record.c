/* SPDX-License-Identifier: Apache-2.0
 * Goal: whatever Redis has by the time a record is stored in ebb.state, the two agree afterwards, in
 * one order of versions. Method: a real Redis that has lost, kept or changed the drain, and a bus
 * that keeps what is published. */
#include "lib/effect/durable.h"
#include "lib/record/walkers.h"
#include "tests/support/fake_ports.h"
#include "tests/support/state_fixture.h"

struct scene {
    struct state_fixture state;
    struct fake_ports fake;
    struct drain drain; /* claimed: version 1 */
};

static void open_scene(struct scene *s)
{
    state_fixture_open(&s->state);
    fake_ports_open(&s->fake);
    s->fake.ports.store = s->state.port;
    struct clock clock = clock_system();
    s->fake.now_ms = clock_wall_ms(&clock); /* as the real Redis has it */
    s->drain = state_fixture_drain(&s->state, 1);
    state_fixture_claimed(&s->state, &s->drain);
    s->drain = state_fixture_read(&s->state, &s->drain);
}

static void close_scene(struct scene *s)
{
    fake_ports_close(&s->fake);
    state_fixture_close(&s->state);
}

static struct drain published(struct scene *s, size_t i)
{
    struct drain d = {0};
    assert_true(i < s->fake.published_n);
    assert_ok(
        msgpack_decode(&DRAIN_RECORD, s->fake.published[i].value, &s->state.arena, &d, &s->state.e),
        s->state.e);
    return d;
}

static int record(struct scene *s, struct drain *d)
{
    return durable_record(&s->fake.ports, d, true, &s->state.arena, &s->state.e);
}

static void assert_both_have(struct scene *s, int64_t version, enum drain_state state)
{
    struct drain last = published(s, s->fake.published_n - 1);
    struct drain held = state_fixture_read(&s->state, &last);
    assert_int_equal(last.version, version);
    assert_int_equal(last.state, state);
    assert_int_equal(held.version, version);
    assert_int_equal(held.state, state);
}

TEST(durable_record_of_a_claim_that_redis_lost_voids_it)
{
    struct scene s;
    open_scene(&s);
    (void)state_fixture_redis(&s.state, "FLUSHALL");
    assert_ok(record(&s, &s.drain), s.state.e);
    assert_int_equal(s.fake.published_n, 2);
    assert_both_have(&s, 2, DRAIN_RESTORED);
    struct drain last = published(&s, 1);
    assert_true(drain_never_began(&last));
    close_scene(&s);
}

/* Nobody else knows that it is void: until ebb.state has it, it has a timer. */
TEST(durable_record_that_ends_before_a_void_claim_is_stored_leaves_it_to_the_timers)
{
    struct scene s;
    open_scene(&s);
    (void)state_fixture_redis(&s.state, "FLUSHALL");
    s.fake.bus_codes[1] = E_UNREACHABLE;
    assert_int_equal(record(&s, &s.drain), E_UNREACHABLE);
    struct drain_held held;
    assert_ok(state_read_drain(&s.state.port, s.drain.drain_id, &s.state.arena, &held, &s.state.e),
              s.state.e);
    assert_int_equal(held.record.state, DRAIN_RESTORED);
    assert_false(held.recorded);
    assert_true(state_fixture_redis(&s.state, "ZSCORE {ebb}:timers %s", s.drain.drain_id.p).kind ==
                REPLY_STR);
    close_scene(&s);
}

/* Else its final record would be written again, and a minute later. */
TEST(durable_record_of_what_was_put_back_is_heard_of)
{
    struct scene s;
    open_scene(&s);
    (void)state_fixture_redis(&s.state, "FLUSHALL");
    assert_ok(record(&s, &s.drain), s.state.e);
    struct reply unheard =
        state_fixture_redis(&s.state, "HGET {ebb}:drain:%s unheard", s.drain.drain_id.p);
    assert_true(str_is_empty(str_trim(unheard.text)));
    close_scene(&s);
}

TEST(durable_record_puts_back_what_redis_lost)
{
    struct scene s;
    open_scene(&s);
    struct drain ours = s.drain;
    ours.version = 3;
    ours.state = DRAIN_REMOVED;
    /* The version before is there; then nothing is. */
    for (int64_t i = 0; i < 2; i++) {
        ours.version += i;
        assert_ok(record(&s, &ours), s.state.e);
        assert_both_have(&s, ours.version, DRAIN_REMOVED);
        (void)state_fixture_redis(&s.state, "FLUSHALL");
    }
    close_scene(&s);
}

TEST(durable_record_gives_two_records_of_one_version_an_order)
{
    struct scene s;
    open_scene(&s);
    struct drain ours = s.drain;
    state_fixture_move(&s.state, &s.drain, DRAIN_UNDOING);
    ours.version = s.drain.version;
    ours.state = DRAIN_REMOVED;
    assert_ok(record(&s, &ours), s.state.e);
    assert_int_equal(ours.version, 3);
    assert_int_equal(ours.state, DRAIN_UNDOING);
    assert_both_have(&s, 3, DRAIN_UNDOING);
    close_scene(&s);
}

/* A record whose version Redis gave and lost may get in at any time, and its writer not be heard of:
 * no other record has that version, and none that is made later is older. */
TEST(durable_record_of_a_version_that_redis_lost_is_older_than_all_that_follow)
{
    struct scene s;
    open_scene(&s);
    struct state_fixture *f = &s.state;
    struct drain known = s.drain, lost = s.drain;
    state_fixture_move(f, &lost, DRAIN_UNDOING);
    (void)state_fixture_redis(f, "FLUSHALL");
    state_fixture_begin_epoch(f);
    assert_ok(state_merge(&f->port, &known, true, &f->arena, &f->e), f->e);
    state_fixture_move(f, &known, DRAIN_REMOVED);
    assert_true(known.version > lost.version);
    assert_ok(record(&s, &lost), f->e);
    assert_both_have(&s, known.version, DRAIN_REMOVED);
    int64_t first = known.version;
    state_fixture_move(f, &known, DRAIN_DRAINING);
    assert_int_equal(known.version, first + 1);
    close_scene(&s);
}

/* The same, and it gets in behind the last one. */
TEST(durable_record_of_an_end_is_written_again_after_a_version_that_redis_lost)
{
    struct scene s;
    struct drain_held held;
    open_scene(&s);
    struct state_fixture *f = &s.state;
    (void)state_fixture_redis(f, "FLUSHALL");
    state_fixture_begin_epoch(f);
    assert_ok(state_merge(&f->port, &s.drain, true, &f->arena, &f->e), f->e);
    state_fixture_move(f, &s.drain, DRAIN_GONE);
    for (int i = 0; i < 2; i++) {
        assert_ok(durable_drain(&s.fake.ports, &s.drain, &f->arena, &f->e), f->e);
        assert_ok(state_read_drain(&f->port, s.drain.drain_id, &f->arena, &held, &f->e), f->e);
        assert_int_equal(held.recorded, i == 1);
        state_fixture_is_late(f, &s.drain);
    }
    close_scene(&s);
}

TEST(durable_record_writes_what_overtook_it)
{
    struct scene s;
    open_scene(&s);
    struct drain ours = s.drain;
    state_fixture_move(&s.state, &s.drain, DRAIN_UNDOING);
    assert_ok(record(&s, &ours), s.state.e);
    assert_int_equal(ours.version, 2);
    assert_both_have(&s, 2, DRAIN_UNDOING);
    assert_int_equal(s.fake.published_n, 2);
    close_scene(&s);
}

TEST(durable_drain_is_not_written_once_it_was_overtaken)
{
    struct scene s;
    open_scene(&s);
    struct drain older = s.drain;
    state_fixture_move(&s.state, &s.drain, DRAIN_UNDOING);
    assert_ok(durable_drain(&s.fake.ports, &older, &s.state.arena, &s.state.e), s.state.e);
    assert_both_have(&s, 2, DRAIN_UNDOING);
    assert_int_equal(s.fake.published_n, 1);
    close_scene(&s);
}

/* The final record was there before ours got in, and stands behind it now: it is not known to be the
 * last until it is written once more, by us or by the timers. */
TEST(durable_record_that_cannot_write_what_overtook_it_leaves_that_to_the_timers)
{
    struct scene s;
    struct drain_held held;
    open_scene(&s);
    struct drain ours = s.drain;
    struct state_fixture *f = &s.state;
    state_fixture_end(f, &s.drain, DRAIN_GONE);
    s.fake.bus_codes[1] = E_UNREACHABLE;
    assert_int_equal(record(&s, &ours), E_UNREACHABLE);
    assert_ok(state_read_drain(&f->port, ours.drain_id, &f->arena, &held, &f->e), f->e);
    assert_false(held.recorded);
    assert_int_equal(state_fixture_redis(f, "ZCARD {ebb}:timers").integer, 1);
    for (int i = 0; i < 2; i++) {
        assert_ok(durable_drain(&s.fake.ports, &held.record, &f->arena, &f->e), f->e);
        assert_both_have(&s, 2, DRAIN_GONE);
        assert_int_equal(state_fixture_redis(f, "ZCARD {ebb}:timers").integer, i == 0);
        state_fixture_is_late(f, &ours);
    }
    close_scene(&s);
}

/* Who claimed it was not heard of since, and its record may get in behind the final one: that is
 * written once more when no record of his can come any more. */
TEST(durable_record_of_an_end_is_written_again_after_a_version_of_which_nobody_was_heard)
{
    struct scene s;
    struct drain_held held;
    open_scene(&s);
    struct state_fixture *f = &s.state;
    state_fixture_move(f, &s.drain, DRAIN_GONE);
    for (int i = 0; i < 2; i++) {
        assert_ok(durable_drain(&s.fake.ports, &s.drain, &f->arena, &f->e), f->e);
        assert_ok(state_read_drain(&f->port, s.drain.drain_id, &f->arena, &held, &f->e), f->e);
        assert_int_equal(held.recorded, i == 1);
        assert_int_equal(state_fixture_redis(f, "ZCARD {ebb}:timers").integer, i == 0);
        struct reply holds =
            state_fixture_redis(f, "EXISTS {ebb}:task:%.*s", STR_ARG(s.drain.task_arn));
        assert_int_equal(holds.integer, 0);
        state_fixture_is_late(f, &s.drain);
    }
    close_scene(&s);
}

TEST(durable_record_of_an_end_is_the_last_word_after_a_version_that_was_never_sent)
{
    struct scene s;
    struct drain_held held;
    open_scene(&s);
    struct state_fixture *f = &s.state;
    state_fixture_written(f, &s.drain);
    state_fixture_move(f, &s.drain, DRAIN_RELEASING);
    s.drain.state = DRAIN_GONE;
    struct move_request request = {.becomes = &s.drain, .skips = true};
    assert_ok(state_move(&f->port, &request, &f->arena, &s.drain, &f->e), f->e);
    assert_ok(durable_drain(&s.fake.ports, &s.drain, &f->arena, &f->e), f->e);
    assert_ok(state_read_drain(&f->port, s.drain.drain_id, &f->arena, &held, &f->e), f->e);
    assert_true(held.recorded);
    close_scene(&s);
}
