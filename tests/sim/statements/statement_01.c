/* SPDX-License-Identifier: Apache-2.0
 * A duplicate event for one task: exactly one removal and one drain start. */
#include "tests/sim/statements/written.h"

static void expect_one_drain(struct written *w)
{
    assert_int_equal(w->drains_n, 1);
    assert_int_equal(written_count(w, LOG_DISTRIBUTOR, STR("comment_out_ip"), STR_NONE), 1);
    assert_int_equal(written_count(w, LOG_DRAIN, STR("start"), w->drains[0].task_arn), 1);
    assert_int_equal(written_count(w, LOG_DRAIN, STR("start"), STR_NONE), 1);
    assert_int_equal(written_count(w, LOG_DRAIN, STR("start again"), STR_NONE), 0);
}

TEST(statement_01_a_duplicate_event_is_one_removal_and_one_start)
{
    struct written w;
    written_begin(&w, &(struct written_options){.processes = 3, .at_once = 3});
    written_sessions(&w, 1);
    for (int i = 0; i < 3; i++)
        written_alarm(&w, "event-1");
    written_wait(&w, a_drain_drains, MINUTE_MS, "the drain");
    written_pass(&w, MINUTE_MS);
    expect_one_drain(&w);
    written_end(&w);
}

/* Long after the drain is over SQS gives the event out once more. */
TEST(statement_01_b_an_event_that_comes_again_later_begins_nothing)
{
    struct written w;
    written_begin(&w, &(struct written_options){.at_once = 3});
    written_alarm(&w, "event-1");
    written_wait(&w, all_drains_are_final, 3 * MINUTE_MS, "the drain's end");
    written_alarm(&w, "event-1");
    written_pass(&w, MINUTE_MS);
    expect_one_drain(&w);
    assert_int_equal(w.verdicts[REASON_EVENT_SEEN], 1);
    written_end(&w);
}

/* The claim is made, and who made it dies: the event comes again, and is the same drain. */
static void die(struct written *w)
{
    process_kill(w->who);
    process_start(w->who);
}

TEST(statement_01_c_an_event_whose_claimer_died_is_one_drain)
{
    struct written w;
    written_begin(&w, &(struct written_options){.at_once = 3});
    written_sessions(&w, 1);
    written_when(&w, "kafka ebb.state", die);
    written_alarm(&w, "event-1");
    written_wait(&w, a_drain_drains, 2 * MINUTE_MS, "the drain");
    written_pass(&w, MINUTE_MS);
    expect_one_drain(&w);
    written_end(&w);
}
