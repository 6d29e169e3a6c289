/* SPDX-License-Identifier: Apache-2.0
 * Goal: load moves alarms, alarms and ECS make events, events reach queues: as AWS words them.
 * Method: a rule into a queue; what arrives is compared with the fields of the recorded events. */
#include "tests/unit/region_fixture.h"

#include "world/region/json.h"

static struct str route(struct small_world *w, const char *name, const char *pattern)
{
    struct str url = small_world_queue(w, name);
    struct events_put_rule_input rule = {.name = str_from(name),
                                         .event_pattern = str_from(pattern)};
    struct events_put_rule_output made;
    small_world_do(w, &EVENTS_PUT_RULE, &rule, &made);
    struct events_target target = {
        .id = STR("queue"),
        .arn = arena_format(&w->a, "arn:aws:sqs:us-east-1:123456789012:%s", name)};
    struct events_put_targets_input in = {.rule = str_from(name), .targets = LIST_OF(&target, 1)};
    struct events_targets_output out;
    small_world_do(w, &EVENTS_PUT_TARGETS, &in, &out);
    assert_int_equal(out.failed_entry_count, 0);
    return url;
}

static struct str at(struct small_world *w, struct str json, const char *path)
{
    struct json *root;
    assert_int_equal(json_parse(json, &w->a, &root), 0);
    const struct json *here = root;
    struct str rest = str_from(path);
    while (rest.p && here)
        here = json_member(here, str_cut(&rest, '/'));
    return here ? here->text : STR_NONE;
}

static struct cloudwatch_dimension dimensions[] = {{STR("ClusterName"), STR("demo")},
                                                   {STR("ServiceName"), STR("pbx")}};

static struct cloudwatch_put_metric_alarm_input low_load(void)
{
    return (struct cloudwatch_put_metric_alarm_input){
        .alarm_name = STR("pbx-low"),
        .alarm_description = STR("little to do"),
        .metric_name = STR("CPUUtilization"),
        .namespace_name = STR("AWS/ECS"),
        .statistic = STR("Average"),
        .dimensions = LIST_OF(dimensions, 2),
        .period = 60,
        .evaluation_periods = 3,
        .threshold = 30,
        .comparison_operator = STR("LessThanOrEqualToThreshold"),
    };
}

