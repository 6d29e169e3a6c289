/* SPDX-License-Identifier: Apache-2.0
 * Goal: every clause of stage remove. Method: a table of views and the next step each must give. */
/* rule 2: one table over all clauses reads best in one piece. */
#include "tests/support/stage_table.h"

static void drain_unknown(struct fixture *f)
{
    f->view.drain_known = false;
}

static void no_such_drain(struct fixture *f)
{
    f->view.drain_exists = false;
}

static void newer_state(struct fixture *f)
{
    f->view.drain.record.state = DRAIN_OTHER;
}

static void newer_format(struct fixture *f)
{
    f->view.drain.record.format = DRAIN_FORMAT + 1;
}

static void unmanaged(struct fixture *f)
{
    f->view.settings = NULL;
}

static void is_draining(struct fixture *f)
{
    fixture_drain_in(f, DRAIN_DRAINING);
}

static void is_removed(struct fixture *f)
{
    fixture_drain_in(f, DRAIN_REMOVED);
}

static void removed_and_asked(struct fixture *f)
{
    fixture_drain_in(f, DRAIN_REMOVED);
    f->view.drain.asked = true;
}

static void backing_off(struct fixture *f)
{
    f->view.drain.record.attempts = 1;
    f->view.drain.record.look_at = NOW_MS + 1;
}

static void backing_off_after_an_error(struct fixture *f)
{
    backing_off(f);
    f->view.did[EFFECT_EXCLUDE].answered = true;
}

static void backing_off_unrecorded(struct fixture *f)
{
    backing_off(f);
    f->view.drain.recorded = false;
}

static void backoff_over(struct fixture *f)
{
    f->view.drain.record.attempts = 1;
    f->view.drain.record.look_at = NOW_MS;
}

/* What ECS says of the task's protection; until 0: it has none. */
static void protection_is(struct fixture *f, int64_t until)
{
    f->view.protection = (struct protection_fact){.known = true,
                                                  .arn = f->view.drain.record.task_arn,
                                                  .exists = true,
                                                  .is_protected = until != 0,
                                                  .until = until,
                                                  .as_of = NOW_MS - 100};
}

static void not_protected(struct fixture *f)
{
    protection_is(f, 0);
}

static void protection_read_long_ago(struct fixture *f)
{
    protection_is(f, 0);
    f->view.protection.as_of = NOW_MS - 6000;
}

static void protected_by_another(struct fixture *f)
{
    protection_is(f, NOW_MS + 600000);
}

static void protected_by_another_for_long(struct fixture *f)
{
    protection_is(f, NOW_MS + 86400000);
}

#define ASKED_UNTIL (NOW_MS + 255 * 60000)

static void protection_asked(struct fixture *f)
{
    not_protected(f);
    f->view.drain.record.protection_asked = ASKED_UNTIL;
}

static void protection_asked_unrecorded(struct fixture *f)
{
    protection_asked(f);
    f->view.drain.recorded = false;
}

static void protected_ok(struct fixture *f)
{
    protection_asked(f);
    protection_is(f, ASKED_UNTIL + 30000);
    f->view.protection.was_granted = true;
    fixture_did(f, EFFECT_PROTECT, OUTCOME_OK);
}

static void granted_for_less(struct fixture *f)
{
    protected_ok(f);
    protection_is(f, NOW_MS + 60000);
    f->view.protection.was_granted = true;
}

static void granted_for_less_and_noted(struct fixture *f)
{
    granted_for_less(f);
    f->view.drain.record.protected_until = NOW_MS + 60000;
}

static void no_protection_for_it(struct fixture *f)
{
    not_protected(f);
    f->view.protection.exists = false;
}

static void protect_blocked(struct fixture *f)
{
    fixture_did(f, EFFECT_PROTECT, OUTCOME_RETRY);
}

static void protect_blocked_last(struct fixture *f)
{
    protect_blocked(f);
    f->view.drain.record.attempts = 2;
}

static void protect_throttled_last(struct fixture *f)
{
    protect_blocked_last(f);
    f->view.did[EFFECT_PROTECT].throttled = true;
}

