/* SPDX-License-Identifier: Apache-2.0
 * See read_event.h.
 *
 * Clauses:
 *  E1 a body is an EventBridge event, or an SNS notification around one
 *  E2 the envelope is whole, or it is a dead letter
 *  E3 only alarm state changes ask for something; every other event is understood and asks for
 *     nothing
 *  E4 an alarm named by an entry of the configuration means that entry's service
 *  E5 otherwise the alarm's metric names it: dimensions ClusterName and ServiceName
 *  E6 an alarm that names no service asks for nothing, and the history says why */
#include "producers/read_event.h"

#include "lib/base/arn.h"
#include "lib/base/crypto.h"
#include "lib/record/walkers.h"
#include "schemas/event.h"

#define SNS_LAYERS_MAX 2

static void dead(struct event_reading *out, struct arena *a, const struct err *e)
{
    out->kind = EVENT_DEAD;
    out->reason = REASON_MALFORMED;
    out->why = arena_copy(a, str_from(e->text));
}

static void nothing(struct event_reading *out, enum reason reason, struct str why)
{
    out->kind = EVENT_NOTHING;
    out->reason = reason;
    out->why = why;
}

/* E1. */
static int unwrap(struct str body, struct arena *a, struct str *out, struct err *e)
{
    for (int layer = 0; layer < SNS_LAYERS_MAX; layer++) {
        struct sns_envelope envelope = {0};
        int code = json_decode(&SNS_ENVELOPE_RECORD, body, a, &envelope, e);
        if (code) return code;
        if (!str_eq(envelope.type, STR("Notification")) || !envelope.message.p) break;
        body = envelope.message;
    }
    *out = body;
    return E_OK;
}

static bool lists_alarm(const struct service_settings *s, struct str alarm)
{
    for (size_t i = 0; i < s->alarms.n; i++)
        if (str_eq(*LIST_AT(s->alarms, struct str, i), alarm)) return true;
    return false;
}

/* E4. Only an entry that names one service can say which; reading the settings refuses alarms of
 * others. */
static bool service_by_name(const struct config *c, struct str alarm, struct service_key *key)
{
    for (size_t i = 0; i < c->services.n; i++) {
        const struct service_settings *s = LIST_AT(c->services, struct service_settings, i);
        bool is_one = str_find(s->match, '*') < 0 && str_find(s->match, '?') < 0;
        if (!is_one || !lists_alarm(s, alarm)) continue;
        struct service_key whole;
        struct str rest = s->match;
        if (!service_key_parse(s->match, &whole)) {
            *key = whole;
            return true;
        }
        key->cluster = str_cut(&rest, '/');
        key->name = rest;
        return true;
    }
    return false;
}

/* E5. */
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

static struct str partition_of(const struct event *event)
{
    struct arn arn;
    if (event->resources.n && !arn_parse(*LIST_AT(event->resources, struct str, 0), &arn))
        return arn.partition;
    return STR("aws");
}

static void read_alarm(const struct event *event, const struct config *c, struct arena *a,
                       struct event_reading *out)
{
    struct alarm_detail detail = {0};
    struct err e = {0};
    struct service_key key = {
        .partition = partition_of(event), .region = event->region, .account = event->account};
    if (json_decode(&ALARM_DETAIL_RECORD, event->detail, a, &detail, &e)) {
        (void)err_prefix(&e, "detail");
        dead(out, a, &e);
        return;
    }
    out->message.alarm = detail.alarm_name;
    out->message.alarm_state = detail.state.value;
    bool known = service_by_name(c, detail.alarm_name, &key) ||
                 service_by_metric(&detail.configuration, &key);
    struct str text = known ? service_key_format(a, &key) : STR_NONE;
    struct message asks = {.service = text};
    /* E6. Names that make no key (a slash in a dimension, or longer than ECS has) are no service of
     * ECS either. */
    if (!known) {
        nothing(out, REASON_NO_SERVICE,
                arena_format(a,
                             "alarm %.*s: its metric has no dimensions ClusterName and "
                             "ServiceName, and no entry "
                             "of the configuration lists it under alarms",
                             STR_ARG(detail.alarm_name)));
        return;
    }
    if (service_key_parse(text, &key) ||
        field_check(record_field(&MESSAGE_RECORD, STR("service")), &asks, NULL)) {
        nothing(out, REASON_NO_SERVICE,
                arena_format(a,
                             "alarm %.*s: region, account, cluster or service is not a name "
                             "that AWS gives",
                             STR_ARG(detail.alarm_name)));
        return;
    }
    out->kind = EVENT_ASKS;
    out->message.service = asks.service;
}

void read_event(struct str body, const struct config *c, struct arena *a, struct event_reading *out)
{
    struct event event = {0};
    struct err e = {0};
    struct str inner;
    *out = (struct event_reading){.message = {.format = MESSAGE_FORMAT, .id = crypto_uuid(a)}};
    /* E2. */
    if (unwrap(body, a, &inner, &e) || json_decode(&EVENT_RECORD, inner, a, &event, &e)) {
        dead(out, a, &e);
        return;
    }
    out->message.cause = event.id;
    out->message.time = event.time;
    /* E3. */
    bool is_alarm = str_eq(event.source, STR("aws.cloudwatch")) &&
                    str_eq(event.detail_type, STR("CloudWatch Alarm State Change"));
    if (is_alarm)
        read_alarm(&event, c, a, out);
    else
        nothing(out, REASON_NOT_USED,
                arena_format(a, "event '%.*s' of %.*s", STR_ARG(event.detail_type),
                             STR_ARG(event.source)));
}
