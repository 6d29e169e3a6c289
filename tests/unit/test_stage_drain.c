/* SPDX-License-Identifier: Apache-2.0
 * Goal: every clause of stage drain. Method: a table of views and the next step each must give. */
/* rule 2: one table over all clauses reads best in one piece. */
#include "tests/support/stage_table.h"

static void removed(struct fixture *f)
{
    fixture_drain_in(f, DRAIN_REMOVED);
}

static void start_noted(struct fixture *f)
{
    removed(f);
    f->view.drain.record.start_sent_at = NOW_MS - 1;
    f->view.drain.record.unclear_starts = 1;
    f->view.start_is_noted = true;
    fixture_did(f, EFFECT_MOVE, OUTCOME_OK);
}

/* Of an earlier look, which died, or whose start may have arrived. */
static void start_noted_before(struct fixture *f)
{
    start_noted(f);
    f->view.start_is_noted = false;
    f->view.did[EFFECT_MOVE] = (struct attempt){0};
}

/* What this look wrote down was something else. */
static void protection_noted(struct fixture *f)
{
    removed(f);
    fixture_did(f, EFFECT_MOVE, OUTCOME_OK);
}

static void start_noted_unrecorded(struct fixture *f)
{
    start_noted(f);
    f->view.drain.recorded = false;
}

static void draining(struct fixture *f)
{
    fixture_drain_in(f, DRAIN_DRAINING);
}

static void status_is(struct fixture *f, bool is_draining, bool empty)
{
    f->view.status = (struct status_fact){.known = true,
                                          .draining = is_draining,
                                          .empty = empty,
                                          .drain_id = STR(FIX_DRAIN),
                                          .sessions = empty ? 0 : 7};
    fixture_did(f, EFFECT_READ_STATUS, OUTCOME_OK);
}

static void unknown(struct fixture *f)
{
    f->view.drain_known = false;
}

static void none(struct fixture *f)
{
    f->view.drain_exists = false;
}

static void newer(struct fixture *f)
{
    f->view.drain.record.state = DRAIN_OTHER;
}

static void unmanaged(struct fixture *f)
{
    f->view.settings = NULL;
}

static void still_claimed(struct fixture *f)
{
    fixture_drain_in(f, DRAIN_CLAIMED);
}

static void releasing(struct fixture *f)
{
    fixture_drain_in(f, DRAIN_RELEASING);
}

static void scaled_out(struct fixture *f)
{
    releasing(f);
    f->view.drain.record.state = DRAIN_SCALED_OUT;
}

static void called_back(struct fixture *f)
{
    draining(f);
    f->view.proven = true;
}

static void called_back_early(struct fixture *f)
{
    start_noted(f);
    f->view.proven = true;
}

static void called_back_in_backoff(struct fixture *f)
{
    called_back_early(f);
    f->view.drain.record.attempts = 1;
    f->view.drain.record.look_at = NOW_MS + 1000;
}

static void called_back_unstarted(struct fixture *f)
{
    removed(f);
    f->view.proven = true;
}

static void called_back_undoing(struct fixture *f)
{
    draining(f);
    f->view.drain.record.state = DRAIN_UNDOING;
    f->view.drain.record.cancelled_at = NOW_MS - 1;
    f->view.proven = true;
}

static void backing_off(struct fixture *f)
{
    start_noted(f);
    f->view.drain.record.attempts = 1;
    f->view.drain.record.look_at = NOW_MS + 1;
}

static void backing_off_after_an_error(struct fixture *f)
{
    backing_off(f);
    f->view.did[EFFECT_START].answered = true;
}

static void started(struct fixture *f)
{
    start_noted(f);
    fixture_did(f, EFFECT_START, OUTCOME_OK);
}

static void start_unclear(struct fixture *f)
{
    start_noted(f);
    fixture_did(f, EFFECT_START, OUTCOME_UNKNOWN);
}

static void start_unclear_but_draining(struct fixture *f)
{
    start_unclear(f);
    status_is(f, true, false);
}

static void start_unclear_draining_for_another(struct fixture *f)
{
    start_unclear_but_draining(f);
    f->view.status.drain_id = STR("another");
    fixture_task_is(f, TASK_THERE);
}

