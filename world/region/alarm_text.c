/* SPDX-License-Identifier: Apache-2.0
 * See alarm_text.h. */
#include "world/region/alarm_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/time_text.h"

struct cloudwatch_metric_stat alarm_metric(const struct alarm *alarm)
{
    const struct cloudwatch_put_metric_alarm_input *config = alarm->config;
    if (config->metrics.n == 1) {
        const struct cloudwatch_metric_query *query =
            LIST_AT(config->metrics, struct cloudwatch_metric_query, 0);
        return query->metric_stat;
    }
    if (config->metrics.n) return (struct cloudwatch_metric_stat){0};
    bool extended = str_is_empty(config->statistic);
    return (struct cloudwatch_metric_stat){
        .metric = {config->namespace_name, config->metric_name, config->dimensions},
        .period = config->period,
        .stat = extended ? config->extended_statistic : config->statistic,
        .unit = config->unit,
    };
}

void alarm_add_time(struct buf *b, int64_t ms)
{
    struct arena scratch;
    arena_init(&scratch);
    struct str text = time_format_iso(&scratch, ms);
    text.n--; /* "+0000" instead of "Z" */
    buf_add(b, text);
    buf_add_text(b, "+0000");
    arena_release(&scratch);
}

void alarm_add_number(struct buf *b, double value)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof(text), "%.*g", digits, value); /* at most 24 characters */
        if (strtod(text, NULL) == value) break;
    }
    struct str s = str_from(text);
    buf_add(b, s);
    if (str_find(s, '.') < 0 && str_find(s, 'e') < 0) buf_add_text(b, ".0");
}

/* "02/10/19 16:59:00", day first. */
static void add_short_time(struct buf *b, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm parts;
    EBB_ASSERT(gmtime_r(&seconds, &parts));
    buf_add_format(b, "%02d/%02d/%02d %02d:%02d:%02d", parts.tm_mday, parts.tm_mon + 1,
                   parts.tm_year % 100, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

static const char *comparison_words(struct str operator)
{
    if (str_eq(operator, STR("GreaterThanOrEqualToThreshold"))) return "greater than or equal to";
    if (str_eq(operator, STR("GreaterThanThreshold"))) return "greater than";
    if (str_eq(operator, STR("LessThanThreshold"))) return "less than";
    return "less than or equal to";
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

void alarm_add_reason(struct buf *b, const struct alarm *alarm, const struct alarm_finding *finding)
{
    const struct cloudwatch_put_metric_alarm_input *config = alarm->config;
    size_t considered = finding->considered;
    if (finding->state == ALARM_INSUFFICIENT_DATA) {
        buf_add_format(b, "Insufficient Data: %zu datapoint%s %s unknown.", considered,
                       plural(considered), considered == 1 ? "was" : "were");
        return;
    }
    bool alarming = finding->state == ALARM_ALARM;
    if (finding->missing == considered) {
        buf_add_format(b,
                       "Threshold Crossed: no datapoints were received for %zu period%s and %zu "
                       "missing datapoint%s %s treated as [%s].",
                       considered, plural(considered), considered, plural(considered),
                       considered == 1 ? "was" : "were", alarming ? "Breaching" : "NonBreaching");
        return;
    }
    size_t known = considered - finding->missing;
    size_t matching = alarming ? finding->breaching : known - finding->breaching;
    buf_add_format(b, "Threshold Crossed: %zu out of the last %zu datapoints [", matching,
                   considered);
    bool first = true;
    for (size_t i = 0; i < considered && i < alarm->points_n; i++) {
        if (alarm->points[i].missing) continue;
        if (!first) buf_add_text(b, ", ");
        first = false;
        alarm_add_number(b, alarm->points[i].value);
        buf_add_text(b, " (");
        add_short_time(b, alarm->points[i].at_ms);
        buf_add_char(b, ')');
    }
    size_t minimum = (size_t)(config->datapoints_to_alarm ? config->datapoints_to_alarm
                                                          : config->evaluation_periods);
    if (!alarming) minimum = considered - minimum + 1;
    buf_add_format(b, "] %s %s%s the threshold (", matching == 1 ? "was" : "were",
                   alarming ? "" : "not ", comparison_words(config->comparison_operator));
    alarm_add_number(b, config->threshold);
    struct str from = alarm_state_word(alarm->now.state), to = alarm_state_word(finding->state);
    buf_add_format(b, ") (minimum %zu datapoint%s for %.*s -> %.*s transition).", minimum,
                   plural(minimum), STR_ARG(from), STR_ARG(to));
}

void alarm_add_reason_data(struct buf *b, const struct alarm *alarm,
                           const struct alarm_finding *finding, int64_t now_ms)
{
    struct cloudwatch_metric_stat stat = alarm_metric(alarm);
    size_t n = finding->considered < alarm->points_n ? finding->considered : alarm->points_n;
    buf_add_text(b, "{\"version\":\"1.0\",\"queryDate\":\"");
    alarm_add_time(b, now_ms);
    if (n) {
        buf_add_text(b, "\",\"startDate\":\"");
        alarm_add_time(b, alarm->points[n - 1].at_ms);
    }
    buf_add_text(b, "\",\"statistic\":");
    buf_add_json_string(b, stat.stat);
    buf_add_format(b, ",\"period\":%lld,\"recentDatapoints\":[", (long long)stat.period);
    bool first = true;
    for (size_t i = n; i > 0; i--) {
        if (alarm->points[i - 1].missing) continue;
        if (!first) buf_add_char(b, ',');
        first = false;
        alarm_add_number(b, alarm->points[i - 1].value);
    }
    buf_add_text(b, "],\"threshold\":");
    alarm_add_number(b, alarm->config->threshold);
    buf_add_char(b, '}');
}
