/* SPDX-License-Identifier: Apache-2.0
 * EventBridge's rules and their targets on the default bus; and PutEvents. Targets are SQS queues;
 * what would change the event on its way there is refused, never ignored. */
#include <stdio.h>
#include <stdlib.h>

#include "world/region/event_model.h"
#include "world/region/operations.h"

#define RULE_NAME_MAX 64
#define TARGET_ID_MAX 64
#define RULES_MAX     300
#define MINUTE_MS     ((int64_t)60 * 1000)

static struct rule *rule_find(const struct region *region, struct str name)
{
    for (size_t i = 0; i < region->rules.n; i++)
        if (str_eq(name, str_from(rule_at(region, i)->name))) return rule_at(region, i);
    return NULL;
}

void rule_free(struct rule *rule)
{
    arena_release(&rule->text);
    free(rule);
}

static int check_bus(struct str bus, struct aws_error *err)
{
    if (str_is_empty(bus) || str_eq(bus, STR("default")) ||
        str_ends(bus, STR(":event-bus/default")))
        return 0;
    return refuse(err, "ResourceNotFoundException", "Event bus %.*s does not exist.", STR_ARG(bus));
}

static int rule_need(const struct region *region, struct str bus, struct str name,
                     struct rule **out, struct aws_error *err)
{
    int code = check_bus(bus, err);
    if (code) return code;
    *out = rule_find(region, name);
    if (*out) return 0;
    return refuse(err, "ResourceNotFoundException", "Rule %.*s does not exist on EventBus default.",
                  STR_ARG(name));
}

/* "rate(1 minute)", "rate(5 minutes)", "rate(2 hours)", "rate(1 day)" */
static bool parse_rate(struct str text, int64_t *every_ms)
{
    if (!str_starts(text, STR("rate(")) || !str_ends(text, STR(")"))) return false;
    struct str rest = {text.p + 5, text.n - 6};
    int64_t n;
    if (!str_to_int(str_cut(&rest, ' '), &n) || n < 1 || n > 100000) return false;
    int64_t unit_ms;
    if (str_eq(rest, n == 1 ? STR("minute") : STR("minutes")))
        unit_ms = MINUTE_MS;
    else if (str_eq(rest, n == 1 ? STR("hour") : STR("hours")))
        unit_ms = 60 * MINUTE_MS;
    else if (str_eq(rest, n == 1 ? STR("day") : STR("days")))
        unit_ms = 24 * 60 * MINUTE_MS;
    else
        return false;
    *every_ms = n * unit_ms;
    return true;
}

static int check_name(struct str name, struct aws_error *err)
{
    bool good = name.n >= 1 && name.n <= RULE_NAME_MAX;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        good = good && (plain || c == '.' || c == '-' || c == '_');
    }
    return good ? 0
                : refuse(err, "ValidationException",
                         "Rule names have 1 to 64 letters, digits, '.', '-' and '_'.");
}

int region_events_put_rule(struct region *region, const struct caller *caller,
                           const struct events_put_rule_input *in, struct arena *a,
                           struct events_put_rule_output *out, struct aws_error *err)
{
    (void)caller; /* is in the log */
    int code = check_bus(in->event_bus_name, err);
    if (!code) code = check_name(in->name, err);
    if (code) return code;
    struct arena text;
    struct pattern *pattern = NULL;
    int64_t every_ms = 0;
    struct err e;
    arena_init(&text);
    if (str_is_empty(in->event_pattern) && str_is_empty(in->schedule_expression))
        code = refuse(err, "ValidationException",
                      "Parameter(s) EventPattern or ScheduleExpression must be specified.");
    if (!code && !str_is_empty(in->event_pattern) &&
        pattern_compile(in->event_pattern, &text, &pattern, &e))
        code = refuse(err, "InvalidEventPatternException", "Event pattern is not valid. Reason: %s",
                      e.text);
    if (!code && !str_is_empty(in->schedule_expression) &&
        !parse_rate(in->schedule_expression, &every_ms))
        code = refuse(err, "ValidationException",
                      "Parameter ScheduleExpression is not valid. Only rate() is offered here.");
    struct rule *rule = rule_find(region, in->name);
    if (!code && !rule && region->rules.n == RULES_MAX)
        code = refuse(err, "LimitExceededException",
                      "The requested resource exceeds the maximum number allowed.");
    if (code) {
        arena_release(&text);
        return code;
    }
    if (!rule) {
        rule = calloc(1, sizeof(*rule));
        if (!rule) abort();
        rule->number = region_number(region);
        (void)snprintf(rule->name, sizeof(rule->name), "%.*s", STR_ARG(in->name)); /* checked */
        struct str arn = region_arn(region, a, "events", "rule/%s", rule->name);
        (void)snprintf(rule->arn, sizeof(rule->arn), "%.*s", STR_ARG(arn)); /* it fits */
        vector_push(&region->rules, rule);
    }
    rule->pattern_text = arena_copy(&text, in->event_pattern);
    rule->schedule_text = arena_copy(&text, in->schedule_expression);
    rule->description = arena_copy(&text, in->description);
    rule->pattern = pattern;
    rule->every_ms = every_ms;
    rule->disabled = str_eq(in->state, STR("DISABLED"));
    arena_release(&rule->text);
    rule->text = text;
    rule_schedule(region, rule);
    out->rule_arn = arena_copy(a, str_from(rule->arn));
    return 0;
}

