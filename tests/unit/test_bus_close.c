/* SPDX-License-Identifier: Apache-2.0
 * Goal: a member may leave its group at any moment, also before the group has said what is its own.
 * Method: a mock cluster that is late with that word. */
#include "tests/support/mock_broker.h"
#include "tests/support/test.h"

#define JOINED_MS    3600
#define NEVER_MS     60000
#define CLOSE_MAX_MS 6000
#define IDLE_MAX_MS  1500
#define ROUNDS       100

static struct bus_consumer *open_member(struct mock_broker *mock, const char *topic)
{
    struct err e = {0};
    struct str name = str_from(topic);
    struct bus_consumer *consumer;
    struct bus_consumer_options options = {
        .bus = mock_broker_options(mock, 1000), .group = name, .topics = &name, .topics_n = 1};
    assert_ok(bus_consumer_open(&options, &consumer, &e), e);
    return consumer;
}

static void poll_for(struct bus_consumer *consumer, int64_t ms)
{
    struct bus_message *message;
    struct err e = {0};
    assert_ok(bus_consumer_poll(consumer, ms, &message, &e), e);
    assert_null(message);
}

static int64_t close_took_ms(struct bus_consumer *consumer)
{
    struct clock clock = clock_system();
    int64_t begin_ms = clock_mono_ms(&clock);
    bus_consumer_close(consumer);
    return clock_mono_ms(&clock) - begin_ms;
}

/* librdkafka's issue 4312: destroyed between the answers to JoinGroup and SyncGroup, the member took
 * the process with it. The mock answers the first after three seconds. */
TEST(bus_a_member_that_is_not_assigned_yet_can_be_closed)
{
    static const int LATE_MS[] = {JOINED_MS + 1000, NEVER_MS};
    struct mock_broker *mocks[EBB_COUNT(LATE_MS)];
    struct bus_consumer *members[EBB_COUNT(LATE_MS)];
    struct clock clock = clock_system();
    int64_t joined_ms = clock_mono_ms(&clock) + JOINED_MS;
    for (size_t i = 0; i < EBB_COUNT(LATE_MS); i++) {
        char topic[32];
        mocks[i] = mock_broker_new();
        mock_broker_new_topic(mocks[i], topic, sizeof(topic), 1);
        mock_broker_delay(mocks[i], MOCK_SYNC, LATE_MS[i]);
        members[i] = open_member(mocks[i], topic);
    }
    while (clock_mono_ms(&clock) < joined_ms)
        for (size_t i = 0; i < EBB_COUNT(LATE_MS); i++)
            poll_for(members[i], 20);
    for (size_t i = 0; i < EBB_COUNT(LATE_MS); i++) {
        assert_true(close_took_ms(members[i]) < CLOSE_MAX_MS);
        mock_broker_free(mocks[i]);
    }
}

/* One more than there are partitions: nothing is ever its own, and nobody waits for that. */
TEST(bus_a_member_without_partitions_is_closed_at_once)
{
    struct mock_broker *mock = mock_broker_new();
    char topic[32];
    mock_broker_new_topic(mock, topic, sizeof(topic), 1);
    struct bus_consumer *first = open_member(mock, topic), *second = open_member(mock, topic);
    for (int i = 0; i < ROUNDS; i++) {
        poll_for(first, 50);
        poll_for(second, 50);
    }
    struct bus_consumer *idle = bus_consumer_stats(first).assigned ? second : first;
    assert_int_equal(bus_consumer_stats(idle).assigned, 0);
    assert_true(close_took_ms(idle) < IDLE_MAX_MS);
    (void)close_took_ms(idle == first ? second : first); /* whatever the other needs */
    mock_broker_free(mock);
}
