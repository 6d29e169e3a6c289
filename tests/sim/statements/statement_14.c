/* SPDX-License-Identifier: Apache-2.0
 * All pages of tasks are read; a service of more than 100 tasks is counted and protected whole. */
#include "tests/sim/statements/written.h"

#define TASKS 130

TEST(statement_14_all_pages_are_read_of_more_than_100_tasks)
{
    struct written w;
    /* One task above the floor: whoever misses a page finds too few. */
    written_begin(&w, &(struct written_options){.tasks = TASKS, .floor = TASKS - 1});
    written_drain(&w);
    struct str arn = w.drains[0].task_arn;
    written_empty(&w, arn);
    written_wait(&w, all_drains_are_final, 5 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_SCALED_OUT);
    struct snapshot_service shown = written_service(&w);
    assert_int_equal(shown.desired, TASKS - 1);
    assert_int_equal(shown.running, TASKS - 1);
    assert_int_equal(shown.cut, 0);
    /* While the count was lowered nobody else could be taken. */
    for (size_t i = 0; i < shown.tasks.n; i++) {
        const struct snapshot_task *task = LIST_AT(shown.tasks, struct snapshot_task, i);
        if (str_eq(task->arn, arn)) continue;
        assert_int_equal(written_count(&w, LOG_PROTECTION, STR("set"), task->arn), 1);
    }
    written_end(&w);
}
