/* SPDX-License-Identifier: Apache-2.0
 * See bus_groups.h. */
#include "tests/support/bus_groups.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"

#define SESSION_MS  3000
#define WINDOW_WIDE 100

static void count_revoke(void *ctx, bool lost)
{
    int *revokes = ctx;
    (void)lost;
    (*revokes)++;
}

struct bus_consumer *bus_groups_open(struct bus_groups *f, enum bus_place place, int *revokes)
{
    struct str topic = str_from(f->topics[place]);
    struct bus_consumer_options options = {
        .bus = mock_broker_options(f->mock, BUS_GROUPS_TIMEOUT_MS),
        .group = topic,
        .topics = &topic,
        .topics_n = 1,
        .window_max =
            place == PLACE_PAUSE || place == PLACE_HANDLERS ? BUS_GROUPS_WINDOW : WINDOW_WIDE,
        .session_timeout_ms = SESSION_MS,
        .on_revoked = count_revoke,
        .ctx = revokes,
    };
    struct bus_consumer *consumer;
    assert_ok(bus_consumer_open(&options, &consumer, &f->e), f->e);
    return consumer;
}

static struct bus_groups *fixture; /* of all tests of this file */

static void fixture_close(void)
{
    for (size_t i = 0; i < PLACES; i++)
        bus_consumer_close(fixture->consumers[i]);
    bus_close(fixture->bus, 0);
    free(fixture);
}

struct bus_groups *bus_groups_get(void)
{
    static const int PARTITIONS_OF[PLACES] = {1, 2, BUS_GROUPS_PARTITIONS, 2};
    if (fixture) return fixture;
    struct bus_groups *f = fixture = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->mock = mock_broker_shared();
    struct bus_options options = mock_broker_options(f->mock, BUS_GROUPS_TIMEOUT_MS);
    assert_ok(bus_open(&options, &f->bus, &f->e), f->e);
    f->port = bus_port_of(f->bus);
    for (size_t i = 0; i < PLACES; i++) {
        mock_broker_new_topic(f->mock, f->topics[i], sizeof(f->topics[i]), PARTITIONS_OF[i]);
        f->consumers[i] = bus_groups_open(f, i, &f->revokes[i]);
    }
    if (atexit(fixture_close)) abort();
    return f;
}

void bus_groups_publish(struct bus_groups *f, enum bus_place place, int n)
{
    for (int i = 0; i < n; i++) {
        char key[16], value[16];
        (void)snprintf(key, sizeof(key), "key-%d", i % BUS_GROUPS_KEYS);
        (void)snprintf(value, sizeof(value), "%d", i);
        struct bus_record record = {
            .topic = str_from(f->topics[place]), .key = str_from(key), .value = str_from(value)};
        assert_ok(bus_publish(&f->port, &record, &f->e), f->e);
    }
}

struct bus_message *bus_groups_poll(struct bus_groups *f, struct bus_consumer *consumer,
                                    int64_t timeout_ms)
{
    struct bus_message *message;
    assert_ok(bus_consumer_poll(consumer, timeout_ms, &message, &f->e), f->e);
    return message;
}

struct bus_message *bus_groups_one(struct bus_groups *f, struct bus_consumer *consumer)
{
    struct bus_message *message = bus_groups_poll(f, consumer, BUS_GROUPS_TIMEOUT_MS);
    if (!message) fail_msg("no message within %d ms", BUS_GROUPS_TIMEOUT_MS);
    return message;
}
