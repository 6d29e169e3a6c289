/* SPDX-License-Identifier: Apache-2.0
 * Goal: every clause of stage scale. Method: a table of views and the next step each must give. */
/* rule 2: one table over all clauses reads best in one piece. */
#include "tests/support/stage_table.h"

static void budget_has_room(struct fixture *f)
{
    fixture_did(f, EFFECT_READ_BUDGET, OUTCOME_OK);
}

/* D: the newest `n` tasks are drained. */
static void drained(struct fixture *f, int n)
{
    fixture_did(f, EFFECT_TAKE_LEASE, OUTCOME_OK);
    f->view.drained_known = true;
    f->view.drained = f->drained;
    f->view.drained_n = (size_t)n;
    for (int i = 0; i < n; i++) {
        fixture_drain_in(f, DRAIN_DRAINED);
        f->drained[i] = f->view.drain;
        f->drained[i].record.task_arn = f->tasks[FIX_TASKS - 1 - i].arn;
        f->drained[i].record.drain_id = arena_format(&f->arena, "drain%011d", i);
    }
}

static void intent(struct fixture *f, int64_t base, int64_t to, int64_t not_after)
{
    f->view.intent = (struct intent_fact){
        .open = true, .base = base, .to = to, .not_after = not_after, .others = 3};
}

/* ... and given to ECS. */
static void given(struct fixture *f, int n)
{
    drained(f, n);
    for (int i = 0; i < n; i++) {
        f->drained[i].record.unprotected_at = NOW_MS - 10;
        f->tasks[FIX_TASKS - 1 - i].is_protected = false;
    }
}

static void one(struct fixture *f)
{
    given(f, 1);
}

/* What ECS itself says of the first drained task. */
static void task_is(struct fixture *f, enum fixture_task is, bool by_scheduler)
{
    fixture_task_is(f, is);
    f->view.task.arn = f->tasks[FIX_TASKS - 1].arn;
    f->view.task.by_scheduler = by_scheduler;
}

static void unmanaged(struct fixture *f)
{
    f->view.settings = NULL;
}

static void lease_held(struct fixture *f)
{
    fixture_did(f, EFFECT_TAKE_LEASE, OUTCOME_RETRY);
}

static void not_read(struct fixture *f)
{
    fixture_did(f, EFFECT_TAKE_LEASE, OUTCOME_OK);
}

static void nothing_drained(struct fixture *f)
{
    drained(f, 0);
}

static void service_unknown(struct fixture *f)
{
    one(f);
    f->view.service.known = false;
}

static void service_missing(struct fixture *f)
{
    one(f);
    f->view.service.exists = false;
    f->view.tasks = (struct tasks_fact){0};
}

static void service_inactive(struct fixture *f)
{
    service_missing(f);
    f->view.service.exists = true;
    f->view.service.active = false;
}

static void service_missing_task_stops(struct fixture *f)
{
    service_missing(f);
    task_is(f, TASK_STOPPING, true);
}

static void service_missing_task_stopped(struct fixture *f)
{
    service_missing(f);
    task_is(f, TASK_STOPPED, false);
}

static void service_missing_intent_left(struct fixture *f)
{
    drained(f, 0);
    f->view.service.exists = false;
    intent(f, FIX_TASKS, FIX_TASKS - 1, NOW_MS + 1000);
}

static void service_missing_all_released(struct fixture *f)
{
    service_missing(f);
    f->drained[0].record.state = DRAIN_RELEASING;
    f->drained[0].asked = true;
}

static void tasks_unknown(struct fixture *f)
{
    one(f);
    f->view.tasks.known = false;
}

static void surplus(struct fixture *f)
{
    drained(f, 1);
    f->view.service.desired = FIX_TASKS - 1;
}

static void surplus_marked(struct fixture *f)
{
    surplus(f);
    f->drained[0].record.unprotected_at = NOW_MS - 10;
}

static void surplus_marked_unrecorded(struct fixture *f)
{
    surplus_marked(f);
    f->drained[0].recorded = false;
}

static void surplus_unread(struct fixture *f)
{
    surplus_marked(f);
    f->view.tasks.protection_known = false;
}

static void surplus_throttled(struct fixture *f)
{
    surplus_marked(f);
    fixture_did(f, EFFECT_UNPROTECT, OUTCOME_RETRY);
}

static void surplus_throttled_for_long(struct fixture *f)
{
    surplus_throttled(f);
    f->drained[0].record.drained_at = NOW_MS - 31 * 60000;
}

