/* SPDX-License-Identifier: Apache-2.0
 * Goal: a member may leave its group at any moment, also before the group has said what is its own.
 * Method: a mock cluster that is late with that word. */
#include "tests/support/mock_broker.h"
#include "tests/support/test.h"

#define JOINED_MS    3600
#define NEVER_MS     60000
#define CLOSE_MAX_MS 6000

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
