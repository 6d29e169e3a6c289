/* SPDX-License-Identifier: Apache-2.0
 * The drained task, and no other, is the one stopped. */
#include "tests/sim/statements/written.h"

/* ECS chooses among unprotected tasks by chance: a right choice once proves nothing. */
#define TIMES 8

static void drain_one(uint64_t seed)
{
    struct written w;
    written_begin(&w, &(struct written_options){.seed = seed, .tasks = 5});
    written_sessions(&w, 2);
    written_alarm(&w, "event-1");
    written_wait(&w, a_drain_drains, MINUTE_MS, "the drain");
    struct str arn = w.drains[0].task_arn;
    written_empty(&w, arn);
    written_wait(&w, all_drains_are_final, 3 * MINUTE_MS, "the drain's end");
    written_pass(&w, MINUTE_MS);
    written_is(&w, 0, DRAIN_SCALED_OUT);
    struct snapshot_service shown = written_service(&w);
    assert_int_equal(shown.running, 4);
    assert_int_equal(shown.cut, 0);
    assert_int_equal(written_count(&w, LOG_TASK_STOPPED, STR_NONE, STR_NONE), 1);
    assert_int_equal(written_count(&w, LOG_TASK_STOPPED, STR_NONE, arn), 1);
    written_end(&w);
}

TEST(statement_10_the_drained_task_and_no_other_is_stopped)
{
    for (uint64_t seed = 1; seed <= TIMES; seed++)
        drain_one(seed);
}
