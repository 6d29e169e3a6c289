/* SPDX-License-Identifier: Apache-2.0
 * Failed attempts do not consume cooldown or hourly budget, and the counter counts drains. */
#include "tests/sim/statements/written.h"

/* A task's next drain has another name only once the time its name is made of has passed. */
#define NAME_MS (10 * MINUTE_MS)

TEST(statement_06_a_failed_attempt_uses_up_neither_cooldown_nor_hour)
{
    struct written w;
    written_begin(&w, &(struct written_options){
                          .per_hour = 1, .cooldown_ms = 30 * MINUTE_MS, .app.start_status = 404});
    written_alarm(&w, "event-1");
    written_wait(&w, all_drains_are_final, 2 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_RESTORED);
    written_sessions(&w, 1);
    w.app.start_status = 0;
    written_app(&w);
    written_pass(&w, NAME_MS);
    written_alarm(&w, "event-2");
    written_wait(&w, a_drain_drains, MINUTE_MS, "the second drain");
    assert_int_equal(w.drains_n, 2);
    assert_int_equal(w.verdicts[REASON_COOLDOWN] + w.verdicts[REASON_HOURLY_LIMIT], 0);
    written_end(&w);
}

/* The same task is drained again and again; it never becomes empty, and is taken back each time. */
TEST(statement_06_b_the_hour_counts_drains_of_one_task_too)
{
    struct written w;
    written_begin(&w, &(struct written_options){.per_hour = 2,
                                                .drain_timeout_ms = MINUTE_MS,
                                                .on_deadline = ON_DEADLINE_UNDO});
    written_sessions(&w, 1);
    for (size_t i = 0; i < 2; i++) {
        written_alarm(&w, arena_format(&w.arena, "event-%zu", i).p);
        written_pass(&w, NAME_MS);
        written_is(&w, i, DRAIN_RESTORED);
    }
    assert_str(w.drains[0].task_arn, arena_copy(&w.arena, w.drains[1].task_arn).p);
    written_alarm(&w, "event-3");
    written_pass(&w, MINUTE_MS);
    assert_int_equal(w.drains_n, 2);
    assert_int_equal(w.verdicts[REASON_HOURLY_LIMIT], 1);
    written_end(&w);
}
