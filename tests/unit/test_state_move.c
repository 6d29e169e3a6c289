/* SPDX-License-Identifier: Apache-2.0
 * Goal: a drain moves only from the version its mover read, and a move's consequences are whole.
 * Method: a real Redis; each consequence is read back with Redis's own commands. */
#include <pthread.h>

#include "tests/support/state_fixture.h"

#define MOVERS 8

static int move(struct state_fixture *f, const struct drain *becomes, struct drain *out)
{
    struct move_request request = {.becomes = becomes};
    *out = (struct drain){0};
    return state_move(&f->port, &request, &f->arena, out, &f->e);
}

static bool exists(struct state_fixture *f, const char *key)
{
    return state_fixture_redis(f, "EXISTS %s", key).integer == 1;
}

static const char *task_key(struct state_fixture *f, const struct drain *d)
{
    return arena_format(&f->arena, "{ebb}:task:%.*s", STR_ARG(d->task_arn)).p;
}

#define ADDRESS_KEY "{ebb}:address:123456789012:us-east-1:10.0.0.2"

TEST(state_move_raises_the_version_and_sets_state_record_and_timer)
{
    struct state_fixture f;
    struct drain out;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1);
    state_fixture_claimed(&f, &d);
    d = state_fixture_read(&f, &d);
    d.state = DRAIN_REMOVED;
    d.removed_at = 1700000001000;
    d.look_at = 1700000099000;
    assert_int_equal(move(&f, &d, &out), E_OK);
    assert_int_equal(out.version, 2);
    assert_int_equal(out.state, DRAIN_REMOVED);
    struct drain there = state_fixture_read(&f, &d);
    assert_int_equal(there.version, 2);
    assert_int_equal(there.removed_at, 1700000001000);
    assert_str(state_fixture_redis(&f, "HGET {ebb}:drain:drain-1 state").text, "REMOVED");
    assert_str(state_fixture_redis(&f, "HGET {ebb}:drain:drain-1 version").text, "2");
    assert_str(state_fixture_redis(&f, "ZSCORE {ebb}:timers drain-1").text, "1700000099000");
    assert_true(
        str_starts(state_fixture_redis(&f, "HGET {ebb}:open:" STATE_SERVICE " drain-1").text,
                   STR("REMOVED arn:aws:ecs:")));
    state_fixture_close(&f);
}

/* Statement 5: who lost a race never overwrites what the winner wrote. */
TEST(state_move_of_a_loser_changes_nothing_and_returns_what_is_there)
{
    struct state_fixture f;
    struct drain out;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1);
    state_fixture_claimed(&f, &d);
    struct drain loser = state_fixture_read(&f, &d);
    state_fixture_move(&f, &d, DRAIN_REMOVED);
    state_fixture_move(&f, &d, DRAIN_DRAINING);

    struct str before = state_fixture_dump(&f);
    int64_t writes = state_fixture_writes(&f);
    loser.state = DRAIN_UNDOING;
    struct move_request request = {.becomes = &loser, .refund = true, .backoff_ms = 60000};
    assert_int_equal(state_move(&f.port, &request, &f.arena, &out, &f.e), E_CONFLICT);
    assert_int_equal(out.version, 3);
    assert_int_equal(out.state, DRAIN_DRAINING);
    assert_true(str_eq(out.task_arn, d.task_arn));
    assert_int_equal(state_fixture_writes(&f), writes);
    assert_true(str_eq(state_fixture_dump(&f), before));
    /* Nor does a mover of a version that is not there yet. */
    loser.version = 4;
    assert_int_equal(move(&f, &loser, &out), E_CONFLICT);
    assert_true(str_eq(state_fixture_dump(&f), before));
    state_fixture_close(&f);
}

