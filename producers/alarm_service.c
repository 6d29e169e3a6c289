/* SPDX-License-Identifier: Apache-2.0
 * See alarm_service.h.
 *
 * Clauses:
 *  N1 an alarm listed by an entry of the configuration means that entry's service; of several the
 *     first that is of the alarm's own region and account, else the first
 *  N2 otherwise the alarm's metric names it: dimensions ClusterName and ServiceName
 *  N3 names that make no key (a slash in a dimension, or longer than ECS has) are no service */
#include "producers/alarm_service.h"

#include "lib/base/arn.h"
#include "schemas/message.h"

static bool lists_alarm(const struct service_settings *s, struct str alarm)
{
    for (size_t i = 0; i < s->alarms.n; i++)
        if (str_eq(*LIST_AT(s->alarms, struct str, i), alarm)) return true;
    return false;
}

/* N1. Only an entry that names one service can say which; reading the settings refuses alarms of
 * others. */
static bool service_by_name(const struct config *c, const struct alarm_named *alarm,
                            struct service_key *key)
{
    bool found = false;
    for (size_t i = 0; i < c->services.n; i++) {
        const struct service_settings *s = LIST_AT(c->services, struct service_settings, i);
        bool is_one = str_find(s->match, '*') < 0 && str_find(s->match, '?') < 0;
        if (!is_one || !lists_alarm(s, alarm->name)) continue;
        struct service_key of = {
            .partition = alarm->partition, .region = alarm->region, .account = alarm->account};
        struct str rest = s->match;
        if (service_key_parse(s->match, &of)) {
            of.cluster = str_cut(&rest, '/');
            of.name = rest;
        }
        bool is_near = str_eq(of.region, alarm->region) && str_eq(of.account, alarm->account) &&
                       str_eq(of.partition, alarm->partition);
        if (is_near || !found) *key = of;
        found = true;
        if (is_near) break;
    }
    return found;
}

/* N2. */
static bool service_by_metric(const struct alarm_configuration *c, struct service_key *key)
{
    for (size_t i = 0; i < c->metrics.n; i++) {
        const struct alarm_metric_query *q = LIST_AT(c->metrics, struct alarm_metric_query, i);
        const struct list *dimensions = &q->metric_stat.metric.dimensions;
        struct str cluster = STR_NONE, name = STR_NONE;
        for (size_t k = 0; k < dimensions->n; k++) {
            const struct pair *d = LIST_AT(*dimensions, struct pair, k);
            if (str_eq(d->key, STR("ClusterName"))) cluster = d->value;
            if (str_eq(d->key, STR("ServiceName"))) name = d->value;
        }
        if (!cluster.n || !name.n) continue;
        key->cluster = cluster;
        key->name = name;
        return true;
    }
    return false;
}

bool alarm_service(const struct config *c, const struct alarm_named *alarm,
                   const struct alarm_configuration *configuration, struct arena *a,
                   struct str *service, struct str *why)
{
    struct service_key key = {
        .partition = alarm->partition, .region = alarm->region, .account = alarm->account};
    if (!service_by_name(c, alarm, &key) && !service_by_metric(configuration, &key)) {
        *why = arena_format(a,
                            "alarm %.*s: its metric has no dimensions ClusterName and "
                            "ServiceName, and no entry of the configuration lists it under alarms",
                            STR_ARG(alarm->name));
        return false;
    }
    /* N3. */
    struct message asks = {.service = service_key_format(a, &key)};
    if (service_key_parse(asks.service, &key) ||
        field_check(record_field(&MESSAGE_RECORD, STR("service")), &asks, NULL)) {
        *why = arena_format(a,
                            "alarm %.*s: region, account, cluster or service is not a name that "
                            "AWS gives",
                            STR_ARG(alarm->name));
        return false;
    }
    *service = asks.service;
    return true;
}
