/* SPDX-License-Identifier: Apache-2.0
 * What EventBridge's rules and events look like on the wire. Targets are in events_targets.c. */
#include "lib/aws/shapes/events.h"

const struct aws_service AWS_EVENTS = {
    .id = "EVENTBRIDGE",
    .host_prefix = "events",
    .signing_name = "events",
    .protocol = AWS_JSON_1_1,
    .target_prefix = "AWSEvents",
};

static const struct field tag_fields[] = {
    F_STR(struct events_tag, key, "Key"),
    F_STR(struct events_tag, value, "Value"),
};
static const struct record tag = RECORD_OF(struct events_tag, tag_fields);

static const struct field put_rule_input_fields[] = {
    F_STR(struct events_put_rule_input, name, "Name", .flags = FIELD_REQUIRED),
    F_STR(struct events_put_rule_input, schedule_expression, "ScheduleExpression"),
    F_STR(struct events_put_rule_input, event_pattern, "EventPattern"),
    F_STR(struct events_put_rule_input, state, "State"),
    F_STR(struct events_put_rule_input, description, "Description"),
    F_STR(struct events_put_rule_input, role_arn, "RoleArn"),
    F_LIST(struct events_put_rule_input, tags, tag, "Tags"),
    F_STR(struct events_put_rule_input, event_bus_name, "EventBusName"),
};
static const struct record put_rule_input =
    RECORD_OF(struct events_put_rule_input, put_rule_input_fields);

static const struct field put_rule_output_fields[] = {
    F_STR(struct events_put_rule_output, rule_arn, "RuleArn"),
};
static const struct record put_rule_output =
    RECORD_OF(struct events_put_rule_output, put_rule_output_fields);

const struct aws_operation EVENTS_PUT_RULE = {
    .name = "PutRule",
    .service = &AWS_EVENTS,
    .input = &put_rule_input,
    .output = &put_rule_output,
    .retry = AWS_RETRY_READ,
};

static const struct field list_rules_input_fields[] = {
    F_STR(struct events_list_rules_input, name_prefix, "NamePrefix"),
    F_STR(struct events_list_rules_input, event_bus_name, "EventBusName"),
    F_STR(struct events_list_rules_input, next_token, "NextToken"),
    F_INT(struct events_list_rules_input, limit, "Limit"),
};
static const struct record list_rules_input =
    RECORD_OF(struct events_list_rules_input, list_rules_input_fields);

static const struct field rule_fields[] = {
    F_STR(struct events_rule, name, "Name"),
    F_STR(struct events_rule, arn, "Arn"),
    F_STR(struct events_rule, event_pattern, "EventPattern"),
    F_STR(struct events_rule, state, "State"),
    F_STR(struct events_rule, description, "Description"),
    F_STR(struct events_rule, schedule_expression, "ScheduleExpression"),
    F_STR(struct events_rule, role_arn, "RoleArn"),
    F_STR(struct events_rule, managed_by, "ManagedBy"),
    F_STR(struct events_rule, event_bus_name, "EventBusName"),
};
static const struct record rule = RECORD_OF(struct events_rule, rule_fields);

static const struct field list_rules_output_fields[] = {
    F_LIST(struct events_list_rules_output, rules, rule, "Rules", .flags = FIELD_ALWAYS),
    F_STR(struct events_list_rules_output, next_token, "NextToken"),
};
static const struct record list_rules_output =
    RECORD_OF(struct events_list_rules_output, list_rules_output_fields);

const struct aws_operation EVENTS_LIST_RULES = {
    .name = "ListRules",
    .service = &AWS_EVENTS,
    .input = &list_rules_input,
    .output = &list_rules_output,
    .retry = AWS_RETRY_READ,
};

static const struct field delete_rule_input_fields[] = {
    F_STR(struct events_delete_rule_input, name, "Name", .flags = FIELD_REQUIRED),
    F_STR(struct events_delete_rule_input, event_bus_name, "EventBusName"),
    F_BOOL(struct events_delete_rule_input, force, "Force"),
};
static const struct record delete_rule_input =
    RECORD_OF(struct events_delete_rule_input, delete_rule_input_fields);

const struct aws_operation EVENTS_DELETE_RULE = {
    .name = "DeleteRule",
    .service = &AWS_EVENTS,
    .input = &delete_rule_input,
    .retry = AWS_RETRY_READ,
};

static const struct field put_events_entry_fields[] = {
    F_TIME(struct events_put_events_entry, time, "Time"),
    F_STR(struct events_put_events_entry, source, "Source"),
    F_STRS(struct events_put_events_entry, resources, "Resources"),
    F_STR(struct events_put_events_entry, detail_type, "DetailType"),
    F_STR(struct events_put_events_entry, detail, "Detail", .max = EVENTS_DETAIL_MAX),
    F_STR(struct events_put_events_entry, event_bus_name, "EventBusName"),
    F_STR(struct events_put_events_entry, trace_header, "TraceHeader"),
};
static const struct record put_events_entry =
    RECORD_OF(struct events_put_events_entry, put_events_entry_fields);

static const struct field put_events_input_fields[] = {
    F_LIST(struct events_put_events_input, entries, put_events_entry, "Entries",
           .flags = FIELD_ALWAYS),
    F_STR(struct events_put_events_input, endpoint_id, "EndpointId"),
};
static const struct record put_events_input =
    RECORD_OF(struct events_put_events_input, put_events_input_fields);

static const struct field put_events_result_fields[] = {
    F_STR(struct events_put_events_result, event_id, "EventId"),
    F_STR(struct events_put_events_result, error_code, "ErrorCode"),
    F_STR(struct events_put_events_result, error_message, "ErrorMessage"),
};
static const struct record put_events_result =
    RECORD_OF(struct events_put_events_result, put_events_result_fields);

static const struct field put_events_output_fields[] = {
    F_INT(struct events_put_events_output, failed_entry_count, "FailedEntryCount",
          .flags = FIELD_ALWAYS),
    F_LIST(struct events_put_events_output, entries, put_events_result, "Entries",
           .flags = FIELD_ALWAYS),
};
static const struct record put_events_output =
    RECORD_OF(struct events_put_events_output, put_events_output_fields);

/* EventBridge delivers at least once anyway, so a second copy is nothing new to whoever reads. */
const struct aws_operation EVENTS_PUT_EVENTS = {
    .name = "PutEvents",
    .service = &AWS_EVENTS,
    .input = &put_events_input,
    .output = &put_events_output,
    .retry = AWS_RETRY_READ,
};