static void protect_waits_for_the_budget(struct fixture *f)
{
    protect_throttled_last(f);
    f->view.did[EFFECT_PROTECT].again_at = NOW_MS + 700;
}

static void protect_refused(struct fixture *f)
{
    fixture_did(f, EFFECT_PROTECT, OUTCOME_REFUSED);
}

static void protect_refused_gone(struct fixture *f)
{
    protect_refused(f);
    fixture_task_is(f, TASK_STOPPED);
}

static void protect_refused_missing(struct fixture *f)
{
    protect_refused(f);
    fixture_task_is(f, TASK_MISSING);
}

static void protect_refused_missing_twice(struct fixture *f)
{
    protect_refused_missing(f);
    f->view.drain.record.missing = 1;
}

static void protection_unreadable(struct fixture *f)
{
    fixture_did(f, EFFECT_READ_TASK_PROTECTION, OUTCOME_RETRY);
}

static void protection_unreadable_last(struct fixture *f)
{
    protection_unreadable(f);
    f->view.drain.record.attempts = 2;
}

static void protection_read_throttled(struct fixture *f)
{
    protection_unreadable_last(f);
    f->view.did[EFFECT_READ_TASK_PROTECTION].throttled = true;
    f->view.did[EFFECT_READ_TASK_PROTECTION].again_at = NOW_MS + 700;
}

static void protection_read_refused(struct fixture *f)
{
    fixture_task_is(f, TASK_THERE);
    fixture_did(f, EFFECT_READ_TASK_PROTECTION, OUTCOME_REFUSED);
}

static void protection_read_refused_last(struct fixture *f)
{
    protection_read_refused(f);
    f->view.drain.record.attempts = 2;
}

static void is_protected(struct fixture *f)
{
    f->view.drain.record.protected_until = NOW_MS + 15300000;
    f->view.drain.record.remove_sent_at = NOW_MS;
}

/* This look wrote down that the distributor is being called. */
static void call_noted(struct fixture *f)
{
    f->view.drain.record.call_sent_at = NOW_MS - 40;
    f->view.call_is_noted = true;
}

static void told(struct fixture *f)
{
    is_protected(f);
    call_noted(f);
}

static void told_unrecorded(struct fixture *f)
{
    told(f);
    f->view.drain.recorded = false;
}

/* An earlier look's call never ended, as far as anybody knows. */
static void told_before(struct fixture *f)
{
    is_protected(f);
    f->view.drain.record.call_sent_at = NOW_MS - 60000;
}

static void told_before_and_long_ago(struct fixture *f)
{
    told_before(f);
    f->view.drain.record.call_sent_at = NOW_MS - 940000;
}

static void excluded(struct fixture *f)
{
    told(f);
    fixture_did(f, EFFECT_EXCLUDE, OUTCOME_OK);
}

static void excluded_by_event(struct fixture *f)
{
    excluded(f);
    f->settings.distributor.invocation = INVOCATION_EVENT;
}

static void exclude_unknown(struct fixture *f)
{
    told(f);
    fixture_did(f, EFFECT_EXCLUDE, OUTCOME_UNKNOWN);
}

static void exclude_failed_last(struct fixture *f)
{
    told(f);
    fixture_did(f, EFFECT_EXCLUDE, OUTCOME_RETRY);
    f->view.drain.record.attempts = 2;
}

static void exclude_throttled_last(struct fixture *f)
{
    exclude_failed_last(f);
    f->view.did[EFFECT_EXCLUDE].throttled = true;
}

static void exclude_throttled_and_noted(struct fixture *f)
{
    exclude_throttled_last(f);
    f->view.drain.record.call_sent_at = 0;
}

static void exclude_refused(struct fixture *f)
{
    told(f);
    fixture_did(f, EFFECT_EXCLUDE, OUTCOME_REFUSED);
}

static void undoing_unread(struct fixture *f)
{
    is_protected(f);
    f->view.drain.record.state = DRAIN_UNDOING;
}

static void undoing_never_started(struct fixture *f)
{
    undoing_unread(f);
    fixture_task_is(f, TASK_THERE);
}

