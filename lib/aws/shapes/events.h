/* SPDX-License-Identifier: Apache-2.0
 * Amazon EventBridge: rules, targets and events, as setting up and the world need them. */
#ifndef EBB_AWS_SHAPES_EVENTS_H
#define EBB_AWS_SHAPES_EVENTS_H

#include "lib/aws/aws.h"

#define EVENTS_PUT_EVENTS_MAX  10
#define EVENTS_PUT_TARGETS_MAX 100
#define EVENTS_DETAIL_MAX      ((int64_t)1024 * 1024)

extern const struct aws_service AWS_EVENTS;

struct events_tag {
    struct str key, value;
};

struct events_put_rule_input {
    struct str name, schedule_expression, event_pattern, state, description, role_arn;
    struct list tags; /* of struct events_tag */
    struct str event_bus_name;
};
struct events_put_rule_output {
    struct str rule_arn;
};
extern const struct aws_operation EVENTS_PUT_RULE;

struct events_rule {
    struct str name, arn, event_pattern, state, description, schedule_expression, role_arn,
        managed_by, event_bus_name;
};
struct events_list_rules_input {
    struct str name_prefix, event_bus_name, next_token;
    int64_t limit;
};
struct events_list_rules_output {
    struct list rules; /* of struct events_rule */
    struct str next_token;
};
extern const struct aws_operation EVENTS_LIST_RULES;

struct events_delete_rule_input {
    struct str name, event_bus_name;
    bool force;
};
extern const struct aws_operation EVENTS_DELETE_RULE;

struct events_sqs_parameters {
    struct str message_group_id;
};
struct events_dead_letter_config {
    struct str arn;
};
struct events_input_transformer {
    struct list input_paths_map; /* of struct pair */
    struct str input_template;
};
struct events_target {
    struct str id, arn, role_arn, input, input_path;
    struct events_input_transformer input_transformer;
    struct events_sqs_parameters sqs_parameters;
    struct events_dead_letter_config dead_letter_config;
};
struct events_put_targets_input {
    struct str rule, event_bus_name;
    struct list targets; /* of struct events_target */
};
/* One target that was not changed though the reply was 200. */
struct events_target_failure {
    struct str target_id, error_code, error_message;
};
struct events_targets_output {
    int64_t failed_entry_count;
    struct list failed_entries; /* of struct events_target_failure */
};
extern const struct aws_operation EVENTS_PUT_TARGETS;

struct events_remove_targets_input {
    struct str rule, event_bus_name;
    struct list ids; /* of struct str */
    bool force;
};
extern const struct aws_operation EVENTS_REMOVE_TARGETS;

struct events_list_targets_by_rule_input {
    struct str rule, event_bus_name, next_token;
    int64_t limit;
};
struct events_list_targets_by_rule_output {
    struct list targets; /* of struct events_target */
    struct str next_token;
};
extern const struct aws_operation EVENTS_LIST_TARGETS_BY_RULE;

struct events_put_events_entry {
    int64_t time; /* 0 = when it arrives */
    struct str source;
    struct list resources; /* of struct str */
    struct str detail_type, detail, event_bus_name, trace_header;
};
struct events_put_events_input {
    struct list entries; /* of struct events_put_events_entry */
    struct str endpoint_id;
};
/* In the order of the entries sent: an event id, or why it was not taken. */
struct events_put_events_result {
    struct str event_id, error_code, error_message;
};
struct events_put_events_output {
    int64_t failed_entry_count;
    struct list entries; /* of struct events_put_events_result */
};
extern const struct aws_operation EVENTS_PUT_EVENTS;

#endif
