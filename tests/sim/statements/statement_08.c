/* SPDX-License-Identifier: Apache-2.0
 * k callbacks decrement exactly k; replays, retries and crashes between steps decrement once. */
#include "tests/sim/statements/written.h"

#define TASKS 6
#define K     3

static bool all_drain(struct written *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->drains_n; i++)
        n += w->drains[i].state == DRAIN_DRAINING;
    return n == K;
}

/* Three tasks become empty at once, and each says so three times. */
static void begin(struct written *w)
{
    written_begin(w, &(struct written_options){
                         .tasks = TASKS, .processes = 2, .at_once = K, .app.callback_copies = 3});
    written_sessions(w, 1);
    for (int i = 0; i < K; i++)
        written_alarm(w, arena_format(&w->arena, "event-%d", i).p);
    written_wait(w, all_drain, MINUTE_MS, "three drains");
    for (size_t i = 0; i < K; i++)
        written_empty(w, w->drains[i].task_arn);
}

static void expect_exactly_k(struct written *w)
{
    written_wait(w, all_drains_are_final, 10 * MINUTE_MS, "the drains' ends");
    written_pass(w, 2 * MINUTE_MS);
    struct snapshot_service shown = written_service(w);
    assert_int_equal(written_lowered(w), K);
    assert_int_equal(shown.desired, TASKS - K);
    assert_int_equal(shown.running, TASKS - K);
    assert_int_equal(shown.cut, 0);
    for (size_t i = 0; i < K; i++) {
        written_is(w, i, DRAIN_SCALED_OUT);
        assert_str(written_task_named(w, w->drains[i].task_arn).last_status, "STOPPED");
    }
    written_end(w);
}

TEST(statement_08_a_k_callbacks_lower_by_exactly_k)
{
    struct written w;
    begin(&w);
    expect_exactly_k(&w);
}

static void die(struct written *w)
{
    process_kill(w->who);
    process_start(w->who);
}

TEST(statement_08_b_a_crash_once_the_count_is_lowered_lowers_once)
{
    struct written w;
    begin(&w);
    written_when(&w, "aws ecs:UpdateService", die);
    expect_exactly_k(&w);
}

TEST(statement_08_c_a_crash_once_the_intent_is_written_lowers_once)
{
    struct written w;
    begin(&w);
    written_when(&w, "redis put_intent", die);
    expect_exactly_k(&w);
}

static void answers_come(struct written *w)
{
    written_fault(w, FAULT_OF_AWS_AFTER, false);
}

static void answers_are_lost(struct written *w)
{
    written_fault(w, FAULT_OF_AWS_AFTER, true);
    written_when(w, "aws ecs:UpdateService", answers_come);
}

TEST(statement_08_d_a_lost_answer_lowers_once)
{
    struct written w;
    begin(&w);
    written_when(&w, "redis put_intent", answers_are_lost);
    expect_exactly_k(&w);
}

/* It was lowered, and that cannot be written down for a while. */
static void all_is_away(struct written *w)
{
    written_fault(w, FAULT_OF_REDIS_BEFORE, true);
    written_fault(w, FAULT_OF_KAFKA_BEFORE, true);
}

TEST(statement_08_e_a_lowering_that_is_not_written_down_lowers_once)
{
    struct written w;
    begin(&w);
    written_when(&w, "aws ecs:UpdateService", all_is_away);
    while (w.awaited)
        written_pass(&w, 100);
    written_pass(&w, 20 * SECOND_MS);
    written_fault(&w, FAULT_OF_REDIS_BEFORE, false);
    written_fault(&w, FAULT_OF_KAFKA_BEFORE, false);
    expect_exactly_k(&w);
}

/* While ECS has not taken the first yet, a second task becomes empty: it is lowered for next, and nobody is replaced. */
static void empty_the_second(struct written *w)
{
    written_empty(w, w->drains[1].task_arn);
}

static bool two_drain(struct written *w)
{
    return w->drains_n == 2 && w->drains[0].state == DRAIN_DRAINING &&
           w->drains[1].state == DRAIN_DRAINING;
}

TEST(statement_08_f_what_is_drained_while_an_intent_is_open_is_lowered_for_next)
{
    struct written w;
    written_begin(&w, &(struct written_options){.at_once = 2, .scheduler_ms = 8 * SECOND_MS});
    written_sessions(&w, 1);
    written_alarm(&w, "event-1");
    written_alarm(&w, "event-2");
    written_wait(&w, two_drain, MINUTE_MS, "two drains");
    written_when(&w, "aws ecs:UpdateService", empty_the_second);
    written_empty(&w, w.drains[0].task_arn);
    written_wait(&w, all_drains_are_final, 5 * MINUTE_MS, "the drains' ends");
    written_is(&w, 0, DRAIN_SCALED_OUT);
    written_is(&w, 1, DRAIN_SCALED_OUT);
    assert_int_equal(written_lowered(&w), 2);
    assert_int_equal(written_service(&w).cut, 0);
    written_end(&w);
}