static void undoing_died(struct fixture *f)
{
    undoing_unread(f);
    fixture_task_is(f, TASK_STOPPED);
}

static void undoing_never_removed(struct fixture *f)
{
    f->view.drain.record.state = DRAIN_UNDOING;
}

/* K5. */
static void undoing_asked(struct fixture *f)
{
    f->view.drain.record.state = DRAIN_UNDOING;
    f->view.drain.record.protection_asked = ASKED_UNTIL;
    f->view.drain.record.protected_until = ASKED_UNTIL + 30000;
}

static void undoing_ours(struct fixture *f)
{
    undoing_asked(f);
    protection_is(f, ASKED_UNTIL + 30000);
}

/* ECS granted it and reads it back with other milliseconds. */
static void undoing_ours_as_read_back(struct fixture *f)
{
    undoing_asked(f);
    protection_is(f, ASKED_UNTIL + 30000 - 417);
}

static void undoing_ours_unrecorded(struct fixture *f)
{
    undoing_ours(f);
    f->view.drain.recorded = false;
}

static void undoing_unconfirmed(struct fixture *f)
{
    undoing_ours(f);
    f->view.drain.record.protected_until = 0;
}

static void undoing_ours_is_short(struct fixture *f)
{
    undoing_asked(f);
    f->view.drain.record.protection_asked = NOW_MS + 900000;
    f->view.drain.record.protected_until = NOW_MS + 900000;
    protection_is(f, NOW_MS + 900000);
}

static void undoing_over_theirs(struct fixture *f)
{
    undoing_ours(f);
    f->view.drain.record.protected_before = NOW_MS + 7170000;
}

static void undoing_anothers_since(struct fixture *f)
{
    undoing_asked(f);
    protection_is(f, NOW_MS + 86400000);
}

static void undoing_given(struct fixture *f)
{
    undoing_asked(f);
    protection_is(f, 0);
    f->view.drain.record.unprotected_at = NOW_MS - 5000;
    f->view.drain.record.protected_until = 0;
}

static void undoing_given_over_theirs(struct fixture *f)
{
    undoing_given(f);
    f->view.drain.record.protected_before = NOW_MS + 7170000;
}

static void undoing_given_and_never_asked(struct fixture *f)
{
    undoing_given_over_theirs(f);
    f->view.drain.record.protection_asked = 0;
}

static void undoing_not_seen_protected(struct fixture *f)
{
    undoing_asked(f);
    protection_is(f, 0);
}

static void undoing_was_given_back(struct fixture *f)
{
    undoing_ours(f);
    fixture_did(f, EFFECT_PROTECT, OUTCOME_OK);
}

static void undoing_give_back_refused(struct fixture *f)
{
    undoing_ours(f);
    fixture_did(f, EFFECT_PROTECT, OUTCOME_REFUSED);
}

/* Ours is there, and others have lowered the count since. */
static void undoing_give_back_blocked(struct fixture *f)
{
    undoing_ours(f);
    fixture_did(f, EFFECT_PROTECT, OUTCOME_RETRY);
    f->view.did[EFFECT_PROTECT].code = STR("DEPLOYMENT_BLOCKED");
}

static void undoing_give_back_failed(struct fixture *f)
{
    undoing_ours(f);
    fixture_did(f, EFFECT_PROTECT, OUTCOME_UNKNOWN);
}

static void undoing_give_back_throttled(struct fixture *f)
{
    undoing_ours(f);
    fixture_did(f, EFFECT_PROTECT, OUTCOME_RETRY);
    f->view.did[EFFECT_PROTECT].throttled = true;
}

static void undoing_unreadable(struct fixture *f)
{
    undoing_asked(f);
    fixture_did(f, EFFECT_READ_TASK_PROTECTION, OUTCOME_RETRY);
}

static void undoing_read_throttled(struct fixture *f)
{
    undoing_unreadable(f);
    f->view.did[EFFECT_READ_TASK_PROTECTION].throttled = true;
}

static void undoing_read_refused(struct fixture *f)
{
    undoing_asked(f);
    fixture_did(f, EFFECT_READ_TASK_PROTECTION, OUTCOME_REFUSED);
}

