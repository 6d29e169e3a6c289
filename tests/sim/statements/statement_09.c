/* SPDX-License-Identifier: Apache-2.0
 * At min capacity the drain ends in a final state, and the task returns to service or stays protected. */
#include "tests/sim/statements/written.h"

TEST(statement_09_at_the_floor_a_drained_task_serves_again)
{
    struct written w;
    written_begin(&w, &(struct written_options){.tasks = 3, .floor = 2});
    written_drain(&w);
    /* Somebody else takes the last task above the floor; the drained one is protected. */
    written_desire(&w, 2);
    written_pass(&w, 30 * SECOND_MS);
    struct str arn = w.drains[0].task_arn;
    written_empty(&w, arn);
    written_wait(&w, all_drains_are_final, 5 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_RESTORED);
    assert_str(w.drains[0].reason, "at_min_capacity");

    struct snapshot_service shown = written_service(&w);
    struct snapshot_task task = written_task_named(&w, arn);
    assert_int_equal(shown.desired, 2);
    assert_int_equal(shown.running, 2);
    assert_int_equal(written_lowered(&w), 0);
    assert_str(task.last_status, "RUNNING");
    assert_false(task.draining || task.excluded);
    assert_int_equal(written_count(&w, LOG_DRAIN, STR("cancel"), arn), 1);
    written_end(&w);
}
