/* SPDX-License-Identifier: Apache-2.0
 * What EventBridge's targets, where a rule sends its events, look like on the wire. */
#include "lib/aws/shapes/events.h"

static const struct field transformer_fields[] = {
    F_MAP(struct events_input_transformer, input_paths_map, "InputPathsMap"),
    F_STR(struct events_input_transformer, input_template, "InputTemplate"),
};
static const struct record transformer =
    RECORD_OF(struct events_input_transformer, transformer_fields);

static const struct field sqs_parameters_fields[] = {
    F_STR(struct events_sqs_parameters, message_group_id, "MessageGroupId"),
};
static const struct record sqs_parameters =
    RECORD_OF(struct events_sqs_parameters, sqs_parameters_fields);

static const struct field dead_letter_fields[] = {
    F_STR(struct events_dead_letter_config, arn, "Arn"),
};
static const struct record dead_letter =
    RECORD_OF(struct events_dead_letter_config, dead_letter_fields);

static const struct field target_fields[] = {
    F_STR(struct events_target, id, "Id", .flags = FIELD_REQUIRED),
    F_STR(struct events_target, arn, "Arn", .flags = FIELD_REQUIRED),
    F_STR(struct events_target, role_arn, "RoleArn"),
    F_STR(struct events_target, input, "Input"),
    F_STR(struct events_target, input_path, "InputPath"),
    F_RECORD(struct events_target, input_transformer, struct events_input_transformer, transformer,
             "InputTransformer"),
    F_RECORD(struct events_target, sqs_parameters, struct events_sqs_parameters, sqs_parameters,
             "SqsParameters"),
    F_RECORD(struct events_target, dead_letter_config, struct events_dead_letter_config,
             dead_letter, "DeadLetterConfig"),
};
static const struct record target = RECORD_OF(struct events_target, target_fields);

static const struct field put_targets_input_fields[] = {
    F_STR(struct events_put_targets_input, rule, "Rule", .flags = FIELD_REQUIRED),
    F_STR(struct events_put_targets_input, event_bus_name, "EventBusName"),
    F_LIST(struct events_put_targets_input, targets, target, "Targets", .flags = FIELD_ALWAYS),
};
static const struct record put_targets_input =
    RECORD_OF(struct events_put_targets_input, put_targets_input_fields);

static const struct field target_failure_fields[] = {
    F_STR(struct events_target_failure, target_id, "TargetId"),
    F_STR(struct events_target_failure, error_code, "ErrorCode"),
    F_STR(struct events_target_failure, error_message, "ErrorMessage"),
};
static const struct record target_failure =
    RECORD_OF(struct events_target_failure, target_failure_fields);

static const struct field targets_output_fields[] = {
    F_INT(struct events_targets_output, failed_entry_count, "FailedEntryCount",
          .flags = FIELD_ALWAYS),
    F_LIST(struct events_targets_output, failed_entries, target_failure, "FailedEntries",
           .flags = FIELD_ALWAYS),
};
static const struct record targets_output =
    RECORD_OF(struct events_targets_output, targets_output_fields);

const struct aws_operation EVENTS_PUT_TARGETS = {
    .name = "PutTargets",
    .service = &AWS_EVENTS,
    .input = &put_targets_input,
    .output = &targets_output,
    .retry = AWS_RETRY_READ,
};

static const struct field remove_targets_input_fields[] = {
    F_STR(struct events_remove_targets_input, rule, "Rule", .flags = FIELD_REQUIRED),
    F_STR(struct events_remove_targets_input, event_bus_name, "EventBusName"),
    F_STRS(struct events_remove_targets_input, ids, "Ids", .flags = FIELD_ALWAYS),
    F_BOOL(struct events_remove_targets_input, force, "Force"),
};
static const struct record remove_targets_input =
    RECORD_OF(struct events_remove_targets_input, remove_targets_input_fields);

const struct aws_operation EVENTS_REMOVE_TARGETS = {
    .name = "RemoveTargets",
    .service = &AWS_EVENTS,
    .input = &remove_targets_input,
    .output = &targets_output,
    .retry = AWS_RETRY_READ,
};

static const struct field list_targets_input_fields[] = {
    F_STR(struct events_list_targets_by_rule_input, rule, "Rule", .flags = FIELD_REQUIRED),
    F_STR(struct events_list_targets_by_rule_input, event_bus_name, "EventBusName"),
    F_STR(struct events_list_targets_by_rule_input, next_token, "NextToken"),
    F_INT(struct events_list_targets_by_rule_input, limit, "Limit"),
};
static const struct record list_targets_input =
    RECORD_OF(struct events_list_targets_by_rule_input, list_targets_input_fields);

static const struct field list_targets_output_fields[] = {
    F_LIST(struct events_list_targets_by_rule_output, targets, target, "Targets",
           .flags = FIELD_ALWAYS),
    F_STR(struct events_list_targets_by_rule_output, next_token, "NextToken"),
};
static const struct record list_targets_output =
    RECORD_OF(struct events_list_targets_by_rule_output, list_targets_output_fields);

const struct aws_operation EVENTS_LIST_TARGETS_BY_RULE = {
    .name = "ListTargetsByRule",
    .service = &AWS_EVENTS,
    .input = &list_targets_input,
    .output = &list_targets_output,
    .retry = AWS_RETRY_READ,
};
