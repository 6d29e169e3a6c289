/* SPDX-License-Identifier: Apache-2.0
 * See alarm_reading.h; the clauses L2 to L4 of alarms.c. */
#include "producers/alarm_reading.h"

#include "lib/aws/alarm_calls.h"
#include "lib/base/arn.h"
#include "producers/alarm_service.h"

#include <stdlib.h>

/* Of one reading, however many calls it takes. With the API budget's least share that is a call
 * every ten seconds or so. */
#define WAIT_MAX_MS ((int64_t)5 * 60 * 1000)

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

/* One reading under way. */
struct reading {
    const struct alarm_reader *r;
    struct arena *arena;
    struct alarm_meanings *out;
    struct str account; /* of any alarm that is watched; absent until one is known */
    int64_t waited_ms;  /* for the API budget */
    bool is_put_off;    /* the last call was */
};

static struct str account_of(const struct watched *of, size_t n)
{
    struct service_key key;
    for (size_t i = 0; i < n; i++)
        if (of[i].service.n && !service_key_parse(of[i].service, &key)) return key.account;
    return STR_NONE;
}

/* Alarms that no service has been heard of are of the account that everything else is of: whose
 * bucket looks take from when they read their trigger. */
static struct budget_use use_for(const struct reading *reading, const struct watched *of, size_t n)
{
    const struct ports *ports = reading->r->ports;
    struct str account = account_of(of, n);
    return (struct budget_use){.budget = ports->budget,
                               .aws = ports->aws,
                               .priority = PRIORITY_READ,
                               .account = account.n ? account : reading->account};
}

/* L3. A look that is put off comes again, but what is put off here would be so at each poll: the
 * first names of the list would be all that is ever read. So this waits. */
static int read_in_turn(struct reading *reading, struct budget_use *use, struct str region,
                        const struct str *names, size_t n, struct alarm_read_list *read,
                        struct err *e)
{
    const struct alarm_reader *r = reading->r;
    for (;;) {
        struct aws_failure failure = {0};
        struct aws_port aws = budget_port(use);
        int code = alarms_read(&aws, region, names, n, reading->arena, read, &failure);
        reading->is_put_off = code && use->wait_ms;
        if (code) *e = failure.err;
        if (!reading->is_put_off || reading->waited_ms == WAIT_MAX_MS) return code;
        int64_t left_ms = WAIT_MAX_MS - reading->waited_ms;
        int64_t wait_ms = use->wait_ms < left_ms ? use->wait_ms : left_ms;
        reading->waited_ms += wait_ms;
        if (r->wait(r->wait_ctx, wait_ms)) return err_set(e, E_STOPPED, "no longer waited for");
    }
}

/* L3. One call's worth, all of one region: how many of the list that is in *taken. */
static int read_some(struct reading *reading, const struct watched *of, size_t n, size_t *taken,
                     struct err *e)
{
    struct alarm_read_list read = {0};
    struct str names[CLOUDWATCH_ALARM_NAMES_MAX];
    struct arn arn;
    size_t names_n = 0, at = 0;
    for (*taken = 0; *taken < n && names_n < EBB_COUNT(names);) {
        if (!str_eq(of[0].region, of[*taken].region)) break;
        names[names_n++] = of[*taken].name;
        *taken += same_name(&of[*taken], n - *taken);
    }
    struct budget_use use = use_for(reading, of, *taken);
    int code = read_in_turn(reading, &use, of[0].region, names, names_n, &read, e);
    if (code) return code;
    if (!reading->account.n && read.n && !arn_parse(read.items[0].arn, &arn))
        reading->account = arn.account;
    for (size_t i = 0; i < names_n; i++) {
        const struct alarm_read *found = alarm_read_named(&read, names[i]);
        size_t same = same_name(&of[at], *taken - at);
        take(reading->r, &of[at], same, found, reading->arena, reading->out);
        at += same;
    }
    return E_OK;
}

/* L3. Once around the list. */
static int read_all(struct reading *reading, const struct watched_list *all, struct err *e)
{
    const struct alarm_reader *r = reading->r;
    size_t first = r->first < all->n ? r->first : 0;
    bool all_read = true;
    /* The list may have changed since, and who watches one name stands together. */
    while (first && same_name(&all->items[first - 1], 2) == 2)
        first--;
    for (size_t done = 0, taken; done < all->n; done += taken) {
        size_t at = (first + done) % all->n;
        size_t n = at < first ? first - at : all->n - at;
        int code = read_some(reading, &all->items[at], n, &taken, e);
        if (code == E_STOPPED) return code;
        if (code)
            LOG(r->log, LOG_WARN, "alarms_not_read", LOG_STR("region", all->items[at].region),
                LOG_NUM("alarms", (int64_t)taken), LOG_STR("why", str_from(e->text)));
        if (code && reading->is_put_off && all_read) reading->out->next = at;
        all_read &= !(code && reading->is_put_off);
    }
    return E_OK;
}

int alarm_reading(const struct alarm_reader *r, struct arena *a, struct alarm_meanings *out,
                  struct err *e)
{
    struct watched_list watched = {0};
    *out = (struct alarm_meanings){.next = r->first};
    watch_listed(r, a, &watched);
    int code = watch_heard(r, a, &watched, e);
    if (code) return code;
    if (watched.n) qsort(watched.items, watched.n, sizeof(*watched.items), by_name);
    /* Each may be no more of one service, and mean another. */
    out->items = ARENA_ARRAY(a, 2 * watched.n, struct alarm_meaning);
    struct reading reading = {
        .r = r, .arena = a, .out = out, .account = account_of(watched.items, watched.n)};
    code = read_all(&reading, &watched, e);
    if (out->n) qsort(out->items, out->n, sizeof(*out->items), by_service);
    return code;
}