static void start_unclear_silent(struct fixture *f)
{
    start_unclear(f);
    fixture_did(f, EFFECT_READ_STATUS, OUTCOME_RETRY);
}

static void start_unclear_gone(struct fixture *f)
{
    start_unclear_silent(f);
    fixture_task_is(f, TASK_STOPPED);
}

static void start_unclear_there(struct fixture *f)
{
    start_unclear_silent(f);
    fixture_task_is(f, TASK_THERE);
}

static void start_unclear_last(struct fixture *f)
{
    start_unclear_there(f);
    f->view.drain.record.attempts = 2;
}

static void start_unclear_last_but_not_draining(struct fixture *f)
{
    start_unclear(f);
    status_is(f, false, false);
    fixture_task_is(f, TASK_THERE);
    f->view.drain.record.attempts = 2;
}

static void start_never_arrived_last(struct fixture *f)
{
    start_unclear_last(f);
    f->view.did[EFFECT_START].outcome = OUTCOME_RETRY;
}

static void start_unclear_before(struct fixture *f)
{
    start_never_arrived_last(f);
    f->view.drain.record.unclear_starts = 2;
}

static void start_refused(struct fixture *f)
{
    start_noted(f);
    fixture_did(f, EFFECT_START, OUTCOME_REFUSED);
}

static void start_refused_after_unclear(struct fixture *f)
{
    start_refused(f);
    f->view.drain.record.unclear_starts = 2;
}

static void start_refused_as_it_drains(struct fixture *f)
{
    start_refused_after_unclear(f);
    status_is(f, true, false);
}

static void start_refused_stopping(struct fixture *f)
{
    start_refused(f);
    fixture_task_is(f, TASK_STOPPING);
}

static void start_refused_there(struct fixture *f)
{
    start_refused(f);
    fixture_task_is(f, TASK_THERE);
}

static void start_refused_gone(struct fixture *f)
{
    start_refused(f);
    fixture_task_is(f, TASK_STOPPED);
}

static void busy(struct fixture *f)
{
    draining(f);
    status_is(f, true, false);
}

static void empty(struct fixture *f)
{
    draining(f);
    status_is(f, true, true);
}

static void empty_but_not_draining(struct fixture *f)
{
    draining(f);
    status_is(f, false, true);
}

static void empty_of_another_drain(struct fixture *f)
{
    empty(f);
    f->view.status.drain_id = STR("another");
}

static void silent(struct fixture *f)
{
    draining(f);
    fixture_did(f, EFFECT_READ_STATUS, OUTCOME_RETRY);
}

static void silent_gone(struct fixture *f)
{
    silent(f);
    fixture_task_is(f, TASK_STOPPED);
}

static void silent_missing(struct fixture *f)
{
    silent(f);
    fixture_task_is(f, TASK_MISSING);
}

static void silent_there(struct fixture *f)
{
    silent(f);
    fixture_task_is(f, TASK_THERE);
}

static void deadline(struct fixture *f)
{
    busy(f);
    f->view.drain.record.deadline_at = NOW_MS;
}

static void deadline_undo(struct fixture *f)
{
    deadline(f);
    f->settings.on_deadline = ON_DEADLINE_UNDO;
}

static void deadline_near(struct fixture *f)
{
    busy(f);
    f->view.drain.record.deadline_at = NOW_MS + 10;
}

static void drained(struct fixture *f)
{
    fixture_drain_in(f, DRAIN_DRAINED);
}

static void drained_unrecorded(struct fixture *f)
{
    drained(f);
    f->view.drain.recorded = false;
}

static void drained_asked(struct fixture *f)
{
    drained(f);
    f->view.drain.asked = true;
}

static void undoing(struct fixture *f)
{
    draining(f);
    f->view.drain.record.state = DRAIN_UNDOING;
}

static void undoing_never_started(struct fixture *f)
{
    removed(f);
    f->view.drain.record.state = DRAIN_UNDOING;
}