TEST(state_move_to_a_final_state_lets_everything_go)
{
    static const enum drain_state FINAL[] = {DRAIN_SCALED_OUT, DRAIN_RESTORED, DRAIN_REPLACED,
                                             DRAIN_GONE};
    for (size_t i = 0; i < EBB_COUNT(FINAL); i++) {
        struct state_fixture f;
        state_fixture_open(&f);
        struct drain d = state_fixture_drain(&f, 1);
        state_fixture_claimed(&f, &d);
        state_fixture_written(&f, &d);
        state_fixture_move(&f, &d, FINAL[i]);
        /* Task and address are free once ebb.state has it. */
        assert_true(exists(&f, task_key(&f, &d)) && exists(&f, ADDRESS_KEY));
        state_fixture_written(&f, &d);
        assert_false(exists(&f, task_key(&f, &d)));
        assert_false(exists(&f, ADDRESS_KEY));
        assert_false(exists(&f, "{ebb}:timers"));
        assert_false(exists(&f, "{ebb}:open:" STATE_SERVICE));
        /* Cooldown and hour still count it, and its record is known for its life. */
        assert_int_equal(state_fixture_redis(&f, "ZCARD {ebb}:begun:" STATE_SERVICE).integer, 1);
        int64_t life = state_fixture_redis(&f, "PTTL {ebb}:drain:drain-1").integer;
        assert_true(life > STATE_FINAL_LIFE_MS - 60000 && life <= STATE_FINAL_LIFE_MS);
        state_fixture_close(&f);
    }
}

TEST(state_move_to_a_final_state_leaves_what_others_hold_by_now)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1);
    state_fixture_claimed(&f, &d);
    (void)state_fixture_redis(&f, "SET %s drain-9", task_key(&f, &d));
    (void)state_fixture_redis(&f, "SET " ADDRESS_KEY " drain-9");
    state_fixture_end(&f, &d, DRAIN_GONE);
    assert_str(state_fixture_redis(&f, "GET %s", task_key(&f, &d)).text, "drain-9");
    assert_str(state_fixture_redis(&f, "GET " ADDRESS_KEY).text, "drain-9");
    state_fixture_close(&f);
}

TEST(state_move_refund_takes_back_exactly_its_own_drain)
{
    struct state_fixture f;
    struct drain out;
    state_fixture_open(&f);
    struct drain one = state_fixture_drain(&f, 1), two = state_fixture_drain(&f, 2),
                 three = state_fixture_drain(&f, 3);
    f.settings.drains_per_hour = 2;
    state_fixture_claimed(&f, &one);
    state_fixture_claimed(&f, &two);
    assert_int_equal(state_fixture_claim(&f, &three).refusal, REASON_HOURLY_LIMIT);
    struct drain undone = state_fixture_read(&f, &one);
    undone.state = DRAIN_UNDOING;
    struct move_request request = {.becomes = &undone, .refund = true};
    assert_ok(state_move(&f.port, &request, &f.arena, &out, &f.e), f.e);
    struct reply begun = state_fixture_redis(&f, "ZRANGE {ebb}:begun:" STATE_SERVICE " 0 -1");
    assert_int_equal(begun.n, 1);
    assert_str(begun.items[0].text, "drain-2");
    assert_false(exists(&f, "{ebb}:backoff:" STATE_SERVICE));
    assert_int_equal(state_fixture_claim(&f, &three).refusal, REASON_NONE);
    state_fixture_close(&f);
}

TEST(state_move_refund_gives_the_cooldown_back)
{
    struct state_fixture f;
    struct drain out;
    state_fixture_open(&f);
    struct drain one = state_fixture_drain(&f, 1), two = state_fixture_drain(&f, 2);
    f.settings.cooldown_ms = 900000;
    state_fixture_claimed(&f, &one);
    assert_int_equal(state_fixture_claim(&f, &two).refusal, REASON_COOLDOWN);
    struct drain undone = state_fixture_read(&f, &one);
    undone.state = DRAIN_UNDOING;
    struct move_request request = {.becomes = &undone, .refund = true};
    assert_ok(state_move(&f.port, &request, &f.arena, &out, &f.e), f.e);
    assert_int_equal(state_fixture_claim(&f, &two).refusal, REASON_NONE);
    state_fixture_close(&f);
}

