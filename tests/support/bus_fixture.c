/* SPDX-License-Identifier: Apache-2.0
 * See bus_fixture.h. */
#include "tests/support/bus_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

#define PARTITIONS 2

void bus_fixture_open(struct bus_fixture *f, struct mock_broker *mock, int64_t publish_timeout_ms)
{
    static const struct bus_header SHORT = {{"queue.buffering.max.messages", 28},
                                            {BUS_QUEUE_SHORT, sizeof(BUS_QUEUE_SHORT) - 1}};
    memset(f, 0, sizeof(*f));
    f->mock = mock;
    mock_broker_new_topic(mock, f->topic, sizeof(f->topic), PARTITIONS);
    struct bus_options options = mock_broker_options(mock, publish_timeout_ms);
    options.properties = &SHORT;
    options.properties_n = 1;
    assert_ok(bus_open(&options, &f->bus, &f->e), f->e);
    f->port = bus_port_of(f->bus);
}

void bus_fixture_close(struct bus_fixture *f)
{
    bus_close(f->bus, 100);
}

struct bus_record bus_fixture_record(const struct bus_fixture *f, const char *key,
                                     const char *value)
{
    return (struct bus_record){
        .topic = str_from(f->topic), .key = str_from(key), .value = str_from(value)};
}

int bus_seen_collect(void *ctx, const struct bus_message *message, struct err *e)
{
    struct bus_seen *seen = ctx;
    if (seen->stop_with) return err_set(e, seen->stop_with, "enough");
    assert_true(seen->n < BUS_SEEN_MAX);
    struct bus_message *copy = &seen->messages[seen->n++];
    *copy = *message;
    copy->key = arena_copy(&seen->arena, message->key);
    copy->value = message->value.p ? arena_copy(&seen->arena, message->value) : STR_NONE;
    for (size_t i = 0; i < message->headers_n; i++) {
        copy->headers[i].name = arena_copy(&seen->arena, message->headers[i].name);
        copy->headers[i].value = arena_copy(&seen->arena, message->headers[i].value);
    }
    return 0;
}

struct bus_seen *bus_fixture_read(struct bus_fixture *f)
{
    struct bus_seen *seen = calloc(1, sizeof(*seen));
    struct bus_options options = mock_broker_options(f->mock, BUS_TIMEOUT_MS);
    assert_non_null(seen);
    arena_init(&seen->arena);
    assert_ok(
        bus_read_all(&options, str_from(f->topic), BUS_TIMEOUT_MS, bus_seen_collect, seen, &f->e),
        f->e);
    return seen;
}

void bus_seen_free(struct bus_seen *seen)
{
    arena_release(&seen->arena);
    free(seen);
}