int region_events_delete_rule(struct region *region, const struct caller *caller,
                              const struct events_delete_rule_input *in, struct arena *a, void *out,
                              struct aws_error *err)
{
    (void)caller; /* is in the log */
    (void)a;      /* nothing is answered */
    (void)out;
    int code = check_bus(in->event_bus_name, err);
    if (code) return code;
    struct rule *rule = rule_find(region, in->name);
    if (!rule) return 0; /* as AWS does */
    if (rule->targets_n)
        return refuse(err, "ValidationException", "Rule can't be deleted since it has targets.");
    vector_remove(&region->rules, rule);
    rule_free(rule);
    return 0;
}

/* NULL when the target can be. */
static const char *target_fault(const struct region *region, const struct events_target *target)
{
    bool changes =
        target->input.p || target->input_path.p || target->input_transformer.input_template.p;
    struct str arn = target->arn;
    if (str_is_empty(target->id) || target->id.n > TARGET_ID_MAX)
        return "The id of a target has 1 to 64 characters.";
    if (changes) return "Input, InputPath and InputTransformer are not offered here.";
    if (target->sqs_parameters.message_group_id.p) return "FIFO queues are not offered here.";
    if (target->dead_letter_config.arn.p) return "DeadLetterConfig is not offered here.";
    struct str parts[5];
    for (size_t i = 0; i < EBB_COUNT(parts); i++)
        parts[i] = str_cut(&arn, ':');
    if (!str_eq(parts[2], STR("sqs")) || target->arn.n >= ARN_BYTES)
        return "Targets other than SQS queues are not offered here.";
    if (!str_eq(parts[3], region->options.region) || !str_eq(parts[4], region->options.account))
        return "The queue is not in this account and region.";
    return NULL;
}

static struct rule_target *target_slot(struct rule *rule, struct str id)
{
    for (size_t i = 0; i < rule->targets_n; i++)
        if (str_eq(id, str_from(rule->targets[i].id))) return &rule->targets[i];
    return rule->targets_n < RULE_TARGETS_MAX ? &rule->targets[rule->targets_n++] : NULL;
}

int region_events_put_targets(struct region *region, const struct caller *caller,
                              const struct events_put_targets_input *in, struct arena *a,
                              struct events_targets_output *out, struct aws_error *err)
{
    (void)caller; /* is in the log */
    struct rule *rule;
    int code = rule_need(region, in->event_bus_name, in->rule, &rule, err);
    if (code) return code;
    if (in->targets.n < 1 || in->targets.n > EVENTS_PUT_TARGETS_MAX)
        return refuse(err, "ValidationException", "Targets must have 1 to %d items.",
                      EVENTS_PUT_TARGETS_MAX);
    struct events_target_failure *failures =
        ARENA_ARRAY(a, in->targets.n, struct events_target_failure);
    size_t n = 0;
    for (size_t i = 0; i < in->targets.n; i++) {
        const struct events_target *target = LIST_AT(in->targets, struct events_target, i);
        const char *fault = target_fault(region, target);
        struct rule_target *slot = fault ? NULL : target_slot(rule, target->id);
        if (slot) {
            (void)snprintf(slot->id, sizeof(slot->id), "%.*s", STR_ARG(target->id)); /* checked */
            (void)snprintf(slot->arn, sizeof(slot->arn), "%.*s",
                           STR_ARG(target->arn)); /* checked */
            continue;
        }
        failures[n++] = (struct events_target_failure){
            .target_id = arena_copy(a, target->id),
            .error_code = fault ? STR("ValidationException") : STR("LimitExceededException"),
            .error_message = str_from(fault ? fault : "A rule can have at most 5 targets."),
        };
    }
    out->failed_entry_count = (int64_t)n;
    out->failed_entries = LIST_OF(failures, n);
    return 0;
}

int region_events_remove_targets(struct region *region, const struct caller *caller,
                                 const struct events_remove_targets_input *in, struct arena *a,
                                 struct events_targets_output *out, struct aws_error *err)
{
    (void)caller; /* is in the log */
    struct rule *rule;
    int code = rule_need(region, in->event_bus_name, in->rule, &rule, err);
    if (code) return code;
    struct events_target_failure *failures =
        ARENA_ARRAY(a, in->ids.n + 1, struct events_target_failure);
    size_t n = 0;
    for (size_t i = 0; i < in->ids.n; i++) {
        struct str id = *LIST_AT(in->ids, struct str, i);
        size_t k = 0;
        while (k < rule->targets_n && !str_eq(id, str_from(rule->targets[k].id)))
            k++;
        if (k == rule->targets_n) {
            failures[n++] = (struct events_target_failure){
                .target_id = arena_copy(a, id),
                .error_code = STR("ResourceNotFoundException"),
                .error_message = STR("The rule has no target of that id."),
            };
            continue;
        }
        rule->targets[k] = rule->targets[--rule->targets_n];
    }
    out->failed_entry_count = (int64_t)n;
    out->failed_entries = LIST_OF(failures, n);
    return 0;
}