static void undoing_must_cancel(struct fixture *f)
{
    fixture_drain_in(f, DRAIN_DRAINING);
    f->view.drain.record.state = DRAIN_UNDOING;
}

static void undoing_start_refused(struct fixture *f)
{
    undoing_must_cancel(f);
    fixture_task_is(f, TASK_THERE);
    f->view.drain.record.start_refused = true;
}

static void undoing_cancelled(struct fixture *f)
{
    undoing_must_cancel(f);
    fixture_task_is(f, TASK_THERE);
    f->view.drain.record.cancelled_at = NOW_MS - 1;
}

static void undoing_told(struct fixture *f)
{
    undoing_cancelled(f);
    call_noted(f);
}

static void restored(struct fixture *f)
{
    undoing_told(f);
    fixture_did(f, EFFECT_RESTORE, OUTCOME_OK);
}

/* Its protection is given back yet: what RESTORE answered is written first. */
static void restored_and_protected(struct fixture *f)
{
    restored(f);
    f->view.drain.record.attempts = 2;
    f->view.drain.record.protection_asked = ASKED_UNTIL;
    f->view.drain.record.protected_until = ASKED_UNTIL + 30000;
}

/* The same in this look, once it is written. */
static void restored_and_noted(struct fixture *f)
{
    restored_and_protected(f);
    f->view.call_is_noted = false;
    f->view.drain.record.call_sent_at = f->view.drain.record.attempts = 0;
    f->view.drain.record.given_back_at = NOW_MS - 10;
}

/* In a later look. */
static void restored_before(struct fixture *f)
{
    restored_and_noted(f);
    f->view.did[EFFECT_RESTORE] = (struct attempt){0};
}

static void restored_before_and_give_back_fails(struct fixture *f)
{
    restored_before(f);
    fixture_did(f, EFFECT_PROTECT, OUTCOME_UNKNOWN);
}

static void restored_before_and_given_back(struct fixture *f)
{
    restored_before(f);
    fixture_did(f, EFFECT_PROTECT, OUTCOME_OK);
}

static void notes_that_it_is_back(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.drain.state, f->view.drain.record.state);
    assert_int_equal(s->effect.drain.given_back_at, NOW_MS);
    assert_int_equal(s->effect.drain.call_sent_at, 0);
    assert_int_equal(s->effect.drain.attempts, 0);
    assert_int_equal(s->effect.drain.protection_asked, ASKED_UNTIL);
}

static void notes_failure_and_no_call(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.drain.attempts, f->view.drain.record.attempts + 1);
    assert_int_equal(s->effect.drain.call_sent_at, 0);
    assert_int_equal(s->effect.drain.given_back_at, NOW_MS - 10);
}

/* R10: a removal of ten minutes ago was never answered. */
static void restored_but_a_removal_may_be_late(struct fixture *f)
{
    restored(f);
    f->view.drain.record.late_until = NOW_MS + 340000;
}

static void waits_for_the_late_removal(struct fixture *f)
{
    undoing_cancelled(f);
    f->view.drain.record.late_until = f->view.drain.record.look_at = NOW_MS + 340000;
    f->view.drain.record.given_back_at = NOW_MS - 1000;
}

static void waits_unrecorded(struct fixture *f)
{
    waits_for_the_late_removal(f);
    f->view.drain.recorded = false;
}

static void late_removal_is_over(struct fixture *f)
{
    waits_for_the_late_removal(f);
    f->view.drain.record.late_until = NOW_MS;
}

static void restore_unknown(struct fixture *f)
{
    undoing_told(f);
    fixture_did(f, EFFECT_RESTORE, OUTCOME_UNKNOWN);
}

static void restore_refused_often(struct fixture *f)
{
    undoing_told(f);
    f->view.drain.record.attempts = 50;
    fixture_did(f, EFFECT_RESTORE, OUTCOME_REFUSED);
}

static void restore_throttled(struct fixture *f)
{
    undoing_cancelled(f);
    f->view.call_is_noted = true;
    fixture_did(f, EFFECT_RESTORE, OUTCOME_RETRY);
    f->view.did[EFFECT_RESTORE].throttled = true;
}

