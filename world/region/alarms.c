/* SPDX-License-Identifier: Apache-2.0
 * CloudWatch's alarms as calls make and read them. What their states follow from is in
 * alarm_evaluate.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/record/walkers.h"
#include "world/region/alarm_text.h"
#include "world/region/operations.h"

#define ALARM_NAME_MAX   255
#define REASON_MAX       1023
#define REASON_DATA_MAX  4000
#define PERIODS_SPAN_MAX 604800 /* seconds an alarm may look back */
#define CONFIG_BYTES_MAX ((size_t)256 * 1024)

static const struct str state_words[] = {STR("INSUFFICIENT_DATA"), STR("OK"), STR("ALARM")};

struct str alarm_state_word(enum alarm_state state)
{
    return state_words[state];
}

struct alarm *alarm_at(const struct region *region, size_t i)
{
    return region->alarms.items[i];
}

static struct alarm *alarm_find(const struct region *region, struct str name)
{
    for (size_t i = 0; i < region->alarms.n; i++)
        if (str_eq(name, str_from(alarm_at(region, i)->name))) return alarm_at(region, i);
    return NULL;
}

static void condition_release(struct alarm_condition *condition)
{
    free(condition->reason);
    free(condition->reason_data);
}

void alarm_free(struct alarm *alarm)
{
    condition_release(&alarm->now);
    condition_release(&alarm->before);
    arena_release(&alarm->text);
    free(alarm);
}

void alarm_enter(struct region *region, struct alarm *alarm, enum alarm_state state,
                 struct str reason, struct str reason_data)
{
    bool moved = state != alarm->now.state;
    if (moved) {
        condition_release(&alarm->before);
        alarm->before = alarm->now;
        alarm->transitioned_ms = region->now_ms;
    } else {
        condition_release(&alarm->now);
    }
    alarm->now = (struct alarm_condition){.state = state,
                                          .at_ms = region->now_ms,
                                          .reason = str_dup(reason),
                                          .reason_data = str_dup(reason_data)};
    if (!moved) return;
    log_add(region, (struct log_entry){.kind = LOG_ALARM,
                                       .subject = str_from(alarm->name),
                                       .reason = alarm_state_word(state),
                                       .detail = reason});
    event_alarm_changed(region, alarm);
}

struct cloudwatch_put_metric_alarm_input *alarm_copy_config(
    const struct cloudwatch_put_metric_alarm_input *in, struct arena *a)
{
    const struct record *record = CLOUDWATCH_PUT_METRIC_ALARM.input;
    struct cloudwatch_put_metric_alarm_input *copy =
        ARENA_NEW(a, struct cloudwatch_put_metric_alarm_input);
    struct buf text;
    struct err e;
    buf_init(&text, CONFIG_BYTES_MAX);
    int code = json_encode(record, in, JSON_AWS, &text, &e);
    if (!code) code = json_decode(record, buf_view(&text), a, copy, &e);
    EBB_ASSERT(code == 0);
    buf_release(&text);
    return copy;
}

static bool is_one_of(struct str word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(word, str_from(words[i]))) return true;
    return false;
}

static int check_numbers(const struct cloudwatch_put_metric_alarm_input *in, struct aws_error *err)
{
    int64_t period = in->period;
    bool math = in->metrics.n > 0;
    if (math) {
        const struct cloudwatch_metric_query *first =
            LIST_AT(in->metrics, struct cloudwatch_metric_query, 0);
        period = first->metric_stat.period ? first->metric_stat.period : first->period;
    }
    bool short_period = period == 10 || period == 20 || period == 30;
    if (!math && !short_period && (period < 60 || period % 60))
        return refuse(err, "InvalidParameterValue",
                      "Period must be 10, 20, 30 or a multiple of 60");
    if (period < 0 || period > PERIODS_SPAN_MAX)
        return refuse(err, "InvalidParameterValue", "Period is longer than a week");
    if (in->evaluation_periods < 1)
        return refuse(err, "InvalidParameterValue", "EvaluationPeriods must be at least 1");
    if (in->evaluation_periods > PERIODS_SPAN_MAX ||
        in->evaluation_periods * period > PERIODS_SPAN_MAX ||
        in->evaluation_periods > DATAPOINTS_MAX)
        return refuse(err, "InvalidParameterValue",
                      "Metrics cannot be checked across more than a week");
    if (in->datapoints_to_alarm < 0 || in->datapoints_to_alarm > in->evaluation_periods)
        return refuse(err, "InvalidParameterValue",
                      "DatapointsToAlarm must be between 1 and EvaluationPeriods");
    return 0;
}

