/* SPDX-License-Identifier: Apache-2.0
 * Goal: an alarm of the service in ALARM is seen whichever kind it is and whoever listed it; a
 * failure is never "over". Method: effects on scripted CloudWatch and a real Redis. */
#include "lib/aws/alarm_calls.h"
#include "lib/store/state_alarms.h"
#include "tests/support/fake_ports.h"
#include "tests/support/state_fixture.h"

#define METRIC(name, state)                                                                        \
    "{\"AlarmName\":\"" name "\",\"AlarmArn\":\"arn:aws:cloudwatch:us-east-1:123456789012:alarm:"  \
    "x\",\"StateValue\":\"" state "\",\"StateUpdatedTimestamp\":1700000000}"
#define DESCRIBED(metrics, composites)                                                             \
    "{\"MetricAlarms\":[" metrics "],\"CompositeAlarms\":[" composites "]}"

struct alarms_test {
    struct state_fixture state;
    struct fake_ports ports;
};

static void begin(struct alarms_test *t)
{
    state_fixture_open(&t->state);
    fake_ports_open(&t->ports);
    t->ports.ports.store = t->state.port;
    t->ports.drain.by_alarm = true;
    t->ports.drain.trigger = STR("calls-idle");
    t->ports.view.drain_known = true;
    t->ports.view.drain = (struct held){.record = t->ports.drain};
    t->ports.settings.cancel_when_ok = true;
    t->ports.message.alarm = STR("calls-idle");
    t->ports.message.alarm_state = ALARM_ALARM;
    t->ports.message.time = t->ports.now_ms - 1000;
}

static void end(struct alarms_test *t)
{
    fake_ports_close(&t->ports);
    state_fixture_close(&t->state);
}

static struct result trigger_when(struct alarms_test *t, const char *described)
{
    fake_aws_says(&t->ports, "DescribeAlarms", described);
    return fake_perform(&t->ports, EFFECT_READ_TRIGGER);
}

TEST(perform_alarms_reads_the_trigger_of_every_kind)
{
    static const struct {
        const char *described;
        bool known, in_alarm;
    } ROWS[] = {
        {DESCRIBED(METRIC("calls-idle", "ALARM"), ""), true, true},
        {DESCRIBED("", METRIC("calls-idle", "ALARM")), true, true},
        {DESCRIBED(METRIC("calls-idle", "OK"), METRIC("calls-quiet", "ALARM")), true, true},
        {DESCRIBED(METRIC("calls-idle", "OK"), ""), true, false},
        {DESCRIBED(METRIC("calls-idle", "INSUFFICIENT_DATA"), ""), true, false},
        {DESCRIBED(METRIC("calls-idle", "A_NEW_STATE"), ""), true, false},
        /* It is no more, or another region's or account's: nobody knows. */
        {DESCRIBED("", ""), false, false},
        {DESCRIBED("", METRIC("calls-quiet", "OK")), false, false},
        {DESCRIBED("", METRIC("calls-quiet", "ALARM")), true, true},
    };
    struct str listed = STR("calls-quiet");
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct alarms_test t;
        begin(&t);
        t.ports.settings.alarms = LIST_OF(&listed, 1);
        struct result r = trigger_when(&t, ROWS[i].described);
        assert_int_equal(r.outcome, OUTCOME_OK);
        if (r.alarms.known != ROWS[i].known) fail_msg("row %zu", i + 1);
        if (r.alarms.in_alarm != ROWS[i].in_alarm) fail_msg("row %zu", i + 1);
        assert_str(t.ports.calls[0].region, "us-east-1");
        assert_str(t.ports.calls[0].input,
                   "{\"AlarmNames\":[\"calls-idle\",\"calls-quiet\"],\"AlarmTypes\":["
                   "\"MetricAlarm\",\"CompositeAlarm\"],\"MaxRecords\":100}");
        /* The notes have it, for looks that only ask those. */
        r = fake_perform(&t.ports, EFFECT_READ_ALARMS);
        assert_int_equal(r.outcome, OUTCOME_OK);
        assert_true(r.alarms.known && r.alarms.in_alarm == ROWS[i].in_alarm);
        end(&t);
    }
}

/* In stage scale: what one of the drained was asked for by is not in the answer. */
TEST(perform_alarms_that_are_not_found_are_not_over_for_the_drained)
{
    struct alarms_test t;
    begin(&t);
    struct held drained[] = {{.record = t.ports.drain}, {.record = t.ports.drain}};
    drained[1].record.trigger = STR("of-another-region");
    t.ports.view.drain_known = false;
    t.ports.view.drained = drained;
    t.ports.view.drained_n = 2;
    struct result r = trigger_when(&t, DESCRIBED(METRIC("calls-idle", "OK"), ""));
    assert_int_equal(r.outcome, OUTCOME_OK);
    assert_false(r.alarms.known);
    assert_str(r.detail, "of-another-region is not found");
    /* Somebody asked for it, and no alarm. */
    drained[1].record.by_alarm = false;
    r = trigger_when(&t, DESCRIBED(METRIC("calls-idle", "OK"), ""));
    assert_true(r.alarms.known && !r.alarms.in_alarm);
    end(&t);
}

TEST(perform_alarms_a_refused_trigger_is_not_over)
{
    struct alarms_test t;
    begin(&t);
    fake_aws_fails(&t.ports, "DescribeAlarms", E_REFUSED, "ValidationError");
    struct result r = fake_perform(&t.ports, EFFECT_READ_TRIGGER);
    assert_int_equal(r.outcome, OUTCOME_OK);
    assert_false(r.alarms.known);
    end(&t);
}