static void releasing(struct fixture *f)
{
    fixture_drain_in(f, DRAIN_RELEASING);
}

static void releasing_told(struct fixture *f)
{
    releasing(f);
    call_noted(f);
}

static void releasing_never_removed(struct fixture *f)
{
    releasing(f);
    f->view.drain.record.remove_sent_at = 0;
    f->view.drain.record.becomes = DRAIN_GONE;
}

static void released(struct fixture *f)
{
    releasing_told(f);
    fixture_did(f, EFFECT_RELEASE, OUTCOME_OK);
}

static void released_but_a_removal_may_be_late(struct fixture *f)
{
    released(f);
    f->view.drain.record.late_until = NOW_MS + 340000;
}

static void release_failed(struct fixture *f)
{
    releasing_told(f);
    fixture_did(f, EFFECT_RELEASE, OUTCOME_UNKNOWN);
}

static void is_final(struct fixture *f)
{
    fixture_drain_in(f, DRAIN_RELEASING);
    f->view.drain.record.state = DRAIN_SCALED_OUT;
}

static void until_deadline_and_margin(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.tasks_n, 1);
    assert_str(s->effect.tasks[0], f->view.drain.record.task_arn.p);
    assert_int_equal(s->effect.protect_minutes, 240 + 15);
}

static void notes_what_is_asked(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.protection_asked, ASKED_UNTIL);
    assert_int_equal(s->effect.drain.protected_before, 0);
    assert_int_equal(s->effect.drain.protected_until, 0);
}

static void notes_theirs(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.protection_asked, ASKED_UNTIL);
    assert_int_equal(s->effect.drain.protected_before, NOW_MS + 600000);
}

static void leaves_theirs(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.protection_asked, 0);
    assert_int_equal(s->effect.drain.protected_until, NOW_MS + 86400000);
    assert_int_equal(s->effect.drain.protected_before, NOW_MS + 86400000);
}

static void notes_protection(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_CLAIMED);
    assert_int_equal(s->effect.drain.protected_until, ASKED_UNTIL + 30000);
}

static void for_a_short_time(const struct fixture *f, const struct step *s)
{
    assert_str(s->effect.tasks[0], f->view.drain.record.task_arn.p);
    assert_int_equal(s->effect.protect_minutes, 20);
}

static void for_the_rest_of_theirs(const struct fixture *f, const struct step *s)
{
    assert_str(s->effect.tasks[0], f->view.drain.record.task_arn.p);
    assert_int_equal(s->effect.protect_minutes, 120);
    assert_int_equal(s->effect.not_after, NOW_MS - 100 + 10000);
}

static void notes_the_call(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.drain.state, f->view.drain.record.state);
    assert_int_equal(s->effect.drain.call_sent_at, NOW_MS);
    assert_int_equal(s->effect.drain.late_until, 0);
    assert_int_equal(s->effect.drain.given_back_at, 0);
}

/* Fifteen minutes, the ten seconds within which it was sent, and five of clocks. */
static void notes_the_call_and_the_late_one(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.call_sent_at, NOW_MS);
    assert_int_equal(s->effect.drain.late_until, NOW_MS - 60000 + 900000 + 15000);
}

static void not_later_than_noted(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.not_after, NOW_MS - 40 + 10000);
}

static void notes_that_nothing_was_sent(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.drain.call_sent_at, 0);
    assert_int_equal(s->effect.drain.attempts, f->view.drain.record.attempts);
}

static void notes_an_unclear_failure(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.drain.attempts, f->view.drain.record.attempts + 1);
    assert_int_equal(s->effect.drain.call_sent_at, f->view.drain.record.call_sent_at);
}

static void is_back_for_now(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.drain.state, f->view.drain.record.state);
    assert_int_equal(s->effect.drain.given_back_at, NOW_MS);
    assert_int_equal(s->effect.drain.call_sent_at, 0);
    assert_int_equal(s->effect.drain.look_at, NOW_MS + 340000);
}

static void at_the_late_ones_end(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->verdict.at, NOW_MS + 340000);
}