static void surplus_given(struct fixture *f)
{
    one(f);
    f->view.service.desired = FIX_TASKS - 1;
}

static void surplus_not_taken(struct fixture *f)
{
    surplus_given(f);
    f->drained[0].record.unprotected_at = NOW_MS - 61000;
}

static void surplus_not_taken_marked(struct fixture *f)
{
    surplus_not_taken(f);
    f->drained[0].record.becomes = DRAIN_SCALED_OUT;
    f->view.lease_until = NOW_MS + 50000;
}

static void surplus_stopped(struct fixture *f)
{
    surplus_not_taken_marked(f);
    fixture_did(f, EFFECT_STOP_TASK, OUTCOME_OK);
}

/* Given long ago, lowered just now: ECS has its time. */
static void surplus_just_lowered(struct fixture *f)
{
    surplus_not_taken(f);
    intent(f, FIX_TASKS, FIX_TASKS - 1, NOW_MS - 59000);
}

static void surplus_with_intent(struct fixture *f)
{
    surplus_marked(f);
    intent(f, FIX_TASKS, FIX_TASKS - 1, NOW_MS + 1000);
}

static void surplus_of_deployment(struct fixture *f)
{
    surplus_not_taken(f);
    f->view.service.deploying = true;
}

/* What was given for an intent that was never sent, or had no effect. */
static void surplus_of_deployment_and_nothing_lowered(struct fixture *f)
{
    surplus_of_deployment(f);
    f->view.service.desired = FIX_TASKS - 1;
    intent(f, FIX_TASKS - 1, FIX_TASKS - 2, NOW_MS - 59000);
}

static void surplus_two(struct fixture *f)
{
    drained(f, 2);
    f->view.service.desired = FIX_TASKS - 1;
    f->drained[0].record.unprotected_at = f->drained[1].record.unprotected_at = NOW_MS - 10;
}

/* One was lowered for, and another task was drained since. */
static void surplus_one_of_two(struct fixture *f)
{
    drained(f, 2);
    f->view.service.desired = FIX_TASKS - 1;
    f->drained[0].record.unprotected_at = NOW_MS - 10;
    f->tasks[FIX_TASKS - 1].is_protected = false;
    intent(f, FIX_TASKS, FIX_TASKS - 1, NOW_MS + 1000);
}

static void settled_and_another_drained_since(struct fixture *f)
{
    drained(f, 1);
    intent(f, FIX_TASKS + 1, FIX_TASKS, NOW_MS - 1);
}

/* As an older copy of Redis brings it back, while a deployment has more tasks for a while. */
static void old_intent_and_surplus(struct fixture *f)
{
    drained(f, 1);
    intent(f, FIX_TASKS + 1, FIX_TASKS, NOW_MS - 60000);
    f->view.service.desired = FIX_TASKS - 1;
    f->view.service.deploying = true;
}

static void intent_open(struct fixture *f)
{
    one(f);
    intent(f, FIX_TASKS, FIX_TASKS - 1, NOW_MS);
}

static void intent_open_task_gone(struct fixture *f)
{
    surplus_marked(f);
    f->view.tasks.n = FIX_TASKS - 1;
    intent(f, FIX_TASKS, FIX_TASKS - 1, NOW_MS + 1);
}

static void settled_task_gone(struct fixture *f)
{
    intent_open_task_gone(f);
    f->view.intent.not_after = NOW_MS - 1;
}

static void settled_no_effect(struct fixture *f)
{
    one(f);
    intent(f, FIX_TASKS, FIX_TASKS - 1, NOW_MS - 1);
}

static void settled_cannot_tell(struct fixture *f)
{
    settled_no_effect(f);
    f->view.intent.base = FIX_TASKS + 1;
}

static void settled_cannot_tell_marked(struct fixture *f)
{
    settled_cannot_tell(f);
    f->drained[0].record.becomes = DRAIN_REPLACED;
}

static void settled_stopped(struct fixture *f)
{
    settled_cannot_tell_marked(f);
    fixture_did(f, EFFECT_STOP_TASK, OUTCOME_OK);
}

static void settled_another_stopped(struct fixture *f)
{
    settled_stopped(f);
    f->view.service.desired = FIX_TASKS - 1;
    f->view.tasks.tasks[0].wanted = false;
}

