/* SPDX-License-Identifier: Apache-2.0
 * How DeleteAlarms and PutCompositeAlarm look on the wire. */
#include "world/shapes/cloudwatch_setup.h"

static const struct field delete_alarms_input_fields[] = {
    F_STRS(struct cloudwatch_delete_alarms_input, alarm_names, "AlarmNames",
           .flags = FIELD_REQUIRED),
};
static const struct record delete_alarms_input =
    RECORD_OF(struct cloudwatch_delete_alarms_input, delete_alarms_input_fields);

const struct aws_operation CLOUDWATCH_DELETE_ALARMS = {
    .name = "DeleteAlarms",
    .service = &AWS_CLOUDWATCH,
    .input = &delete_alarms_input,
    .retry = AWS_RETRY_NEVER,
};

static const struct field put_composite_alarm_input_fields[] = {
    F_STR(struct cloudwatch_put_composite_alarm_input, alarm_name, "AlarmName",
          .flags = FIELD_REQUIRED),
    F_STR(struct cloudwatch_put_composite_alarm_input, alarm_description, "AlarmDescription"),
    F_STR(struct cloudwatch_put_composite_alarm_input, alarm_rule, "AlarmRule",
          .flags = FIELD_REQUIRED),
    F_BOOL(struct cloudwatch_put_composite_alarm_input, actions_enabled, "ActionsEnabled",
           .flags = FIELD_ALWAYS),
    F_STRS(struct cloudwatch_put_composite_alarm_input, ok_actions, "OKActions"),
    F_STRS(struct cloudwatch_put_composite_alarm_input, alarm_actions, "AlarmActions"),
    F_STRS(struct cloudwatch_put_composite_alarm_input, insufficient_data_actions,
           "InsufficientDataActions"),
};
static const struct record put_composite_alarm_input =
    RECORD_OF(struct cloudwatch_put_composite_alarm_input, put_composite_alarm_input_fields);

const struct aws_operation CLOUDWATCH_PUT_COMPOSITE_ALARM = {
    .name = "PutCompositeAlarm",
    .service = &AWS_CLOUDWATCH,
    .input = &put_composite_alarm_input,
    .retry = AWS_RETRY_NEVER,
};
