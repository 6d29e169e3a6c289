/* SPDX-License-Identifier: Apache-2.0
 * Goal: publishing returns 0 only after an acknowledgement, and tells apart what surely did not
 * arrive from what may have. Method: a mock cluster in this process, told to answer badly. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/bus_fixture.h"
#include "tests/support/test.h"

#define SHORT_MS   600 /* where it must give up */
#define THREADS    8
#define PER_THREAD 50

TEST(bus_many_at_once_go_past_a_full_queue)
{
    struct bus_fixture f;
    bus_fixture_open(&f, mock_broker_shared(), BUS_TIMEOUT_MS);
    struct bus_record *records = calloc(BUS_SEEN_MAX, sizeof(*records));
    int *results = calloc(BUS_SEEN_MAX, sizeof(*results));
    char(*keys)[16] = calloc(BUS_SEEN_MAX, sizeof(*keys));
    assert_true(records && results && keys);
    for (size_t i = 0; i < BUS_SEEN_MAX; i++) {
        (void)snprintf(keys[i], sizeof(keys[i]), "key-%zu", i);
        records[i] = bus_fixture_record(&f, keys[i], "value");
        results[i] = 1;
    }
    assert_ok(bus_publish_many(&f.port, records, results, BUS_SEEN_MAX, &f.e), f.e);
    for (size_t i = 0; i < BUS_SEEN_MAX; i++)
        assert_int_equal(results[i], 0);
    struct bus_seen *seen = bus_fixture_read(&f);
    assert_int_equal(seen->n, BUS_SEEN_MAX);
    bus_seen_free(seen);
    free(keys);
    free(results);
    free(records);
    bus_fixture_close(&f);
}

TEST(bus_one_bad_record_does_not_stop_the_others)
{
    struct bus_fixture f;
    bus_fixture_open(&f, mock_broker_shared(), BUS_TIMEOUT_MS);
    char *large = calloc(1, 2000001);
    assert_non_null(large);
    memset(large, 'x', 2000000);
    struct bus_record records[] = {
        bus_fixture_record(&f, "a", "1"), bus_fixture_record(&f, "b", large),
        bus_fixture_record(&f, "c", "3"), bus_fixture_record(&f, "d", "4")};
    records[3].topic = STR_NONE;
    int results[4];
    assert_int_equal(bus_publish_many(&f.port, records, results, 4, &f.e), E_TOO_LARGE);
    assert_int_equal(results[0], 0);
    assert_int_equal(results[1], E_TOO_LARGE);
    assert_int_equal(results[2], 0);
    assert_int_equal(results[3], E_MALFORMED);
    assert_contains(str_from(f.e.text), f.topic);
    free(large);
    bus_fixture_close(&f);
}

TEST(bus_passing_errors_are_outlived)
{
    struct bus_fixture f;
    bus_fixture_open(&f, mock_broker_shared(), BUS_TIMEOUT_MS);
    mock_broker_answer(f.mock, MOCK_PRODUCE, MOCK_NOT_LEADER, 2);
    mock_broker_answer(f.mock, MOCK_PRODUCE, MOCK_DISCONNECT, 2);
    struct bus_record r = bus_fixture_record(&f, "k", "v");
    assert_ok(bus_publish(&f.port, &r, &f.e), f.e);
    struct bus_seen *seen = bus_fixture_read(&f);
    assert_int_equal(seen->n, 1); /* idempotence: sent several times, there once */
    bus_seen_free(seen);
    bus_fixture_close(&f);
}

TEST(bus_denied_is_told_at_once)
{
    struct bus_fixture f;
    bus_fixture_open(&f, mock_broker_shared(), BUS_TIMEOUT_MS);
    mock_broker_answer(f.mock, MOCK_PRODUCE, MOCK_TOPIC_DENIED, 1);
    struct bus_record r = bus_fixture_record(&f, "k", "v");
    assert_int_equal(bus_publish(&f.port, &r, &f.e), E_DENIED);
    assert_contains(str_from(f.e.text), f.topic);
    bus_fixture_close(&f);
}

TEST(bus_unknown_topic_is_told_with_the_remedy)
{
    struct bus_fixture f;
    bus_fixture_open(&f, mock_broker_shared(), BUS_TIMEOUT_MS);
    mock_broker_topic_error(f.mock, "gone", MOCK_UNKNOWN_TOPIC);
    struct bus_record r = bus_fixture_record(&f, "k", "v");
    r.topic = STR("gone");
    assert_int_equal(bus_publish(&f.port, &r, &f.e), E_NOT_FOUND);
    assert_contains(str_from(f.e.text), "topic gone does not exist");
    assert_contains(str_from(f.e.text), "ebb topics create");
    bus_fixture_close(&f);
}

