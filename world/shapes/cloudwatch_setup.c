/* SPDX-License-Identifier: Apache-2.0
 * How DeleteAlarms looks on the wire. */
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
