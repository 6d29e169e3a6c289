/* SPDX-License-Identifier: Apache-2.0
 * A rollback never overwrites a newer state, and re-adds the address. */
#include "lib/record/walkers.h"
#include "schemas/message.h"
#include "tests/sim/bus_model.h"
#include "tests/sim/statements/written.h"

static void stand_still(struct written *w)
{
    process_freeze(w->who, w->sim.now_ms + MINUTE_MS);
    /* What is on its way back to it is lost; other calls are well. */
    written_fault(w, FAULT_OF_TASK_AFTER, false);
}

/* One worker sends the start and stands still; another goes on with the drain. When the first wakes its call has failed,
 * as far as it can know, and it has no try left: it would undo what drains well. */
TEST(statement_05_a_rollback_of_one_who_lost_overwrites_nothing)
{
    struct written w;
    written_begin(&w, &(struct written_options){.processes = 2, .attempts = 1});
    written_sessions(&w, 1);
    written_fault(&w, FAULT_OF_TASK_AFTER, true);
    written_when(&w, "/drain/start", stand_still);
    written_alarm(&w, "event-1");
    written_wait(&w, a_drain_drains, MINUTE_MS, "the other worker's start");
    written_pass(&w, w.who->asleep_until - w.sim.now_ms - SECOND_MS);
    written_fault(&w, FAULT_OF_TASK_BEFORE, true);
    written_pass(&w, 10 * SECOND_MS);
    written_fault(&w, FAULT_OF_TASK_BEFORE, false);
    written_pass(&w, 10 * SECOND_MS);

    written_is(&w, 0, DRAIN_DRAINING);
    assert_int_equal(written_count(&w, LOG_DRAIN, STR("cancel"), STR_NONE), 0);
    assert_int_equal(written_count(&w, LOG_DISTRIBUTOR, STR("restore_ip"), STR_NONE), 0);
    written_empty(&w, w.drains[0].task_arn);
    written_wait(&w, all_drains_are_final, 2 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_SCALED_OUT);
    written_end(&w);
}

TEST(statement_05_b_a_refused_start_gives_the_address_back)
{
    struct written w;
    written_begin(&w, &(struct written_options){.app.start_status = 404});
    written_alarm(&w, "event-1");
    written_wait(&w, all_drains_are_final, 2 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_RESTORED);
    assert_int_equal(written_count(&w, LOG_DISTRIBUTOR, STR("comment_out_ip"), STR_NONE), 1);
    assert_int_equal(written_count(&w, LOG_DISTRIBUTOR, STR("restore_ip"), w.drains[0].address), 1);
    struct snapshot_task task = written_task_named(&w, w.drains[0].task_arn);
    assert_str(task.last_status, "RUNNING");
    assert_false(task.excluded || task.draining);
    written_end(&w);
}

/* Whatever the distributor answers meanwhile. */
TEST(statement_05_c_the_address_is_given_back_once_the_distributor_answers)
{
    struct written w;
    written_begin(&w, &(struct written_options){.app.start_status = 404});
    written_when(&w, "/drain/start", NULL);
    written_alarm(&w, "event-1");
    while (w.awaited)
        written_pass(&w, 10);
    written_distributor(&w, 100);
    written_pass(&w, 3 * MINUTE_MS);
    written_is(&w, 0, DRAIN_UNDOING);
    written_distributor(&w, 0);
    written_wait(&w, all_drains_are_final, 2 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_RESTORED);
    assert_false(written_task_named(&w, w.drains[0].task_arn).excluded);
    written_end(&w);
}

static void put_old_message(struct written *w, const char *topic)
{
    struct message m = {.format = MESSAGE_FORMAT,
                        .id = STR("old"),
                        .service = w->drains[0].service,
                        .drain_id = w->drains[0].drain_id,
                        .time = w->sim.now_ms};
    struct err e = {0};
    struct buf b;
    buf_init(&b, 4096);
    assert_ok(msgpack_encode(&MESSAGE_RECORD, &m, &b, &e), e);
    bus_model_append(
        w->sim.bus,
        &(struct bus_record){.topic = str_from(topic), .key = m.service, .value = buf_view(&b)});
    buf_release(&b);
}

/* A message of long ago reaches the distributor's stage while the task cannot be told. */
TEST(statement_05_d_the_address_is_given_back_only_once_the_task_accepts)
{
    struct written w;
    written_begin(&w, &(struct written_options){.drain_timeout_ms = MINUTE_MS,
                                                .on_deadline = ON_DEADLINE_UNDO});
    written_drain(&w);
    written_fault(&w, FAULT_OF_TASK_BEFORE, true);
    written_pass(&w, 90 * SECOND_MS);
    written_is(&w, 0, DRAIN_UNDOING);
    /* Again and again: one of them comes when the next try is due, and before the timers see to it. */
    for (int i = 0; i < 800; i++) {
        put_old_message(&w, TOPIC_REMOVE);
        written_pass(&w, SECOND_MS / 10);
    }
    assert_int_equal(written_count(&w, LOG_DISTRIBUTOR, STR("restore_ip"), STR_NONE), 0);
    written_fault(&w, FAULT_OF_TASK_BEFORE, false);
    written_wait(&w, all_drains_are_final, 3 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_RESTORED);
    struct snapshot_task task = written_task_named(&w, w.drains[0].task_arn);
    assert_false(task.draining || task.excluded);
    written_end(&w);
}

static void answers_are_lost_no_more(struct written *w)
{
    written_fault(w, FAULT_OF_TASK_AFTER, false);
    written_fault(w, FAULT_OF_TASK_REFUSES, true);
}

/* The first start arrived, and nobody knows; the further ones are refused. */
TEST(statement_05_e_a_refused_start_does_not_forget_one_that_may_have_arrived)
{
    struct written w;
    written_begin(&w, &(struct written_options){.app.no_status = true});
    written_sessions(&w, 1);
    written_fault(&w, FAULT_OF_TASK_AFTER, true);
    written_when(&w, "/drain/start", answers_are_lost_no_more);
    written_alarm(&w, "event-1");
    written_pass(&w, MINUTE_MS);
    written_is(&w, 0, DRAIN_UNDOING);
    written_fault(&w, FAULT_OF_TASK_REFUSES, false);
    written_wait(&w, all_drains_are_final, 3 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_RESTORED);
    struct snapshot_task task = written_task_named(&w, w.drains[0].task_arn);
    assert_false(task.draining || task.excluded);
    written_end(&w);
}
