/* SPDX-License-Identifier: Apache-2.0
 * A drain starts only after its removal is confirmed. */
#include "tests/sim/statements/written.h"

TEST(statement_07_a_start_waits_for_the_removal)
{
    struct written w;
    written_begin(&w, &(struct written_options){.attempts = 20});
    written_distributor(&w, 100);
    written_alarm(&w, "event-1");
    written_pass(&w, MINUTE_MS);
    written_is(&w, 0, DRAIN_CLAIMED);
    assert_int_equal(written_count(&w, LOG_DRAIN, STR("start"), STR_NONE), 0);

    written_distributor(&w, 0);
    written_wait(&w, all_drains_are_final, 3 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_SCALED_OUT);
    struct log_query removal = {.kind = LOG_DISTRIBUTOR, .reason = STR("comment_out_ip")};
    struct log_query start = {.kind = LOG_DRAIN, .reason = STR("start")};
    struct list removals = region_log_find(w.sim.region, &removal, &w.arena);
    struct list starts = region_log_find(w.sim.region, &start, &w.arena);
    assert_int_equal(removals.n, 1);
    assert_int_equal(starts.n, 1);
    assert_true(LIST_AT(removals, struct log_entry, 0)->number <
                LIST_AT(starts, struct log_entry, 0)->number);
    written_end(&w);
}

TEST(statement_07_b_without_a_removal_nothing_starts_and_the_task_serves_on)
{
    struct written w;
    written_begin(&w, &(struct written_options){0});
    written_distributor(&w, 100);
    written_alarm(&w, "event-1");
    written_pass(&w, MINUTE_MS);
    written_is(&w, 0, DRAIN_UNDOING);
    written_distributor(&w, 0);
    written_wait(&w, all_drains_are_final, 2 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_RESTORED);
    assert_int_equal(written_count(&w, LOG_DRAIN, STR("start"), STR_NONE), 0);
    assert_int_equal(written_lowered(&w), 0);
    written_end(&w);
}
