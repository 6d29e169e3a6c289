/* SPDX-License-Identifier: Apache-2.0
 * What CloudWatch's alarms look like on the wire. */
#include "lib/aws/shapes/cloudwatch.h"

const struct aws_service AWS_CLOUDWATCH = {
    .id = "CLOUDWATCH",
    .host_prefix = "monitoring",
    .signing_name = "monitoring",
    .protocol = AWS_JSON_1_0,
    .target_prefix = "GraniteServiceVersion20100801",
    .version = "2010-08-01",
    .query_compatible = true,
};

static const struct field dimension_fields[] = {
    F_STR(struct cloudwatch_dimension, name, "Name"),
    F_STR(struct cloudwatch_dimension, value, "Value"),
};
static const struct record dimension = RECORD_OF(struct cloudwatch_dimension, dimension_fields);

static const struct field metric_fields[] = {
    F_STR(struct cloudwatch_metric, namespace_name, "Namespace"),
    F_STR(struct cloudwatch_metric, metric_name, "MetricName"),
    F_LIST(struct cloudwatch_metric, dimensions, dimension, "Dimensions"),
};
static const struct record metric = RECORD_OF(struct cloudwatch_metric, metric_fields);

static const struct field metric_stat_fields[] = {
    F_RECORD(struct cloudwatch_metric_stat, metric, struct cloudwatch_metric, metric, "Metric"),
    F_INT(struct cloudwatch_metric_stat, period, "Period"),
    F_STR(struct cloudwatch_metric_stat, stat, "Stat"),
    F_STR(struct cloudwatch_metric_stat, unit, "Unit"),
};
static const struct record metric_stat =
    RECORD_OF(struct cloudwatch_metric_stat, metric_stat_fields);

static const struct field metric_query_fields[] = {
    F_STR(struct cloudwatch_metric_query, id, "Id"),
    F_RECORD(struct cloudwatch_metric_query, metric_stat, struct cloudwatch_metric_stat,
             metric_stat, "MetricStat"),
    F_STR(struct cloudwatch_metric_query, expression, "Expression"),
    F_STR(struct cloudwatch_metric_query, label, "Label"),
    F_BOOL(struct cloudwatch_metric_query, return_data, "ReturnData", .flags = FIELD_ALWAYS),
    F_INT(struct cloudwatch_metric_query, period, "Period"),
    F_STR(struct cloudwatch_metric_query, account_id, "AccountId"),
};
const struct record CLOUDWATCH_METRIC_QUERY_RECORD =
    RECORD_OF(struct cloudwatch_metric_query, metric_query_fields);

/* What an alarm is made of: the same rows in the call that makes it and in what is read of it. */
#define ALARM_ROWS(S)                                                                              \
    F_STR(S, alarm_name, "AlarmName", .flags = FIELD_REQUIRED),                                    \
        F_STR(S, alarm_description, "AlarmDescription"),                                           \
        F_BOOL(S, actions_enabled, "ActionsEnabled", .flags = FIELD_ALWAYS),                       \
        F_STRS(S, ok_actions, "OKActions"), F_STRS(S, alarm_actions, "AlarmActions"),              \
        F_STRS(S, insufficient_data_actions, "InsufficientDataActions"),                           \
        F_STR(S, metric_name, "MetricName"), F_STR(S, namespace_name, "Namespace"),                \
        F_STR(S, statistic, "Statistic"), F_STR(S, extended_statistic, "ExtendedStatistic"),       \
        F_LIST(S, dimensions, dimension, "Dimensions"), F_INT(S, period, "Period"),                \
        F_STR(S, unit, "Unit"), F_INT(S, evaluation_periods, "EvaluationPeriods"),                 \
        F_INT(S, datapoints_to_alarm, "DatapointsToAlarm"),                                        \
        F_DOUBLE(S, threshold, "Threshold", .flags = FIELD_ALWAYS),                                \
        F_STR(S, comparison_operator, "ComparisonOperator"),                                       \
        F_STR(S, treat_missing_data, "TreatMissingData"),                                          \
        F_LIST(S, metrics, CLOUDWATCH_METRIC_QUERY_RECORD, "Metrics")

#define STATE_ROWS(S)                                                                              \
    F_STR(S, alarm_arn, "AlarmArn"), F_STR(S, state_value, "StateValue"),                          \
        F_STR(S, state_reason, "StateReason"), F_STR(S, state_reason_data, "StateReasonData"),     \
        F_TIME(S, state_updated, "StateUpdatedTimestamp"),                                         \
        F_TIME(S, state_transitioned, "StateTransitionedTimestamp")