static void settled_stop_denied_for_long(struct fixture *f)
{
    settled_cannot_tell_marked(f);
    fixture_did(f, EFFECT_STOP_TASK, OUTCOME_REFUSED);
    f->drained[0].record.drained_at = NOW_MS - 31 * 60000;
}

static void settled_too_few(struct fixture *f)
{
    settled_no_effect(f);
    f->view.service.desired = FIX_TASKS + 1;
}

static void not_listed(struct fixture *f)
{
    one(f);
    f->view.tasks.n = FIX_TASKS - 1;
    f->view.service.desired = FIX_TASKS - 1;
}

static void not_listed_but_there(struct fixture *f)
{
    not_listed(f);
    task_is(f, TASK_THERE, false);
}

/* Of two, the one whose task was read last. */
static void two_not_listed_and_one_was_read(struct fixture *f, int which)
{
    given(f, 2);
    f->view.tasks.n = FIX_TASKS - 2;
    f->view.service.desired = FIX_TASKS - 2;
    task_is(f, TASK_THERE, false);
    f->view.task.arn = f->drained[which].record.task_arn;
}

static void two_not_listed_and_the_first_is_there(struct fixture *f)
{
    two_not_listed_and_one_was_read(f, 0);
}

static void two_not_listed_and_both_are_there(struct fixture *f)
{
    two_not_listed_and_one_was_read(f, 1);
}

static void not_listed_for_long(struct fixture *f)
{
    not_listed_but_there(f);
    f->drained[0].record.drained_at = NOW_MS - 31 * 60000;
}

static void not_listed_as_it_stops(struct fixture *f)
{
    not_listed(f);
    task_is(f, TASK_STOPPING, true);
}

static void missing_once(struct fixture *f)
{
    not_listed(f);
    task_is(f, TASK_MISSING, false);
}

static void missing_twice(struct fixture *f)
{
    missing_once(f);
    f->drained[0].record.missing = 1;
}

static void gone_by_scale_in(struct fixture *f)
{
    not_listed(f);
    task_is(f, TASK_STOPPED, true);
}

static void gone_by_deployment(struct fixture *f)
{
    gone_by_scale_in(f);
    f->view.service.deploying = true;
}

static void gone_by_scale_in_as_deployed(struct fixture *f)
{
    gone_by_deployment(f);
    f->view.settled.open = true;
}

static void gone_by_itself(struct fixture *f)
{
    not_listed(f);
    task_is(f, TASK_STOPPED, false);
}

static void gone_before_it_was_given(struct fixture *f)
{
    gone_by_scale_in(f);
    f->drained[0].record.unprotected_at = 0;
}

static void gone_for_replacement(struct fixture *f)
{
    gone_by_itself(f);
    f->drained[0].record.becomes = DRAIN_REPLACED;
}

static void released_unrecorded(struct fixture *f)
{
    gone_by_scale_in(f);
    f->drained[0].record.state = DRAIN_RELEASING;
    f->drained[0].record.becomes = DRAIN_SCALED_OUT;
    f->drained[0].recorded = false;
}

static void released_recorded(struct fixture *f)
{
    released_unrecorded(f);
    f->drained[0].recorded = true;
}

static void released_asked(struct fixture *f)
{
    released_recorded(f);
    f->drained[0].asked = true;
}

static void replaced_asked(struct fixture *f)
{
    released_asked(f);
    f->drained[0].record.becomes = DRAIN_REPLACED;
}

static void gone_asked(struct fixture *f)
{
    released_asked(f);
    f->drained[0].record.becomes = DRAIN_GONE;
}

static void undone_asked(struct fixture *f)
{
    released_asked(f);
    f->drained[0].record.state = DRAIN_UNDOING;
}

static void not_given(struct fixture *f)
{
    drained(f, 1);
}

static void not_given_while_deploying(struct fixture *f)
{
    not_given(f);
    f->view.service.deploying = true;
    f->drained[0].record.unprotected_at = NOW_MS - 10;
}

static void one_starts(struct fixture *f)
{
    one(f);
    f->tasks[0].running = false;
}

static void tasks_missing(struct fixture *f)
{
    one(f);
    f->view.service.desired = FIX_TASKS + 1;
}

static void deploying(struct fixture *f)
{
    one(f);
    f->view.service.deploying = true;
}

static void deploying_for_long(struct fixture *f)
{
    deploying(f);
    f->drained[0].record.drained_at = NOW_MS - 31 * 60000;
}

static void floor_unknown(struct fixture *f)
{
    one(f);
    f->view.floor.known = false;
}

