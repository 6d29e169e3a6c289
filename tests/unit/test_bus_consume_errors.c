/* SPDX-License-Identifier: Apache-2.0
 * Goal: a consumer tells what only a person can mend, with the remedy, and nothing else; and it
 * ends in bounded time. Method: a mock cluster that refuses, and a port where nobody listens. */
#include "tests/support/bus_fixture.h"
#include "tests/support/test.h"

#define QUIET_MS 400

TEST(bus_a_missing_topic_is_named_with_the_remedy)
{
    struct mock_broker *mock = mock_broker_shared();
    struct err e;
    struct str topic = STR("not-there");
    mock_broker_topic_error(mock, "not-there", MOCK_UNKNOWN_TOPIC);
    struct bus_header hurry = {STR("topic.metadata.propagation.max.ms"), STR("200")};
    struct bus_consumer_options options = {.bus = mock_broker_options(mock, BUS_TIMEOUT_MS),
                                           .group = STR("g"),
                                           .topics = &topic,
                                           .topics_n = 1};
    options.bus.properties = &hurry;
    options.bus.properties_n = 1;
    struct bus_consumer *consumer;
    struct bus_message *message;
    assert_ok(bus_consumer_open(&options, &consumer, &e), e);
    assert_int_equal(bus_consumer_poll(consumer, BUS_TIMEOUT_MS, &message, &e), E_MISSING);
    assert_null(message);
    assert_contains(str_from(e.text), "topic not-there does not exist");
    assert_contains(str_from(e.text), "ebb topics create");
    bus_consumer_close(consumer);
}

TEST(bus_a_group_that_is_not_ours_is_denied)
{
    struct mock_broker *mock = mock_broker_new(); /* any consumer could meet the refusal */
    struct str topic = STR("t");
    mock_broker_topic(mock, "t", 1);
    mock_broker_answer(mock, MOCK_JOIN, MOCK_GROUP_DENIED, 1);
    struct bus_consumer_options options = {.bus = mock_broker_options(mock, BUS_TIMEOUT_MS),
                                           .group = STR("not-ours"),
                                           .topics = &topic,
                                           .topics_n = 1};
    struct bus_consumer *consumer;
    struct bus_message *message;
    struct err e;
    assert_ok(bus_consumer_open(&options, &consumer, &e), e);
    assert_int_equal(bus_consumer_poll(consumer, BUS_TIMEOUT_MS, &message, &e), E_DENIED);
    bus_consumer_close(consumer);
    mock_broker_free(mock);
}

TEST(bus_a_consumer_without_brokers_waits_and_closes)
{
    struct str topic = STR("t");
    struct err e;
    struct bus_consumer_options options = {
        .bus = {.brokers = STR("127.0.0.1:1")}, .group = STR("g"), .topics = &topic, .topics_n = 1};
    struct bus_consumer *consumer;
    struct bus_message *message;
    struct clock clock = clock_system();
    assert_ok(bus_consumer_open(&options, &consumer, &e), e);
    assert_ok(bus_consumer_poll(consumer, QUIET_MS, &message, &e), e);
    assert_null(message);
    struct bus_consumer_stats stats = bus_consumer_stats(consumer);
    assert_false(stats.connected);
    assert_int_equal(stats.assigned, 0);
    int64_t began_ms = clock_mono_ms(&clock);
    bus_consumer_close(consumer);
    assert_true(clock_mono_ms(&clock) - began_ms < BUS_TIMEOUT_MS);
}
