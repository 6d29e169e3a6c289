/* SPDX-License-Identifier: Apache-2.0
 * Goal: asking is not claiming, nothing is claimed on state that may be lost, and of threads that
 * claim at once exactly as many win as the limits allow. Method: dumps of all keys before and
 * after; eight threads that begin together, many rounds. */
#include <pthread.h>

#include "tests/support/state_fixture.h"

#define THREADS   8
#define ROUNDS    25
#define THIRTY_MS ((int64_t)30000)

static struct limits_fact check(struct state_fixture *f, const struct drain *d)
{
    struct drain about = {.service = d->service, .cause = d->cause};
    struct claim_request request = {.settings = &f->settings, .drain = &about, .check_only = true};
    struct limits_fact out;
    struct str before = state_fixture_dump(f);
    int64_t writes = state_fixture_writes(f);
    assert_ok(state_claim(&f->port, &request, &f->arena, &out, &f->e), f->e);
    assert_int_equal(state_fixture_writes(f), writes);
    assert_true(str_eq(state_fixture_dump(f), before));
    return out;
}

TEST(state_claim_check_answers_like_a_claim_and_writes_nothing)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain one = state_fixture_drain(&f, 1), two = state_fixture_drain(&f, 2);
    assert_int_equal(check(&f, &one).refusal, REASON_NONE);
    assert_int_equal(check(&f, &one).open_tasks_n, 0);
    state_fixture_claimed(&f, &one);

    struct limits_fact out = check(&f, &two);
    assert_int_equal(out.refusal, REASON_NONE);
    assert_int_equal(out.have, 1); /* of the account's */
    assert_int_equal(out.need, 0);
    assert_int_equal(out.open_tasks_n, 1);
    assert_true(str_eq(out.open_tasks[0], one.task_arn));

    out = check(&f, &one);
    assert_int_equal(out.refusal, REASON_EVENT_SEEN);
    assert_str(out.seen_drain_id, "drain-1");

    f.settings.cooldown_ms = 900000;
    out = check(&f, &two);
    assert_int_equal(out.refusal, REASON_COOLDOWN);
    assert_true(out.need > 0 && out.need <= 900000);
    f.settings.cooldown_ms = 0;
    f.settings.drains_per_hour = 1;
    assert_int_equal(check(&f, &two).refusal, REASON_HOURLY_LIMIT);
    f.settings.drains_per_hour = 1000;
    f.settings.drains_at_once = 1;
    assert_int_equal(check(&f, &two).refusal, REASON_CONCURRENCY_LIMIT);
    state_fixture_close(&f);
}

TEST(state_claim_backoff_holds_until_it_is_over)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain one = state_fixture_drain(&f, 1), two = state_fixture_drain(&f, 2);
    state_fixture_set_clock(&f, STATE_FUTURE_MS);
    state_fixture_claimed(&f, &one);
    struct drain undone = state_fixture_read(&f, &one);
    undone.state = DRAIN_UNDOING;
    struct move_request request = {.becomes = &undone, .refund = true, .backoff_ms = THIRTY_MS};
    assert_ok(state_move(&f.port, &request, &f.arena, &one, &f.e), f.e);

    struct limits_fact out = check(&f, &two);
    assert_int_equal(out.refusal, REASON_BACKOFF);
    assert_int_equal(out.at, STATE_FUTURE_MS + THIRTY_MS);
    assert_int_equal(state_fixture_claim(&f, &two).refusal, REASON_BACKOFF);
    state_fixture_set_clock(&f, STATE_FUTURE_MS + THIRTY_MS - 1);
    assert_int_equal(state_fixture_claim(&f, &two).refusal, REASON_BACKOFF);
    state_fixture_set_clock(&f, STATE_FUTURE_MS + THIRTY_MS);
    assert_int_equal(state_fixture_claim(&f, &two).refusal, REASON_NONE);
    state_fixture_close(&f);
}

TEST(state_claim_is_refused_while_state_may_be_lost)
{
    struct state_fixture f;
    struct str run_id, epoch;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1);
    assert_ok(state_run_id(&f.port, &f.arena, &run_id, &epoch, &f.e), f.e);
    assert_true(str_eq(run_id, epoch));

    (void)state_fixture_redis(&f, "DEL {ebb}:epoch");
    assert_int_equal(check(&f, &d).refusal, REASON_STATE_LOST);
    assert_int_equal(state_fixture_claim(&f, &d).refusal, REASON_STATE_LOST);

    (void)state_fixture_redis(&f, "SET {ebb}:epoch 0123456789012345678901234567890123456789");
    assert_int_equal(check(&f, &d).refusal, REASON_STATE_LOST);
    assert_int_equal(state_fixture_claim(&f, &d).refusal, REASON_STATE_LOST);

    state_fixture_begin_epoch(&f);
    assert_int_equal(state_fixture_claim(&f, &d).refusal, REASON_NONE);

    /* Another process of Redis, which came up empty or with what an older copy held. */
    test_redis_kill(f.redis);
    test_redis_restart(f.redis);
    (void)state_fixture_redis(&f, "SET {ebb}:epoch merge:test");
    assert_int_equal(state_begin_epoch(&f.port, run_id, STR("test"), &f.arena, &f.e), E_STATE_LOST);
    (void)state_fixture_redis(&f, "SET {ebb}:epoch %s", arena_cstr(&f.arena, run_id));
    assert_int_equal(state_begin_epoch(&f.port, run_id, STR("test"), &f.arena, &f.e), E_STATE_LOST);
    assert_int_equal(state_fixture_claim(&f, &d).refusal, REASON_STATE_LOST);
    state_fixture_close(&f);
}

