/* SPDX-License-Identifier: Apache-2.0
 * What only the ECS tables share among themselves. */
#ifndef EBB_AWS_SHAPES_ECS_OBJECTS_H
#define EBB_AWS_SHAPES_ECS_OBJECTS_H

#include "lib/aws/shapes/ecs.h"

extern const struct record ECS_FAILURE_RECORD, ECS_TAG_RECORD;

#endif
