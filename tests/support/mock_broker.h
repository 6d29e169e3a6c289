/* SPDX-License-Identifier: Apache-2.0
 * A Kafka cluster inside the test: librdkafka's mock cluster, with the faults a test asks for. */
#ifndef EBB_TESTS_SUPPORT_MOCK_BROKER_H
#define EBB_TESTS_SUPPORT_MOCK_BROKER_H

#include "lib/bus/bus.h"

struct mock_broker;

/* Kafka's numbers of requests and errors (kafka.apache.org/protocol). */
enum mock_request {
    MOCK_PRODUCE = 0,
    MOCK_LIST_OFFSETS = 2,
    MOCK_METADATA = 3,
    MOCK_JOIN = 11,
    MOCK_SYNC = 14,
    MOCK_PRODUCER_ID = 22
};
enum mock_error {
    MOCK_DISCONNECT = -195, /* librdkafka's own number: the connection is cut */
    MOCK_NONE = 0,
    MOCK_UNKNOWN_TOPIC = 3,
    MOCK_NOT_LEADER = 6,
    MOCK_TOO_LARGE = 10,
    MOCK_TOPIC_DENIED = 29,
    MOCK_GROUP_DENIED = 30,
    MOCK_CLUSTER_DENIED = 31,
};

/* Freeing one may take a second; most tests share one and have topics of their own. */
struct mock_broker *mock_broker_new(void);
void mock_broker_free(struct mock_broker *mock);
struct mock_broker *mock_broker_shared(void);
/* Options to reach it, with that publish timeout. */
struct bus_options mock_broker_options(const struct mock_broker *mock, int64_t publish_timeout_ms);
void mock_broker_topic(struct mock_broker *mock, const char *name, int partitions);
/* A topic with a name that no other test has; writes the name. */
void mock_broker_new_topic(struct mock_broker *mock, char *name, size_t size, int partitions);
/* The next `times` requests of that kind are answered so. */
void mock_broker_answer(struct mock_broker *mock, enum mock_request request, enum mock_error error,
                        int times);
/* The next request of that kind is carried out and answered that much later. */
void mock_broker_delay(struct mock_broker *mock, enum mock_request request, int delay_ms);
/* From now on metadata says this of the topic. */
void mock_broker_topic_error(struct mock_broker *mock, const char *name, enum mock_error error);
void mock_broker_set_up(struct mock_broker *mock, bool up);

#endif
