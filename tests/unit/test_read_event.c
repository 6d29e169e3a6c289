/* SPDX-License-Identifier: Apache-2.0
 * Goal: every event AWS documents ends in the right reading, delivered raw or through SNS. Method:
 * AWS's own examples as files, a table of what each asks for, and the SNS envelope put around them.
 */
#include "producers/read_event.h"
#include "tests/support/events.h"
#include "tests/support/test.h"

#define FOLDER "tests/vectors/events/"

static struct str read_trimmed(struct arena *a, const char *path)
{
    return str_trim(test_read_file(a, path));
}

struct expected {
    const char *file;
    enum event_kind kind;
    enum reason reason;
    const char *service, *alarm;
    int alarm_state;
    const char *cause;
    int64_t time_ms;
};

static void check(const struct expected *x, const struct event_reading *r)
{
    if (r->kind != x->kind) fail_msg("%s: kind %d: %.*s", x->file, r->kind, STR_ARG(r->why));
    assert_int_equal(r->reason, x->reason);
    assert_true(str_eq(r->message.service, str_from(x->service)));
    assert_true(str_eq(r->message.alarm, str_from(x->alarm)));
    assert_int_equal(r->message.alarm_state, x->alarm_state);
    assert_str(r->message.cause, x->cause);
    assert_int_equal(r->message.time, x->time_ms);
    assert_int_equal(r->message.format, MESSAGE_FORMAT);
    assert_int_equal(r->message.id.n, 36);
    assert_int_equal(r->why.n > 0, x->kind != EVENT_ASKS);
}

static void check_file(const struct expected *x, const struct config *c)
{
    struct arena a;
    struct event_reading r;
    arena_init(&a);
    struct str body = read_trimmed(&a, arena_format(&a, FOLDER "%s", x->file).p);
    read_event(body, c, &a, &r);
    check(x, &r);
    read_event(events_in_sns(&a, body), c, &a, &r);
    check(x, &r);
    read_event(events_in_sns(&a, events_in_sns(&a, body)), c, &a, &r);
    check(x, &r);
    arena_release(&a);
}

TEST(read_event_aws_examples_end_in_the_right_reading)
{
    static const struct expected ROWS[] = {
        {"alarm-ecs-service.json", EVENT_ASKS, REASON_NONE,
         "aws:eu-central-1:123456789012:demo/calls", "calls-idle", ALARM_ALARM,
         "5d5b9d1c-6c3b-4a57-9a3e-8f6f8d1b2c77", 1709627410000},
        {"alarm-state-change.json", EVENT_NOTHING, REASON_NO_SERVICE, NULL, "ServerCpuTooHigh",
         ALARM_ALARM, "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92", 1570035880000},
        {"alarm-state-change-composite.json", EVENT_NOTHING, REASON_NO_SERVICE, NULL,
         "ServiceAggregatedAlarm", ALARM_ALARM, "d3dfc86d-384d-24c8-0345-9f7986db0b80",
         1658505465000},
        {"ecs-task-state-change.json", EVENT_NOTHING, REASON_NOT_USED, NULL, NULL, ALARM_OTHER,
         "3317b2af-7005-947d-b652-f55e762e571a", 1579802278000},
        {"ecs-deployment-completed.json", EVENT_NOTHING, REASON_NOT_USED, NULL, NULL, ALARM_OTHER,
         "ddca6449-b258-46c0-8653-e0e3aEXAMPLE", 1590237074000},
        {"ecs-deployment-in-progress.json", EVENT_NOTHING, REASON_NOT_USED, NULL, NULL, ALARM_OTHER,
         "ddca6449-b258-46c0-8653-e0e3aEXAMPLE", 1590237074000},
        {"ecs-service-action-steady-state.json", EVENT_NOTHING, REASON_NOT_USED, NULL, NULL,
         ALARM_OTHER, "af3c496d-f4a8-65d1-70f4-a69d52e9b584", 1574191642000},
        {"scheduled-event.json", EVENT_NOTHING, REASON_NOT_USED, NULL, NULL, ALARM_OTHER,
         "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", 1444323186000},
    };
    struct config c = {0};
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++)
        check_file(&ROWS[i], &c);
}

TEST(read_event_alarms_of_the_configuration_name_their_service)
{
    static const struct expected ROWS[] = {
        {"alarm-state-change.json", EVENT_ASKS, REASON_NONE,
         "aws:us-east-1:123456789012:demo/calls", "ServerCpuTooHigh", ALARM_ALARM,
         "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92", 1570035880000},
        {"alarm-state-change-composite.json", EVENT_ASKS, REASON_NONE,
         "aws:eu-west-1:999999999999:prod/chat", "ServiceAggregatedAlarm", ALARM_ALARM,
         "d3dfc86d-384d-24c8-0345-9f7986db0b80", 1658505465000},
        /* The configuration's word counts more than the metric's. */
        {"alarm-ecs-service.json", EVENT_ASKS, REASON_NONE,
         "aws:eu-central-1:123456789012:demo/other", "calls-idle", ALARM_ALARM,
         "5d5b9d1c-6c3b-4a57-9a3e-8f6f8d1b2c77", 1709627410000},
    };
    struct str cpu[] = {STR("another"), STR("ServerCpuTooHigh")},
               both = STR("ServiceAggregatedAlarm"), idle = STR("calls-idle");
    struct service_settings services[] = {
        /* Wildcards name no single service, so the next entry decides. */
        {.match = STR("demo*/calls"), .alarms = LIST_OF(cpu, 2)},
        {.match = STR("demo/calls"), .alarms = LIST_OF(cpu, 2)},
        {.match = STR("demo/never"), .alarms = LIST_OF(cpu, 2)},
        {.match = STR("aws:eu-west-1:999999999999:prod/chat"), .alarms = LIST_OF(&both, 1)},
        {.match = STR("demo/other"), .alarms = LIST_OF(&idle, 1)},
    };
    struct config c = {.services = LIST_OF(services, EBB_COUNT(services))};
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++)
        check_file(&ROWS[i], &c);
}

