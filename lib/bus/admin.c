/* SPDX-License-Identifier: Apache-2.0
 * Which topics there are, and making those that are missing. */
#include <stdlib.h>
#include <string.h>

#include "lib/bus/internal.h"

#define TOPICS_MAX       200
#define OPERATION_MIN_MS 100
#define BROKERS_DEFAULT  (-1) /* Kafka's word for "the broker's default" */

static bool exists(const struct rd_kafka_metadata *metadata, struct str name, int *code)
{
    *code = 0;
    for (int i = 0; i < metadata->topic_cnt; i++) {
        const rd_kafka_metadata_topic_t *topic = &metadata->topics[i];
        if (!str_eq(str_from(topic->topic), name)) continue;
        int found = bus_code_of(topic->err);
        /* A topic that has no leader at this moment exists. */
        if (found == E_DENIED) *code = found;
        return found != E_NOT_FOUND;
    }
    return false;
}

int bus_check_topics(struct bus *bus, const struct bus_topic *topics, size_t n, int64_t timeout_ms,
                     struct err *e)
{
    struct bus_handle *handle = bus_handle_of(bus);
    const struct rd_kafka_metadata *metadata;
    int code = bus_metadata(handle, NULL, timeout_ms, &metadata, e);
    if (code) return code;
    for (size_t i = 0; i < n && code == 0; i++) {
        if (!exists(metadata, topics[i].name, &code))
            code = bus_topic_missing(handle, topics[i].name, E_MISSING, e);
        else if (code)
            (void)err_set(e, code, "topic %.*s at %s may not be used by this user",
                          STR_ARG(topics[i].name), handle->brokers);
    }
    rd_kafka_metadata_destroy(metadata);
    return code;
}

static int new_topic(const struct bus_topic *topic, rd_kafka_NewTopic_t **out, struct err *e)
{
    char name[BUS_TOPIC_NAME_MAX + 1], words[BUS_WORDS_MAX];
    if (!bus_topic_name(topic->name, name))
        return err_set(e, E_MALFORMED, "%.*s is not a topic's name", STR_ARG(topic->name));
    int partitions = topic->partitions ? topic->partitions : BUS_PARTITIONS_DEFAULT;
    int replication = topic->replication ? topic->replication : BROKERS_DEFAULT;
    *out = rd_kafka_NewTopic_new(name, partitions, replication, words, sizeof(words));
    if (!*out) return err_set(e, E_MALFORMED, "topic %s: %s", name, words);
    if (topic->compacted)
        EBB_ASSERT(!rd_kafka_NewTopic_set_config(*out, "cleanup.policy", "compact"));
    return 0;
}

/* The topics of the request that are not there, as librdkafka wants them. */
static int missing_topics(struct bus_handle *handle, const struct bus_topic *topics, size_t n,
                          int64_t timeout_ms, rd_kafka_NewTopic_t **missing, size_t *missing_n,
                          struct err *e)
{
    const struct rd_kafka_metadata *metadata;
    int code = bus_metadata(handle, NULL, timeout_ms, &metadata, e);
    if (code) return code;
    for (size_t i = 0; i < n && code == 0; i++) {
        int ignored; /* a topic that is there but not ours is for bus_check_topics to tell */
        if (exists(metadata, topics[i].name, &ignored)) continue;
        code = new_topic(&topics[i], &missing[*missing_n], e);
        if (code == 0) (*missing_n)++;
    }
    rd_kafka_metadata_destroy(metadata);
    return code;
}

static int read_results(struct bus_handle *handle, rd_kafka_event_t *event, struct err *e)
{
    rd_kafka_resp_err_t failed = rd_kafka_event_error(event);
    if (failed)
        return err_set(e, bus_code_of(failed), "making topics at %s: %s", handle->brokers,
                       rd_kafka_event_error_string(event));
    size_t n;
    const rd_kafka_topic_result_t **results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &n);
    for (size_t i = 0; i < n; i++) {
        rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
        /* Somebody else may have made it just now. */
        if (!error || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
        const char *words = rd_kafka_topic_result_error_string(results[i]);
        return err_set(e, bus_code_of(error), "making topic %s at %s: %s",
                       rd_kafka_topic_result_name(results[i]), handle->brokers,
                       words ? words : rd_kafka_err2str(error));
    }
    return 0;
}

static int create(struct bus_handle *handle, rd_kafka_NewTopic_t **topics, size_t n,
                  int64_t timeout_ms, struct err *e)
{
    char words[BUS_WORDS_MAX];
    int wait_ms = (int)(timeout_ms > OPERATION_MIN_MS ? timeout_ms : OPERATION_MIN_MS);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(handle->native, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    /* The broker answers when the topics can be used, not when it has heard of them. */
    EBB_ASSERT(
        !rd_kafka_AdminOptions_set_operation_timeout(options, wait_ms, words, sizeof(words)));
    EBB_ASSERT(!rd_kafka_AdminOptions_set_request_timeout(options, wait_ms, words, sizeof(words)));
    rd_kafka_queue_t *queue = rd_kafka_queue_new(handle->native);
    rd_kafka_CreateTopics(handle->native, topics, n, options, queue);
    /* Its own timeout ends it; ours only makes that sure. */
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, wait_ms + OPERATION_MIN_MS);
    int code = event ? read_results(handle, event, e)
                     : err_set(e, E_UNREACHABLE, "making topics at %s: no answer within %d ms",
                               handle->brokers, wait_ms);
    if (event) rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    return code;
}

int bus_create_topics(struct bus *bus, const struct bus_topic *topics, size_t n, int64_t timeout_ms,
                      struct err *e)
{
    struct bus_handle *handle = bus_handle_of(bus);
    struct clock clock = clock_system();
    int64_t deadline_ms = clock_mono_ms(&clock) + timeout_ms;
    rd_kafka_NewTopic_t *missing[TOPICS_MAX];
    size_t missing_n = 0;
    EBB_ASSERT(n <= TOPICS_MAX);
    int code = missing_topics(handle, topics, n, timeout_ms, missing, &missing_n, e);
    if (code == 0 && missing_n > 0)
        code = create(handle, missing, missing_n, deadline_ms - clock_mono_ms(&clock), e);
    rd_kafka_NewTopic_destroy_array(missing, missing_n);
    return code;
}
