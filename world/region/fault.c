/* SPDX-License-Identifier: Apache-2.0
 * See fault.h. */
#include "world/region/fault.h"

#include <stdlib.h>

#include "world/region/model.h"

#define FAULT_RULES_MAX ((size_t)1000)
#define PATTERN_MAX     200
#define DELAY_MS_MAX    ((int64_t)3600 * 1000)

static const struct str effect_words[] = {
    [FAULT_NONE] = STR("none"),
    [FAULT_THROTTLE] = STR("throttle"),
    [FAULT_5XX_BEFORE] = STR("5xx_before"),
    [FAULT_5XX_AFTER] = STR("5xx_after"),
    [FAULT_DROP_BEFORE] = STR("drop_before"),
    [FAULT_DROP_AFTER] = STR("drop_after"),
    [FAULT_DELAY] = STR("delay"),
    [FAULT_DELAY_AFTER] = STR("delay_after"),
    [FAULT_DENY] = STR("deny"),
};
const struct enum_names fault_effect_names = {effect_words, EBB_COUNT(effect_words)};

static const struct field fault_rule_fields[] = {
    F_STR(struct fault_rule, operation, "operation", .flags = FIELD_REQUIRED, .max = PATTERN_MAX),
    F_ENUM(struct fault_rule, effect, fault_effect_names, "effect", .flags = FIELD_REQUIRED),
    F_INT(struct fault_rule, percent, "percent", .max = 100),
    F_INT(struct fault_rule, count, "count", .max = INT64_MAX),
    F_INT(struct fault_rule, skip, "skip", .max = INT64_MAX),
    F_SPAN(struct fault_rule, delay_ms, "delay", .max = DELAY_MS_MAX),
};
const struct record fault_rule_record = RECORD_OF(struct fault_rule, fault_rule_fields);

struct kept_fault {
    struct fault_rule rule;
    char pattern[PATTERN_MAX + 1];
    int64_t acted;
};

int region_fault_add(struct region *region, const struct fault_rule *rule, struct err *e)
{
    int code = 0;
    for (size_t i = 0; i < fault_rule_record.n && !code; i++)
        code = field_check(&fault_rule_record.fields[i], rule, e);
    if (code) return code;
    if (rule->effect == FAULT_NONE)
        return err_set(e, E_MALFORMED, "effect: none of those there are");
    if (region->faults.n == FAULT_RULES_MAX)
        return err_set(e, E_TOO_LARGE, "there are %zu fault rules already", FAULT_RULES_MAX);
    struct kept_fault *kept = calloc(1, sizeof(*kept));
    if (!kept) abort();
    kept->rule = *rule;
    for (size_t i = 0; i < rule->operation.n; i++)
        kept->pattern[i] = rule->operation.p[i];
    kept->rule.operation = (struct str){kept->pattern, rule->operation.n};
    vector_push(&region->faults, kept);
    return 0;
}

void region_fault_clear(struct region *region)
{
    for (size_t i = 0; i < region->faults.n; i++)
        free(region->faults.items[i]);
    vector_release(&region->faults);
}

static bool acts(struct region *region, struct kept_fault *kept, struct str operation)
{
    struct fault_rule *rule = &kept->rule;
    if (!str_matches(operation, rule->operation)) return false;
    if (rule->count > 0 && kept->acted >= rule->count) return false;
    if (rule->skip > 0) {
        rule->skip--;
        return false;
    }
    if (rule->percent > 0 && !random_percent(region, STREAM_FAULTS, rule->percent)) return false;
    kept->acted++;
    return true;
}

struct fault_verdict region_fault_take(struct region *region, struct str operation)
{
    for (size_t i = 0; i < region->faults.n; i++) {
        struct kept_fault *kept = region->faults.items[i];
        if (!acts(region, kept, operation)) continue;
        log_add(region, (struct log_entry){.kind = LOG_FAULT,
                                           .subject = operation,
                                           .reason = effect_words[kept->rule.effect],
                                           .count = kept->acted});
        return (struct fault_verdict){(enum fault_effect)kept->rule.effect, kept->rule.delay_ms};
    }
    return (struct fault_verdict){FAULT_NONE, 0};
}
