/* SPDX-License-Identifier: Apache-2.0
 * See publish.h. */
#include "lib/effect/publish.h"

#include "lib/base/crypto.h"
#include "lib/record/walkers.h"

#define VALUE_MAX         ((size_t)900 * 1024) /* below Kafka's default message.max.bytes */
#define TRACEPARENT_CHARS 55

static const struct bus_header HEADERS[] = {{{"content-type", 12}, {CONTENT_TYPE_MSGPACK, 19}}};

static int encode(const struct record *r, const void *in, struct arena *a, struct str *out,
                  struct err *e)
{
    struct buf b;
    buf_init(&b, VALUE_MAX);
    int code = msgpack_encode(r, in, &b, e);
    if (!code) *out = arena_copy(a, buf_view(&b));
    buf_release(&b);
    return code;
}

static bool is_traceparent(struct str t)
{
    return t.n == TRACEPARENT_CHARS && str_starts(t, STR("00-")) && t.p[35] == '-' &&
           t.p[52] == '-';
}

struct str traceparent_new(struct arena *a)
{
    unsigned char bytes[24];
    crypto_random(bytes, sizeof(bytes));
    struct sha256 d = crypto_sha256((struct str){(const char *)bytes, sizeof(bytes)});
    struct str hex = crypto_hex(a, &d, 24);
    return arena_format(a, "00-%.32s-%.16s-01", hex.p, hex.p + 32);
}

struct str traceparent_next(struct str traceparent, struct arena *a)
{
    if (!is_traceparent(traceparent)) return traceparent_new(a);
    struct str fresh = traceparent_new(a);
    return arena_format(a, "00-%.32s-%.16s-%.2s", traceparent.p + 3, fresh.p + 36,
                        traceparent.p + 53);
}

struct message message_about(const struct ports *ports, const struct drain *d, struct arena *a)
{
    return (struct message){
        .format = MESSAGE_FORMAT,
        .id = crypto_uuid(a),
        .service = d->service,
        .drain_id = d->drain_id,
        .cause = d->cause,
        .time = clock_wall_ms(&ports->clock),
    };
}

int message_record(struct str topic, const struct message *m, struct str traceparent,
                   struct arena *a, struct bus_record *out, struct err *e)
{
    struct bus_header *headers = ARENA_ARRAY(a, 2, struct bus_header);
    headers[0] = HEADERS[0];
    headers[1] = (struct bus_header){STR("traceparent"), traceparent_next(traceparent, a)};
    *out =
        (struct bus_record){.topic = topic, .key = m->service, .headers = headers, .headers_n = 2};
    return encode(&MESSAGE_RECORD, m, a, &out->value, e);
}

int dead_record(const struct dead_letter *d, struct str key, struct arena *a,
                struct bus_record *out, struct err *e)
{
    *out = (struct bus_record){
        .topic = STR(TOPIC_DEAD), .key = key, .headers = HEADERS, .headers_n = 1};
    return encode(&DEAD_LETTER_RECORD, d, a, &out->value, e);
}

int publish_message(const struct bus_port *bus, struct str topic, const struct message *m,
                    struct str traceparent, struct arena *a, struct err *e)
{
    struct bus_record r;
    int code = message_record(topic, m, traceparent, a, &r, e);
    return code ? code : bus_publish(bus, &r, e);
}

int publish_drain(const struct bus_port *bus, const struct drain *d, struct arena *a, struct err *e)
{
    struct bus_record r = {
        .topic = STR(TOPIC_STATE), .key = d->drain_id, .headers = HEADERS, .headers_n = 1};
    int code = encode(&DRAIN_RECORD, d, a, &r.value, e);
    return code ? code : bus_publish(bus, &r, e);
}

int publish_drain_removed(const struct bus_port *bus, struct str drain_id, struct err *e)
{
    struct bus_record r = {.topic = STR(TOPIC_STATE), .key = drain_id};
    return bus_publish(bus, &r, e);
}

int publish_control(const struct bus_port *bus, const struct control *c, struct arena *a,
                    struct err *e)
{
    struct bus_record r = {
        .topic = STR(TOPIC_STATE),
        .key = arena_format(a, CONTROL_KEY_PREFIX "%.*s", STR_ARG(c->scope)),
        .headers = HEADERS,
        .headers_n = 1,
    };
    int code = encode(&CONTROL_RECORD, c, a, &r.value, e);
    return code ? code : bus_publish(bus, &r, e);
}

int publish_dead(const struct bus_port *bus, const struct dead_letter *d, struct str key,
                 struct arena *a, struct err *e)
{
    struct bus_record r;
    int code = dead_record(d, key, a, &r, e);
    return code ? code : bus_publish(bus, &r, e);
}

int verdict_record_of(const struct verdict_note *n, struct arena *a, struct bus_record *out,
                      struct err *e)
{
    /* A verdict about no service is kept beside its event. */
    *out = (struct bus_record){.topic = STR(TOPIC_HISTORY),
                               .key = n->service.n ? n->service : n->cause,
                               .headers = HEADERS,
                               .headers_n = 1};
    return encode(&VERDICT_RECORD, n, a, &out->value, e);
}

int publish_verdict(const struct bus_port *bus, const struct verdict_note *n, struct arena *a,
                    struct err *e)
{
    struct bus_record r;
    int code = verdict_record_of(n, a, &r, e);
    return code ? code : bus_publish(bus, &r, e);
}
