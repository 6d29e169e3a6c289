/* SPDX-License-Identifier: Apache-2.0
 * Goal: every clause of stage scale. Method: a table of views and the next step each must give. */
/* rule 2: one table over all clauses reads best in one piece. */
#include "tests/support/stage_table.h"

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

static void one(struct fixture *f)
{
    drained(f, 1);
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
}

static void tasks_unknown(struct fixture *f)
{
    one(f);
    f->view.tasks.known = false;
}

static void surplus(struct fixture *f)
{
    one(f);
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

static void surplus_unprotected(struct fixture *f)
{
    surplus_marked(f);
    f->tasks[3].is_protected = false;
}

static void surplus_not_taken(struct fixture *f)
{
    surplus_unprotected(f);
    f->drained[0].record.unprotected_at = NOW_MS - 61000;
}

static void surplus_with_intent(struct fixture *f)
{
    surplus_marked(f);
    intent(f, FIX_TASKS, FIX_TASKS - 1, NOW_MS + 1000);
}

static void surplus_one_of_two(struct fixture *f)
{
    drained(f, 2);
    f->view.service.desired = FIX_TASKS - 1;
    f->drained[0].record.unprotected_at = NOW_MS - 10;
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

static void settled_too_few(struct fixture *f)
{
    settled_no_effect(f);
    f->view.service.desired = FIX_TASKS + 1;
}

static void task_gone(struct fixture *f, int64_t unprotected_at, int becomes)
{
    one(f);
    f->view.tasks.n = FIX_TASKS - 1;
    f->view.service.desired = FIX_TASKS - 1;
    f->drained[0].record.unprotected_at = unprotected_at;
    f->drained[0].record.becomes = becomes;
}

static void gone_by_scale_in(struct fixture *f)
{
    task_gone(f, NOW_MS - 5000, 0);
}

static void gone_by_itself(struct fixture *f)
{
    task_gone(f, 0, 0);
}

static void gone_for_replacement(struct fixture *f)
{
    task_gone(f, 0, DRAIN_REPLACED);
}

static void released_unrecorded(struct fixture *f)
{
    gone_by_scale_in(f);
    f->drained[0].record.state = DRAIN_RELEASING;
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

static void two_and_room_for_one(struct fixture *f)
{
    drained(f, 2);
    f->view.floor.min = FIX_TASKS - 1;
}

static void two_one_undone(struct fixture *f)
{
    two_and_room_for_one(f);
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

static void two(struct fixture *f)
{
    drained(f, 2);
}

static void marks_the_drained(const struct fixture *f, const struct step *s)
{
    assert_str(s->effect.drain.task_arn, f->tasks[3].arn.p);
    assert_int_equal(s->effect.drain.unprotected_at, NOW_MS);
    assert_int_equal(s->effect.drain.state, DRAIN_DRAINED);
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
    (void)f;
    assert_int_equal(s->effect.drain.state, DRAIN_UNDOING);
    assert_false(s->effect.refund);
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

TEST(scale_clauses)
{
    static const struct clause_row ROWS[] = {
        ENDS("C1", unmanaged, REFUSED, NOT_MANAGED),
        WANTS("C1", NULL, TAKE_LEASE),
        ENDS("C1", lease_held, WAIT, LEASE_HELD),
        WANTS("C1", not_read, READ_DRAINED),
        ENDS("C1", nothing_drained, DONE, NOTHING_DRAINED),
        WANTS("C1", service_unknown, READ_SERVICE),
        ENDS("C1", service_missing, REFUSED, SERVICE_NOT_FOUND),
        WANTS("C1", tasks_unknown, READ_TASKS),
        WANTS_AND("C2", surplus, MOVE, marks_the_drained),
        WANTS("C2", surplus_marked_unrecorded, RECORD),
        WANTS("C2", surplus_unread, READ_PROTECTION),
        WANTS_AND("C2", surplus_marked, UNPROTECT, only_the_drained),
        WANTS_AND("C2", surplus_with_intent, UNPROTECT, only_the_drained),
        WANTS_AND("C2", surplus_one_of_two, UNPROTECT, only_the_drained),
        ENDS("C2", surplus_unprotected, WAIT, STOPPING),
        WANTS_AND("C2", surplus_not_taken, STOP_TASK, only_the_drained),
        ENDS_AND("C3", intent_open, WAIT, INTENT_OPEN, until_not_after),
        ENDS_AND("C3", intent_open_task_gone, WAIT, INTENT_OPEN, until_not_after),
        WANTS("C4", settled_task_gone, CLOSE_INTENT),
        WANTS("C5", settled_no_effect, CLOSE_INTENT),
        WANTS_AND("C5", settled_cannot_tell, MOVE, marks_replacement),
        WANTS_AND("C5", settled_cannot_tell_marked, STOP_TASK, only_the_drained),
        ENDS("C5", settled_too_few, WAIT, TASKS_PENDING),
        WANTS_AND("C6", gone_by_scale_in, MOVE, ends_as_scaled_out),
        WANTS_AND("C6", gone_by_itself, MOVE, ends_as_gone),
        WANTS_AND("C6", gone_for_replacement, MOVE, ends_as_replaced),
        WANTS("C6", released_unrecorded, RECORD),
        WANTS_AND("C6", released_recorded, ASK, asks_remove),
        ENDS("C6", released_asked, DONE, SCALED_OUT),
        ENDS("C7", tasks_missing, WAIT, TASKS_PENDING),
        ENDS("C7", deploying, WAIT, DEPLOYING),
        WANTS_AND("C7", deploying_for_long, MOVE, undoes_without_refund),
        WANTS("C8", floor_unknown, READ_FLOOR),
        WANTS_AND("C8", at_floor, MOVE, undoes_without_refund),
        WANTS_AND("C8", two_and_room_for_one, MOVE, undoes_without_refund),
        WANTS_AND("C8", two_one_undone, PUT_INTENT, intends_one_less),
        WANTS("C9", protection_unread, READ_PROTECTION),
        WANTS_AND("C9", one_unprotected, PROTECT, only_task_1),
        WANTS_AND("C9", one_expires_soon, PROTECT, only_task_2),
        ENDS("C9", protect_blocked, WAIT, BLOCKED),
        WANTS("C9", protected_now, READ_SERVICE),
        WANTS_AND("C10", one, PUT_INTENT, intends_one_less),
        WANTS_AND("C10", two, PUT_INTENT, intends_two_less),
        WANTS_AND("C10", intended, LOWER, sends_the_intent),
        ENDS("C10", intended_by_another_look, WAIT, INTENT_OPEN),
        ENDS("C10", lowered_but_not_seen, WAIT, INTENT_OPEN),
        ENDS("C11", wrong_one_stopped, DONE, WRONG_TASK_STOPPED),
    };
    stage_table_run(scale_next, ROWS, EBB_COUNT(ROWS));
}
