/* SPDX-License-Identifier: Apache-2.0
 * Alarms look at the load of a service at the end of every period: CPUUtilization in AWS/ECS with
 * the dimensions ClusterName and ServiceName. Any other metric has no data here. */
#include <string.h>

#include "world/region/alarm_text.h"

#define REASON_BYTES_MAX ((size_t)64 * 1024)
#define PERIOD_S_DEFAULT 60

static int64_t period_ms(const struct alarm *alarm)
{
    int64_t period_s = alarm_metric(alarm).period;
    return (period_s ? period_s : PERIOD_S_DEFAULT) * 1000;
}

static struct service *watched_service(const struct region *region, const struct alarm *alarm)
{
    struct cloudwatch_metric_stat stat = alarm_metric(alarm);
    struct str cluster = STR_NONE, service = STR_NONE;
    if (!str_eq(stat.metric.namespace_name, STR("AWS/ECS")) ||
        !str_eq(stat.metric.metric_name, STR("CPUUtilization")))
        return NULL;
    for (size_t i = 0; i < stat.metric.dimensions.n; i++) {
        const struct cloudwatch_dimension *dimension =
            LIST_AT(stat.metric.dimensions, struct cloudwatch_dimension, i);
        if (str_eq(dimension->name, STR("ClusterName"))) cluster = dimension->value;
        if (str_eq(dimension->name, STR("ServiceName"))) service = dimension->value;
    }
    if (!cluster.p || !service.p) return NULL;
    for (size_t i = region->services.n; i > 0; i--) {
        struct service *candidate = service_at(region, i - 1);
        if (str_eq(cluster, str_from(candidate->cluster->name)) &&
            str_eq(service, str_from(candidate->name)))
            return candidate->now.status == SERVICE_INACTIVE ? NULL : candidate;
    }
    return NULL;
}

static void begin_period(struct region *region, struct alarm *alarm)
{
    struct service *service = watched_service(region, alarm);
    alarm->since_service = service ? service->number : 0;
    if (!service) return;
    load_sum_up(region, service);
    alarm->since = service->load.sum;
}

static void take_point(struct region *region, struct alarm *alarm)
{
    struct datapoint point = {.at_ms = region->now_ms - period_ms(alarm), .missing = true};
    struct service *service = watched_service(region, alarm);
    if (service && service->number == alarm->since_service) {
        load_sum_up(region, service);
        const struct load_sum *sum = &service->load.sum, *since = &alarm->since;
        double percent = load_percent(service, sum->session_ms - since->session_ms,
                                      sum->running_ms - since->running_ms);
        point.missing = percent < 0;
        point.value = point.missing ? 0 : percent;
    }
    if (alarm->points_n == DATAPOINTS_MAX) alarm->points_n--;
    memmove(alarm->points + 1, alarm->points, alarm->points_n * sizeof(point));
    alarm->points[0] = point;
    alarm->points_n++;
}

static bool breaches(const struct cloudwatch_put_metric_alarm_input *config, double value)
{
    struct str comparison = config->comparison_operator;
    if (str_eq(comparison, STR("GreaterThanOrEqualToThreshold"))) return value >= config->threshold;
    if (str_eq(comparison, STR("GreaterThanThreshold"))) return value > config->threshold;
    if (str_eq(comparison, STR("LessThanThreshold"))) return value < config->threshold;
    return value <= config->threshold;
}

/* A state is taken when it follows whatever the missing points would have been; else the alarm
 * stays as it is. */
static struct alarm_finding find_state(const struct alarm *alarm)
{
    const struct cloudwatch_put_metric_alarm_input *config = alarm->config;
    struct str treat = config->treat_missing_data;
    struct alarm_finding finding = {.state = alarm->now.state,
                                    .considered = (size_t)config->evaluation_periods};
    size_t needed = (size_t)(config->datapoints_to_alarm ? config->datapoints_to_alarm
                                                         : config->evaluation_periods);
    for (size_t i = 0; i < finding.considered; i++) {
        if (i >= alarm->points_n || alarm->points[i].missing)
            finding.missing++;
        else
            finding.breaching += breaches(config, alarm->points[i].value);
    }
    size_t bad = finding.breaching, unknown = finding.missing;
    if (str_eq(treat, STR("breaching"))) bad += unknown;
    if (str_eq(treat, STR("breaching")) || str_eq(treat, STR("notBreaching"))) unknown = 0;
    if (bad >= needed)
        finding.state = ALARM_ALARM;
    else if (unknown == finding.considered && !str_eq(treat, STR("ignore")))
        finding.state = ALARM_INSUFFICIENT_DATA;
    else if (bad + unknown < needed)
        finding.state = ALARM_OK;
    return finding;
}

static struct alarm *alarm_by_number(const struct region *region, uint64_t number)
{
    for (size_t i = 0; i < region->alarms.n; i++)
        if (alarm_at(region, i)->number == number) return alarm_at(region, i);
    return NULL;
}

static void evaluate(struct region *region, uint64_t number, uint64_t turn)
{
    struct alarm *alarm = alarm_by_number(region, number);
    if (!alarm || alarm->turn != turn) return;
    take_point(region, alarm);
    begin_period(region, alarm);
    struct alarm_finding finding = find_state(alarm);
    if (finding.state != alarm->now.state) {
        struct buf reason, data;
        buf_init(&reason, REASON_BYTES_MAX);
        buf_init(&data, REASON_BYTES_MAX);
        alarm_add_reason(&reason, alarm, &finding);
        alarm_add_reason_data(&data, alarm, &finding, region->now_ms);
        alarm_enter(region, alarm, finding.state, buf_view(&reason), buf_view(&data));
        buf_release(&reason);
        buf_release(&data);
    }
    region_at(region, region->now_ms + period_ms(alarm), evaluate, number, turn);
}

void alarm_schedule(struct region *region, struct alarm *alarm)
{
    alarm->turn++;
    /* Math over several metrics is kept and shown but not computed: only SetAlarmState moves it. */
    if (!alarm_metric(alarm).metric.metric_name.p) return;
    begin_period(region, alarm);
    int64_t span_ms = period_ms(alarm);
    region_at(region, (region->now_ms / span_ms + 1) * span_ms, evaluate, alarm->number,
              alarm->turn);
}