static int check_config(const struct cloudwatch_put_metric_alarm_input *in, struct aws_error *err)
{
    static const char *const comparisons[] = {"GreaterThanOrEqualToThreshold",
                                              "GreaterThanThreshold", "LessThanThreshold",
                                              "LessThanOrEqualToThreshold"};
    static const char *const treatments[] = {"missing", "ignore", "breaching", "notBreaching"};
    static const char *const statistics[] = {"SampleCount", "Average", "Sum", "Minimum", "Maximum"};
    if (str_is_empty(in->alarm_name) || in->alarm_name.n > ALARM_NAME_MAX)
        return refuse(err, "InvalidParameterValue", "AlarmName must have 1 to 255 characters");
    if (!is_one_of(in->comparison_operator, comparisons, EBB_COUNT(comparisons)))
        return refuse(err, "InvalidParameterValue", "ComparisonOperator %.*s is not offered here",
                      STR_ARG(in->comparison_operator));
    if (!str_is_empty(in->treat_missing_data) &&
        !is_one_of(in->treat_missing_data, treatments, EBB_COUNT(treatments)))
        return refuse(err, "InvalidParameterValue", "Option %.*s for TreatMissingData is unknown",
                      STR_ARG(in->treat_missing_data));
    bool single = !str_is_empty(in->metric_name) && !str_is_empty(in->namespace_name);
    if (single == (in->metrics.n > 0))
        return refuse(err, "InvalidParameterCombination",
                      "Either MetricName and Namespace or Metrics are needed");
    if (single && str_is_empty(in->extended_statistic) &&
        !is_one_of(in->statistic, statistics, EBB_COUNT(statistics)))
        return refuse(err, "InvalidParameterValue", "Statistic is unknown");
    return check_numbers(in, err);
}

struct alarm *alarm_named(struct region *region, struct str name, struct arena *a)
{
    struct alarm *alarm = alarm_find(region, name);
    if (alarm) return alarm;
    alarm = calloc(1, sizeof(*alarm));
    if (!alarm) abort();
    alarm->number = region_number(region);
    alarm->transitioned_ms = region->now_ms;
    random_uuid(region, alarm->metric_id);
    (void)snprintf(alarm->name, sizeof(alarm->name), "%.*s", STR_ARG(name));
    struct str arn = region_arn(region, a, "cloudwatch", "alarm:%s", alarm->name);
    (void)snprintf(alarm->arn, sizeof(alarm->arn), "%.*s", STR_ARG(arn)); /* lengths checked */
    alarm->now = (struct alarm_condition){
        .at_ms = region->now_ms, .reason = str_dup(STR("Unchecked: Initial alarm creation"))};
    vector_push(&region->alarms, alarm);
    return alarm;
}

int region_cloudwatch_put_metric_alarm(struct region *region, const struct caller *caller,
                                       const struct cloudwatch_put_metric_alarm_input *in,
                                       struct arena *a, void *out, struct aws_error *err)
{
    (void)caller; /* is in the log */
    (void)out;    /* AWS answers nothing */
    int code = check_config(in, err);
    if (code) return code;
    struct alarm *alarm = alarm_named(region, in->alarm_name, a);
    if (alarm->rule.p)
        return refuse(err, "ValidationError", "A composite alarm has the name %s", alarm->name);
    arena_release(&alarm->text);
    alarm->config = alarm_copy_config(in, &alarm->text);
    alarm->configured_ms = region->now_ms;
    alarm->points_n = 0;
    alarm_schedule(region, alarm);
    return 0;
}

int region_cloudwatch_delete_alarms(struct region *region, const struct caller *caller,
                                    const struct cloudwatch_delete_alarms_input *in,
                                    struct arena *a, void *out, struct aws_error *err)
{
    (void)caller; /* is in the log */
    (void)a;      /* nothing is answered */
    (void)out;
    if (in->alarm_names.n > CLOUDWATCH_ALARM_NAMES_MAX)
        return refuse(err, "InvalidParameterValue", "AlarmNames can have at most 100 items");
    for (size_t i = 0; i < in->alarm_names.n; i++) {
        struct alarm *alarm = alarm_find(region, *LIST_AT(in->alarm_names, struct str, i));
        if (!alarm) continue;
        vector_remove(&region->alarms, alarm);
        alarm_free(alarm);
    }
    return 0;
}

int region_cloudwatch_set_alarm_state(struct region *region, const struct caller *caller,
                                      const struct cloudwatch_set_alarm_state_input *in,
                                      struct arena *a, void *out, struct aws_error *err)
{
    (void)caller; /* is in the log */
    (void)a;      /* nothing is answered */
    (void)out;
    struct alarm *alarm = alarm_find(region, in->alarm_name);
    if (!alarm) {
        (void)refuse(err, "ResourceNotFound", "Alarm %.*s does not exist", STR_ARG(in->alarm_name));
        err->http_status = 404;
        return E_REFUSED;
    }
    if (in->state_reason.n > REASON_MAX || in->state_reason_data.n > REASON_DATA_MAX)
        return refuse(err, "ValidationError", "StateReason or StateReasonData is too long");
    for (size_t state = 0; state < EBB_COUNT(state_words); state++) {
        if (!str_eq(in->state_value, state_words[state])) continue;
        alarm_enter(region, alarm, (enum alarm_state)state, in->state_reason,
                    in->state_reason_data);
        return 0;
    }
    return refuse(err, "ValidationError", "StateValue %.*s is none of OK, ALARM, INSUFFICIENT_DATA",
                  STR_ARG(in->state_value));
}
