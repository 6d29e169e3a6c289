/* SPDX-License-Identifier: Apache-2.0
 * Goal: what was published is read back byte for byte, once, to the end the topic had; and topics
 * that are missing are named. Method: a mock cluster in this process. */
#include <stdlib.h>

#include "tests/support/bus_fixture.h"
#include "tests/support/test.h"

TEST(bus_what_is_published_can_be_read)
{
    struct bus_fixture f;
    bus_fixture_open(&f, mock_broker_shared(), BUS_TIMEOUT_MS);
    struct bus_header headers[] = {{STR("content-type"), STR("application/msgpack")},
                                   {STR("traceparent"), STR("00-ab")}};
    struct bus_record full = bus_fixture_record(&f, "service", "bytes\n");
    full.headers = headers;
    full.headers_n = 2;
    struct bus_record empty = bus_fixture_record(&f, "service", ""),
                      tombstone = bus_fixture_record(&f, "service", NULL);
    assert_ok(bus_publish(&f.port, &full, &f.e), f.e);
    assert_ok(bus_publish(&f.port, &empty, &f.e), f.e);
    assert_ok(bus_publish(&f.port, &tombstone, &f.e), f.e);
    struct bus_seen *seen = bus_fixture_read(&f);
    assert_int_equal(seen->n, 3);
    assert_str(seen->messages[0].key, "service");
    assert_str(seen->messages[0].value, "bytes\n");
    assert_int_equal(seen->messages[0].headers_n, 2);
    assert_str(seen->messages[0].headers[1].name, "traceparent");
    assert_str(seen->messages[0].headers[1].value, "00-ab");
    assert_true(seen->messages[0].time_ms > 0);
    assert_non_null(seen->messages[1].value.p);
    assert_int_equal(seen->messages[1].value.n, 0);
    assert_null(seen->messages[2].value.p);
    assert_int_equal(seen->messages[2].offset, 2);
    bus_seen_free(seen);
    bus_fixture_close(&f);
}

TEST(bus_reading_ends_with_the_callers_code)
{
    struct bus_fixture f;
    bus_fixture_open(&f, mock_broker_shared(), BUS_TIMEOUT_MS);
    struct bus_record r = bus_fixture_record(&f, "k", "v");
    assert_ok(bus_publish(&f.port, &r, &f.e), f.e);
    struct bus_seen *seen = calloc(1, sizeof(*seen));
    assert_non_null(seen);
    seen->stop_with = E_MALFORMED;
    struct bus_options options = mock_broker_options(f.mock, BUS_TIMEOUT_MS);
    assert_int_equal(
        bus_read_all(&options, str_from(f.topic), BUS_TIMEOUT_MS, bus_seen_collect, seen, &f.e),
        E_MALFORMED);
    assert_string_equal(f.e.text, "enough");
    free(seen);
    bus_fixture_close(&f);
}

#define SLOW_TIMEOUT_MS 2000
#define SLOW_MESSAGES   6

/* All of them take longer than any may. */
static int take_slowly(void *ctx, const struct bus_message *message, struct err *e)
{
    int *n = ctx;
    (void)message;
    (void)e;
    clock_sleep_ms(SLOW_TIMEOUT_MS / 4);
    ++*n;
    return E_OK;
}

TEST(bus_reading_goes_on_as_long_as_something_comes)
{
    struct bus_fixture f;
    int n = 0;
    bus_fixture_open(&f, mock_broker_shared(), BUS_TIMEOUT_MS);
    struct bus_record r = bus_fixture_record(&f, "k", "v");
    for (int i = 0; i < SLOW_MESSAGES; i++)
        assert_ok(bus_publish(&f.port, &r, &f.e), f.e);
    struct bus_options options = mock_broker_options(f.mock, BUS_TIMEOUT_MS);
    assert_ok(bus_read_all(&options, str_from(f.topic), SLOW_TIMEOUT_MS, take_slowly, &n, &f.e),
              f.e);
    assert_int_equal(n, SLOW_MESSAGES);
    bus_fixture_close(&f);
}

TEST(bus_topics_that_are_missing_are_named)
{
    struct bus_fixture f;
    bus_fixture_open(&f, mock_broker_shared(), BUS_TIMEOUT_MS);
    struct bus_topic topics[] = {{.name = str_from(f.topic)}, {.name = STR("absent")}};
    assert_ok(bus_check_topics(f.bus, topics, 1, BUS_TIMEOUT_MS, &f.e), f.e);
    assert_int_equal(bus_check_topics(f.bus, topics, 2, BUS_TIMEOUT_MS, &f.e), E_MISSING);
    assert_contains(str_from(f.e.text), "topic absent does not exist");
    assert_ok(bus_create_topics(f.bus, topics, 1, BUS_TIMEOUT_MS, &f.e), f.e);
    /* The mock makes every topic that is asked for by name, unless told not to. */
    mock_broker_topic_error(f.mock, "absent", MOCK_UNKNOWN_TOPIC);
    struct bus_options options = mock_broker_options(f.mock, BUS_TIMEOUT_MS);
    int code = bus_read_all(&options, STR("absent"), BUS_TIMEOUT_MS, bus_seen_collect, NULL, &f.e);
    assert_int_equal(code, E_MISSING);
    assert_contains(str_from(f.e.text), "topic absent does not exist");
    bus_fixture_close(&f);
}

TEST(bus_an_empty_topic_reads_as_nothing)
{
    struct bus_fixture f;
    bus_fixture_open(&f, mock_broker_shared(), BUS_TIMEOUT_MS);
    struct bus_seen *seen = bus_fixture_read(&f);
    assert_int_equal(seen->n, 0);
    bus_seen_free(seen);
    bus_fixture_close(&f);
}

/* As a broker says just after a topic was made, or its leader changed. */
TEST(bus_reading_waits_for_a_leader)
{
    struct bus_fixture f;
    bus_fixture_open(&f, mock_broker_shared(), BUS_TIMEOUT_MS);
    struct bus_record r = bus_fixture_record(&f, "k", "v");
    assert_ok(bus_publish(&f.port, &r, &f.e), f.e);
    mock_broker_answer(f.mock, MOCK_LIST_OFFSETS, MOCK_NOT_LEADER, 2);
    struct bus_seen *seen = bus_fixture_read(&f);
    assert_int_equal(seen->n, 1);
    bus_seen_free(seen);
    bus_fixture_close(&f);
}