/* Another worker's start, or an earlier one of ours, may still be on its way. */
static void undoing_start_on_its_way(struct fixture *f)
{
    undoing_never_started(f);
    f->view.drain.record.start_sent_at = f->view.drain.record.undoing_at = NOW_MS - 1000;
    f->view.drain.record.unclear_starts = 1;
}

static void undoing_start_has_arrived_or_never_will(struct fixture *f)
{
    undoing_start_on_its_way(f);
    f->view.drain.record.undoing_at =
        NOW_MS - SEND_MS - f->view.settings->task.timeout_ms - CLOCKS_MS;
}

static void undoing_says_it_drains(struct fixture *f)
{
    undoing_start_has_arrived_or_never_will(f);
    status_is(f, true, false);
}

static void undoing_says_it_does_not_drain(struct fixture *f)
{
    undoing_start_has_arrived_or_never_will(f);
    status_is(f, false, true);
}

static void undoing_says_nothing(struct fixture *f)
{
    undoing_start_has_arrived_or_never_will(f);
    fixture_did(f, EFFECT_READ_STATUS, OUTCOME_UNKNOWN);
}

static void undoing_was_asked(struct fixture *f)
{
    undoing_start_has_arrived_or_never_will(f);
    f->view.drain.record.unclear_starts = 0;
    f->view.drain.record.never_began = true;
}

static void undoing_called_back_before(struct fixture *f)
{
    undoing_start_has_arrived_or_never_will(f);
    f->view.drain.record.drained_at = NOW_MS - 60000;
}

static void undoing_start_refused(struct fixture *f)
{
    undoing(f);
    f->view.drain.record.start_refused = true;
}

static void cancelled(struct fixture *f)
{
    undoing(f);
    fixture_did(f, EFFECT_CANCEL, OUTCOME_OK);
}

static void cancel_unclear(struct fixture *f)
{
    undoing(f);
    fixture_did(f, EFFECT_CANCEL, OUTCOME_UNKNOWN);
    fixture_task_is(f, TASK_THERE);
}

static void cannot_cancel(struct fixture *f)
{
    undoing(f);
    fixture_did(f, EFFECT_CANCEL, OUTCOME_REFUSED);
    f->view.did[EFFECT_CANCEL].code = STR("http_404");
}

static void cannot_cancel_there(struct fixture *f)
{
    cannot_cancel(f);
    fixture_task_is(f, TASK_THERE);
}

static void cannot_cancel_busy(struct fixture *f)
{
    cannot_cancel_there(f);
    status_is(f, true, false);
}

static void cannot_cancel_empty(struct fixture *f)
{
    cannot_cancel_there(f);
    status_is(f, true, true);
}

static void cannot_cancel_empty_of_an_earlier_drain(struct fixture *f)
{
    cannot_cancel_empty(f);
    f->view.status.drain_id = STR("0000000000000001");
}

static void cannot_cancel_marked(struct fixture *f)
{
    cannot_cancel_empty(f);
    f->view.drain.record.becomes = DRAIN_REPLACED;
}

static void cancel_refused_but_empty(struct fixture *f)
{
    cannot_cancel_marked(f);
    f->view.did[EFFECT_CANCEL].code = STR("http_409");
}

static void cancel_refused_not_draining(struct fixture *f)
{
    cannot_cancel_there(f);
    status_is(f, false, true);
}

static void cannot_cancel_died(struct fixture *f)
{
    cannot_cancel(f);
    fixture_task_is(f, TASK_STOPPED);
}

static void cannot_cancel_gone(struct fixture *f)
{
    cannot_cancel_marked(f);
    fixture_task_is(f, TASK_STOPPED);
}

static void notes_start(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.start_sent_at, NOW_MS);
    assert_int_equal(s->effect.drain.unclear_starts, 1);
    assert_int_equal(s->effect.drain.state, DRAIN_REMOVED);
}

/* As long as its answer would be waited for. */
static void not_for_long(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.not_after, NOW_MS + f->view.settings->task.timeout_ms);
}

static void soon_after_it_was_noted(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.not_after, f->view.drain.record.start_sent_at + SEND_MS);
}

static void notes_another_start(const struct fixture *f, const struct step *s)
{
    assert_true(f->view.drain.record.start_sent_at < NOW_MS);
    assert_int_equal(s->effect.drain.start_sent_at, NOW_MS);
    assert_int_equal(s->effect.drain.unclear_starts, 2);
}

