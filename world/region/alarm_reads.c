/* SPDX-License-Identifier: Apache-2.0
 * DescribeAlarms. */
#include "world/region/alarm_text.h"
#include "world/region/operations.h"

static struct cloudwatch_alarm describe(const struct alarm *alarm, struct arena *a)
{
    const struct cloudwatch_put_metric_alarm_input *config = alarm_copy_config(alarm->config, a);
    return (struct cloudwatch_alarm){
        .alarm_name = config->alarm_name,
        .alarm_arn = arena_copy(a, str_from(alarm->arn)),
        .alarm_description = config->alarm_description,
        .alarm_configuration_updated = alarm->configured_ms,
        .actions_enabled = config->actions_enabled,
        .ok_actions = config->ok_actions,
        .alarm_actions = config->alarm_actions,
        .insufficient_data_actions = config->insufficient_data_actions,
        .state_value = alarm_state_word(alarm->now.state),
        .state_reason = arena_copy(a, str_from(alarm->now.reason)),
        .state_reason_data = arena_copy(a, str_from(alarm->now.reason_data)),
        .state_updated = alarm->now.at_ms,
        .state_transitioned = alarm->transitioned_ms,
        .metric_name = config->metric_name,
        .namespace_name = config->namespace_name,
        .statistic = config->statistic,
        .extended_statistic = config->extended_statistic,
        .dimensions = config->dimensions,
        .period = config->period,
        .unit = config->unit,
        .evaluation_periods = config->evaluation_periods,
        .datapoints_to_alarm = config->datapoints_to_alarm,
        .threshold = config->threshold,
        .comparison_operator = config->comparison_operator,
        .treat_missing_data = config->treat_missing_data,
        .metrics = config->metrics,
    };
}

static struct cloudwatch_composite_alarm describe_composite(const struct alarm *alarm,
                                                            struct arena *a)
{
    const struct cloudwatch_put_metric_alarm_input *config = alarm_copy_config(alarm->config, a);
    return (struct cloudwatch_composite_alarm){
        .alarm_name = config->alarm_name,
        .alarm_arn = arena_copy(a, str_from(alarm->arn)),
        .alarm_description = config->alarm_description,
        .alarm_rule = arena_copy(a, alarm->rule),
        .actions_enabled = config->actions_enabled,
        .state_value = alarm_state_word(alarm->now.state),
        .state_reason = arena_copy(a, str_from(alarm->now.reason)),
        .state_reason_data = arena_copy(a, str_from(alarm->now.reason_data)),
        .state_updated = alarm->now.at_ms,
        .state_transitioned = alarm->transitioned_ms,
    };
}

static bool is_asked_for(const struct cloudwatch_describe_alarms_input *in,
                         const struct alarm *alarm)
{
    struct str name = str_from(alarm->name);
    struct str type = alarm->rule.p ? STR("CompositeAlarm") : STR("MetricAlarm");
    bool named = in->alarm_names.n == 0, kind = in->alarm_types.n == 0 && !alarm->rule.p;
    for (size_t i = 0; i < in->alarm_names.n; i++)
        if (str_eq(name, *LIST_AT(in->alarm_names, struct str, i))) named = true;
    for (size_t i = 0; i < in->alarm_types.n; i++)
        if (str_eq(type, *LIST_AT(in->alarm_types, struct str, i))) kind = true;
    if (!named || !kind || !str_starts(name, in->alarm_name_prefix)) return false;
    return str_is_empty(in->state_value) ||
           str_eq(in->state_value, alarm_state_word(alarm->now.state));
}

int region_cloudwatch_describe_alarms(struct region *region, const struct caller *caller,
                                      const struct cloudwatch_describe_alarms_input *in,
                                      struct arena *a,
                                      struct cloudwatch_describe_alarms_output *out,
                                      struct aws_error *err)
{
    (void)caller; /* a read */
    if (in->alarm_names.n > CLOUDWATCH_ALARM_NAMES_MAX)
        return refuse(err, "InvalidParameterValue", "AlarmNames can have at most 100 items");
    if (in->alarm_names.n && !str_is_empty(in->alarm_name_prefix))
        return refuse(err, "InvalidParameterCombination",
                      "AlarmNames and AlarmNamePrefix cannot be given together");
    struct page page;
    int code = page_begin(&page, STR("alarms"), in->next_token, in->max_records, 50, a, err);
    if (code) {
        err->code = str_is_empty(in->next_token) ? "InvalidParameterValue" : "InvalidNextToken";
        return code;
    }
    if (in->alarm_names.n && !in->max_records) page.limit = CLOUDWATCH_ALARM_NAMES_MAX;
    struct cloudwatch_alarm *found = ARENA_ARRAY(a, (size_t)page.limit, struct cloudwatch_alarm);
    struct cloudwatch_composite_alarm *composite =
        ARENA_ARRAY(a, (size_t)page.limit, struct cloudwatch_composite_alarm);
    size_t n = 0, composite_n = 0;
    uint64_t last = 0;
    for (size_t i = 0; i < region->alarms.n; i++) {
        const struct alarm *alarm = alarm_at(region, i);
        if (alarm->number <= page.after || !is_asked_for(in, alarm)) continue;
        if ((int64_t)(n + composite_n) == page.limit) {
            out->next_token = page_token(a, STR("alarms"), last);
            break;
        }
        if (alarm->rule.p)
            composite[composite_n++] = describe_composite(alarm, a);
        else
            found[n++] = describe(alarm, a);
        last = alarm->number;
    }
    out->metric_alarms = LIST_OF(found, n);
    out->composite_alarms = LIST_OF(composite, composite_n);
    return 0;
}