static const struct expected CALLS_IDLE = {"alarm-ecs-service.json",
                                           EVENT_ASKS,
                                           REASON_NONE,
                                           "aws:eu-central-1:123456789012:demo/calls",
                                           "calls-idle",
                                           ALARM_ALARM,
                                           "5d5b9d1c-6c3b-4a57-9a3e-8f6f8d1b2c77",
                                           1709627410000};

/* Names of alarms are unique within a region of an account only. */
TEST(read_event_alarms_of_one_name_mean_the_service_of_their_own_region)
{
    struct str idle = STR("calls-idle");
    struct service_settings services[] = {
        {.match = STR("aws:eu-west-1:123456789012:demo/calls"), .alarms = LIST_OF(&idle, 1)},
        {.match = STR("aws:eu-central-1:123456789012:demo/calls"), .alarms = LIST_OF(&idle, 1)},
    };
    struct config c = {.services = LIST_OF(services, EBB_COUNT(services))};
    check_file(&CALLS_IDLE, &c);
}

TEST(read_event_entries_that_name_no_service_leave_it_to_the_metric)
{
    static const char *const MATCHES[] = {"*", "demo/*", "dem?/calls", "aws:*:demo/calls"};
    struct str idle = STR("calls-idle");
    for (size_t i = 0; i < EBB_COUNT(MATCHES); i++) {
        struct service_settings s = {.match = str_from(MATCHES[i]), .alarms = LIST_OF(&idle, 1)};
        struct config c = {.services = LIST_OF(&s, 1)};
        check_file(&CALLS_IDLE, &c);
    }
}

TEST(read_event_partition_is_that_of_the_alarm)
{
    struct arena a;
    struct event_reading r;
    struct config c = {0};
    arena_init(&a);
    struct events_change changes[] = {
        {"resources", "[\"arn:aws-cn:cloudwatch:cn-north-1:123456789012:alarm:x\"]"},
        {"region", "\"cn-north-1\""}};
    read_event(events_alarm(&a, changes, 2), &c, &a, &r);
    assert_int_equal(r.kind, EVENT_ASKS);
    assert_str(r.message.service, "aws-cn:cn-north-1:123456789012:demo/calls");
    struct events_change none = {"resources", NULL};
    read_event(events_alarm(&a, &none, 1), &c, &a, &r);
    assert_str(r.message.service, "aws:us-east-1:123456789012:demo/calls");
    arena_release(&a);
}

TEST(read_event_first_metric_with_both_dimensions_counts)
{
    static const struct {
        const char *metrics, *service;
    } ROWS[] = {
        {"[{\"id\":\"e\",\"expression\":\"m1/m2\"},"
         "{\"id\":\"m1\",\"metricStat\":{\"metric\":{\"dimensions\":{\"ClusterName\":\"x\"}}}},"
         "{\"id\":\"m2\",\"metricStat\":{\"metric\":{\"dimensions\":"
         "{\"ServiceName\":\"s\",\"ClusterName\":\"c\"}}}},"
         "{\"id\":\"m3\",\"metricStat\":{\"metric\":{\"dimensions\":"
         "{\"ServiceName\":\"late\",\"ClusterName\":\"c\"}}}}]",
         "aws:us-east-1:123456789012:c/s"},
        {"[]", NULL},
        {"null", NULL},
        {"[{\"metricStat\":null}]", NULL},
        {"[{\"metricStat\":{\"metric\":{\"dimensions\":{\"ServiceName\":\"s\"}}}}]", NULL},
        {"[{\"metricStat\":{\"metric\":{\"dimensions\":"
         "{\"ServiceName\":\"\",\"ClusterName\":\"c\"}}}}]",
         NULL},
        /* No name of ECS has a slash. */
        {"[{\"metricStat\":{\"metric\":{\"dimensions\":"
         "{\"ServiceName\":\"s/t\",\"ClusterName\":\"c\"}}}}]",
         NULL},
    };
    struct arena a;
    struct event_reading r;
    struct config c = {0};
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct str detail = arena_format(&a,
                                         "{\"alarmName\":\"x\",\"state\":{\"value\":\"OK\"},"
                                         "\"configuration\":{\"metrics\":%s}}",
                                         ROWS[i].metrics);
        struct events_change change = {"detail", detail.p};
        read_event(events_alarm(&a, &change, 1), &c, &a, &r);
        assert_int_equal(r.kind, ROWS[i].service ? EVENT_ASKS : EVENT_NOTHING);
        assert_true(str_eq(r.message.service, str_from(ROWS[i].service)));
        assert_int_equal(r.message.alarm_state, ALARM_OK);
    }
    arena_release(&a);
}
