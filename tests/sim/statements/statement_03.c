/* SPDX-License-Identifier: Apache-2.0
 * A callback that arrives before the start call returns is accepted. */
#include "tests/sim/statements/written.h"

static bool has_called_back(struct written *w)
{
    return written_count(w, LOG_CALLBACK, STR_NONE, STR_NONE) > 0;
}

static int64_t first_answer(struct written *w)
{
    struct log_query query = {.kind = LOG_CALLBACK};
    struct list found = region_log_find(w->sim.region, &query, &w->arena);
    return LIST_AT(found, struct log_entry, 0)->after;
}

/* Without work the task calls back at once; its answer to the start comes when nobody waits for it any more, and it
 * cannot be asked. */
static const struct written_options EARLY = {.app = {.start_delay_ms = 4000, .no_status = true}};

TEST(statement_03_a_callback_before_the_starts_answer_is_accepted)
{
    struct written w;
    written_begin(&w, &EARLY);
    written_alarm(&w, "event-1");
    written_wait(&w, has_called_back, MINUTE_MS, "the callback");
    assert_int_equal(first_answer(&w), 200);
    written_is(&w, 0, DRAIN_REMOVED);
    written_wait(&w, all_drains_are_final, 2 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_SCALED_OUT);
    /* It was the callback that ended it, and neither the answer nor the task's status. */
    assert_int_equal(w.drains[0].started_at, 0);
    assert_int_equal(written_count(&w, LOG_CALLBACK, STR_NONE, STR_NONE), 1);
    written_end(&w);
}

/* A task that was told "accepted" calls no more, so the word must be in Kafka by then. */
TEST(statement_03_b_a_callback_that_kafka_did_not_take_is_not_accepted)
{
    struct written w;
    written_begin(&w, &EARLY);
    written_alarm(&w, "event-1");
    written_when(&w, "task 10.", NULL);
    while (w.awaited)
        written_pass(&w, 10);
    written_fault(&w, FAULT_OF_KAFKA_LOST, true);
    written_wait(&w, has_called_back, MINUTE_MS, "the callback");
    assert_int_equal(first_answer(&w), 503);
    written_fault(&w, FAULT_OF_KAFKA_LOST, false);
    written_wait(&w, all_drains_are_final, 2 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_SCALED_OUT);
    written_end(&w);
}