static void at_floor(struct fixture *f)
{
    one(f);
    f->view.floor.min = FIX_TASKS;
}

static void no_floor(struct fixture *f)
{
    at_floor(f);
    f->view.floor.exists = false;
}

static void two_and_room_for_one(struct fixture *f)
{
    given(f, 2);
    f->view.floor.min = FIX_TASKS - 1;
}

static void two_one_undone(struct fixture *f)
{
    two_and_room_for_one(f);
    f->tasks[FIX_TASKS - 1].is_protected = true;
    f->drained[0].record.state = DRAIN_UNDOING;
    f->drained[0].asked = true;
}

static void protection_unread(struct fixture *f)
{
    one(f);
    f->view.tasks.protection_known = false;
}

static void one_unprotected(struct fixture *f)
{
    one(f);
    f->tasks[1].is_protected = false;
}

static void one_expires_soon(struct fixture *f)
{
    one(f);
    f->tasks[2].protected_until = NOW_MS + 14 * 60000;
}

static void protect_blocked(struct fixture *f)
{
    one_unprotected(f);
    fixture_did(f, EFFECT_PROTECT, OUTCOME_RETRY);
}

/* ECS answers that it is done, and shows that it is not: each look asks it twice. */
static void protected_in_vain(struct fixture *f)
{
    one_unprotected(f);
    fixture_did(f, EFFECT_PROTECT, OUTCOME_OK);
    f->view.did[EFFECT_PROTECT].times = 2;
}

static void protected_once_more(struct fixture *f)
{
    protected_in_vain(f);
    f->view.did[EFFECT_PROTECT].times = 1;
}

static void protected_in_vain_for_long(struct fixture *f)
{
    protected_in_vain(f);
    f->drained[0].record.drained_at = NOW_MS - 31 * 60000;
}

static void given_in_vain(struct fixture *f)
{
    not_given_while_deploying(f);
    fixture_did(f, EFFECT_UNPROTECT, OUTCOME_OK);
    f->view.did[EFFECT_UNPROTECT].times = 2;
}

static void protected_now(struct fixture *f)
{
    one(f);
    f->view.is_stale = true;
}

static void intended(struct fixture *f)
{
    one(f);
    intent(f, FIX_TASKS, FIX_TASKS - 1, NOW_MS + 2000);
    fixture_did(f, EFFECT_PUT_INTENT, OUTCOME_OK);
}

static void intended_by_another_look(struct fixture *f)
{
    one(f);
    intent(f, FIX_TASKS, FIX_TASKS - 1, NOW_MS + 2000);
}

static void lowering_refused(struct fixture *f)
{
    intended(f);
    fixture_did(f, EFFECT_LOWER, OUTCOME_REFUSED);
}

static void lowering_was_refused(struct fixture *f)
{
    one(f);
    fixture_did(f, EFFECT_LOWER, OUTCOME_REFUSED);
}

static void lowering_was_refused_for_long(struct fixture *f)
{
    lowering_was_refused(f);
    f->drained[0].record.drained_at = NOW_MS - 31 * 60000;
}

static void lowering_was_throttled(struct fixture *f)
{
    one(f);
    fixture_did(f, EFFECT_LOWER, OUTCOME_RETRY);
}

static void lowered_but_not_seen(struct fixture *f)
{
    intended(f);
    fixture_did(f, EFFECT_LOWER, OUTCOME_UNKNOWN);
}

static void wrong_one_stopped(struct fixture *f)
{
    released_asked(f);
    f->view.settled = (struct intent_fact){
        .open = true, .base = FIX_TASKS, .to = FIX_TASKS - 1, .others = FIX_TASKS};
}

/* ECS took another; what was given was stopped by hand, and stops. */
static void wrong_one_stopped_and_ours_stops(struct fixture *f)
{
    not_listed_as_it_stops(f);
    f->view.settled = (struct intent_fact){
        .open = true, .base = FIX_TASKS, .to = FIX_TASKS - 1, .others = FIX_TASKS};
    f->view.service.desired = FIX_TASKS - 1;
}

/* ECS took another, and what was drained since waits until it is replaced. */
static void wrong_one_stopped_and_another_is_drained(struct fixture *f)
{
    tasks_missing(f);
    f->view.settled = (struct intent_fact){
        .open = true, .base = FIX_TASKS + 2, .to = FIX_TASKS + 1, .others = FIX_TASKS + 1};
}