TEST(bus_no_broker_means_surely_not_sent)
{
    struct err e;
    struct bus *bus;
    struct bus_options options = {
        .brokers = STR("127.0.0.1:1"), .client_id = STR("test"), .publish_timeout_ms = SHORT_MS};
    assert_ok(bus_open(&options, &bus, &e), e);
    struct bus_port port = bus_port_of(bus);
    struct bus_record r = {.topic = STR("t"), .value = STR("v")};
    assert_int_equal(bus_publish(&port, &r, &e), E_UNREACHABLE);
    assert_contains(str_from(e.text), "127.0.0.1:1");
    assert_contains(str_from(e.text), "refused"); /* the cause is in the words */
    struct bus_topic topic = {.name = STR("t")};
    assert_int_equal(bus_check_topics(bus, &topic, 1, SHORT_MS, &e), E_UNREACHABLE);
    bus_close(bus, 100);
}

TEST(bus_no_answer_means_it_may_have_arrived)
{
    struct bus_fixture f;
    bus_fixture_open(&f, mock_broker_shared(),
                     1500); /* the first message of a client takes up to a second */
    struct bus_record warm = bus_fixture_record(&f, "k", "warm");
    assert_ok(bus_publish(&f.port, &warm, &f.e), f.e);
    mock_broker_delay(f.mock, MOCK_PRODUCE, BUS_TIMEOUT_MS);
    struct bus_record r = bus_fixture_record(&f, "k", "v");
    assert_int_equal(bus_publish(&f.port, &r, &f.e), E_UNKNOWN_OUTCOME);
    bus_fixture_close(&f);
}

static void *stop_soon(void *bus)
{
    clock_sleep_ms(100);
    bus_stop_waiting(bus);
    return NULL;
}

TEST(bus_that_stops_waits_for_nobody_long)
{
    struct err e;
    struct bus *bus;
    pthread_t stopper;
    struct clock clock = clock_system();
    struct bus_options options = {
        .brokers = STR("127.0.0.1:1"), .client_id = STR("test"), .publish_timeout_ms = 20000};
    assert_ok(bus_open(&options, &bus, &e), e);
    struct bus_port port = bus_port_of(bus);
    struct bus_record r = {.topic = STR("t"), .value = STR("v")};
    int64_t begun_ms = clock_mono_ms(&clock);
    /* One that waits already, and one that begins to. */
    assert_int_equal(pthread_create(&stopper, NULL, stop_soon, bus), 0);
    assert_int_equal(bus_publish(&port, &r, &e), E_UNKNOWN_OUTCOME);
    pthread_join(stopper, NULL);
    assert_int_equal(bus_publish(&port, &r, &e), E_UNKNOWN_OUTCOME);
    bus_close(bus, 100);
    assert_true(clock_mono_ms(&clock) - begun_ms < 3000);
}

TEST(bus_a_broken_producer_is_fatal)
{
    struct bus_fixture f;
    struct mock_broker *mock = mock_broker_new(); /* a producer asks for its id when it is made */
    mock_broker_answer(mock, MOCK_PRODUCER_ID, MOCK_CLUSTER_DENIED, 1);
    bus_fixture_open(&f, mock, BUS_TIMEOUT_MS);
    struct bus_record r = bus_fixture_record(&f, "k", "v");
    assert_int_equal(bus_publish(&f.port, &r, &f.e), E_FATAL);
    assert_contains(str_from(f.e.text), "Cluster authorization failed");
    assert_int_equal(bus_publish(&f.port, &r, &f.e), E_FATAL);
    bus_fixture_close(&f);
    mock_broker_free(mock);
}

struct publisher {
    const struct bus_fixture *fixture;
    int failed;
};

static void *publish_some(void *argument)
{
    struct publisher *publisher = argument;
    struct bus_record r = bus_fixture_record(publisher->fixture, "k", "v");
    for (int i = 0; i < PER_THREAD; i++)
        publisher->failed += bus_publish(&publisher->fixture->port, &r, NULL) != 0;
    return NULL;
}

TEST(bus_threads_publish_side_by_side)
{
    struct bus_fixture f;
    pthread_t threads[THREADS];
    struct publisher publishers[THREADS];
    bus_fixture_open(&f, mock_broker_shared(), BUS_TIMEOUT_MS);
    for (size_t i = 0; i < THREADS; i++) {
        publishers[i] = (struct publisher){.fixture = &f};
        assert_int_equal(pthread_create(&threads[i], NULL, publish_some, &publishers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(publishers[i].failed, 0);
    }
    struct bus_seen *seen = bus_fixture_read(&f);
    assert_int_equal(seen->n, (size_t)THREADS * PER_THREAD);
    bus_seen_free(seen);
    bus_fixture_close(&f);
}