static void marks_replacement(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_UNDOING);
    assert_int_equal(s->effect.drain.becomes, DRAIN_REPLACED);
}

static void becomes_draining(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.drain.state, DRAIN_DRAINING);
    assert_int_equal(s->effect.drain.deadline_at, NOW_MS + f->settings.drain_timeout_ms);
}

static void becomes_drained(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_DRAINED);
    assert_false(s->effect.drain.by_deadline);
}

static void becomes_drained_by_deadline(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_DRAINED);
    assert_true(s->effect.drain.by_deadline);
}

static void undoes(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_UNDOING);
    assert_false(s->effect.refund);
}

static void may_have_begun(const struct fixture *f, const struct step *s)
{
    undoes(f, s);
    assert_false(s->effect.drain.never_began);
    assert_int_equal(s->effect.drain.unclear_starts, 0);
}

/* It is asked to accept work all the same: a start may wait on it unread. */
static void refunds_what_never_began(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_UNDOING);
    assert_true(s->effect.drain.never_began);
    assert_false(s->effect.drain.start_refused);
    assert_true(s->effect.refund);
}

static void undoes_and_refunds(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_UNDOING);
    assert_true(s->effect.drain.start_refused);
    assert_true(s->effect.refund);
}

static void is_gone(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_RELEASING);
    assert_int_equal(s->effect.drain.becomes, DRAIN_GONE);
}

static void is_replaced(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_RELEASING);
    assert_int_equal(s->effect.drain.becomes, DRAIN_REPLACED);
}

static void notes_failure(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.drain.state, f->view.drain.record.state);
    assert_int_equal(s->effect.drain.attempts, f->view.drain.record.attempts + 1);
}

static void notes_missing(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.missing, 1);
    assert_int_equal(s->effect.drain.state, DRAIN_DRAINING);
}

static void notes_cancel(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_UNDOING);
    assert_int_equal(s->effect.drain.cancelled_at, NOW_MS);
}

static void stops_the_task(const struct fixture *f, const struct step *s)
{
    assert_str(s->effect.tasks[0], f->view.drain.record.task_arn.p);
}

/* D12: about to be started, by an alarm, of a service with cancelWhenOk. */
static void to_start(struct fixture *f)
{
    removed(f);
    fixture_cancels_when_ok(f, &f->view.drain.record);
}

static void to_start_in_alarm(struct fixture *f)
{
    to_start(f);
    fixture_trigger_is(f, TRIGGER_IN_ALARM);
}

static void to_start_over(struct fixture *f)
{
    to_start(f);
    fixture_trigger_is(f, TRIGGER_OVER);
}

static void to_start_unreadable(struct fixture *f)
{
    to_start(f);
    fixture_trigger_is(f, TRIGGER_UNREADABLE);
}

static void to_start_unreadable_unrecorded(struct fixture *f)
{
    to_start_unreadable(f);
    f->view.drain.recorded = false;
}

static void to_start_unreadable_for_long(struct fixture *f)
{
    to_start_unreadable(f);
    f->view.drain.record.removed_at = NOW_MS - BLOCKED_DEADLINE_MS - 1;
}

static void to_start_again(struct fixture *f)
{
    start_noted_before(f);
    fixture_cancels_when_ok(f, &f->view.drain.record);
}

static void to_start_again_over(struct fixture *f)
{
    to_start_again(f);
    fixture_trigger_is(f, TRIGGER_OVER);
}

static void to_start_for_operator(struct fixture *f)
{
    to_start(f);
    f->view.drain.record.by_alarm = false;
}

static void to_start_whatever_the_alarm(struct fixture *f)
{
    to_start(f);
    f->settings.cancel_when_ok = false;
}

/* D12: draining and busy; nothing noted yet. */
static void drains_by_alarm(struct fixture *f)
{
    busy(f);
    fixture_cancels_when_ok(f, &f->view.drain.record);
}

static void noted_in_alarm(struct fixture *f)
{
    drains_by_alarm(f);
    f->view.noted = (struct alarms_fact){.known = true, .in_alarm = true};
}

