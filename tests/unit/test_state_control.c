/* SPDX-License-Identifier: Apache-2.0
 * Goal: what was said of a service, an account or everything holds up claims exactly as long as it
 * was meant to, outlives a Redis that lost it, and the last word counts; and brakes count right.
 * Method: a real Redis whose scripts' clock the test owns. */
#include "lib/store/state_control.h"
#include "tests/support/state_fixture.h"

#define HOUR_MS   ((int64_t)3600 * 1000)
#define ACCOUNT   "account:123456789012"
#define OTHER_KEY "aws:us-east-1:999999999999:demo/calls"

static struct control said(const char *scope, enum control_kind kind, int64_t version)
{
    return (struct control){.format = CONTROL_FORMAT,
                            .kind = (int)kind,
                            .scope = str_from(scope),
                            .by = STR("ann"),
                            .why = STR("a test"),
                            .at = STATE_FUTURE_MS,
                            .version = version};
}

static void say(struct state_fixture *f, struct control c)
{
    assert_ok(state_set_control(&f->port, &c, &f->arena, &f->e), f->e);
}

static enum reason claimed_as(struct state_fixture *f, int n)
{
    struct drain d = state_fixture_drain(f, n);
    return state_fixture_claim(f, &d).refusal;
}

TEST(state_control_pauses_what_its_scope_says)
{
    static const struct {
        const char *scope;
        bool holds;
    } ROWS[] = {
        {STATE_SERVICE, true},      {ACCOUNT, true},
        {CONTROL_EVERYTHING, true}, {"aws:us-east-1:123456789012:demo/chat", false},
        {OTHER_KEY, false},         {"account:999999999999", false},
    };
    struct state_fixture f;
    state_fixture_open(&f);
    for (int i = 0; i < (int)EBB_COUNT(ROWS); i++) {
        (void)state_fixture_redis(&f, "DEL {ebb}:controls");
        say(&f, said(ROWS[i].scope, CONTROL_PAUSE, 1));
        assert_int_equal(claimed_as(&f, i), ROWS[i].holds ? REASON_PAUSED : REASON_NONE);
        say(&f, said(ROWS[i].scope, CONTROL_RESUME, 2));
        assert_int_equal(claimed_as(&f, 100 + i), REASON_NONE);
    }
    state_fixture_close(&f);
}

TEST(state_control_says_who_and_until_when)
{
    struct state_fixture f;
    state_fixture_open(&f);
    state_fixture_set_clock(&f, STATE_FUTURE_MS);
    struct control c = said(ACCOUNT, CONTROL_PAUSE, 1);
    c.until = STATE_FUTURE_MS + HOUR_MS;
    say(&f, c);
    struct drain d = state_fixture_drain(&f, 1);
    struct limits_fact out = state_fixture_claim(&f, &d);
    assert_int_equal(out.refusal, REASON_PAUSED);
    assert_int_equal(out.need, HOUR_MS);
    assert_int_equal(out.at, c.until);
    assert_str(out.about, ACCOUNT " is paused by ann until 2096-10-02T08:00:00.000Z: a test");
    state_fixture_set_clock(&f, c.until - 1);
    assert_int_equal(claimed_as(&f, 1), REASON_PAUSED);
    state_fixture_set_clock(&f, c.until);
    assert_int_equal(claimed_as(&f, 1), REASON_NONE);
    state_fixture_close(&f);
}

TEST(state_control_is_said_by_whoever_knows_what_was_said_last)
{
    struct state_fixture f;
    struct control_held held;
    state_fixture_open(&f);
    struct control first = said(ACCOUNT, CONTROL_PAUSE, 1),
                   again = said(ACCOUNT, CONTROL_RESUME, 1);
    say(&f, first);
    assert_int_equal(state_set_control(&f.port, &again, &f.arena, &f.e), E_CONFLICT);
    again.version = 3;
    assert_int_equal(state_set_control(&f.port, &again, &f.arena, &f.e), E_CONFLICT);
    again.version = 2;
    say(&f, again);
    assert_ok(state_read_control(&f.port, STR(ACCOUNT), &f.arena, &held, &f.e), f.e);
    assert_true(held.exists && !held.recorded && held.record.kind == CONTROL_RESUME);
    /* Only the very word that ebb.state has counts as recorded. */
    assert_int_equal(state_control_recorded(&f.port, &first, &f.arena, &f.e), E_CONFLICT);
    struct control other = again;
    other.at++;
    assert_int_equal(state_control_recorded(&f.port, &other, &f.arena, &f.e), E_CONFLICT);
    assert_ok(state_control_recorded(&f.port, &again, &f.arena, &f.e), f.e);
    assert_ok(state_read_control(&f.port, STR(ACCOUNT), &f.arena, &held, &f.e), f.e);
    assert_true(held.recorded);
    assert_ok(state_read_control(&f.port, STR("account:1"), &f.arena, &held, &f.e), f.e);
    assert_false(held.exists);
    other = said("account:1", CONTROL_PAUSE, 1);
    assert_int_equal(state_control_recorded(&f.port, &other, &f.arena, &f.e), E_NOT_FOUND);
    state_fixture_close(&f);
}