static void notes_failure(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.drain.state, f->view.drain.record.state);
    assert_int_equal(s->effect.drain.attempts, f->view.drain.record.attempts + 1);
    assert_true(s->effect.drain.look_at > NOW_MS);
    assert_true(s->effect.drain.look_at <= NOW_MS + 60000);
}

static void undoes_and_refunds(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_UNDOING);
    assert_true(s->effect.refund);
    assert_true(s->effect.backoff_until > NOW_MS);
}

static void becomes_gone(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_GONE);
}

static void releases_as_gone(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_RELEASING);
    assert_int_equal(s->effect.drain.becomes, DRAIN_GONE);
}

static void notes_missing(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.missing, 1);
}

static void becomes_removed(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_REMOVED);
    assert_int_equal(s->effect.drain.confirmation, CONFIRMATION_CONFIRMED);
}

static void becomes_removed_unconfirmed(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_REMOVED);
    assert_int_equal(s->effect.drain.confirmation, CONFIRMATION_UNCONFIRMED);
}

static void asks_drain(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_string_equal(s->effect.topic, TOPIC_DRAIN);
}

static void becomes_restored(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_RESTORED);
    assert_int_equal(s->effect.drain.finished_at, NOW_MS);
    assert_int_equal(s->effect.drain.look_at, 0);
}

static void becomes_scaled_out(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_SCALED_OUT);
}

static void cancelled(struct fixture *f)
{
    f->view.drain.record.cancel_asked_at = NOW_MS - 1;
}

static void cancelled_in_backoff(struct fixture *f)
{
    backing_off(f);
    cancelled(f);
}

static void cancelled_once_told(struct fixture *f)
{
    told(f);
    cancelled(f);
}

static void cancelled_while_undone(struct fixture *f)
{
    undoing_never_started(f);
    cancelled(f);
}

static void undoes_as_cancelled(const struct fixture *f, const struct step *s)
{
    undoes_and_refunds(f, s);
    assert_str(s->effect.drain.reason, "cancelled");
}

static void undoes_and_knows_of_the_call(const struct fixture *f, const struct step *s)
{
    undoes_as_cancelled(f, s);
    assert_int_equal(s->effect.drain.call_sent_at, f->view.drain.record.call_sent_at);
}

static void closed_undoing(struct fixture *f)
{
    undoing_must_cancel(f);
    backing_off(f);
    f->view.drain.record.closed_at = NOW_MS - 1;
}

static void closed_undoing_unmanaged(struct fixture *f)
{
    closed_undoing(f);
    f->view.settings = NULL;
}

static void closed_releasing(struct fixture *f)
{
    releasing(f);
    f->view.drain.record.closed_at = NOW_MS - 1;
}

static void closed_unrecorded(struct fixture *f)
{
    closed_undoing(f);
    f->view.drain.record.state = DRAIN_RESTORED;
    f->view.drain.recorded = false;
}

static void closed_recorded(struct fixture *f)
{
    closed_unrecorded(f);
    f->view.drain.recorded = true;
}

