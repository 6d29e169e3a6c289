/* SPDX-License-Identifier: Apache-2.0
 * Goal: nothing stays in Redis for ever but what the table in lib/store/README.md says is bounded.
 * Method: drains go every way that leaves something, then every key there is is asked how long it
 * still lives. */
#include "tests/support/state_fixture.h"

#define HOUR_MS   ((int64_t)3600 * 1000)
#define MINUTE_MS ((int64_t)60 * 1000)
#define HOLDER    STR("one/scale/0")

/* A key lives for that long, or a little less: what the test itself took. */
static void assert_life(struct state_fixture *f, const char *key, int64_t life_ms)
{
    int64_t left_ms = state_fixture_redis(f, "PTTL %s", key).integer;
    if (left_ms > life_ms || left_ms <= life_ms - MINUTE_MS)
        fail_msg("%s lives for %lld ms, not %lld", key, (long long)left_ms, (long long)life_ms);
}

static bool is_one_of(struct str key, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(key, str_from(names[i]))) return true;
    return false;
}

/* Of the keys there are, exactly these have no end. */
static void assert_endless(struct state_fixture *f, const char *const *names, size_t n)
{
    size_t endless = 0;
    struct reply keys = state_fixture_redis(f, "KEYS *");
    for (size_t i = 0; i < keys.n; i++) {
        const char *key = arena_cstr(&f->arena, keys.items[i].text);
        if (state_fixture_redis(f, "PTTL %s", key).integer >= 0) continue;
        if (!is_one_of(keys.items[i].text, names, n)) fail_msg("%s has no end", key);
        endless++;
    }
    assert_int_equal(endless, n);
}

static void note(struct state_fixture *f, const struct drain *d)
{
    assert_ok(state_note_verdict(&f->port, d->service, d->drain_id, STR("{}"), &f->arena, &f->e),
              f->e);
}

/* What the scale stage does around its one call. */
static void lower(struct state_fixture *f)
{
    struct str service = STR(STATE_SERVICE), lease = STR("scale:" STATE_SERVICE);
    struct intent_fact intent = {.base = 5, .to = 4, .not_after = 1700000002000, .others = 4};
    assert_ok(state_take_lease(&f->port, lease, HOLDER, MINUTE_MS, &f->arena, &f->e), f->e);
    assert_ok(state_put_intent(&f->port, service, HOLDER, &intent, &f->arena, &f->e), f->e);
    assert_ok(state_close_intent(&f->port, service, HOLDER, &intent, &f->arena, &f->e), f->e);
}

TEST(state_of_an_open_drain_has_no_end_and_nothing_else_has_none)
{
    static const char *const OPEN[] = {
        "{ebb}:epoch",
        "{ebb}:clock",
        "{ebb}:timers",
        "{ebb}:drain:drain-1",
        "{ebb}:open:" STATE_SERVICE,
        "{ebb}:task:arn:aws:ecs:us-east-1:123456789012:task/demo/00000000000000000000000000000001",
        "{ebb}:address:123456789012:us-east-1:10.0.0.2",
    };
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1);
    state_fixture_claimed(&f, &d);
    note(&f, &d);
    lower(&f);
    assert_endless(&f, OPEN, EBB_COUNT(OPEN));
    state_fixture_close(&f);
}

TEST(state_of_final_drains_ends_whatever_their_way_was)
{
    static const enum drain_state FINAL[] = {DRAIN_SCALED_OUT, DRAIN_RESTORED, DRAIN_REPLACED,
                                             DRAIN_GONE};
    static const char *const ALWAYS[] = {"{ebb}:epoch", "{ebb}:clock", "{ebb}:finished"};
    struct state_fixture f;
    struct drain out;
    state_fixture_open(&f);
    for (int i = 0; i < (int)EBB_COUNT(FINAL); i++) {
        struct drain d = state_fixture_drain(&f, i);
        state_fixture_claimed(&f, &d);
        lower(&f);
        state_fixture_written(&f, &d);
        d.state = (int)FINAL[i];
        struct move_request request = {.becomes = &d,
                                       .refund = FINAL[i] == DRAIN_RESTORED,
                                       .backoff_ms = i == 3 ? HOUR_MS : 0};
        assert_ok(state_move(&f.port, &request, &f.arena, &out, &f.e), f.e);
        state_fixture_written(&f, &out);
        note(&f, &out);
        /* A late waker finds nothing to wake. */
        assert_int_equal(state_wake(&f.port, d.service, d.drain_id, 5000, &f.arena, &f.e),
                         E_NOT_FOUND);
    }
    assert_endless(&f, ALWAYS, EBB_COUNT(ALWAYS));
    assert_life(&f, "{ebb}:backoff:" STATE_SERVICE, HOUR_MS);
    assert_life(&f, "{ebb}:looks:" STATE_SERVICE, STATE_FINAL_LIFE_MS);
    assert_life(&f, "{ebb}:timeline:drain-1", STATE_FINAL_LIFE_MS);
    assert_life(&f, "{ebb}:drain:drain-1", STATE_FINAL_LIFE_MS);
    assert_life(&f, "{ebb}:event:" STATE_SERVICE ":event-1", STATE_EVENT_LIFE_MS);
    assert_life(&f, "{ebb}:begun:" STATE_SERVICE, HOUR_MS + MINUTE_MS);
    state_fixture_close(&f);
}

