/* SPDX-License-Identifier: Apache-2.0
 * A consumed message in our own terms. What is handed out is a copy: librdkafka's would hold on to
 * a whole fetched buffer, and would have to be destroyed before the consumer could be. */
#include <stdlib.h>
#include <string.h>

#include "lib/bus/internal.h"

void bus_message_view(const rd_kafka_message_t *native, struct bus_message *out)
{
    rd_kafka_timestamp_type_t kind;
    rd_kafka_headers_t *headers;
    int64_t time_ms = rd_kafka_message_timestamp(native, &kind);
    *out = (struct bus_message){
        .topic = str_from(rd_kafka_topic_name(native->rkt)),
        .key = {native->key, native->key_len},
        .value = {native->payload, native->len},
        .partition = native->partition,
        .offset = native->offset,
        .time_ms = time_ms > 0 ? time_ms : 0,
    };
    if (rd_kafka_message_headers(native, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    /* More than ours may have been added on the way; those after the first few are not read. */
    while (out->headers_n < BUS_HEADERS_MAX) {
        struct bus_header *h = &out->headers[out->headers_n];
        const char *name;
        const void *value;
        size_t size;
        if (rd_kafka_header_get_all(headers, out->headers_n, &name, &value, &size)) break;
        *h = (struct bus_header){str_from(name), {value, size}};
        out->headers_n++;
    }
}

static struct str copy_into(char **at, struct str s)
{
    if (!s.p) return STR_NONE;
    struct str copy = {*at, s.n};
    memcpy(*at, s.p, s.n);
    *at += s.n;
    return copy;
}

struct bus_message *bus_message_copy(const rd_kafka_message_t *native)
{
    struct bus_message view;
    bus_message_view(native, &view);
    size_t bytes = view.topic.n + view.key.n + view.value.n;
    for (size_t i = 0; i < view.headers_n; i++)
        bytes += view.headers[i].name.n + view.headers[i].value.n;
    /* One byte more, so that an empty value still has a place and is not a tombstone. */
    struct bus_message *message = malloc(sizeof(*message) + bytes + 1);
    if (!message) abort();
    void *behind = message + 1;
    char *at = behind;
    *message = view;
    message->topic = copy_into(&at, view.topic);
    message->key = copy_into(&at, view.key);
    message->value = copy_into(&at, view.value);
    for (size_t i = 0; i < view.headers_n; i++) {
        message->headers[i].name = copy_into(&at, view.headers[i].name);
        message->headers[i].value = copy_into(&at, view.headers[i].value);
    }
    return message;
}

void bus_message_free(struct bus_message *take_message)
{
    free(take_message);
}