TEST(state_move_without_a_record_is_not_found)
{
    struct state_fixture f;
    struct drain out;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1);
    d.version = 3;
    struct str before = state_fixture_dump(&f);
    assert_int_equal(move(&f, &d, &out), E_NOT_FOUND);
    assert_true(str_eq(state_fixture_dump(&f), before));
    state_fixture_close(&f);
}

TEST(state_read_open_tells_states_apart)
{
    struct state_fixture f;
    struct drain_list list;
    state_fixture_open(&f);
    struct drain drains[4];
    for (int i = 0; i < 4; i++) {
        drains[i] = state_fixture_drain(&f, i);
        state_fixture_claimed(&f, &drains[i]);
    }
    state_fixture_move(&f, &drains[1], DRAIN_DRAINED);
    state_fixture_move(&f, &drains[2], DRAIN_RELEASING);
    state_fixture_move(&f, &drains[3], DRAIN_SCALED_OUT);
    struct str service = STR(STATE_SERVICE);
    assert_ok(state_read_open(&f.port, service, DRAIN_OTHER, &f.arena, &list, &f.e), f.e);
    assert_int_equal(list.n, 3);
    assert_ok(state_read_open(&f.port, service, DRAIN_DRAINED, &f.arena, &list, &f.e), f.e);
    assert_int_equal(list.n, 1);
    assert_str(list.items[0].record.drain_id, "drain-1");
    assert_int_equal(list.items[0].record.version, 2);
    assert_ok(state_read_open(&f.port, service, DRAIN_UNDOING, &f.arena, &list, &f.e), f.e);
    assert_int_equal(list.n, 0);
    assert_ok(state_read_open(&f.port, STR("aws:r:1:c/none"), DRAIN_OTHER, &f.arena, &list, &f.e),
              f.e);
    assert_int_equal(list.n, 0);
    state_fixture_close(&f);
}

struct mover {
    pthread_t thread;
    pthread_barrier_t *start;
    const struct store_port *port;
    struct drain becomes, out;
    struct arena arena;
    int code;
};

static void *race(void *arg)
{
    struct mover *m = arg;
    struct move_request request = {.becomes = &m->becomes};
    struct err e;
    (void)pthread_barrier_wait(m->start); /* who is last does not matter */
    m->code = state_move(m->port, &request, &m->arena, &m->out, &e);
    return NULL;
}

TEST(state_moves_at_once_have_one_winner)
{
    struct state_fixture f;
    struct mover movers[MOVERS];
    pthread_barrier_t start;
    state_fixture_open(&f);
    for (int round = 0; round < 20; round++) {
        struct drain d = state_fixture_drain(&f, round);
        state_fixture_claimed(&f, &d);
        d = state_fixture_read(&f, &d);
        int won = -1;
        assert_int_equal(pthread_barrier_init(&start, NULL, MOVERS), 0);
        for (int i = 0; i < MOVERS; i++) {
            movers[i] = (struct mover){.start = &start, .port = &f.port, .becomes = d};
            movers[i].becomes.state = i % 2 ? DRAIN_REMOVED : DRAIN_UNDOING;
            movers[i].becomes.attempts = i;
            arena_init(&movers[i].arena);
            assert_int_equal(pthread_create(&movers[i].thread, NULL, race, &movers[i]), 0);
        }
        for (int i = 0; i < MOVERS; i++) {
            assert_int_equal(pthread_join(movers[i].thread, NULL), 0);
            if (movers[i].code == E_OK) assert_int_equal(won, -1);
            if (movers[i].code == E_OK) won = i;
        }
        assert_true(won >= 0);
        assert_int_equal(state_fixture_read(&f, &d).attempts, won);
        for (int i = 0; i < MOVERS; i++) {
            if (i != won) assert_int_equal(movers[i].code, E_CONFLICT);
            assert_int_equal(movers[i].out.attempts, won);
            assert_int_equal(movers[i].out.version, 2);
            arena_release(&movers[i].arena);
        }
        assert_int_equal(pthread_barrier_destroy(&start), 0);
    }
    state_fixture_close(&f);
}