TEST(alarm_follows_the_load_and_is_an_event)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 2);
    struct str url = route(&w, "alarms",
                           "{\"source\":[\"aws.cloudwatch\"],\"detail-type\":"
                           "[\"CloudWatch Alarm State Change\"]}");
    struct cloudwatch_put_metric_alarm_input alarm = low_load();
    small_world_do(&w, &CLOUDWATCH_PUT_METRIC_ALARM, &alarm, NULL);
    struct cloudwatch_describe_alarms_input ask = {0};
    struct cloudwatch_describe_alarms_output shown;
    small_world_do(&w, &CLOUDWATCH_DESCRIBE_ALARMS, &ask, &shown);
    const struct cloudwatch_alarm *first = LIST_AT(shown.metric_alarms, struct cloudwatch_alarm, 0);
    assert_str(first->state_value, "INSUFFICIENT_DATA");
    assert_str(first->state_reason, "Unchecked: Initial alarm creation");
    struct list tasks = small_world_tasks(&w, "pbx", "RUNNING");
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(region_sessions_add(w.region, *LIST_AT(tasks, struct str, i), 8, 0), 0);
    small_world_pass(&w, 5 * MINUTE_MS);
    struct list events = small_world_drain_queue(&w, url);
    assert_int_equal(events.n, 1);
    assert_str(at(&w, *LIST_AT(events, struct str, 0), "detail/state/value"), "OK");
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(region_sessions_end(w.region, *LIST_AT(tasks, struct str, i), 7), 0);
    small_world_pass(&w, 5 * MINUTE_MS);
    events = small_world_drain_queue(&w, url);
    assert_int_equal(events.n, 1);
    struct str event = *LIST_AT(events, struct str, 0);
    assert_str(at(&w, event, "version"), "0");
    assert_str(at(&w, event, "detail-type"), "CloudWatch Alarm State Change");
    assert_str(at(&w, event, "source"), "aws.cloudwatch");
    assert_str(at(&w, event, "account"), "123456789012");
    assert_int_equal(at(&w, event, "time").n, sizeof("2019-10-02T17:04:40Z") - 1);
    assert_contains(event,
                    "\"resources\":[\"arn:aws:cloudwatch:us-east-1:123456789012:alarm:pbx-low\"]");
    assert_contains(event, "\"configuration\":{\"description\":\"little to do\",\"metrics\":[{"
                           "\"id\":\"");
    assert_contains(event, "\"metricStat\":{\"metric\":{\"dimensions\":{\"ClusterName\":\"demo\","
                           "\"ServiceName\":\"pbx\"},\"name\":\"CPUUtilization\",\"namespace\":"
                           "\"AWS/ECS\"},\"period\":60,\"stat\":\"Average\"},\"returnData\":true}");
    assert_str(at(&w, event, "detail/previousState/value"), "OK");
    assert_str(at(&w, event, "detail/state/value"), "ALARM");
    struct str reason = at(&w, event, "detail/state/reason");
    assert_contains(reason, "Threshold Crossed: 3 out of the last 3 datapoints [10.0 (01/01/26 ");
    assert_contains(reason, "were less than or equal to the threshold (30.0) (minimum 3 datapoints "
                            "for OK -> ALARM transition).");
    struct str data = at(&w, event, "detail/state/reasonData");
    assert_contains(data, "{\"version\":\"1.0\",\"queryDate\":\"2026-01-01T00:");
    assert_contains(data, "\"statistic\":\"Average\",\"period\":60,\"recentDatapoints\":[10.0,10.0,"
                          "10.0],\"threshold\":30.0}");
    assert_contains(at(&w, event, "detail/state/timestamp"), "+0000");
    small_world_free(&w);
}

TEST(alarm_without_data_says_so)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 1);
    struct cloudwatch_put_metric_alarm_input alarm = low_load();
    alarm.evaluation_periods = 2;
    small_world_do(&w, &CLOUDWATCH_PUT_METRIC_ALARM, &alarm, NULL);
    alarm.alarm_name = STR("breaching");
    alarm.treat_missing_data = STR("breaching");
    small_world_do(&w, &CLOUDWATCH_PUT_METRIC_ALARM, &alarm, NULL);
    alarm.alarm_name = STR("ignoring");
    alarm.treat_missing_data = STR("ignore");
    small_world_do(&w, &CLOUDWATCH_PUT_METRIC_ALARM, &alarm, NULL);
    small_world_pass(&w, 4 * MINUTE_MS);
    small_world_desire(&w, "pbx", 0);
    small_world_pass(&w, 10 * MINUTE_MS);
    struct cloudwatch_describe_alarms_input ask = {0};
    struct cloudwatch_describe_alarms_output out;
    small_world_do(&w, &CLOUDWATCH_DESCRIBE_ALARMS, &ask, &out);
    assert_int_equal(out.metric_alarms.n, 3);
    const struct cloudwatch_alarm *alarms = out.metric_alarms.items;
    assert_str(alarms[0].state_value, "INSUFFICIENT_DATA");
    assert_str(alarms[0].state_reason, "Insufficient Data: 2 datapoints were unknown.");
    assert_str(alarms[1].state_value, "ALARM");
    assert_str(alarms[2].state_value, "ALARM");
    struct str first = alarms[0].alarm_name;
    struct cloudwatch_delete_alarms_input gone = {LIST_OF(&first, 1)};
    small_world_do(&w, &CLOUDWATCH_DELETE_ALARMS, &gone, NULL);
    ask.alarm_name_prefix = STR("pbx");
    small_world_do(&w, &CLOUDWATCH_DESCRIBE_ALARMS, &ask, &out);
    assert_int_equal(out.metric_alarms.n, 0);
    small_world_free(&w);
}

