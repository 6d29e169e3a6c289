/* SPDX-License-Identifier: Apache-2.0
 * CloudWatch's DeleteAlarms and PutCompositeAlarm, which Ebb never calls. */
#ifndef EBB_WORLD_SHAPES_CLOUDWATCH_SETUP_H
#define EBB_WORLD_SHAPES_CLOUDWATCH_SETUP_H

#include "lib/aws/shapes/cloudwatch.h"

struct cloudwatch_delete_alarms_input {
    struct list alarm_names; /* of struct str */
};
extern const struct aws_operation CLOUDWATCH_DELETE_ALARMS;

struct cloudwatch_put_composite_alarm_input {
    struct str alarm_name, alarm_description, alarm_rule;
    bool actions_enabled;                                             /* as of PutMetricAlarm */
    struct list ok_actions, alarm_actions, insufficient_data_actions; /* of struct str */
};
extern const struct aws_operation CLOUDWATCH_PUT_COMPOSITE_ALARM;

#endif