static void noted_over(struct fixture *f)
{
    drains_by_alarm(f);
    f->view.noted = (struct alarms_fact){.known = true};
}

static void noted_over_but_is_not(struct fixture *f)
{
    noted_over(f);
    fixture_trigger_is(f, TRIGGER_IN_ALARM);
}

static void noted_over_unreadable(struct fixture *f)
{
    noted_over(f);
    fixture_trigger_is(f, TRIGGER_UNREADABLE);
}

static void is_over(struct fixture *f)
{
    noted_over(f);
    fixture_trigger_is(f, TRIGGER_OVER);
}

static void is_over_at_deadline(struct fixture *f)
{
    is_over(f);
    f->view.drain.record.deadline_at = NOW_MS;
}

static void is_over_but_empty(struct fixture *f)
{
    empty(f);
    fixture_cancels_when_ok(f, &f->view.drain.record);
    f->view.noted = (struct alarms_fact){.known = true};
    fixture_trigger_is(f, TRIGGER_OVER);
}

static void drains_for_operator(struct fixture *f)
{
    drains_by_alarm(f);
    f->view.drain.record.by_alarm = false;
}

static void undoes_as_over(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_UNDOING);
    assert_str(s->effect.drain.reason, "trigger_over");
    assert_false(s->effect.refund);
}

static void undoes_unbegun_as_over(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_UNDOING);
    assert_str(s->effect.drain.reason, "trigger_over");
    assert_true(s->effect.refund);
    assert_false(must_cancel_first(&s->effect.drain));
}

static void undoes_as_unknown(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_UNDOING);
    assert_str(s->effect.drain.reason, "trigger_unknown");
}

static void counts_no_failure(const struct fixture *f, const struct step *s)
{
    assert_true(s->verdict.at > NOW_MS && s->verdict.at <= NOW_MS + 60000);
    assert_int_equal(f->view.drain.record.attempts, 0);
}

static void asks_remove(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_string_equal(s->effect.topic, TOPIC_REMOVE);
}

static void asks_scale(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_string_equal(s->effect.topic, TOPIC_SCALE);
}

static void at_next_poll(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->verdict.at, NOW_MS + f->settings.status_poll_ms);
}

static void at_deadline(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->verdict.at, f->view.drain.record.deadline_at);
}

static void cancel_asked(struct fixture *f)
{
    draining(f);
    f->view.drain.record.cancel_asked_at = NOW_MS - 1;
}

static void cancel_asked_removed(struct fixture *f)
{
    removed(f);
    f->view.drain.record.cancel_asked_at = NOW_MS - 1;
}

static void cancel_asked_in_backoff(struct fixture *f)
{
    backing_off(f);
    f->view.drain.record.cancel_asked_at = NOW_MS - 1;
}

static void cancel_asked_and_called_back(struct fixture *f)
{
    called_back(f);
    f->view.drain.record.cancel_asked_at = NOW_MS - 1;
}

static void cancel_asked_undoing(struct fixture *f)
{
    undoing(f);
    f->view.drain.record.cancel_asked_at = NOW_MS - 1;
}

static void undoes_as_cancelled(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_UNDOING);
    assert_str(s->effect.drain.reason, "cancelled");
}

static void closed(struct fixture *f)
{
    undoing(f);
    f->view.drain.record.closed_at = NOW_MS - 1;
}

static void ends_as_restored(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_RESTORED);
}

static void protection_ends(struct fixture *f)
{
    fixture_drain_in(f, DRAIN_DRAINING);
    f->view.drain.record.protected_until = NOW_MS + 9 * 60000;
}

static void protection_ends_while_undone(struct fixture *f)
{
    protection_ends(f);
    f->view.drain.record.state = DRAIN_UNDOING;
}

/* What ECS granted is there still, and what was asked since is not. */
static void renewal_failed_before(struct fixture *f)
{
    protection_ends(f);
    f->view.drain.record.protection_asked = NOW_MS + 12 * 60000;
    f->view.protection = (struct protection_fact){.known = true,
                                                  .arn = f->view.drain.record.task_arn,
                                                  .exists = true,
                                                  .is_protected = true,
                                                  .until = NOW_MS + 9 * 60000,
                                                  .as_of = NOW_MS - 100};
}

