/* SPDX-License-Identifier: Apache-2.0
 * A lost callback or a dead task: the drain is closed by its deadline and releases its slot. */
#include "tests/sim/statements/written.h"

static bool there_are_two(struct written *w)
{
    return w->drains_n == 2;
}

TEST(statement_04_a_lost_callback_is_closed_by_the_deadline)
{
    struct written w;
    /* Neither does the task call, nor can it be asked. */
    struct written_options options = {.app = {.callback_never = true, .no_status = true}};
    written_begin(&w, &options);
    written_alarm(&w, "event-1");
    written_wait(&w, a_drain_drains, MINUTE_MS, "the drain");
    written_wait(&w, all_drains_are_final, 8 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_SCALED_OUT);
    assert_true(w.drains[0].by_deadline);
    /* Its slot is free. */
    written_alarm(&w, "event-2");
    written_wait(&w, there_are_two, MINUTE_MS, "another drain");
    written_end(&w);
}

TEST(statement_04_b_dead_task_ends_its_drain)
{
    struct written w;
    written_begin(&w, &(struct written_options){0});
    written_drain(&w);
    struct str arn = w.drains[0].task_arn, address = w.drains[0].address;
    assert_int_equal(region_task_die(w.sim.region, arn, STR("out of memory")), 0);
    /* Long before its deadline. */
    written_wait(&w, all_drains_are_final, 2 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_GONE);
    assert_int_equal(written_lowered(&w), 0);
    assert_int_equal(written_count(&w, LOG_DISTRIBUTOR, STR("release_ip"), address), 1);
    written_alarm(&w, "event-2");
    written_wait(&w, there_are_two, MINUTE_MS, "another drain");
    written_end(&w);
}