TEST(remove_clauses)
{
    static const struct clause_row ROWS[] = {
        WANTS("R1", drain_unknown, READ_DRAIN),
        ENDS("R1", no_such_drain, REFUSED, NO_SUCH_DRAIN),
        ENDS("R1", newer_state, REFUSED, NEWER_STATE),
        ENDS("R1", newer_format, REFUSED, NEWER_STATE),
        ENDS("R1", unmanaged, REFUSED, NOT_MANAGED),
        ENDS("R1", is_draining, REFUSED, NOT_OURS),
        ENDS("R1", is_final, DONE, SCALED_OUT),
        ENDS("R2", backing_off, WAIT, UNREACHABLE),
        ENDS("R2", backing_off_after_an_error, WAIT, ANSWERED_ERROR),
        WANTS("R2", backing_off_unrecorded, RECORD),
        WANTS("R2", backoff_over, READ_TASK_PROTECTION),
        WANTS("K2", NULL, READ_TASK_PROTECTION),
        WANTS("K2", protection_read_long_ago, READ_TASK_PROTECTION),
        WANTS_AND("K2", protected_by_another_for_long, MOVE, leaves_theirs),
        WANTS_AND("K3", not_protected, MOVE, notes_what_is_asked),
        WANTS_AND("K3", protected_by_another, MOVE, notes_theirs),
        WANTS("K3", protection_asked_unrecorded, RECORD),
        WANTS_AND("R3", protection_asked, PROTECT, until_deadline_and_margin),
        WANTS_AND("R3", protected_ok, MOVE, notes_protection),
        WANTS("K4", granted_for_less, MOVE),
        WANTS_AND("K4", granted_for_less_and_noted, MOVE, notes_the_call),
        WANTS("R4", no_protection_for_it, READ_TASK),
        ENDS("R3", protect_throttled_last, RETRY, UNREACHABLE),
        ENDS("R3", protect_waits_for_the_budget, RETRY, API_BUDGET),
        WANTS_AND("R3", protect_blocked, MOVE, notes_failure),
        WANTS_AND("R3", protect_blocked_last, MOVE, undoes_and_refunds),
        WANTS_AND("R3", protection_unreadable, MOVE, notes_failure),
        WANTS_AND("R3", protection_unreadable_last, MOVE, undoes_and_refunds),
        ENDS("R3", protection_read_throttled, RETRY, API_BUDGET),
        WANTS_AND("R3", protection_read_refused, MOVE, notes_failure),
        WANTS_AND("R3", protection_read_refused_last, MOVE, undoes_and_refunds),
        WANTS("R4", protect_refused, READ_TASK),
        WANTS_AND("R4", protect_refused_gone, MOVE, releases_as_gone),
        WANTS_AND("R4", protect_refused_missing, MOVE, notes_missing),
        WANTS_AND("R4", protect_refused_missing_twice, MOVE, releases_as_gone),
        WANTS_AND("R5", is_protected, MOVE, notes_the_call),
        WANTS("R5", told_unrecorded, RECORD),
        WANTS_AND("R5", told, EXCLUDE, not_later_than_noted),
        WANTS_AND("R10", told_before, MOVE, notes_the_call_and_the_late_one),
        WANTS_AND("R10", told_before_and_long_ago, MOVE, notes_the_call),
        WANTS_AND("R6", exclude_throttled_last, MOVE, notes_that_nothing_was_sent),
        ENDS("R6", exclude_throttled_and_noted, RETRY, UNREACHABLE),
        WANTS_AND("R6", exclude_unknown, MOVE, notes_an_unclear_failure),
        WANTS_AND("R6", exclude_failed_last, MOVE, undoes_and_refunds),
        WANTS_AND("R6", exclude_refused, MOVE, undoes_and_refunds),
        WANTS_AND("R7", excluded, MOVE, becomes_removed),
        WANTS_AND("R7", excluded_by_event, MOVE, becomes_removed_unconfirmed),
        WANTS_AND("R7", is_removed, ASK, asks_drain),
        ENDS("R7", removed_and_asked, DONE, REMOVED),
    };
    stage_table_run(remove_next, ROWS, EBB_COUNT(ROWS));
}

