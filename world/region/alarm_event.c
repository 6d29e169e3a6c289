/* SPDX-License-Identifier: Apache-2.0
 * The event "CloudWatch Alarm State Change", word for word. */
#include "lib/aws/shapes/cloudwatch.h"
#include "world/region/alarm_text.h"
#include "world/region/event_model.h"

#define DETAIL_BYTES_MAX ((size_t)256 * 1024)

static void add_metric(struct buf *b, struct str id, const struct cloudwatch_metric_stat *stat,
                       bool return_data)
{
    buf_add_text(b, "{\"id\":");
    buf_add_json_string(b, id);
    buf_add_text(b, ",\"metricStat\":{\"metric\":{\"dimensions\":{");
    for (size_t i = 0; i < stat->metric.dimensions.n; i++) {
        const struct cloudwatch_dimension *dimension =
            LIST_AT(stat->metric.dimensions, struct cloudwatch_dimension, i);
        if (i) buf_add_char(b, ',');
        buf_add_json_string(b, dimension->name);
        buf_add_char(b, ':');
        buf_add_json_string(b, dimension->value);
    }
    buf_add_text(b, "},\"name\":");
    buf_add_json_string(b, stat->metric.metric_name);
    buf_add_text(b, ",\"namespace\":");
    buf_add_json_string(b, stat->metric.namespace_name);
    buf_add_format(b, "},\"period\":%lld,\"stat\":", (long long)stat->period);
    buf_add_json_string(b, stat->stat);
    if (!str_is_empty(stat->unit)) {
        buf_add_text(b, ",\"unit\":");
        buf_add_json_string(b, stat->unit);
    }
    buf_add_format(b, "},\"returnData\":%s}", return_data ? "true" : "false");
}

static void add_expression(struct buf *b, const struct cloudwatch_metric_query *query)
{
    buf_add_text(b, "{\"id\":");
    buf_add_json_string(b, query->id);
    buf_add_text(b, ",\"expression\":");
    buf_add_json_string(b, query->expression);
    if (query->label.p) {
        buf_add_text(b, ",\"label\":");
        buf_add_json_string(b, query->label);
    }
    buf_add_format(b, ",\"returnData\":%s}", query->return_data ? "true" : "false");
}

static void add_configuration(struct buf *b, const struct alarm *alarm)
{
    const struct cloudwatch_put_metric_alarm_input *config = alarm->config;
    buf_add_text(b, "\"configuration\":{");
    if (config->alarm_description.p) {
        buf_add_text(b, "\"description\":");
        buf_add_json_string(b, config->alarm_description);
        buf_add_char(b, ',');
    }
    if (alarm->rule.p) {
        buf_add_text(b, "\"alarmRule\":");
        buf_add_json_string(b, alarm->rule);
        buf_add_char(b, '}');
        return;
    }
    buf_add_text(b, "\"metrics\":[");
    for (size_t i = 0; i < config->metrics.n; i++) {
        const struct cloudwatch_metric_query *query =
            LIST_AT(config->metrics, struct cloudwatch_metric_query, i);
        if (i) buf_add_char(b, ',');
        if (query->expression.p)
            add_expression(b, query);
        else
            add_metric(b, query->id, &query->metric_stat, query->return_data);
    }
    if (config->metrics.n == 0) {
        struct cloudwatch_metric_stat stat = alarm_metric(alarm);
        add_metric(b, str_from(alarm->metric_id), &stat, true);
    }
    buf_add_text(b, "]}");
}

static void add_condition(struct buf *b, const char *name, const struct alarm_condition *condition)
{
    buf_add_format(b, ",\"%s\":{\"reason\":", name);
    buf_add_json_string(b, str_from(condition->reason));
    if (condition->reason_data) {
        buf_add_text(b, ",\"reasonData\":");
        buf_add_json_string(b, str_from(condition->reason_data));
    }
    buf_add_text(b, ",\"timestamp\":\"");
    alarm_add_time(b, condition->at_ms);
    buf_add_format(b, "\",\"value\":\"%.*s\"}", STR_ARG(alarm_state_word(condition->state)));
}

void event_alarm_changed(struct region *region, const struct alarm *alarm)
{
    if (!event_is_wanted(region)) return;
    struct buf detail;
    buf_init(&detail, DETAIL_BYTES_MAX);
    buf_add_text(&detail, "{\"alarmName\":");
    buf_add_json_string(&detail, str_from(alarm->name));
    buf_add_char(&detail, ',');
    add_configuration(&detail, alarm);
    add_condition(&detail, "previousState", &alarm->before);
    add_condition(&detail, "state", &alarm->now);
    buf_add_char(&detail, '}');
    EBB_ASSERT(!buf_failed(&detail));
    struct str resource = str_from(alarm->arn);
    struct event event = {.source = STR("aws.cloudwatch"),
                          .detail_type = STR("CloudWatch Alarm State Change"),
                          .detail = buf_view(&detail),
                          .resources = LIST_OF(&resource, 1)};
    event_emit(region, &event, NULL);
    buf_release(&detail);
}
