/* SPDX-License-Identifier: Apache-2.0
 * Goal: what a look knows is forgotten as soon as something may have changed it. Method: a view in which all is known
 * learns of one effect. */
#include "lib/run/look.h"
#include "tests/support/stage_table.h"

static void learn(struct fixture *f, enum effect_kind kind, const struct result *result)
{
    struct effect effect = {.kind = kind, .drain = f->view.drain.record};
    view_learn(&f->view, &effect, result);
}

TEST(view_reading_the_service_forgets_its_tasks)
{
    struct fixture f;
    fixture_init(&f);
    f.view.is_stale = true;
    fixture_task_is(&f, TASK_STOPPED);
    struct result result = {.outcome = OUTCOME_OK,
                            .service = {.known = true, .exists = true, .desired = FIX_TASKS}};
    learn(&f, EFFECT_READ_SERVICE, &result);
    assert_true(f.view.service.known);
    assert_false(f.view.tasks.known || f.view.task.known || f.view.is_stale);
    fixture_release(&f);
}

TEST(view_lowering_and_stopping_forget_service_and_tasks_however_they_end)
{
    static const enum effect_kind KINDS[] = {EFFECT_LOWER, EFFECT_STOP_TASK};
    static const enum outcome OUTCOMES[] = {OUTCOME_OK, OUTCOME_REFUSED, OUTCOME_RETRY,
                                            OUTCOME_UNKNOWN};
    for (size_t k = 0; k < EBB_COUNT(KINDS); k++)
        for (size_t o = 0; o < EBB_COUNT(OUTCOMES); o++) {
            struct fixture f;
            fixture_init(&f);
            learn(&f, KINDS[k], &(struct result){.outcome = OUTCOMES[o]});
            assert_false(f.view.service.known || f.view.tasks.known);
            assert_int_equal(f.view.did[KINDS[k]].outcome, OUTCOMES[o]);
            fixture_release(&f);
        }
}

TEST(view_a_drain_that_somebody_else_moved_is_read_again)
{
    struct fixture f;
    fixture_init(&f);
    f.view.drained_known = true;
    learn(&f, EFFECT_READ_STATUS,
          &(struct result){.outcome = OUTCOME_OK, .status = {.known = true}});
    assert_true(f.view.status.known);
    learn(&f, EFFECT_MOVE, &(struct result){.outcome = OUTCOME_RETRY, .code = STR("conflict")});
    assert_false(f.view.drain_known || f.view.drained_known);
    /* Whoever moved it may have told the task something since. */
    assert_false(f.view.status.known);
    assert_int_equal(f.view.did[EFFECT_READ_STATUS].outcome, OUTCOME_NONE);
    fixture_release(&f);
}

TEST(view_an_intent_that_came_between_is_read_again)
{
    struct fixture f;
    fixture_init(&f);
    f.view.drained_known = true;
    learn(&f, EFFECT_PUT_INTENT, &(struct result){.outcome = OUTCOME_RETRY});
    assert_false(f.view.drained_known || f.view.intent.open);
    fixture_release(&f);
}

TEST(view_what_was_said_to_a_task_makes_its_word_old)
{
    struct fixture f;
    fixture_init(&f);
    f.view.status = (struct status_fact){.known = true, .draining = true};
    learn(&f, EFFECT_START, &(struct result){.outcome = OUTCOME_UNKNOWN});
    assert_false(f.view.status.known);
    fixture_release(&f);
}

TEST(view_what_a_task_said_in_one_state_says_nothing_in_the_next)
{
    struct fixture f;
    fixture_init(&f);
    fixture_drain_in(&f, DRAIN_REMOVED);
    f.view.status = (struct status_fact){.known = true};
    fixture_did(&f, EFFECT_READ_STATUS, OUTCOME_OK);
    struct drain d = f.view.drain.record;
    d.state = DRAIN_UNDOING;
    struct effect effect = {.kind = EFFECT_MOVE, .drain = d};
    view_learn(&f.view, &effect, &(struct result){.outcome = OUTCOME_OK, .drain = d});
    assert_false(f.view.status.known);
    assert_int_equal(f.view.did[EFFECT_READ_STATUS].outcome, OUTCOME_NONE);
    fixture_release(&f);
}

TEST(look_at_a_drain_that_is_no_more_ends)
{
    struct result result = {.outcome = OUTCOME_REFUSED, .code = err_name(E_NOT_FOUND)};
    struct verdict verdict = {0};
    assert_true(look_is_over(&(struct effect){.kind = EFFECT_MOVE}, &result, &verdict));
    assert_int_equal(verdict.kind, VERDICT_REFUSED);
    assert_int_equal(verdict.reason, REASON_NO_SUCH_DRAIN);
}

TEST(look_goes_on_without_a_protection_that_cannot_be_read)
{
    static const enum outcome OUTCOMES[] = {OUTCOME_REFUSED, OUTCOME_RETRY, OUTCOME_UNKNOWN};
    for (size_t i = 0; i < EBB_COUNT(OUTCOMES); i++) {
        struct result result = {.outcome = OUTCOMES[i]};
        struct verdict verdict;
        assert_false(
            look_is_over(&(struct effect){.kind = EFFECT_READ_TASK_PROTECTION}, &result, &verdict));
        assert_true(look_is_over(&(struct effect){.kind = EFFECT_READ_TASK}, &result, &verdict));
    }
}

TEST(view_knows_which_versions_it_made_and_has_not_sent)
{
    struct fixture f;
    fixture_init(&f);
    struct result done = {.outcome = OUTCOME_OK, .drain = f.view.drain.record},
                  unknown = {.outcome = OUTCOME_UNKNOWN};
    assert_false(view_held(&f.view, done.drain.drain_id)->unsent);
    learn(&f, EFFECT_MOVE, &done);
    assert_true(view_held(&f.view, done.drain.drain_id)->unsent);
    /* Perhaps it was: then it is no secret any more. */
    learn(&f, EFFECT_RECORD, &unknown);
    assert_false(view_held(&f.view, done.drain.drain_id)->unsent);
    assert_false(view_held(&f.view, done.drain.drain_id)->recorded);
    fixture_release(&f);
}