static void takes_it_for_nobodys(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_true(s->effect.drain.protection_asked > NOW_MS + 12 * 60000);
    assert_int_equal(s->effect.drain.protected_before, 0);
}

/* The task serves again: it needs no protection of ours. */
static void cancelled_and_protection_ends(struct fixture *f)
{
    protection_ends_while_undone(f);
    f->view.drain.record.cancelled_at = NOW_MS - 1;
}

/* It was given to ECS, and then undone: the move forgot how long it was protected. */
static void given_and_then_undone(struct fixture *f)
{
    fixture_drain_in(f, DRAIN_DRAINED);
    f->view.drain.record.unprotected_at = NOW_MS - 5000;
    f->view.drain.record.state = DRAIN_UNDOING;
    f->view.drain.record.protected_until = 0;
}

/* Ours was asked for never; another's was noted, and taken off with the task's giving. */
static void given_over_theirs_and_then_undone(struct fixture *f)
{
    given_and_then_undone(f);
    f->view.drain.record.protected_before = NOW_MS + 7170000;
    f->view.protection = (struct protection_fact){
        .known = true, .arn = f->view.drain.record.task_arn, .exists = true, .as_of = NOW_MS - 100};
}

static void still_knows_theirs(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_true(s->effect.drain.protection_asked > NOW_MS);
    assert_int_equal(s->effect.drain.protected_before, NOW_MS + 7170000);
    assert_int_equal(s->effect.drain.unprotected_at, 0);
}

static void given_and_protected_again(struct fixture *f)
{
    given_and_then_undone(f);
    f->view.drain.record.protected_until = NOW_MS + 3600000;
}

static void two_days_are_too_few(struct fixture *f)
{
    fixture_drain_in(f, DRAIN_DRAINING);
    f->view.drain.record.protected_until = NOW_MS + (int64_t)11 * 3600000;
    f->view.drain.record.deadline_at = NOW_MS + (int64_t)72 * 3600000;
}

static void two_days_will_do_for_now(struct fixture *f)
{
    two_days_are_too_few(f);
    f->view.drain.record.protected_until = NOW_MS + (int64_t)13 * 3600000;
}

static void renewal_failed(struct fixture *f)
{
    protection_ends(f);
    fixture_did(f, EFFECT_PROTECT, OUTCOME_RETRY);
}

static void renewal_unreadable(struct fixture *f)
{
    protection_ends(f);
    fixture_did(f, EFFECT_READ_TASK_PROTECTION, OUTCOME_REFUSED);
}

static void renewal_unreadable_while_undone(struct fixture *f)
{
    protection_ends_while_undone(f);
    fixture_did(f, EFFECT_READ_TASK_PROTECTION, OUTCOME_RETRY);
}

