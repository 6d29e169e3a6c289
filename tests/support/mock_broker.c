/* SPDX-License-Identifier: Apache-2.0
 * See mock_broker.h. */
#include "tests/support/mock_broker.h"

#include <stdio.h>
#include <stdlib.h>

/* clang-format off: the second needs the first */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
/* clang-format on */

#include "tests/support/test.h"

#define BROKER_ID 1

struct mock_broker {
    rd_kafka_t *host; /* only keeps the cluster's books */
    rd_kafka_mock_cluster_t *cluster;
};

struct mock_broker *mock_broker_new(void)
{
    char words[200];
    struct mock_broker *mock = calloc(1, sizeof(*mock));
    if (!mock) abort();
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    assert_int_equal(rd_kafka_conf_set(conf, "log_level", "3", words, sizeof(words)), 0);
    mock->host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof(words));
    if (!mock->host) fail_msg("%s", words);
    mock->cluster = rd_kafka_mock_cluster_new(mock->host, 1);
    if (!mock->cluster) fail_msg("no mock cluster");
    return mock;
}

void mock_broker_free(struct mock_broker *mock)
{
    rd_kafka_mock_cluster_destroy(mock->cluster);
    rd_kafka_destroy(mock->host);
    free(mock);
}

static struct mock_broker *shared; /* a test program may keep what a library may not */

static void free_shared(void)
{
    mock_broker_free(shared);
}

struct mock_broker *mock_broker_shared(void)
{
    if (!shared) {
        shared = mock_broker_new();
        if (atexit(free_shared)) abort();
    }
    return shared;
}

struct bus_options mock_broker_options(const struct mock_broker *mock, int64_t publish_timeout_ms)
{
    return (struct bus_options){
        .brokers = str_from(rd_kafka_mock_cluster_bootstraps(mock->cluster)),
        .client_id = STR("test"),
        .publish_timeout_ms = publish_timeout_ms,
    };
}

void mock_broker_topic(struct mock_broker *mock, const char *name, int partitions)
{
    assert_int_equal(rd_kafka_mock_topic_create(mock->cluster, name, partitions, 1), 0);
}

void mock_broker_new_topic(struct mock_broker *mock, char *name, size_t size, int partitions)
{
    static int made;
    (void)snprintf(name, size, "topic-%d", ++made); /* fits, or the topic cannot be made */
    mock_broker_topic(mock, name, partitions);
}

/* Always on the broker's own list: once that is there, the cluster's is not looked at. */
static void push(struct mock_broker *mock, enum mock_request request, enum mock_error error,
                 int delay_ms)
{
    assert_int_equal(rd_kafka_mock_broker_push_request_error_rtts(
                         mock->cluster, BROKER_ID, (int16_t)request, 1, (int)error, delay_ms),
                     0);
}

void mock_broker_answer(struct mock_broker *mock, enum mock_request request, enum mock_error error,
                        int times)
{
    for (int i = 0; i < times; i++)
        push(mock, request, error, 0);
}

void mock_broker_delay(struct mock_broker *mock, enum mock_request request, int delay_ms)
{
    push(mock, request, MOCK_NONE, delay_ms);
}

void mock_broker_topic_error(struct mock_broker *mock, const char *name, enum mock_error error)
{
    rd_kafka_mock_topic_set_error(mock->cluster, name, (rd_kafka_resp_err_t)(int)error);
}

void mock_broker_set_up(struct mock_broker *mock, bool up)
{
    assert_int_equal(up ? rd_kafka_mock_broker_set_up(mock->cluster, BROKER_ID)
                        : rd_kafka_mock_broker_set_down(mock->cluster, BROKER_ID),
                     0);
}
