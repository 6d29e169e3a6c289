/* SPDX-License-Identifier: Apache-2.0
 * N events at once with limit L: at most L drains. */
#include "tests/sim/statements/written.h"

#define EVENTS 6
#define LIMIT  2

TEST(statement_02_events_at_once_are_as_many_drains_as_allowed)
{
    struct written w;
    written_begin(&w, &(struct written_options){.tasks = 8, .processes = 3, .at_once = LIMIT});
    written_sessions(&w, 1);
    for (int i = 0; i < EVENTS; i++)
        written_alarm(&w, arena_format(&w.arena, "event-%d", i).p);
    written_pass(&w, MINUTE_MS);
    assert_int_equal(w.drains_n, LIMIT);
    assert_int_equal(written_count(&w, LOG_DRAIN, STR("start"), STR_NONE), LIMIT);
    assert_int_equal(written_count(&w, LOG_DISTRIBUTOR, STR("comment_out_ip"), STR_NONE), LIMIT);
    assert_int_equal(w.verdicts[REASON_CONCURRENCY_LIMIT], EVENTS - LIMIT);
    written_end(&w);
}