TEST(perform_alarms_asks_for_those_that_were_heard_of_too)
{
    struct alarms_test t;
    begin(&t);
    t.ports.message.alarm = STR("calls-night");
    assert_int_equal(fake_perform(&t.ports, EFFECT_NOTE_ALARM).outcome, OUTCOME_OK);
    struct result r = trigger_when(
        &t, DESCRIBED(METRIC("calls-idle", "OK") "," METRIC("calls-night", "ALARM"), ""));
    assert_true(r.alarms.known && r.alarms.in_alarm);
    assert_str(r.alarms.alarm, "calls-night");
    end(&t);
}

TEST(perform_alarms_unreadable_is_not_over)
{
    struct alarms_test t;
    begin(&t);
    fake_aws_fails(&t.ports, "DescribeAlarms", E_DENIED, "AccessDenied");
    struct result r = fake_perform(&t.ports, EFFECT_READ_TRIGGER);
    assert_int_not_equal(r.outcome, OUTCOME_OK);
    assert_false(r.alarms.known);
    fake_aws_fails(&t.ports, "DescribeAlarms", E_THROTTLED, "Throttling");
    r = fake_perform(&t.ports, EFFECT_READ_TRIGGER);
    assert_int_equal(r.outcome, OUTCOME_RETRY);
    assert_false(r.alarms.known);
    end(&t);
}

TEST(perform_alarms_reads_every_page)
{
    struct alarms_test t;
    begin(&t);
    fake_aws_says(&t.ports, "DescribeAlarms",
                  "{\"MetricAlarms\":[],\"CompositeAlarms\":[],\"NextToken\":\"more\"}");
    struct result r = trigger_when(&t, DESCRIBED(METRIC("calls-idle", "ALARM"), ""));
    assert_true(r.alarms.in_alarm);
    assert_contains(t.ports.calls[1].input, "\"NextToken\":\"more\"");
    end(&t);
}

TEST(perform_alarms_that_page_for_ever_are_not_over)
{
    struct alarms_test t;
    begin(&t);
    for (int page = 0; page < 20; page++)
        fake_aws_says(&t.ports, "DescribeAlarms",
                      "{\"MetricAlarms\":[],\"CompositeAlarms\":[],\"NextToken\":\"more\"}");
    struct result r = fake_perform(&t.ports, EFFECT_READ_TRIGGER);
    assert_int_equal(r.outcome, OUTCOME_RETRY);
    assert_contains(r.detail, "too many pages");
    assert_false(r.alarms.known);
    assert_int_equal(t.ports.calls_n, 20);
    end(&t);
}

TEST(perform_alarms_a_refused_name_hides_no_other)
{
    struct alarms_test t;
    struct str listed[] = {STR("bad"), STR("calls-quiet")};
    begin(&t);
    t.ports.settings.alarms = LIST_OF(listed, 2);
    fake_aws_fails(&t.ports, "DescribeAlarms", E_REFUSED, "ValidationError"); /* all three */
    fake_aws_says(&t.ports, "DescribeAlarms", DESCRIBED("", ""));             /* the first */
    fake_aws_fails(&t.ports, "DescribeAlarms", E_REFUSED, "ValidationError"); /* the others */
    fake_aws_fails(&t.ports, "DescribeAlarms", E_REFUSED, "ValidationError"); /* bad */
    struct result r = trigger_when(&t, DESCRIBED(METRIC("calls-quiet", "ALARM"), ""));
    assert_int_equal(r.outcome, OUTCOME_OK);
    assert_true(r.alarms.known && r.alarms.in_alarm);
    end(&t);
}

TEST(perform_alarms_names_are_cloudwatchs)
{
    struct arena a;
    arena_init(&a);
    assert_true(alarm_name_is_one(STR("a")));
    assert_true(alarm_name_is_one(arena_format(&a, "%0255d", 1)));
    assert_false(alarm_name_is_one(arena_format(&a, "%0256d", 1)));
    assert_false(alarm_name_is_one(STR("")));
    assert_false(alarm_name_is_one(STR_NONE));
    assert_false(alarm_name_is_one(STR("\xff")));
    /* 255 characters of two bytes. */
    struct str wide = STR("");
    for (int i = 0; i < 255; i++)
        wide = arena_format(&a, "%.*s\xc3\xa4", STR_ARG(wide));
    assert_true(alarm_name_is_one(wide));
    arena_release(&a);
}

TEST(perform_alarms_notes_what_was_heard_at_its_time)
{
    struct alarms_test t;
    struct alarm_notes notes;
    begin(&t);
    assert_int_equal(fake_perform(&t.ports, EFFECT_NOTE_ALARM).outcome, OUTCOME_OK);
    assert_ok(state_read_alarms(&t.state.port, t.ports.message.service, &t.state.arena, &notes,
                                &t.state.e),
              t.state.e);
    assert_int_equal(notes.n, 1);
    assert_int_equal(notes.items[0].seen_at, t.ports.message.time);
    /* Of the future nothing is heard. */
    t.ports.message.time = t.ports.now_ms + 3600000;
    assert_int_equal(fake_perform(&t.ports, EFFECT_NOTE_ALARM).outcome, OUTCOME_OK);
    assert_ok(state_read_alarms(&t.state.port, t.ports.message.service, &t.state.arena, &notes,
                                &t.state.e),
              t.state.e);
    assert_int_equal(notes.items[0].seen_at, t.ports.now_ms);
    /* A name that CloudWatch never gave is not watched. */
    t.ports.message.alarm = arena_format(&t.state.arena, "%0256d", 1);
    assert_int_equal(fake_perform(&t.ports, EFFECT_NOTE_ALARM).outcome, OUTCOME_OK);
    assert_ok(state_read_alarms(&t.state.port, t.ports.message.service, &t.state.arena, &notes,
                                &t.state.e),
              t.state.e);
    assert_int_equal(notes.n, 1);
    end(&t);
}