/* The intent is settled, its own task is gone, and so is another. */
static void settled_wrong_one(struct fixture *f)
{
    settled_task_gone(f);
    f->view.intent.others = FIX_TASKS;
}

static void settled_wrong_one_counted(struct fixture *f)
{
    settled_wrong_one(f);
    fixture_did(f, EFFECT_BRAKE, OUTCOME_OK);
}

static void two(struct fixture *f)
{
    given(f, 2);
}

static void marks_the_drained(const struct fixture *f, const struct step *s)
{
    assert_str(s->effect.drain.task_arn, f->tasks[3].arn.p);
    assert_int_equal(s->effect.drain.unprotected_at, NOW_MS);
    assert_int_equal(s->effect.drain.state, DRAIN_DRAINED);
}

static void marks_scaled_out(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.becomes, DRAIN_SCALED_OUT);
    assert_int_equal(s->effect.drain.state, DRAIN_DRAINED);
}

static void notes_missing(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.missing, 1);
    assert_int_equal(s->effect.drain.state, DRAIN_DRAINED);
}

static void both_drained(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.tasks_n, 2);
    assert_str(s->effect.tasks[0], f->tasks[3].arn.p);
    assert_str(s->effect.tasks[1], f->tasks[2].arn.p);
}

static void stops_it_under_the_lease(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.tasks_n, 1);
    assert_str(s->effect.tasks[0], f->tasks[3].arn.p);
    assert_true(s->effect.not_after && s->effect.not_after < f->view.lease_until);
}

static void after_a_minute(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->verdict.at, NOW_MS + 60000);
}

static void only_the_drained(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.tasks_n, 1);
    assert_str(s->effect.tasks[0], f->tasks[3].arn.p);
}

static void only_task_1(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.tasks_n, 1);
    assert_str(s->effect.tasks[0], f->tasks[1].arn.p);
}

static void only_task_2(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.tasks_n, 1);
    assert_str(s->effect.tasks[0], f->tasks[2].arn.p);
}

static void until_not_after(const struct fixture *f, const struct step *s)
{
    assert_true(s->verdict.at > f->view.intent.not_after);
}

static void ends_as_scaled_out(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_RELEASING);
    assert_int_equal(s->effect.drain.becomes, DRAIN_SCALED_OUT);
}

static void ends_as_gone(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_RELEASING);
    assert_int_equal(s->effect.drain.becomes, DRAIN_GONE);
}

static void ends_as_replaced(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_RELEASING);
    assert_int_equal(s->effect.drain.becomes, DRAIN_REPLACED);
}

static void marks_replacement(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.drain.becomes, DRAIN_REPLACED);
    assert_int_equal(s->effect.drain.state, DRAIN_DRAINED);
}

static void asks_remove(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_string_equal(s->effect.topic, TOPIC_REMOVE);
}

static void undoes_without_refund(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.drain.state, DRAIN_UNDOING);
    assert_false(s->effect.refund);
    /* Its protection was taken away: it is to be protected again (K1). */
    if (f->drained[0].record.unprotected_at) assert_int_equal(s->effect.drain.protected_until, 0);
}

static void undoes_for_no_floor(const struct fixture *f, const struct step *s)
{
    undoes_without_refund(f, s);
    assert_str(s->effect.drain.reason, "no_floor");
}

static void intends_one_less(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.base, FIX_TASKS);
    assert_int_equal(s->effect.desired, FIX_TASKS - 1);
    assert_int_equal(s->effect.others, FIX_TASKS - 1);
    assert_int_equal(s->effect.not_after, NOW_MS + 2000);
}

static void intends_two_less(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_int_equal(s->effect.base, FIX_TASKS);
    assert_int_equal(s->effect.desired, FIX_TASKS - 2);
}

static void sends_the_intent(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.desired, f->view.intent.to);
    assert_int_equal(s->effect.not_after, f->view.intent.not_after);
}

/* C15: about to be lowered, by an alarm, of a service with cancelWhenOk. */
static void one_by_alarm(struct fixture *f)
{
    one(f);
    fixture_cancels_when_ok(f, &f->drained[0].record);
}

static void one_in_alarm(struct fixture *f)
{
    one_by_alarm(f);
    fixture_trigger_is(f, TRIGGER_IN_ALARM);
}

/* As view_learn has it after CloudWatch was asked. */
static void one_in_alarm_stale(struct fixture *f)
{
    one_in_alarm(f);
    f->view.is_stale = true;
}