TEST(remove_clauses_of_what_is_taken_back)
{
    static const struct clause_row ROWS[] = {
        WANTS("R8", undoing_unread, READ_TASK),
        WANTS_AND("R8", undoing_died, MOVE, releases_as_gone),
        WANTS_AND("R8", undoing_never_started, MOVE, notes_the_call),
        WANTS_AND("R8", undoing_never_removed, MOVE, becomes_restored),
        WANTS_AND("R8", undoing_must_cancel, ASK, asks_drain),
        WANTS_AND("R8", undoing_start_refused, MOVE, notes_the_call),
        WANTS_AND("R8", undoing_cancelled, MOVE, notes_the_call),
        WANTS_AND("R8", undoing_told, RESTORE, not_later_than_noted),
        WANTS_AND("R8", restored, MOVE, becomes_restored),
        WANTS_AND("R8", restore_refused_often, MOVE, notes_failure),
        ENDS("R8", restore_throttled, RETRY, UNREACHABLE),
        WANTS("K5", undoing_asked, READ_TASK_PROTECTION),
        WANTS_AND("K5", undoing_ours, PROTECT, for_a_short_time),
        WANTS_AND("K5", undoing_ours_as_read_back, PROTECT, for_a_short_time),
        WANTS("K5", undoing_ours_unrecorded, RECORD),
        WANTS_AND("K5", undoing_unconfirmed, PROTECT, for_a_short_time),
        WANTS_AND("K5", undoing_not_seen_protected, PROTECT, for_a_short_time),
        WANTS_AND("K5", undoing_ours_is_short, MOVE, becomes_restored),
        WANTS_AND("K5", undoing_over_theirs, PROTECT, for_the_rest_of_theirs),
        WANTS_AND("K5", undoing_anothers_since, MOVE, becomes_restored),
        WANTS_AND("K5", undoing_given, MOVE, becomes_restored),
        WANTS_AND("K5", undoing_given_over_theirs, PROTECT, for_the_rest_of_theirs),
        WANTS_AND("K5", undoing_given_and_never_asked, PROTECT, for_the_rest_of_theirs),
        WANTS_AND("K5", undoing_was_given_back, MOVE, becomes_restored),
        WANTS_AND("K5", undoing_give_back_refused, MOVE, becomes_restored),
        WANTS_AND("K5", undoing_give_back_blocked, MOVE, becomes_restored),
        WANTS_AND("K5", undoing_give_back_failed, MOVE, notes_failure),
        ENDS("K5", undoing_give_back_throttled, RETRY, UNREACHABLE),
        WANTS_AND("R8", restored_and_protected, MOVE, notes_that_it_is_back),
        WANTS("R8", restored_and_noted, READ_TASK_PROTECTION),
        WANTS("R8", restored_before, READ_TASK_PROTECTION),
        WANTS_AND("R8", restored_before_and_give_back_fails, MOVE, notes_failure_and_no_call),
        WANTS_AND("R8", restored_before_and_given_back, MOVE, becomes_restored),
        WANTS_AND("K5", undoing_unreadable, MOVE, notes_failure),
        ENDS("K5", undoing_read_throttled, RETRY, UNREACHABLE),
        WANTS_AND("K5", undoing_read_refused, MOVE, becomes_restored),
        WANTS_AND("R9", releasing_never_removed, MOVE, becomes_gone),
        WANTS_AND("R9", releasing, MOVE, notes_the_call),
        WANTS_AND("R9", releasing_told, RELEASE, not_later_than_noted),
        WANTS_AND("R9", release_failed, MOVE, notes_failure),
        WANTS_AND("R9", released, MOVE, becomes_scaled_out),
        WANTS_AND("R10", restored_but_a_removal_may_be_late, MOVE, is_back_for_now),
        WANTS_AND("R10", released_but_a_removal_may_be_late, MOVE, is_back_for_now),
        ENDS_AND("R10", waits_for_the_late_removal, WAIT, LATE_REMOVAL, at_the_late_ones_end),
        WANTS("R10", waits_unrecorded, RECORD),
        WANTS_AND("R10", late_removal_is_over, MOVE, notes_the_call),
        WANTS_AND("R10", restore_unknown, MOVE, notes_an_unclear_failure),
        WANTS_AND("R11", cancelled, MOVE, undoes_as_cancelled),
        WANTS_AND("R11", cancelled_in_backoff, MOVE, undoes_as_cancelled),
        WANTS_AND("R11", cancelled_once_told, MOVE, undoes_and_knows_of_the_call),
        WANTS_AND("R11", cancelled_while_undone, MOVE, notes_the_call),
        WANTS_AND("R12", closed_undoing, MOVE, becomes_restored),
        WANTS_AND("R12", closed_undoing_unmanaged, MOVE, becomes_restored),
        WANTS_AND("R12", closed_releasing, MOVE, becomes_scaled_out),
        WANTS("R12", closed_unrecorded, RECORD),
        ENDS("R12", closed_recorded, DONE, CLOSED),
    };
    stage_table_run(remove_next, ROWS, EBB_COUNT(ROWS));
}