TEST(state_of_what_began_is_kept_for_the_hour_or_the_cooldown_and_no_longer)
{
    struct state_fixture f;
    state_fixture_open(&f);
    struct drain drains[4];
    for (int i = 0; i < 4; i++)
        drains[i] = state_fixture_drain(&f, i);
    state_fixture_set_clock(&f, STATE_FUTURE_MS);
    state_fixture_claimed(&f, &drains[0]);
    state_fixture_set_clock(&f, STATE_FUTURE_MS + 1000);
    state_fixture_claimed(&f, &drains[1]);
    /* The first counts for an hour, its edge included, and is gone one millisecond after. */
    state_fixture_set_clock(&f, STATE_FUTURE_MS + HOUR_MS + 1);
    state_fixture_claimed(&f, &drains[2]);
    struct reply begun = state_fixture_redis(&f, "ZRANGE {ebb}:begun:" STATE_SERVICE " 0 -1");
    assert_int_equal(begun.n, 2);
    assert_str(begun.items[0].text, "drain-1");
    /* A cooldown of more than an hour needs them for longer. */
    f.settings.cooldown_ms = 2 * HOUR_MS;
    state_fixture_set_clock(&f, STATE_FUTURE_MS + 4 * HOUR_MS);
    state_fixture_claimed(&f, &drains[3]);
    /* Redis's time never goes back: what counts by one that is ahead counts until that is over. */
    struct clock clock = clock_system();
    int64_t ahead_ms = STATE_FUTURE_MS + 4 * HOUR_MS - clock_wall_ms(&clock);
    assert_life(&f, "{ebb}:begun:" STATE_SERVICE, ahead_ms + 2 * HOUR_MS + MINUTE_MS);
    begun = state_fixture_redis(&f, "ZRANGE {ebb}:begun:" STATE_SERVICE " 0 -1");
    assert_int_equal(begun.n, 1);
    state_fixture_close(&f);
}

/* The rest of each script's conditions: a drain without an address, through all its life. */
TEST(state_of_a_drain_without_an_address_holds_none)
{
    struct state_fixture f;
    struct str run_id, epoch;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1), other = state_fixture_drain(&f, 2);
    d.address = other.address = STR_NONE;
    state_fixture_claimed(&f, &d);
    state_fixture_claimed(&f, &other);
    assert_int_equal(state_fixture_redis(&f, "KEYS {ebb}:address:*").n, 0);
    struct drain there = state_fixture_read(&f, &d);
    assert_ok(state_run_id(&f.port, &f.arena, &run_id, &epoch, &f.e), f.e);
    (void)state_fixture_redis(&f, "FLUSHALL");
    state_fixture_begin_epoch(&f);
    assert_ok(state_merge(&f.port, &there, true, &f.arena, &f.e), f.e);
    assert_int_equal(state_fixture_redis(&f, "KEYS {ebb}:address:*").n, 0);
    state_fixture_move(&f, &d, DRAIN_SCALED_OUT);
    state_fixture_close(&f);
}

/* The open drain of the very task is no other drain: what forbids is that it drains already. */
TEST(state_claim_of_an_open_task_is_told_so_and_not_that_the_floor_is_reached)
{
    struct state_fixture f;
    struct limits_fact out;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1), again = state_fixture_drain(&f, 2);
    state_fixture_claimed(&f, &d);
    again.task_arn = d.task_arn;
    struct claim_request request = {
        .settings = &f.settings, .drain = &again, .serving = 3, .floor = 2};
    assert_ok(state_claim(&f.port, &request, &f.arena, &out, &f.e), f.e);
    assert_int_equal(out.refusal, REASON_ALREADY_DRAINING);
    state_fixture_close(&f);
}

TEST(state_merge_gives_an_event_what_is_left_of_its_life)
{
    static const struct {
        int64_t age_ms, life_ms;
    } ROWS[] = {
        {0, STATE_EVENT_LIFE_MS},
        {HOUR_MS, STATE_EVENT_LIFE_MS - HOUR_MS},
        {-HOUR_MS, STATE_EVENT_LIFE_MS}, /* the clock of whoever claimed it was ahead */
        {STATE_EVENT_LIFE_MS, 0},        /* none left: PTTL says -2 of what is not there */
    };
    struct state_fixture f;
    state_fixture_open(&f);
    state_fixture_set_clock(&f, STATE_FUTURE_MS);
    for (int i = 0; i < (int)EBB_COUNT(ROWS); i++) {
        struct drain d = state_fixture_drain(&f, i);
        d.version = 1;
        d.claimed_at = STATE_FUTURE_MS - ROWS[i].age_ms;
        assert_ok(state_merge(&f.port, &d, true, &f.arena, &f.e), f.e);
        const char *key = arena_format(&f.arena, "{ebb}:event:%s:event-%d", STATE_SERVICE, i).p;
        assert_life(&f, key, ROWS[i].life_ms);
    }
    /* What began longer ago than any cooldown or hour counts for nothing. */
    struct reply begun = state_fixture_redis(&f, "ZRANGE {ebb}:begun:" STATE_SERVICE " 0 -1");
    assert_int_equal(begun.n, 3);
    /* A drain that nothing began has no event. */
    struct drain nobody = state_fixture_drain(&f, 9);
    nobody.cause = STR_NONE;
    nobody.version = 1;
    assert_ok(state_merge(&f.port, &nobody, true, &f.arena, &f.e), f.e);
    assert_int_equal(state_fixture_redis(&f, "EXISTS {ebb}:event:" STATE_SERVICE ":").integer, 0);
    state_fixture_close(&f);
}