static void one_over(struct fixture *f)
{
    one_by_alarm(f);
    fixture_trigger_is(f, TRIGGER_OVER);
}

static void one_unreadable(struct fixture *f)
{
    one_by_alarm(f);
    fixture_trigger_is(f, TRIGGER_UNREADABLE);
}

static void one_unreadable_for_long(struct fixture *f)
{
    one_unreadable(f);
    f->drained[0].record.drained_at = NOW_MS - BLOCKED_DEADLINE_MS - 1;
}

/* The second of two is an operator's: only the first is undone, then the other goes on. */
static void two_first_over(struct fixture *f)
{
    given(f, 2);
    fixture_cancels_when_ok(f, &f->drained[0].record);
    fixture_trigger_is(f, TRIGGER_OVER);
}

static void two_first_undone(struct fixture *f)
{
    two_first_over(f);
    f->drained[0].record.state = DRAIN_UNDOING;
    f->drained[0].asked = true;
    f->tasks[FIX_TASKS - 1].is_protected = true;
}

static void one_of_operator(struct fixture *f)
{
    one_by_alarm(f);
    f->drained[0].record.by_alarm = false;
}

static void over_but_surplus(struct fixture *f)
{
    one_over(f);
    f->view.service.desired = FIX_TASKS - 1;
}

static void undoes_the_first_as_over(const struct fixture *f, const struct step *s)
{
    assert_str(s->effect.drain.drain_id, f->drained[0].record.drain_id.p);
    assert_int_equal(s->effect.drain.state, DRAIN_UNDOING);
    assert_str(s->effect.drain.reason, "trigger_over");
    assert_false(s->effect.refund);
}

static void undoes_as_unknown(const struct fixture *f, const struct step *s)
{
    (void)f;
    assert_str(s->effect.drain.reason, "trigger_unknown");
}

static void surplus_and_protection_ends(struct fixture *f)
{
    surplus(f);
    f->drained[0].record.protected_until = NOW_MS + 60000;
}

static void surplus_and_protection_is_renewed(struct fixture *f)
{
    surplus_and_protection_ends(f);
    f->drained[0].record.protection_asked = NOW_MS + 3600000;
    f->view.lease_until = NOW_MS + 12000;
    f->view.protection = (struct protection_fact){.known = true,
                                                  .arn = f->drained[0].record.task_arn,
                                                  .exists = true,
                                                  .is_protected = true,
                                                  .until = NOW_MS + 60000,
                                                  .as_of = NOW_MS - 100};
}

static void renewed_under_a_long_lease(struct fixture *f)
{
    surplus_and_protection_is_renewed(f);
    f->view.lease_until = NOW_MS + 60000;
}

static void while_the_lease_lasts(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.not_after, f->view.lease_until - 5000);
}

static void while_the_reading_holds(const struct fixture *f, const struct step *s)
{
    assert_int_equal(s->effect.not_after, f->view.protection.as_of + 10000);
}

static void surplus_and_protection_lasts(struct fixture *f)
{
    surplus(f);
    f->drained[0].record.protected_until = NOW_MS + 16 * 60000;
}

static void surplus_marked_and_protection_ends(struct fixture *f)
{
    surplus_marked(f);
    f->drained[0].record.protected_until = NOW_MS + 60000;
}