static const struct field alarm_fields[] = {
    ALARM_ROWS(struct cloudwatch_alarm),
    STATE_ROWS(struct cloudwatch_alarm),
    F_TIME(struct cloudwatch_alarm, alarm_configuration_updated,
           "AlarmConfigurationUpdatedTimestamp"),
};
static const struct record alarm_record = RECORD_OF(struct cloudwatch_alarm, alarm_fields);

static const struct field composite_alarm_fields[] = {
    F_STR(struct cloudwatch_composite_alarm, alarm_name, "AlarmName"),
    F_STR(struct cloudwatch_composite_alarm, alarm_description, "AlarmDescription"),
    F_STR(struct cloudwatch_composite_alarm, alarm_rule, "AlarmRule"),
    F_BOOL(struct cloudwatch_composite_alarm, actions_enabled, "ActionsEnabled",
           .flags = FIELD_ALWAYS),
    STATE_ROWS(struct cloudwatch_composite_alarm),
};
static const struct record composite_alarm =
    RECORD_OF(struct cloudwatch_composite_alarm, composite_alarm_fields);

static const struct field describe_alarms_input_fields[] = {
    F_STRS(struct cloudwatch_describe_alarms_input, alarm_names, "AlarmNames"),
    F_STR(struct cloudwatch_describe_alarms_input, alarm_name_prefix, "AlarmNamePrefix"),
    F_STRS(struct cloudwatch_describe_alarms_input, alarm_types, "AlarmTypes"),
    F_STR(struct cloudwatch_describe_alarms_input, state_value, "StateValue"),
    F_STR(struct cloudwatch_describe_alarms_input, action_prefix, "ActionPrefix"),
    F_INT(struct cloudwatch_describe_alarms_input, max_records, "MaxRecords"),
    F_STR(struct cloudwatch_describe_alarms_input, next_token, "NextToken"),
};
static const struct record describe_alarms_input =
    RECORD_OF(struct cloudwatch_describe_alarms_input, describe_alarms_input_fields);

static const struct field describe_alarms_output_fields[] = {
    F_LIST(struct cloudwatch_describe_alarms_output, metric_alarms, alarm_record, "MetricAlarms",
           .flags = FIELD_ALWAYS),
    F_LIST(struct cloudwatch_describe_alarms_output, composite_alarms, composite_alarm,
           "CompositeAlarms", .flags = FIELD_ALWAYS),
    F_STR(struct cloudwatch_describe_alarms_output, next_token, "NextToken"),
};
static const struct record describe_alarms_output =
    RECORD_OF(struct cloudwatch_describe_alarms_output, describe_alarms_output_fields);

const struct aws_operation CLOUDWATCH_DESCRIBE_ALARMS = {
    .name = "DescribeAlarms",
    .service = &AWS_CLOUDWATCH,
    .input = &describe_alarms_input,
    .output = &describe_alarms_output,
    .retry = AWS_RETRY_READ,
    .is_long_poll = true, /* whoever polls has the next poll; a stop waits for no CloudWatch */
};

static const struct field put_metric_alarm_input_fields[] = {
    ALARM_ROWS(struct cloudwatch_put_metric_alarm_input),
};
static const struct record put_metric_alarm_input =
    RECORD_OF(struct cloudwatch_put_metric_alarm_input, put_metric_alarm_input_fields);

const struct aws_operation CLOUDWATCH_PUT_METRIC_ALARM = {
    .name = "PutMetricAlarm",
    .service = &AWS_CLOUDWATCH,
    .input = &put_metric_alarm_input,
    .retry = AWS_RETRY_READ,
};

static const struct field set_alarm_state_input_fields[] = {
    F_STR(struct cloudwatch_set_alarm_state_input, alarm_name, "AlarmName",
          .flags = FIELD_REQUIRED),
    F_STR(struct cloudwatch_set_alarm_state_input, state_value, "StateValue",
          .flags = FIELD_REQUIRED),
    F_STR(struct cloudwatch_set_alarm_state_input, state_reason, "StateReason",
          .flags = FIELD_REQUIRED),
    F_STR(struct cloudwatch_set_alarm_state_input, state_reason_data, "StateReasonData"),
};
static const struct record set_alarm_state_input =
    RECORD_OF(struct cloudwatch_set_alarm_state_input, set_alarm_state_input_fields);

const struct aws_operation CLOUDWATCH_SET_ALARM_STATE = {
    .name = "SetAlarmState",
    .service = &AWS_CLOUDWATCH,
    .input = &set_alarm_state_input,
    .retry = AWS_RETRY_READ,
};
