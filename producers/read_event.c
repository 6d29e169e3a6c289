/* SPDX-License-Identifier: Apache-2.0
 * See read_event.h.
 *
 * Clauses:
 *  E1 a body is an EventBridge event, or an SNS notification around one
 *  E2 the envelope is whole, or it is a dead letter
 *  E3 only alarm state changes ask for something; every other event is understood and asks for
 *     nothing
 *  E4 which service an alarm means is alarm_service.c's to say; one that means none asks for nothing,
 *     and the history says why */
#include "producers/read_event.h"

#include "lib/base/arn.h"
#include "lib/base/crypto.h"
#include "lib/record/walkers.h"
#include "producers/alarm_service.h"
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

static struct str partition_of(const struct event *event)
{
    struct arn arn;
    if (event->resources.n && !arn_parse(*LIST_AT(event->resources, struct str, 0), &arn))
        return arn.partition;
    return STR("aws");
}

/* E4. */
static void read_alarm(const struct event *event, const struct config *c, struct arena *a,
                       struct event_reading *out)
{
    struct alarm_detail detail = {0};
    struct err e = {0};
    struct str service, why;
    if (json_decode(&ALARM_DETAIL_RECORD, event->detail, a, &detail, &e)) {
        (void)err_prefix(&e, "detail");
        dead(out, a, &e);
        return;
    }
    struct alarm_named alarm = {.partition = partition_of(event),
                                .region = event->region,
                                .account = event->account,
                                .name = detail.alarm_name};
    out->message.alarm = detail.alarm_name;
    out->message.alarm_state = detail.state.value;
    if (!alarm_service(c, &alarm, &detail.configuration, a, &service, &why)) {
        nothing(out, REASON_NO_SERVICE, why);
        return;
    }
    out->kind = EVENT_ASKS;
    out->message.service = service;
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
