/* SPDX-License-Identifier: Apache-2.0
 * CloudWatch's DeleteAlarms, which Ebb never calls. */
#ifndef EBB_WORLD_SHAPES_CLOUDWATCH_SETUP_H
#define EBB_WORLD_SHAPES_CLOUDWATCH_SETUP_H

#include "lib/aws/shapes/cloudwatch.h"

struct cloudwatch_delete_alarms_input {
    struct list alarm_names; /* of struct str */
};
extern const struct aws_operation CLOUDWATCH_DELETE_ALARMS;

#endif
