/* SPDX-License-Identifier: Apache-2.0
 * Rules of failure that no history of the simulator can break: what comes in from outside and is none of Ebb's own. */
#include "schemas/message.h"
#include "tests/sim/bus_model.h"
#include "tests/sim/redis_model.h"
#include "tests/sim/statements/written.h"

/* What cannot be read is one dead letter, and the drain behind it goes its way. */
TEST(rule_04_poison_is_one_dead_letter_and_holds_up_nobody)
{
    static const char *const TOPICS[] = {TOPIC_SELECT, TOPIC_REMOVE, TOPIC_DRAIN, TOPIC_SCALE};
    struct written w;
    written_begin(&w, &(struct written_options){0});
    for (size_t i = 0; i < EBB_COUNT(TOPICS); i++)
        bus_model_append(w.sim.bus, &(struct bus_record){.topic = str_from(TOPICS[i]),
                                                         .key = STR("aws:us-east-1:123456789012:"
                                                                    "demo/calls"),
                                                         .value = STR("\xff no message of ours")});
    written_alarm(&w, "event-1");
    written_wait(&w, all_drains_are_final, 3 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_SCALED_OUT);
    written_pass(&w, 5 * SECOND_MS);
    assert_int_equal(w.dead_letters, EBB_COUNT(TOPICS));
    assert_int_equal(bus_model_unfinished(w.sim.bus), 0);
    written_end(&w);
}

/* A record that cannot be read, and whose timer is due before all others. */
static void put_unreadable_record(struct written *w)
{
    const struct str drain[] = {STR("HSET"),    STR("{ebb}:drain:0000000000000000"),
                                STR("version"), STR("1"),
                                STR("state"),   STR("DRAINING"),
                                STR("record"),  STR("\xff no record of ours")};
    const struct str timer[] = {STR("ZADD"), STR("{ebb}:timers"), STR("1"),
                                STR("0000000000000000")};
    struct reply reply;
    redis_model_command(w->sim.redis, drain, EBB_COUNT(drain), &w->arena, &reply);
    redis_model_command(w->sim.redis, timer, EBB_COUNT(timer), &w->arena, &reply);
}

TEST(rule_04_a_record_that_cannot_be_read_holds_up_nobodys_timer)
{
    struct written w;
    /* Only timers bring the drain on: its task never calls. */
    written_begin(&w, &(struct written_options){.app.callback_never = true});
    put_unreadable_record(&w);
    written_drain(&w);
    written_empty(&w, w.drains[0].task_arn);
    written_wait(&w, all_drains_are_final, 3 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_SCALED_OUT);
    written_end(&w);
}

/* Each time a timer is due its stage is told once, however many processes there are. */
TEST(rule_06_due_timers_are_told_once)
{
    struct written w;
    written_begin(&w, &(struct written_options){.processes = 4});
    written_drain(&w);
    int64_t before = w.drain_messages;
    written_pass(&w, 2 * MINUTE_MS);
    /* Every five seconds. */
    assert_in_range(w.drain_messages - before, 20, 26);
    written_end(&w);
}

static void redis_is_away(struct written *w)
{
    written_fault(w, FAULT_OF_REDIS_BEFORE, true);
}

/* An event that cannot be judged is not passed: it is once Redis is back. */
TEST(rule_06_an_event_that_could_not_be_judged_waits)
{
    struct written w;
    written_begin(&w, &(struct written_options){0});
    written_sessions(&w, 1);
    written_when(&w, "kafka ebb.select", redis_is_away);
    written_alarm(&w, "event-1");
    written_pass(&w, 30 * SECOND_MS);
    assert_int_equal(w.drains_n, 0);
    written_fault(&w, FAULT_OF_REDIS_BEFORE, false);
    written_wait(&w, a_drain_drains, 2 * MINUTE_MS, "the drain");
    written_end(&w);
}

/* An event that says it is from tomorrow gets as old as any other: while Redis is away it waits, and is too old then. */
TEST(rule_08_an_event_from_the_future_ages_as_others_do)
{
    struct written w;
    written_begin(&w, &(struct written_options){0});
    written_when(&w, "kafka ebb.select", redis_is_away);
    written_alarm_of(&w, "event-1", w.sim.now_ms + 24 * 60 * MINUTE_MS);
    written_pass(&w, 20 * MINUTE_MS);
    written_fault(&w, FAULT_OF_REDIS_BEFORE, false);
    written_pass(&w, 2 * MINUTE_MS);
    assert_int_equal(w.drains_n, 0);
    assert_int_equal(w.verdicts[REASON_EVENT_TOO_OLD], 1);
    written_end(&w);
}

/* Who has looked gives the service's lease back, so that the next look need not wait for its end. */
TEST(rule_06_a_lease_is_given_back)
{
    struct written w;
    written_begin(&w, &(struct written_options){0});
    written_alarm(&w, "event-1");
    written_wait(&w, all_drains_are_final, 3 * MINUTE_MS, "the drain's end");
    struct str dump = redis_model_dump(w.sim.redis, &w.arena);
    assert_true(str_contains(dump, STR("{ebb}:lease:timers")));
    assert_false(str_contains(dump, STR("{ebb}:lease:scale")));
    written_end(&w);
}

/* Redis is empty once more, while what it had is still being put back. */
static void begin_anew(struct written *w)
{
    redis_model_restart(w->sim.redis, STR("00000000000000000000000000000000000000b2"));
}

TEST(rule_01_an_epoch_begins_only_for_the_redis_that_was_filled)
{
    struct written w;
    written_begin(&w, &(struct written_options){0});
    written_drain(&w);
    /* What was merged is gone when the epoch would begin: SCAN is the last that is asked before. */
    written_when(&w, "redis SCAN", begin_anew);
    redis_model_restart(w.sim.redis, STR("00000000000000000000000000000000000000b1"));
    written_pass(&w, MINUTE_MS);
    /* The drain is known there, and its task becomes empty. */
    written_empty(&w, w.drains[0].task_arn);
    written_wait(&w, all_drains_are_final, 3 * MINUTE_MS, "the drain's end");
    written_is(&w, 0, DRAIN_SCALED_OUT);
    written_end(&w);
}
