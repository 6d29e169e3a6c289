/* SPDX-License-Identifier: Apache-2.0
 * The longest a drain may take counts from its start: neither from its claim nor from the task's or the service's. */
#include "tests/sim/statements/written.h"

#define TIMEOUT_MS (3 * MINUTE_MS)
#define REMOVAL_MS (11 * MINUTE_MS)

TEST(statement_13_the_deadline_counts_from_the_start_of_the_drain)
{
    struct written w;
    written_begin(&w, &(struct written_options){.attempts = 50, .drain_timeout_ms = TIMEOUT_MS});
    written_sessions(&w, 1);
    /* Older than any drain may be; and before the task can be removed so much time passes that a drain claimed then
     * would have another name. */
    written_pass(&w, 2 * TIMEOUT_MS);
    written_distributor(&w, 100);
    written_alarm(&w, "event-1");
    written_pass(&w, REMOVAL_MS);
    written_distributor(&w, 0);
    written_wait(&w, a_drain_drains, 2 * MINUTE_MS, "the drain");
    struct str arn = w.drains[0].task_arn;
    assert_true(w.drains[0].started_at - w.drains[0].claimed_at >= REMOVAL_MS);
    assert_str(written_task_named(&w, arn).drain_id, arena_copy(&w.arena, w.drains[0].drain_id).p);
    int64_t left_ms = w.drains[0].started_at + TIMEOUT_MS - w.sim.now_ms;
    written_pass(&w, left_ms - SECOND_MS);
    written_is(&w, 0, DRAIN_DRAINING);
    assert_int_equal(written_task_named(&w, arn).sessions, 1);
    written_wait(&w, all_drains_are_final, 2 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_SCALED_OUT);
    assert_true(w.drains[0].by_deadline);
    assert_true(w.drains[0].drained_at >= w.drains[0].started_at + TIMEOUT_MS);
    assert_true(w.drains[0].drained_at <= w.drains[0].started_at + TIMEOUT_MS + 6 * SECOND_MS);
    written_end(&w);
}