TEST(scale_clauses)
{
    static const struct clause_row ROWS[] = {
        ENDS("C1", unmanaged, REFUSED, NOT_MANAGED),
        WANTS("C1", NULL, READ_BUDGET),
        WANTS("C1", budget_has_room, TAKE_LEASE),
        ENDS("C1", lease_held, WAIT, LEASE_HELD),
        WANTS("C1", not_read, READ_DRAINED),
        ENDS("C1", nothing_drained, DONE, NOTHING_DRAINED),
        WANTS("C1", service_unknown, READ_SERVICE),
        WANTS("C1", tasks_unknown, READ_TASKS),
        WANTS("C2", service_missing, READ_TASK),
        WANTS("C2", service_inactive, READ_TASK),
        ENDS("C2", service_missing_task_stops, WAIT, STOPPING),
        WANTS_AND("C2", service_missing_task_stopped, MOVE, ends_as_gone),
        WANTS("C2", service_missing_intent_left, CLOSE_INTENT),
        ENDS("C2", service_missing_all_released, DONE, SERVICE_NOT_FOUND),
        WANTS("C16", surplus_and_protection_ends, READ_TASK_PROTECTION),
        WANTS_AND("C16", surplus_and_protection_is_renewed, PROTECT, while_the_lease_lasts),
        WANTS_AND("C16", renewed_under_a_long_lease, PROTECT, while_the_reading_holds),
        WANTS_AND("C16", surplus_and_protection_lasts, MOVE, marks_the_drained),
        WANTS("C16", surplus_marked_and_protection_ends, UNPROTECT),
        WANTS_AND("C3", surplus, MOVE, marks_the_drained),
        WANTS("C3", surplus_marked_unrecorded, RECORD),
        WANTS("C3", surplus_unread, READ_PROTECTION),
        WANTS_AND("C3", surplus_marked, UNPROTECT, only_the_drained),
        WANTS_AND("C3", surplus_with_intent, UNPROTECT, only_the_drained),
        WANTS_AND("C3", surplus_two, UNPROTECT, both_drained),
        ENDS("C3", surplus_one_of_two, WAIT, STOPPING),
        ENDS("C3", surplus_throttled, WAIT, BLOCKED),
        WANTS_AND("C13", surplus_throttled_for_long, MOVE, undoes_without_refund),
        ENDS("C3", surplus_given, WAIT, STOPPING),
        WANTS_AND("C3", surplus_not_taken, MOVE, marks_scaled_out),
        WANTS_AND("C3", surplus_not_taken_marked, STOP_TASK, stops_it_under_the_lease),
        ENDS("C3", surplus_stopped, WAIT, STOPPING),
        ENDS("C3", surplus_just_lowered, WAIT, STOPPING),
        ENDS("C3", surplus_of_deployment, WAIT, DEPLOYING),
        WANTS("C3", surplus_of_deployment_and_nothing_lowered, CLOSE_INTENT),
        ENDS_AND("C4", intent_open, WAIT, INTENT_OPEN, until_not_after),
        ENDS_AND("C4", intent_open_task_gone, WAIT, INTENT_OPEN, until_not_after),
        WANTS("C4", lowering_refused, CLOSE_INTENT),
        WANTS("C5", settled_task_gone, CLOSE_INTENT),
        WANTS("C5", settled_and_another_drained_since, CLOSE_INTENT),
        WANTS("C5", old_intent_and_surplus, CLOSE_INTENT),
        WANTS("C6", settled_no_effect, CLOSE_INTENT),
        WANTS_AND("C6", settled_cannot_tell, MOVE, marks_replacement),
        WANTS_AND("C6", settled_cannot_tell_marked, STOP_TASK, only_the_drained),
        WANTS_AND("C6", settled_too_few, MOVE, marks_replacement),
        ENDS("C6", settled_stopped, WAIT, STOPPING),
        ENDS("C6", settled_another_stopped, WAIT, WRONG_TASK_STOPPED),
        WANTS_AND("C13", settled_stop_denied_for_long, MOVE, undoes_without_refund),
    };
    stage_table_run(scale_next, ROWS, EBB_COUNT(ROWS));
}

TEST(scale_clauses_of_tasks_that_are_gone)
{
    static const struct clause_row ROWS[] = {
        WANTS("C7", not_listed, READ_TASK),
        ENDS("C7", not_listed_but_there, WAIT, STOPPING),
        WANTS("C7", two_not_listed_and_the_first_is_there, READ_TASK),
        ENDS("C7", two_not_listed_and_both_are_there, WAIT, STOPPING),
        WANTS_AND("C13", not_listed_for_long, MOVE, undoes_without_refund),
        ENDS("C7", not_listed_as_it_stops, WAIT, STOPPING),
        WANTS_AND("C7", missing_once, MOVE, notes_missing),
        WANTS_AND("C7", missing_twice, MOVE, ends_as_scaled_out),
        WANTS_AND("C7", gone_by_scale_in, MOVE, ends_as_scaled_out),
        WANTS_AND("C7", gone_by_deployment, MOVE, ends_as_replaced),
        WANTS_AND("C7", gone_by_scale_in_as_deployed, MOVE, ends_as_scaled_out),
        WANTS_AND("C7", gone_by_itself, MOVE, ends_as_gone),
        WANTS_AND("C7", gone_before_it_was_given, MOVE, ends_as_gone),
        WANTS_AND("C7", gone_for_replacement, MOVE, ends_as_replaced),
        WANTS("C7", released_unrecorded, RECORD),
        WANTS_AND("C7", released_recorded, ASK, asks_remove),
        ENDS("C7", released_asked, DONE, SCALED_OUT),
        ENDS("C7", replaced_asked, DONE, REPLACED),
        ENDS("C7", gone_asked, DONE, TASK_GONE),
        ENDS("C7", undone_asked, DONE, UNDOING),
    };
    stage_table_run(scale_next, ROWS, EBB_COUNT(ROWS));
}