TEST(drain_clauses)
{
    static const struct clause_row ROWS[] = {
        WANTS("D1", unknown, READ_DRAIN),
        ENDS("D1", none, REFUSED, NO_SUCH_DRAIN),
        ENDS("D1", newer, REFUSED, NEWER_STATE),
        ENDS("D1", unmanaged, REFUSED, NOT_MANAGED),
        WANTS_AND("D1", still_claimed, ASK, asks_remove),
        WANTS_AND("D1", releasing, ASK, asks_remove),
        ENDS("D1", scaled_out, REFUSED, NOT_OURS),
        WANTS_AND("D2", called_back, MOVE, becomes_drained),
        WANTS_AND("D2", called_back_early, MOVE, becomes_drained),
        WANTS_AND("D2", called_back_in_backoff, MOVE, becomes_drained),
        WANTS_AND("D2", called_back_unstarted, MOVE, notes_start),
        WANTS_AND("D2", called_back_undoing, ASK, asks_remove),
        ENDS("D3", backing_off, WAIT, UNREACHABLE),
        ENDS("D3", backing_off_after_an_error, WAIT, ANSWERED_ERROR),
        WANTS_AND("D4", removed, MOVE, notes_start),
        WANTS_AND("D4", protection_noted, MOVE, notes_start),
        WANTS_AND("D4", start_noted_before, MOVE, notes_another_start),
        WANTS("D4", start_noted_unrecorded, RECORD),
        WANTS_AND("D4", start_noted, START, soon_after_it_was_noted),
        WANTS_AND("D5", started, MOVE, becomes_draining),
        WANTS("D6", start_unclear, READ_STATUS),
        WANTS_AND("D6", start_unclear_but_draining, MOVE, becomes_draining),
        WANTS_AND("D6", start_unclear_draining_for_another, MOVE, notes_failure),
        WANTS("D6", start_unclear_silent, READ_TASK),
        WANTS_AND("D6", start_unclear_gone, MOVE, is_gone),
        WANTS_AND("D6", start_unclear_there, MOVE, notes_failure),
        WANTS_AND("D6", start_unclear_last, MOVE, undoes),
        WANTS_AND("D6", start_unclear_last_but_not_draining, MOVE, undoes),
        WANTS_AND("D6", start_never_arrived_last, MOVE, undoes_and_refunds),
        WANTS_AND("D6", start_unclear_before, MOVE, undoes),
        WANTS("D7", start_refused, READ_TASK),
        WANTS("D7", start_refused_after_unclear, READ_STATUS),
        WANTS_AND("D7", start_refused_as_it_drains, MOVE, becomes_draining),
        ENDS("D7", start_refused_stopping, WAIT, STOPPING),
        WANTS_AND("D7", start_refused_there, MOVE, undoes_and_refunds),
        WANTS_AND("D7", start_refused_gone, MOVE, is_gone),
    };
    stage_table_run(drain_next, ROWS, EBB_COUNT(ROWS));
}

TEST(drain_clauses_once_it_drains)
{
    static const struct clause_row ROWS[] = {
        WANTS("D8", draining, READ_STATUS),
        ENDS_AND("D8", busy, WAIT, DRAINING, at_next_poll),
        ENDS_AND("D8", deadline_near, WAIT, DRAINING, at_deadline),
        WANTS_AND("D8", empty, MOVE, becomes_drained),
        ENDS("D8", empty_but_not_draining, WAIT, DRAINING),
        ENDS("D8", empty_of_another_drain, WAIT, DRAINING),
        WANTS("D8", silent, READ_TASK),
        WANTS_AND("D8", silent_gone, MOVE, is_gone),
        WANTS_AND("D8", silent_missing, MOVE, notes_missing),
        ENDS("D8", silent_there, WAIT, DRAINING),
        WANTS_AND("D8", deadline, MOVE, becomes_drained_by_deadline),
        WANTS_AND("D8", deadline_undo, MOVE, undoes),
        WANTS("D9", drained_unrecorded, RECORD),
        WANTS("K1", protection_ends, READ_TASK_PROTECTION),
        WANTS("K1", protection_ends_while_undone, READ_TASK_PROTECTION),
        WANTS("K1", cancelled_and_protection_ends, ASK),
        WANTS("K1", given_and_then_undone, READ_TASK_PROTECTION),
        WANTS("K1", given_and_protected_again, CANCEL),
        WANTS_AND("K3", renewal_failed_before, MOVE, takes_it_for_nobodys),
        WANTS_AND("K3", given_over_theirs_and_then_undone, MOVE, still_knows_theirs),
        WANTS("K1", two_days_are_too_few, READ_TASK_PROTECTION),
        WANTS("K1", two_days_will_do_for_now, READ_STATUS),
        WANTS("K4", renewal_failed, READ_STATUS),
        WANTS("K4", renewal_unreadable, READ_STATUS),
        WANTS("K4", renewal_unreadable_while_undone, CANCEL),
        WANTS_AND("D9", drained, ASK, asks_scale),
        ENDS("D9", drained_asked, DONE, DRAINED),
        WANTS_AND("D10", undoing, CANCEL, not_for_long),
        WANTS_AND("D10", undoing_never_started, ASK, asks_remove),
        WANTS_AND("D10", undoing_start_refused, ASK, asks_remove),
        ENDS("D10", undoing_start_on_its_way, WAIT, UNDOING),
        WANTS("D7", undoing_start_has_arrived_or_never_will, READ_STATUS),
        WANTS_AND("D7", undoing_says_it_drains, MOVE, may_have_begun),
        WANTS_AND("D7", undoing_says_nothing, MOVE, may_have_begun),
        WANTS_AND("D7", undoing_says_it_does_not_drain, MOVE, refunds_what_never_began),
        WANTS_AND("D10", undoing_was_asked, CANCEL, not_for_long),
        WANTS("D10", undoing_called_back_before, CANCEL),
        WANTS_AND("D10", cancelled, MOVE, notes_cancel),
        WANTS_AND("D10", cancel_unclear, MOVE, notes_failure),
        WANTS("D11", cannot_cancel, READ_TASK),
        WANTS("D11", cannot_cancel_there, READ_STATUS),
        WANTS_AND("D11", cannot_cancel_busy, MOVE, notes_failure),
        WANTS_AND("D11", cancel_refused_not_draining, MOVE, notes_cancel),
        WANTS_AND("D11", cancel_refused_but_empty, MOVE, notes_failure),
        WANTS_AND("D11", cannot_cancel_empty, MOVE, marks_replacement),
        WANTS_AND("D11", cannot_cancel_empty_of_an_earlier_drain, MOVE, marks_replacement),
        WANTS_AND("D11", cannot_cancel_marked, STOP_TASK, stops_the_task),
        WANTS_AND("D11", cannot_cancel_gone, MOVE, is_replaced),
        WANTS_AND("D11", cannot_cancel_died, MOVE, is_gone),
    };
    stage_table_run(drain_next, ROWS, EBB_COUNT(ROWS));
}