TEST(alarm_can_be_set_by_hand)
{
    struct small_world w = small_world_new(NULL);
    struct str url = route(&w, "alarms", "{\"detail\":{\"state\":{\"value\":[\"ALARM\"]}}}");
    struct cloudwatch_put_metric_alarm_input alarm = low_load();
    small_world_do(&w, &CLOUDWATCH_PUT_METRIC_ALARM, &alarm, NULL);
    struct cloudwatch_set_alarm_state_input set = {
        .alarm_name = STR("pbx-low"), .state_value = STR("ALARM"), .state_reason = STR("by hand")};
    small_world_do(&w, &CLOUDWATCH_SET_ALARM_STATE, &set, NULL);
    struct list events = small_world_drain_queue(&w, url);
    assert_int_equal(events.n, 1);
    assert_str(at(&w, *LIST_AT(events, struct str, 0), "detail/previousState/reason"),
               "Unchecked: Initial alarm creation");
    set.alarm_name = STR("nobody");
    small_world_refused(&w, &CLOUDWATCH_SET_ALARM_STATE, &set, "ResourceNotFound", "nobody");
    alarm.period = 45;
    small_world_refused(&w, &CLOUDWATCH_PUT_METRIC_ALARM, &alarm, "InvalidParameterValue", "60");
    small_world_free(&w);
}

TEST(ecs_says_what_its_tasks_do)
{
    struct small_world w = small_world_new(NULL);
    struct str tasks = route(&w, "tasks",
                             "{\"source\":[\"aws.ecs\"],\"detail-type\":[\"ECS Task "
                             "State Change\"],\"detail\":{\"lastStatus\":"
                             "[\"RUNNING\"],\"desiredStatus\":[\"RUNNING\"]}}");
    struct str deployments =
        route(&w, "deployments", "{\"detail-type\":[{\"prefix\":\"ECS Deployment\"}]}");
    struct str actions = route(&w, "actions",
                               "{\"detail\":{\"eventName\":"
                               "[\"SERVICE_STEADY_STATE\"]}}");
    small_world_service(&w, "pbx", 2);
    struct list events = small_world_drain_queue(&w, tasks);
    assert_int_equal(events.n, 2);
    struct str event = *LIST_AT(events, struct str, 0);
    assert_contains(event, "\"attachments\":[{\"id\":\"");
    assert_contains(event, "\"type\":\"eni\",\"status\":\"ATTACHED\"");
    assert_contains(event, "{\"name\":\"privateIPv4Address\",\"value\":\"10.0.0.1");
    assert_str(at(&w, event, "detail/group"), "service:pbx");
    assert_str(at(&w, event, "detail/version"), "4");
    assert_contains(at(&w, event, "detail/startedAt"), "Z");
    assert_int_equal(small_world_drain_queue(&w, deployments).n, 2);
    assert_int_equal(small_world_drain_queue(&w, actions).n, 1);
    small_world_free(&w);
}

TEST(bus_delivers_late_twice_or_never)
{
    struct region_options options = {.seed = 5,
                                     .throttling_off = true,
                                     .event_duplicate_percent = 50,
                                     .event_delay_max_ms = 20000,
                                     .event_lost_percent = 20};
    struct small_world w = small_world_new(&options);
    struct str url = route(&w, "mine", "{\"source\":[\"me\"]}");
    struct events_put_events_entry entry = {
        .source = STR("me"), .detail_type = STR("t"), .detail = STR("{\"n\":1}")};
    struct events_put_events_input in = {.entries = LIST_OF(&entry, 1)};
    struct events_put_events_output out;
    for (int i = 0; i < 200; i++)
        small_world_do(&w, &EVENTS_PUT_EVENTS, &in, &out);
    assert_true(small_world_drain_queue(&w, url).n < 10);
    small_world_pass(&w, 20000);
    size_t n = 0, got = 0;
    do {
        got = small_world_drain_queue(&w, url).n;
        n += got;
    } while (got);
    assert_true(n > 210 && n < 260);
    small_world_free(&w);
}

