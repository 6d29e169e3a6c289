/* SPDX-License-Identifier: Apache-2.0
 * ListRules, ListTargetsByRule; and PutEvents, where programs send events of their own. */
#include "world/region/event_model.h"
#include "world/region/operations.h"

#define EVENT_TIME_MAX_MS INT64_C(253402300799000) /* 9999-12-31T23:59:59Z */

static int begin(struct page *page, struct str kind, struct str token, int64_t limit,
                 struct arena *a, struct aws_error *err)
{
    int code = page_begin(page, kind, token, limit, 100, a, err);
    if (code) err->code = "ValidationException";
    return code;
}

int region_events_list_rules(struct region *region, const struct caller *caller,
                             const struct events_list_rules_input *in, struct arena *a,
                             struct events_list_rules_output *out, struct aws_error *err)
{
    (void)caller; /* a read */
    struct page page;
    int code = begin(&page, STR("rules"), in->next_token, in->limit, a, err);
    if (code) return code;
    struct events_rule *found = ARENA_ARRAY(a, (size_t)page.limit, struct events_rule);
    size_t n = 0;
    uint64_t last = 0;
    for (size_t i = 0; i < region->rules.n; i++) {
        const struct rule *rule = rule_at(region, i);
        if (rule->number <= page.after || !str_starts(str_from(rule->name), in->name_prefix))
            continue;
        if ((int64_t)n == page.limit) {
            out->next_token = page_token(a, STR("rules"), last);
            break;
        }
        last = rule->number;
        found[n++] = (struct events_rule){
            .name = arena_copy(a, str_from(rule->name)),
            .arn = arena_copy(a, str_from(rule->arn)),
            .event_pattern = arena_copy(a, rule->pattern_text),
            .state = rule->disabled ? STR("DISABLED") : STR("ENABLED"),
            .description = arena_copy(a, rule->description),
            .schedule_expression = arena_copy(a, rule->schedule_text),
            .event_bus_name = STR("default"),
        };
    }
    out->rules = LIST_OF(found, n);
    return 0;
}

int region_events_list_targets_by_rule(struct region *region, const struct caller *caller,
                                       const struct events_list_targets_by_rule_input *in,
                                       struct arena *a,
                                       struct events_list_targets_by_rule_output *out,
                                       struct aws_error *err)
{
    (void)caller; /* a read */
    for (size_t i = 0; i < region->rules.n; i++) {
        const struct rule *rule = rule_at(region, i);
        if (!str_eq(in->rule, str_from(rule->name))) continue;
        struct events_target *targets = ARENA_ARRAY(a, RULE_TARGETS_MAX, struct events_target);
        for (size_t k = 0; k < rule->targets_n; k++)
            targets[k] =
                (struct events_target){.id = arena_copy(a, str_from(rule->targets[k].id)),
                                       .arn = arena_copy(a, str_from(rule->targets[k].arn))};
        out->targets = LIST_OF(targets, rule->targets_n);
        return 0;
    }
    return refuse(err, "ResourceNotFoundException", "Rule %.*s does not exist on EventBus default.",
                  STR_ARG(in->rule));
}

static struct events_put_events_result put_one(struct region *region,
                                               const struct events_put_events_entry *entry,
                                               struct arena *a)
{
    struct json *detail;
    const char *code = NULL, *message = NULL;
    if (str_is_empty(entry->source)) {
        code = "InvalidArgument";
        message = "Parameter Source is not valid. Reason: Source is a required argument.";
    } else if (str_starts(entry->source, STR("aws."))) {
        code = "NotAuthorizedForSourceException";
        message = "Not authorized for the source.";
    } else if (str_is_empty(entry->detail_type)) {
        code = "InvalidArgument";
        message = "Parameter DetailType is not valid. Reason: DetailType is a required argument.";
    } else if (str_is_empty(entry->detail)) {
        code = "InvalidArgument";
        message = "Parameter Detail is not valid. Reason: Detail is a required argument.";
    } else if (json_parse(entry->detail, a, &detail) || detail->kind != JSON_OBJECT) {
        code = "MalformedDetail";
        message = "Detail is malformed.";
    } else if (entry->time < 0 || entry->time > EVENT_TIME_MAX_MS) {
        code = "InvalidArgument";
        message = "Parameter Time is not valid.";
    } else if (!str_is_empty(entry->event_bus_name) &&
               !str_eq(entry->event_bus_name, STR("default")) &&
               !str_ends(entry->event_bus_name, STR(":event-bus/default"))) {
        code = "InvalidArgument";
        message = "Event bus does not exist.";
    }
    if (code)
        return (struct events_put_events_result){.error_code = str_from(code),
                                                 .error_message = str_from(message)};
    char id[UUID_BYTES];
    struct event event = {.source = entry->source,
                          .detail_type = entry->detail_type,
                          .detail = entry->detail,
                          .resources = entry->resources,
                          .time_ms = entry->time};
    event_emit(region, &event, id);
    return (struct events_put_events_result){.event_id = arena_copy(a, str_from(id))};
}

int region_events_put_events(struct region *region, const struct caller *caller,
                             const struct events_put_events_input *in, struct arena *a,
                             struct events_put_events_output *out, struct aws_error *err)
{
    (void)caller; /* is in the log */
    size_t n = in->entries.n;
    if (n < 1 || n > EVENTS_PUT_EVENTS_MAX)
        return refuse(err, "ValidationException",
                      "1 validation error detected: Value at 'entries' failed to satisfy "
                      "constraint: Member must have length between 1 and %d",
                      EVENTS_PUT_EVENTS_MAX);
    struct events_put_events_result *results = ARENA_ARRAY(a, n, struct events_put_events_result);
    for (size_t i = 0; i < n; i++) {
        results[i] = put_one(region, LIST_AT(in->entries, struct events_put_events_entry, i), a);
        out->failed_entry_count += results[i].error_code.p != NULL;
    }
    out->entries = LIST_OF(results, n);
    return 0;
}