TEST(state_control_survives_a_wipe_and_the_higher_version_counts)
{
    struct state_fixture f;
    struct str run_id, epoch;
    struct control_list all;
    state_fixture_open(&f);
    assert_ok(state_run_id(&f.port, &f.arena, &run_id, &epoch, &f.e), f.e);
    (void)state_fixture_redis(&f, "FLUSHALL");
    struct control pause = said(ACCOUNT, CONTROL_PAUSE, 7),
                   resume = said(ACCOUNT, CONTROL_RESUME, 6);
    /* Nobody says anything before the epoch begins: it would be the first version again. */
    struct control early = said(ACCOUNT, CONTROL_RESUME, 1);
    assert_int_equal(state_set_control(&f.port, &early, &f.arena, &f.e), E_STATE_LOST);
    assert_ok(state_merge_control(&f.port, &pause, &f.arena, &f.e), f.e);
    assert_ok(state_merge_control(&f.port, &resume, &f.arena, &f.e), f.e);
    state_fixture_begin_epoch(&f);
    assert_int_equal(claimed_as(&f, 1), REASON_PAUSED);
    assert_ok(state_read_controls(&f.port, &f.arena, &all, &f.e), f.e);
    assert_int_equal(all.n, 1);
    assert_true(all.items[0].recorded);
    assert_int_equal(all.items[0].record.version, 7);
    resume.version = 8;
    say(&f, resume);
    assert_int_equal(claimed_as(&f, 1), REASON_NONE);
    state_fixture_close(&f);
}

/* ---------------------------------------------------------------- the account's limit */

static enum reason claim_in(struct state_fixture *f, const char *service, int n, int64_t limit)
{
    struct drain d = state_fixture_drain(f, n);
    struct limits_fact out;
    d.service = str_from(service);
    struct claim_request request = {
        .settings = &f->settings, .drain = &d, .serving = 100, .open_per_account = limit};
    assert_ok(state_claim(&f->port, &request, &f->arena, &out, &f->e), f->e);
    if (out.refusal == REASON_ACCOUNT_LIMIT) {
        assert_int_equal(out.have, limit);
        assert_int_equal(out.need, limit);
    }
    return out.refusal;
}

TEST(state_claim_counts_open_drains_of_the_whole_account)
{
    static const char OTHER[] = "aws:eu-west-1:123456789012:demo/chat";
    struct state_fixture f;
    state_fixture_open(&f);
    assert_int_equal(claim_in(&f, STATE_SERVICE, 1, 2), REASON_NONE);
    assert_int_equal(claim_in(&f, OTHER, 2, 2), REASON_NONE);
    assert_int_equal(claim_in(&f, STATE_SERVICE, 3, 2), REASON_ACCOUNT_LIMIT);
    assert_int_equal(claim_in(&f, OTHER_KEY, 4, 2), REASON_NONE);
    /* One that is being released, and one that is final, count no more. */
    struct drain one = state_fixture_drain(&f, 1), other = state_fixture_drain(&f, 2);
    state_fixture_move(&f, &one, DRAIN_RELEASING);
    assert_int_equal(claim_in(&f, STATE_SERVICE, 3, 2), REASON_NONE);
    assert_int_equal(claim_in(&f, STATE_SERVICE, 5, 2), REASON_ACCOUNT_LIMIT);
    state_fixture_move(&f, &other, DRAIN_RESTORED);
    assert_int_equal(claim_in(&f, STATE_SERVICE, 5, 2), REASON_NONE);
    state_fixture_close(&f);
}

TEST(state_merge_counts_what_is_open_in_the_account)
{
    struct state_fixture f;
    struct str run_id, epoch;
    state_fixture_open(&f);
    assert_ok(state_run_id(&f.port, &f.arena, &run_id, &epoch, &f.e), f.e);
    struct reply time = state_fixture_redis(&f, "TIME");
    int64_t now_s;
    assert_true(str_to_int(time.items[0].text, &now_s));
    static const enum drain_state STATES[] = {DRAIN_CLAIMED, DRAIN_UNDOING, DRAIN_RELEASING,
                                              DRAIN_SCALED_OUT};
    for (int i = 0; i < (int)EBB_COUNT(STATES); i++) {
        struct drain d = state_fixture_drain(&f, i);
        d.state = (int)STATES[i];
        d.version = 3;
        d.claimed_at = now_s * 1000;
        assert_ok(state_merge(&f.port, &d, true, &f.arena, &f.e), f.e);
    }
    assert_int_equal(claim_in(&f, STATE_SERVICE, 9, 2), REASON_ACCOUNT_LIMIT);
    assert_int_equal(claim_in(&f, STATE_SERVICE, 9, 3), REASON_NONE);
    state_fixture_close(&f);
}

