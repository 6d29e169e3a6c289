/* SPDX-License-Identifier: Apache-2.0
 * What Application Auto Scaling's scalable targets look like on the wire. */
#include "lib/aws/shapes/autoscaling.h"

const struct aws_service AWS_AUTOSCALING = {
    .id = "APPLICATION_AUTO_SCALING",
    .host_prefix = "application-autoscaling",
    .signing_name = "application-autoscaling",
    .protocol = AWS_JSON_1_1,
    .target_prefix = "AnyScaleFrontendService",
};

/* AWS shows all three in replies. A request leaves the whole record out when none is set. */
static const struct field suspended_state_fields[] = {
    F_BOOL(struct autoscaling_suspended_state, dynamic_scaling_in_suspended,
           "DynamicScalingInSuspended", .flags = FIELD_ALWAYS),
    F_BOOL(struct autoscaling_suspended_state, dynamic_scaling_out_suspended,
           "DynamicScalingOutSuspended", .flags = FIELD_ALWAYS),
    F_BOOL(struct autoscaling_suspended_state, scheduled_scaling_suspended,
           "ScheduledScalingSuspended", .flags = FIELD_ALWAYS),
};
static const struct record suspended_state =
    RECORD_OF(struct autoscaling_suspended_state, suspended_state_fields);

static const struct field scalable_target_fields[] = {
    F_STR(struct autoscaling_scalable_target, service_namespace, "ServiceNamespace"),
    F_STR(struct autoscaling_scalable_target, resource_id, "ResourceId"),
    F_STR(struct autoscaling_scalable_target, scalable_dimension, "ScalableDimension"),
    F_INT(struct autoscaling_scalable_target, min_capacity, "MinCapacity", .flags = FIELD_ALWAYS),
    F_INT(struct autoscaling_scalable_target, max_capacity, "MaxCapacity", .flags = FIELD_ALWAYS),
    F_STR(struct autoscaling_scalable_target, role_arn, "RoleARN"),
    F_TIME(struct autoscaling_scalable_target, creation_time, "CreationTime"),
    F_RECORD(struct autoscaling_scalable_target, suspended_state,
             struct autoscaling_suspended_state, suspended_state, "SuspendedState",
             .flags = FIELD_ALWAYS),
    F_STR(struct autoscaling_scalable_target, scalable_target_arn, "ScalableTargetARN"),
};
static const struct record scalable_target =
    RECORD_OF(struct autoscaling_scalable_target, scalable_target_fields);

static const struct field describe_input_fields[] = {
    F_STR(struct autoscaling_describe_scalable_targets_input, service_namespace, "ServiceNamespace",
          .flags = FIELD_REQUIRED),
    F_STRS(struct autoscaling_describe_scalable_targets_input, resource_ids, "ResourceIds"),
    F_STR(struct autoscaling_describe_scalable_targets_input, scalable_dimension,
          "ScalableDimension"),
    F_INT(struct autoscaling_describe_scalable_targets_input, max_results, "MaxResults"),
    F_STR(struct autoscaling_describe_scalable_targets_input, next_token, "NextToken"),
};
static const struct record describe_input =
    RECORD_OF(struct autoscaling_describe_scalable_targets_input, describe_input_fields);

static const struct field describe_output_fields[] = {
    F_LIST(struct autoscaling_describe_scalable_targets_output, scalable_targets, scalable_target,
           "ScalableTargets", .flags = FIELD_ALWAYS),
    F_STR(struct autoscaling_describe_scalable_targets_output, next_token, "NextToken"),
};
static const struct record describe_output =
    RECORD_OF(struct autoscaling_describe_scalable_targets_output, describe_output_fields);

const struct aws_operation AUTOSCALING_DESCRIBE_SCALABLE_TARGETS = {
    .name = "DescribeScalableTargets",
    .service = &AWS_AUTOSCALING,
    .input = &describe_input,
    .output = &describe_output,
    .retry = AWS_RETRY_READ,
};

static const struct field register_input_fields[] = {
    F_STR(struct autoscaling_register_scalable_target_input, service_namespace, "ServiceNamespace",
          .flags = FIELD_REQUIRED),
    F_STR(struct autoscaling_register_scalable_target_input, resource_id, "ResourceId",
          .flags = FIELD_REQUIRED),
    F_STR(struct autoscaling_register_scalable_target_input, scalable_dimension,
          "ScalableDimension", .flags = FIELD_REQUIRED),
    F_INT(struct autoscaling_register_scalable_target_input, min_capacity, "MinCapacity",
          .flags = FIELD_ALWAYS),
    F_INT(struct autoscaling_register_scalable_target_input, max_capacity, "MaxCapacity",
          .flags = FIELD_ALWAYS),
    F_STR(struct autoscaling_register_scalable_target_input, role_arn, "RoleARN"),
    F_RECORD(struct autoscaling_register_scalable_target_input, suspended_state,
             struct autoscaling_suspended_state, suspended_state, "SuspendedState"),
    F_MAP(struct autoscaling_register_scalable_target_input, tags, "Tags"),
};
static const struct record register_input =
    RECORD_OF(struct autoscaling_register_scalable_target_input, register_input_fields);

static const struct field register_output_fields[] = {
    F_STR(struct autoscaling_register_scalable_target_output, scalable_target_arn,
          "ScalableTargetARN"),
};
static const struct record register_output =
    RECORD_OF(struct autoscaling_register_scalable_target_output, register_output_fields);

const struct aws_operation AUTOSCALING_REGISTER_SCALABLE_TARGET = {
    .name = "RegisterScalableTarget",
    .service = &AWS_AUTOSCALING,
    .input = &register_input,
    .output = &register_output,
    .retry = AWS_RETRY_READ,
};
