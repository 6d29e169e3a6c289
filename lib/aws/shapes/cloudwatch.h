/* SPDX-License-Identifier: Apache-2.0
 * Amazon CloudWatch: alarms. botocore 1.44 speaks JSON 1.0 to it, and so do we; the service's other
 * two protocols (CBOR, query) carry the same names. */
#ifndef EBB_AWS_SHAPES_CLOUDWATCH_H
#define EBB_AWS_SHAPES_CLOUDWATCH_H

#include "lib/aws/aws.h"

#define CLOUDWATCH_ALARM_NAMES_MAX 100

extern const struct aws_service AWS_CLOUDWATCH;

struct cloudwatch_dimension {
    struct str name, value;
};

struct cloudwatch_metric {
    struct str namespace_name, metric_name;
    struct list dimensions; /* of struct cloudwatch_dimension */
};

struct cloudwatch_metric_stat {
    struct cloudwatch_metric metric;
    int64_t period;
    struct str stat, unit;
};

/* One line of a metric-math alarm: a metric or an expression over the others. */
struct cloudwatch_metric_query {
    struct str id;
    struct cloudwatch_metric_stat metric_stat;
    struct str expression, label;
    bool return_data;
    int64_t period;
    struct str account_id;
};

struct cloudwatch_alarm {
    struct str alarm_name, alarm_arn, alarm_description;
    int64_t alarm_configuration_updated;
    bool actions_enabled;
    struct list ok_actions, alarm_actions, insufficient_data_actions; /* of struct str */
    struct str state_value, state_reason, state_reason_data;
    int64_t state_updated, state_transitioned;
    struct str metric_name, namespace_name, statistic, extended_statistic;
    struct list dimensions; /* of struct cloudwatch_dimension */
    int64_t period;
    struct str unit;
    int64_t evaluation_periods, datapoints_to_alarm;
    double threshold;
    struct str comparison_operator, treat_missing_data;
    struct list metrics; /* of struct cloudwatch_metric_query */
};

struct cloudwatch_composite_alarm {
    struct str alarm_name, alarm_arn, alarm_description, alarm_rule;
    bool actions_enabled;
    struct str state_value, state_reason, state_reason_data;
    int64_t state_updated, state_transitioned;
};

extern const struct record CLOUDWATCH_METRIC_QUERY_RECORD;

struct cloudwatch_describe_alarms_input {
    struct list alarm_names; /* of struct str */
    struct str alarm_name_prefix;
    struct list alarm_types; /* of struct str: MetricAlarm (alone when empty), CompositeAlarm */
    struct str state_value, action_prefix;
    int64_t max_records;
    struct str next_token;
};
struct cloudwatch_describe_alarms_output {
    struct list metric_alarms;    /* of struct cloudwatch_alarm */
    struct list composite_alarms; /* of struct cloudwatch_composite_alarm */
    struct str next_token;
};
extern const struct aws_operation CLOUDWATCH_DESCRIBE_ALARMS;

struct cloudwatch_put_metric_alarm_input {
    struct str alarm_name, alarm_description;
    bool actions_enabled; /* always written; decoding: set it to true first, AWS's default */
    struct list ok_actions, alarm_actions, insufficient_data_actions; /* of struct str */
    struct str metric_name, namespace_name, statistic, extended_statistic;
    struct list dimensions; /* of struct cloudwatch_dimension */
    int64_t period;
    struct str unit;
    int64_t evaluation_periods, datapoints_to_alarm;
    double threshold;
    struct str comparison_operator, treat_missing_data;
    struct list metrics; /* of struct cloudwatch_metric_query */
};
extern const struct aws_operation CLOUDWATCH_PUT_METRIC_ALARM;

struct cloudwatch_set_alarm_state_input {
    struct str alarm_name, state_value, state_reason, state_reason_data;
};
extern const struct aws_operation CLOUDWATCH_SET_ALARM_STATE;

#endif