TEST(bus_takes_events_of_programs_but_not_in_aws_name)
{
    struct small_world w = small_world_new(NULL);
    struct events_put_events_entry entries[] = {
        {.source = STR("me"), .detail_type = STR("t"), .detail = STR("{}")},
        {.source = STR("aws.ecs"), .detail_type = STR("t"), .detail = STR("{}")},
        {.source = STR("me"), .detail_type = STR("t"), .detail = STR("{")},
        {.detail_type = STR("t"), .detail = STR("{}")},
    };
    struct events_put_events_input in = {.entries = LIST_OF(entries, 4)};
    struct events_put_events_output out;
    small_world_do(&w, &EVENTS_PUT_EVENTS, &in, &out);
    assert_int_equal(out.failed_entry_count, 3);
    const struct events_put_events_result *results = out.entries.items;
    assert_int_equal(results[0].event_id.n, 36);
    assert_str(results[1].error_code, "NotAuthorizedForSourceException");
    assert_str(results[2].error_code, "MalformedDetail");
    assert_str(results[3].error_code, "InvalidArgument");
    in.entries.n = 0;
    small_world_refused(&w, &EVENTS_PUT_EVENTS, &in, "ValidationException", "entries");
    small_world_free(&w);
}

TEST(rules_fire_on_schedule_and_say_what_they_cannot)
{
    struct small_world w = small_world_new(NULL);
    struct str url = route(&w, "ticks", "{\"source\":[\"nobody\"]}");
    struct events_put_rule_input rule = {.name = STR("ticks"),
                                         .schedule_expression = STR("rate(5 minutes)")};
    struct events_put_rule_output made;
    small_world_do(&w, &EVENTS_PUT_RULE, &rule, &made);
    small_world_pass(&w, 16 * MINUTE_MS);
    struct list events = small_world_drain_queue(&w, url);
    assert_int_equal(events.n, 3);
    assert_contains(*LIST_AT(events, struct str, 0),
                    "\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\"");
    assert_contains(*LIST_AT(events, struct str, 0),
                    "\"resources\":[\"arn:aws:events:us-east-1:123456789012:rule/ticks\"],"
                    "\"detail\":{}}");
    rule.schedule_expression = STR("cron(0 12 * * ? *)");
    small_world_refused(&w, &EVENTS_PUT_RULE, &rule, "ValidationException", "rate()");
    rule.schedule_expression = STR_NONE;
    small_world_refused(&w, &EVENTS_PUT_RULE, &rule, "ValidationException", "must be specified");
    rule.event_pattern = STR("{\"source\":\"me\"}");
    small_world_refused(&w, &EVENTS_PUT_RULE, &rule, "InvalidEventPatternException",
                        "Event pattern is not valid. Reason: \"source\" must be an object or an "
                        "array");
    struct events_target targets[] = {
        {.id = STR("a"), .arn = STR("arn:aws:lambda:us-east-1:123456789012:function:f")},
        {.id = STR("b"),
         .arn = STR("arn:aws:sqs:us-east-1:123456789012:ticks"),
         .input_transformer = {.input_template = STR("x")}}};
    struct events_put_targets_input in = {.rule = STR("ticks"), .targets = LIST_OF(targets, 2)};
    struct events_targets_output out;
    small_world_do(&w, &EVENTS_PUT_TARGETS, &in, &out);
    assert_int_equal(out.failed_entry_count, 2);
    assert_contains(LIST_AT(out.failed_entries, struct events_target_failure, 1)->error_message,
                    "InputTransformer");
    struct events_delete_rule_input gone = {.name = STR("ticks")};
    small_world_refused(&w, &EVENTS_DELETE_RULE, &gone, "ValidationException", "targets");
    small_world_free(&w);
}