TEST(scale_clauses_of_lowering)
{
    static const struct clause_row ROWS[] = {
        WANTS_AND("C8", not_given, MOVE, marks_the_drained),
        WANTS_AND("C8", not_given_while_deploying, UNPROTECT, only_the_drained),
        ENDS("C9", tasks_missing, WAIT, TASKS_PENDING),
        ENDS("C9", one_starts, WAIT, TASKS_PENDING),
        ENDS("C9", deploying, WAIT, DEPLOYING),
        WANTS_AND("C13", deploying_for_long, MOVE, undoes_without_refund),
        WANTS("C10", floor_unknown, READ_FLOOR),
        WANTS_AND("C10", at_floor, MOVE, undoes_without_refund),
        WANTS_AND("C10", no_floor, MOVE, undoes_for_no_floor),
        WANTS_AND("C10", two_and_room_for_one, MOVE, undoes_without_refund),
        WANTS_AND("C10", two_one_undone, PUT_INTENT, intends_one_less),
        WANTS("C11", protection_unread, READ_PROTECTION),
        WANTS_AND("C11", one_unprotected, PROTECT, only_task_1),
        WANTS_AND("C11", one_expires_soon, PROTECT, only_task_2),
        ENDS("C11", protect_blocked, WAIT, BLOCKED),
        ENDS("C11", protected_in_vain, WAIT, BLOCKED),
        WANTS_AND("C11", protected_once_more, PROTECT, only_task_1),
        WANTS_AND("C13", protected_in_vain_for_long, MOVE, undoes_without_refund),
        ENDS("C8", given_in_vain, WAIT, BLOCKED),
        WANTS("C11", protected_now, READ_SERVICE),
        WANTS_AND("C12", one, PUT_INTENT, intends_one_less),
        WANTS_AND("C12", two, PUT_INTENT, intends_two_less),
        WANTS_AND("C12", intended, LOWER, sends_the_intent),
        ENDS("C12", intended_by_another_look, WAIT, INTENT_OPEN),
        ENDS("C12", lowered_but_not_seen, WAIT, INTENT_OPEN),
        ENDS_AND("C12", lowering_was_refused, WAIT, BLOCKED, after_a_minute),
        ENDS("C12", lowering_was_throttled, WAIT, UNREACHABLE),
        WANTS_AND("C13", lowering_was_refused_for_long, MOVE, undoes_without_refund),
        ENDS("C14", wrong_one_stopped, DONE, WRONG_TASK_STOPPED),
        ENDS("C14", wrong_one_stopped_and_ours_stops, WAIT, WRONG_TASK_STOPPED),
        ENDS("C14", wrong_one_stopped_and_another_is_drained, WAIT, WRONG_TASK_STOPPED),
        WANTS("C14", settled_wrong_one, BRAKE),
        WANTS("C14", settled_wrong_one_counted, CLOSE_INTENT),
    };
    stage_table_run(scale_next, ROWS, EBB_COUNT(ROWS));
}

TEST(scale_clauses_of_an_alarm_that_is_over)
{
    static const struct clause_row ROWS[] = {
        WANTS("C15", one_by_alarm, READ_TRIGGER),
        WANTS("C15", one_in_alarm_stale, READ_SERVICE),
        WANTS_AND("C15", one_in_alarm, PUT_INTENT, intends_one_less),
        WANTS_AND("C15", one_over, MOVE, undoes_the_first_as_over),
        ENDS("C15", one_unreadable, WAIT, TRIGGER_UNKNOWN),
        WANTS_AND("C15", one_unreadable_for_long, MOVE, undoes_as_unknown),
        WANTS_AND("C15", two_first_over, MOVE, undoes_the_first_as_over),
        WANTS_AND("C15", two_first_undone, PUT_INTENT, intends_one_less),
        WANTS_AND("C15", one_of_operator, PUT_INTENT, intends_one_less),
        ENDS("C15", over_but_surplus, WAIT, STOPPING),
    };
    stage_table_run(scale_next, ROWS, EBB_COUNT(ROWS));
}