TEST(drain_clauses_of_an_alarm_that_is_over)
{
    static const struct clause_row ROWS[] = {
        WANTS("D12", to_start, READ_TRIGGER),
        WANTS_AND("D12", to_start_in_alarm, MOVE, notes_start),
        WANTS_AND("D12", to_start_over, MOVE, undoes_unbegun_as_over),
        ENDS_AND("D12", to_start_unreadable, WAIT, TRIGGER_UNKNOWN, counts_no_failure),
        WANTS("D12", to_start_unreadable_unrecorded, RECORD),
        WANTS_AND("D12", to_start_unreadable_for_long, MOVE, undoes_as_unknown),
        WANTS("D12", to_start_again, READ_TRIGGER),
        WANTS_AND("D12", to_start_again_over, MOVE, undoes_as_over),
        WANTS_AND("D12", to_start_for_operator, MOVE, notes_start),
        WANTS_AND("D12", to_start_whatever_the_alarm, MOVE, notes_start),
        WANTS("D12", drains_by_alarm, READ_ALARMS),
        ENDS("D12", noted_in_alarm, WAIT, DRAINING),
        WANTS("D12", noted_over, READ_TRIGGER),
        ENDS("D12", noted_over_but_is_not, WAIT, DRAINING),
        ENDS("D12", noted_over_unreadable, WAIT, DRAINING),
        WANTS_AND("D12", is_over, MOVE, undoes_as_over),
        WANTS_AND("D12", is_over_at_deadline, MOVE, undoes_as_over),
        WANTS_AND("D12", is_over_but_empty, MOVE, becomes_drained),
        ENDS("D12", drains_for_operator, WAIT, DRAINING),
    };
    stage_table_run(drain_next, ROWS, EBB_COUNT(ROWS));
}

TEST(drain_clauses_of_what_operators_order)
{
    static const struct clause_row ROWS[] = {
        WANTS_AND("D13", cancel_asked, MOVE, undoes_as_cancelled),
        WANTS_AND("D13", cancel_asked_removed, MOVE, undoes_as_cancelled),
        WANTS_AND("D13", cancel_asked_in_backoff, MOVE, undoes_as_cancelled),
        WANTS_AND("D13", cancel_asked_and_called_back, MOVE, undoes_as_cancelled),
        WANTS("D13", cancel_asked_undoing, CANCEL),
        WANTS_AND("D14", closed, MOVE, ends_as_restored),
    };
    stage_table_run(drain_next, ROWS, EBB_COUNT(ROWS));
}