/* The same run of Redis, which forgot what was merged until then; and a leader that was overtaken. */
TEST(state_epoch_begins_only_with_the_merge_that_redis_knows)
{
    struct state_fixture f;
    struct str run_id, epoch;
    state_fixture_open(&f);
    assert_ok(state_run_id(&f.port, &f.arena, &run_id, &epoch, &f.e), f.e);
    assert_ok(state_begin_merge(&f.port, STR("one"), &f.arena, &f.e), f.e);
    (void)state_fixture_redis(&f, "FLUSHALL");
    assert_int_equal(state_begin_epoch(&f.port, run_id, STR("one"), &f.arena, &f.e), E_STATE_LOST);
    assert_ok(state_begin_merge(&f.port, STR("one"), &f.arena, &f.e), f.e);
    assert_ok(state_begin_merge(&f.port, STR("two"), &f.arena, &f.e), f.e);
    assert_int_equal(state_begin_epoch(&f.port, run_id, STR("one"), &f.arena, &f.e), E_STATE_LOST);
    assert_ok(state_begin_epoch(&f.port, run_id, STR("two"), &f.arena, &f.e), f.e);
    state_fixture_close(&f);
}

struct racer {
    pthread_t thread;
    pthread_barrier_t *start;
    struct state_fixture *f;
    struct drain drain;
    struct arena arena;
    enum reason refusal;
    int code;
};

static void *race(void *arg)
{
    struct racer *r = arg;
    struct claim_request request = {
        .settings = &r->f->settings, .drain = &r->drain, .serving = 100};
    struct limits_fact out = {0};
    struct err e;
    (void)pthread_barrier_wait(r->start); /* who is last does not matter */
    r->code = state_claim(&r->f->port, &request, &r->arena, &out, &e);
    r->refusal = out.refusal;
    return NULL;
}

/* Starts all at once; counts those granted, and checks that the others were refused for that
 * reason. */
static int race_all(struct racer *racers, enum reason reason)
{
    pthread_barrier_t start;
    int granted = 0;
    assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++) {
        arena_init(&racers[i].arena);
        racers[i].start = &start;
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
        arena_release(&racers[i].arena);
        assert_int_equal(racers[i].code, E_OK);
        granted += racers[i].refusal == REASON_NONE;
        if (racers[i].refusal) assert_int_equal(racers[i].refusal, reason);
    }
    assert_int_equal(pthread_barrier_destroy(&start), 0);
    return granted;
}

/* Statement 2: N concurrent events with limit L begin at most L drains. */
TEST(state_claims_at_once_never_pass_the_limit)
{
    struct state_fixture f;
    struct racer racers[THREADS];
    state_fixture_open(&f);
    for (int round = 0; round < ROUNDS; round++) {
        struct str service =
            arena_format(&f.arena, "aws:us-east-1:123456789012:demo/round-%d", round);
        f.settings.drains_at_once = 1 + round % 3;
        for (int i = 0; i < THREADS; i++) {
            racers[i] =
                (struct racer){.f = &f, .drain = state_fixture_drain(&f, round * THREADS + i)};
            racers[i].drain.service = service;
        }
        assert_int_equal(race_all(racers, REASON_CONCURRENCY_LIMIT), f.settings.drains_at_once);
    }
    state_fixture_close(&f);
}

/* Statement 1: one event, delivered many times at once, begins one drain. */
TEST(state_claims_of_one_event_at_once_are_one_drain)
{
    struct state_fixture f;
    struct racer racers[THREADS];
    state_fixture_open(&f);
    for (int round = 0; round < ROUNDS; round++) {
        struct str event = arena_format(&f.arena, "one-event-%d", round);
        for (int i = 0; i < THREADS; i++) {
            racers[i] =
                (struct racer){.f = &f, .drain = state_fixture_drain(&f, round * THREADS + i)};
            racers[i].drain.cause = event;
        }
        assert_int_equal(race_all(racers, REASON_EVENT_SEEN), 1);
    }
    state_fixture_close(&f);
}
