/* SPDX-License-Identifier: Apache-2.0
 * See alarm_calls.h. */
#include "lib/aws/alarm_calls.h"

#define PAGES_MAX 20 /* of a call that names at most 100 alarms */

bool alarm_name_is_one(struct str name)
{
    size_t characters = 0;
    for (size_t i = 0; i < name.n; characters++) {
        size_t length = str_utf8_length((struct str){name.p + i, name.n - i});
        if (!length) return false;
        i += length;
    }
    return characters > 0 && characters <= ALARM_NAME_CHARS_MAX;
}

static void take(struct alarm_read_list *out, struct alarm_read alarm, int64_t updated,
                 size_t items_max)
{
    /* Alarms from before CloudWatch told of transitions have only the other time. */
    if (!alarm.since) alarm.since = updated;
    if (out->n < items_max) out->items[out->n++] = alarm;
}

static void take_page(struct alarm_read_list *out,
                      const struct cloudwatch_describe_alarms_output *page, size_t items_max)
{
    for (size_t i = 0; i < page->metric_alarms.n; i++) {
        const struct cloudwatch_alarm *m = LIST_AT(page->metric_alarms, struct cloudwatch_alarm, i);
        take(out,
             (struct alarm_read){m->alarm_name, m->alarm_arn, m->state_value, m->state_transitioned,
                                 m},
             m->state_updated, items_max);
    }
    for (size_t i = 0; i < page->composite_alarms.n; i++) {
        const struct cloudwatch_composite_alarm *c =
            LIST_AT(page->composite_alarms, struct cloudwatch_composite_alarm, i);
        take(out,
             (struct alarm_read){c->alarm_name, c->alarm_arn, c->state_value, c->state_transitioned,
                                 NULL},
             c->state_updated, items_max);
    }
}

/* One call's worth of names, to the last page. */
static int read_batch(const struct aws_port *aws, struct str region, struct list names,
                      struct arena *a, struct alarm_read_list *out, size_t items_max,
                      struct aws_failure *failure)
{
    /* Without its kind an alarm that is composite would not be shown. */
    struct str kinds[] = {STR("MetricAlarm"), STR("CompositeAlarm")};
    struct cloudwatch_describe_alarms_input input = {
        .alarm_names = names,
        .alarm_types = LIST_OF(kinds, EBB_COUNT(kinds)),
        .max_records = CLOUDWATCH_ALARM_NAMES_MAX,
    };
    size_t before = out->n;
    for (int page = 0; page < PAGES_MAX; page++) {
        struct cloudwatch_describe_alarms_output output = {0};
        int code =
            aws_call(aws, &CLOUDWATCH_DESCRIBE_ALARMS, region, &input, a, &output, 0, failure);
        if (code) {
            out->n = before;
            return code;
        }
        take_page(out, &output, items_max);
        input.next_token = output.next_token;
        if (str_is_empty(output.next_token)) return E_OK;
    }
    out->n = before;
    return err_set(&failure->err, E_UNAVAILABLE, "DescribeAlarms goes on for too many pages");
}

/* A name that is refused makes the whole call refused: halves find it. */
static int read_or_halve(const struct aws_port *aws, struct str region, struct list names,
                         struct arena *a, struct alarm_read_list *out, size_t items_max,
                         struct aws_failure *failure)
{
    int code = read_batch(aws, region, names, a, out, items_max, failure);
    if (code != E_REFUSED) return code;
    *failure = (struct aws_failure){0};
    if (names.n == 1) return E_OK;
    size_t half = names.n / 2;
    struct list rest = LIST_OF(LIST_AT(names, struct str, half), names.n - half);
    code = read_or_halve(aws, region, LIST_OF(names.items, half), a, out, items_max, failure);
    return code ? code : read_or_halve(aws, region, rest, a, out, items_max, failure);
}

int alarms_read(const struct aws_port *aws, struct str region, const struct str *names, size_t n,
                struct arena *a, struct alarm_read_list *out, struct aws_failure *failure)
{
    struct str *asked = ARENA_ARRAY(a, n, struct str);
    size_t asked_n = 0;
    for (size_t i = 0; i < n; i++)
        if (alarm_name_is_one(names[i])) asked[asked_n++] = names[i];
    *out = (struct alarm_read_list){.items = ARENA_ARRAY(a, asked_n, struct alarm_read)};
    for (size_t at = 0; at < asked_n; at += CLOUDWATCH_ALARM_NAMES_MAX) {
        size_t left = asked_n - at;
        size_t batch = left < CLOUDWATCH_ALARM_NAMES_MAX ? left : CLOUDWATCH_ALARM_NAMES_MAX;
        int code = read_or_halve(aws, region, LIST_OF(asked + at, batch), a, out, asked_n, failure);
        if (code) return code;
    }
    return E_OK;
}

const struct alarm_read *alarm_read_named(const struct alarm_read_list *list, struct str name)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->items[i].name, name)) return &list->items[i];
    return NULL;
}
