/* SPDX-License-Identifier: Apache-2.0
 * Application Auto Scaling: scalable targets, where a service's floor is set. */
#ifndef EBB_AWS_SHAPES_AUTOSCALING_H
#define EBB_AWS_SHAPES_AUTOSCALING_H

#include "lib/aws/aws.h"

#define AUTOSCALING_RESOURCE_IDS_MAX 50

extern const struct aws_service AWS_AUTOSCALING;

struct autoscaling_suspended_state {
    bool dynamic_scaling_in_suspended, dynamic_scaling_out_suspended, scheduled_scaling_suspended;
};

struct autoscaling_scalable_target {
    struct str service_namespace, resource_id, scalable_dimension;
    int64_t min_capacity, max_capacity;
    struct str role_arn;
    int64_t creation_time;
    struct autoscaling_suspended_state suspended_state;
    struct str scalable_target_arn;
};

struct autoscaling_describe_scalable_targets_input {
    struct str service_namespace; /* "ecs" */
    struct list resource_ids;     /* of struct str: "service/cluster/name" */
    struct str scalable_dimension;
    int64_t max_results;
    struct str next_token;
};
struct autoscaling_describe_scalable_targets_output {
    struct list scalable_targets; /* of struct autoscaling_scalable_target */
    struct str next_token;
};
extern const struct aws_operation AUTOSCALING_DESCRIBE_SCALABLE_TARGETS;

struct autoscaling_register_scalable_target_input {
    struct str service_namespace, resource_id, scalable_dimension;
    int64_t min_capacity, max_capacity; /* always written; decoding: -1 = not given */
    struct str role_arn;
    struct autoscaling_suspended_state suspended_state;
    struct list tags; /* of struct pair */
};
struct autoscaling_register_scalable_target_output {
    struct str scalable_target_arn;
};
extern const struct aws_operation AUTOSCALING_REGISTER_SCALABLE_TARGET;

#endif
