/* SPDX-License-Identifier: Apache-2.0
 * See alarm_reading.h; the clauses L2 to L4 of alarms.c. */
#include "producers/alarm_reading.h"

#include "lib/aws/alarm_calls.h"
#include "lib/base/arn.h"
#include "producers/alarm_service.h"

#include <stdlib.h>

/* One name that is asked about in one region, and why. */
struct watched {
    struct str region, name;
    struct str service; /* noted as of that service; absent: listed by the configuration */
};

struct watched_list {
    struct watched *items;
    size_t n, max;
};

static void watch(struct watched_list *list, struct arena *a, struct watched one)
{
    if (list->n == list->max) {
        struct watched *more = ARENA_ARRAY(a, list->max ? 2 * list->max : 64, struct watched);
        for (size_t i = 0; i < list->n; i++)
            more[i] = list->items[i];
        list->items = more;
        list->max = list->max ? 2 * list->max : 64;
    }
    list->items[list->n++] = one;
}

/* Of a region and a name, those that were heard of come before those that are listed. */
static int by_name(const void *one, const void *other)
{
    const struct watched *a = one, *b = other;
    int order = str_compare(a->region, b->region);
    if (!order) order = str_compare(a->name, b->name);
    return order ? order : str_compare(a->service, b->service);
}

static int by_service(const void *one, const void *other)
{
    const struct alarm_meaning *a = one, *b = other;
    int order = str_compare(a->service, b->service);
    return order ? order : str_compare(a->note.name, b->note.name);
}

/* L2. */
static void watch_listed(const struct alarm_reader *r, struct arena *a, struct watched_list *out)
{
    for (size_t i = 0; i < r->config->services.n; i++) {
        const struct service_settings *s = LIST_AT(r->config->services, struct service_settings, i);
        struct service_key whole;
        bool is_whole = service_key_parse(s->match, &whole) == E_OK;
        for (size_t k = 0; k < s->alarms.n; k++)
            watch(out, a,
                  (struct watched){.region = is_whole ? whole.region : r->region,
                                   .name = *LIST_AT(s->alarms, struct str, k)});
    }
}

/* L2. Notes of services that no entry manages any more are left to end by themselves. */
static int watch_heard(const struct alarm_reader *r, struct arena *a, struct watched_list *out,
                       struct err *e)
{
    struct str_list services;
    int code = state_watched(&r->ports->store, a, &services, e);
    for (size_t i = 0; i < services.n && !code; i++) {
        struct service_key key;
        struct alarm_notes notes = {0};
        if (service_key_parse(services.items[i], &key)) continue;
        if (!config_service(r->config, services.items[i])) continue;
        code = state_read_alarms(&r->ports->store, services.items[i], a, &notes, e);
        for (size_t k = 0; k < notes.n && !code; k++)
            watch(out, a, (struct watched){key.region, notes.items[k].name, services.items[i]});
    }
    return code;
}

/* What a metric alarm watches, in the form in which events tell it. */
static struct alarm_configuration configuration_of(const struct cloudwatch_alarm *m,
                                                   struct arena *a)
{
    size_t n = m->metrics.n + 1;
    struct alarm_metric_query *queries = ARENA_ARRAY(a, n, struct alarm_metric_query);
    for (size_t i = 0; i < n; i++) {
        bool is_single = i == m->metrics.n;
        const struct list *dimensions = &m->dimensions;
        if (!is_single)
            dimensions = &LIST_AT(m->metrics, struct cloudwatch_metric_query, i)
                              ->metric_stat.metric.dimensions;
        struct pair *pairs = ARENA_ARRAY(a, dimensions->n, struct pair);
        for (size_t k = 0; k < dimensions->n; k++) {
            const struct cloudwatch_dimension *d =
                LIST_AT(*dimensions, struct cloudwatch_dimension, k);
            pairs[k] = (struct pair){d->name, d->value};
        }
        queries[i].metric_stat.metric.dimensions = LIST_OF(pairs, dimensions->n);
    }
    return (struct alarm_configuration){.metrics = LIST_OF(queries, n)};
}

/* L4. The managed service it means; absent when none. */
static struct str service_of(const struct alarm_reader *r, const struct alarm_read *read,
                             struct arena *a)
{
    struct arn arn;
    struct str service, why;
    struct alarm_configuration configuration = {0};
    if (arn_parse(read->arn, &arn)) return STR_NONE;
    struct alarm_named alarm = {arn.partition, arn.region, arn.account, read->name};
    if (read->metric) configuration = configuration_of(read->metric, a);
    if (!alarm_service(r->config, &alarm, &configuration, a, &service, &why)) return STR_NONE;
    return config_service(r->config, service) ? service : STR_NONE;
}