/* ---------------------------------------------------------------- wrong victims */

static int64_t wrong(struct state_fixture *f, int64_t not_after)
{
    struct intent_fact intent = {.open = true, .not_after = not_after};
    int64_t count = -1;
    assert_ok(state_note_wrong(&f->port, STR(STATE_SERVICE), &intent, &f->arena, &count, &f->e),
              f->e);
    return count;
}

TEST(state_wrong_victims_are_counted_once_for_each_intent_and_for_an_hour)
{
    struct state_fixture f;
    state_fixture_open(&f);
    state_fixture_set_clock(&f, STATE_FUTURE_MS);
    assert_int_equal(wrong(&f, 1), 1);
    assert_int_equal(wrong(&f, 1), 1);
    state_fixture_set_clock(&f, STATE_FUTURE_MS + HOUR_MS);
    assert_int_equal(wrong(&f, 2), 2);
    state_fixture_set_clock(&f, STATE_FUTURE_MS + HOUR_MS + 1);
    assert_int_equal(wrong(&f, 3), 2);
    /* Told of once more, long after: it does not count anew. */
    state_fixture_set_clock(&f, STATE_FUTURE_MS + 3 * HOUR_MS);
    assert_int_equal(wrong(&f, 3), 0);
    assert_int_equal(wrong(&f, 4), 1);
    state_fixture_close(&f);
}

TEST(state_wrong_victims_of_before_a_resume_count_no_more)
{
    struct state_fixture f;
    state_fixture_open(&f);
    state_fixture_set_clock(&f, STATE_FUTURE_MS - 1000);
    assert_int_equal(wrong(&f, 1), 1);
    assert_int_equal(wrong(&f, 2), 2);
    say(&f, said(ACCOUNT, CONTROL_PAUSE, 1));
    assert_int_equal(wrong(&f, 2), 2);
    say(&f, said(ACCOUNT, CONTROL_RESUME, 2));
    state_fixture_set_clock(&f, STATE_FUTURE_MS + 1000);
    assert_int_equal(wrong(&f, 2), 0);
    assert_int_equal(wrong(&f, 3), 1);
    state_fixture_close(&f);
}

/* ---------------------------------------------------------------- what is expired */

TEST(state_of_final_drains_is_expired_after_their_life)
{
    struct state_fixture f;
    struct str_list expired;
    struct drain_held held;
    state_fixture_open(&f);
    struct drain d = state_fixture_drain(&f, 1), out;
    state_fixture_claimed(&f, &d);
    d = state_fixture_read(&f, &d);
    d.state = DRAIN_SCALED_OUT;
    d.finished_at = STATE_FUTURE_MS;
    struct move_request request = {.becomes = &d};
    assert_ok(state_move(&f.port, &request, &f.arena, &out, &f.e), f.e);
    int64_t over = STATE_FUTURE_MS + STATE_FINAL_LIFE_MS;
    assert_ok(state_read_expired(&f.port, over - 1, 10, &f.arena, &expired, &f.e), f.e);
    assert_int_equal(expired.n, 0);
    assert_ok(state_read_expired(&f.port, over, 10, &f.arena, &expired, &f.e), f.e);
    assert_int_equal(expired.n, 1);
    assert_str(expired.items[0], "drain-1");
    assert_ok(state_forget_expired(&f.port, expired.items[0], &f.arena, &f.e), f.e);
    assert_ok(state_read_expired(&f.port, over, 10, &f.arena, &expired, &f.e), f.e);
    assert_int_equal(expired.n, 0);
    /* A merge puts an expired one back only as one to be removed; a younger one wholly. */
    (void)state_fixture_redis(&f, "FLUSHALL");
    state_fixture_set_clock(&f, over);
    assert_ok(state_merge(&f.port, &out, true, &f.arena, &f.e), f.e);
    assert_ok(state_read_drain(&f.port, out.drain_id, &f.arena, &held, &f.e), f.e);
    assert_false(held.exists);
    assert_ok(state_read_expired(&f.port, over, 10, &f.arena, &expired, &f.e), f.e);
    assert_int_equal(expired.n, 1);
    out.finished_at++;
    assert_ok(state_merge(&f.port, &out, true, &f.arena, &f.e), f.e);
    assert_ok(state_read_drain(&f.port, out.drain_id, &f.arena, &held, &f.e), f.e);
    assert_true(held.exists);
    state_fixture_close(&f);
}