static void mean(struct alarm_meanings *out, struct str service, const struct alarm_note *note)
{
    out->items[out->n++] = (struct alarm_meaning){service, *note};
}

/* L4. What was read of a name, for those that watch it. */
static void take(const struct alarm_reader *r, const struct watched *of, size_t n,
                 const struct alarm_read *read, struct arena *a, struct alarm_meanings *out)
{
    struct alarm_note gone = {.name = of[0].name, .is_gone = true};
    struct str means = read ? service_of(r, read, a) : STR_NONE;
    for (size_t i = 0; i < n; i++) {
        if (of[i].service.n && !str_eq(of[i].service, means)) mean(out, of[i].service, &gone);
        if (!of[i].service.n && !read)
            LOG(r->log, r->level, "alarm_not_found", LOG_STR("alarm", of[i].name),
                LOG_STR("region", of[i].region),
                LOG_STR("why", STR("an entry lists it under alarms, and CloudWatch does not know "
                                   "it")));
    }
    if (!means.n) return;
    struct alarm_note note = {
        .name = of[0].name, .state = enum_value(&ALARM_STATES, read->state), .since = read->since};
    mean(out, means, &note);
}

static size_t same_name(const struct watched *of, size_t n)
{
    size_t same = 1;
    while (same < n && str_eq(of[0].region, of[same].region) && str_eq(of[0].name, of[same].name))
        same++;
    return same;
}

/* Alarms that no service has been heard of are of the account that everything else is of. */
static struct budget_use use_for(const struct alarm_reader *r, const struct watched *of, size_t n)
{
    struct budget_use use = {
        .budget = r->ports->budget, .aws = r->ports->aws, .priority = PRIORITY_READ};
    struct service_key key;
    for (size_t i = 0; i < n && !use.account.n; i++)
        if (of[i].service.n && !service_key_parse(of[i].service, &key)) use.account = key.account;
    return use;
}

/* L3. One call's worth, all of one region: how many of the list that is in *taken. */
static int read_some(const struct alarm_reader *r, const struct watched *of, size_t n,
                     struct arena *a, size_t *taken, struct alarm_meanings *out, struct err *e)
{
    struct aws_failure failure = {0};
    struct alarm_read_list read;
    struct str names[CLOUDWATCH_ALARM_NAMES_MAX];
    size_t names_n = 0, at = 0;
    for (*taken = 0; *taken < n && names_n < EBB_COUNT(names);) {
        if (!str_eq(of[0].region, of[*taken].region)) break;
        names[names_n++] = of[*taken].name;
        *taken += same_name(&of[*taken], n - *taken);
    }
    struct budget_use use = use_for(r, of, n);
    struct aws_port aws = budget_port(&use);
    int code = alarms_read(&aws, of[0].region, names, names_n, a, &read, &failure);
    if (code) {
        *e = failure.err;
        return code;
    }
    for (size_t i = 0; i < names_n; i++) {
        const struct alarm_read *found = NULL;
        size_t same = same_name(&of[at], *taken - at);
        for (size_t k = 0; k < read.n && !found; k++)
            if (str_eq(read.items[k].name, names[i])) found = &read.items[k];
        take(r, &of[at], same, found, a, out);
        at += same;
    }
    return E_OK;
}

int alarm_reading(const struct alarm_reader *r, struct arena *a, struct alarm_meanings *out,
                  struct err *e)
{
    struct watched_list watched = {0};
    *out = (struct alarm_meanings){0};
    watch_listed(r, a, &watched);
    int code = watch_heard(r, a, &watched, e);
    if (code) return code;
    if (watched.n) qsort(watched.items, watched.n, sizeof(*watched.items), by_name);
    /* Each may be no more of one service, and mean another. */
    out->items = ARENA_ARRAY(a, 2 * watched.n, struct alarm_meaning);
    for (size_t i = 0, taken; i < watched.n; i += taken) {
        struct err failed = {0};
        int failed_code = read_some(r, &watched.items[i], watched.n - i, a, &taken, out, &failed);
        if (failed_code && failed_code != E_STOPPED)
            LOG(r->log, LOG_WARN, "alarms_not_read", LOG_STR("region", watched.items[i].region),
                LOG_NUM("alarms", (int64_t)taken), LOG_STR("why", str_from(failed.text)));
    }
    if (out->n) qsort(out->items, out->n, sizeof(*out->items), by_service);
    return E_OK;
}
