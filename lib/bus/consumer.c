/* SPDX-License-Identifier: Apache-2.0
 * A member of a consumer group: joining, polling, leaving. What a rebalance does is rebalance.c's,
 * what is in work and may be stored is assignment.c's. */
#include <stdlib.h>
#include <string.h>

#include "lib/bus/internal.h"

#define WINDOW_MAX_DEFAULT 100
#define TOPICS_MAX         100
#define POLL_SLICE_MS      1000
#define CLOSE_ASK_MS       500
#define CLOSE_WAIT_MS      1500 /* what is not stored by then is read again by whoever is next */
#define CLOSE_POLL_MS      50
#define CONNECTED_ASK_MS   250
#define JOIN_WAIT_MS       2000
#define MENDED_VERSION     0x02030000

static int subscribe(struct bus_consumer *consumer, const struct bus_consumer_options *options,
                     struct err *e)
{
    char name[BUS_TOPIC_NAME_MAX + 1];
    rd_kafka_topic_partition_list_t *topics =
        rd_kafka_topic_partition_list_new((int)options->topics_n);
    int code = 0;
    for (size_t i = 0; i < options->topics_n && code == 0; i++) {
        if (bus_topic_name(options->topics[i], name))
            rd_kafka_topic_partition_list_add(topics, name, RD_KAFKA_PARTITION_UA);
        else
            code =
                err_set(e, E_CONFIG, "\"%.*s\" is not a topic's name", STR_ARG(options->topics[i]));
    }
    rd_kafka_resp_err_t native =
        code ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_subscribe(consumer->handle.native, topics);
    if (native) code = err_set(e, E_FATAL, "subscribing: %s", rd_kafka_err2str(native));
    rd_kafka_topic_partition_list_destroy(topics);
    return code;
}

int bus_consumer_open(const struct bus_consumer_options *options, struct bus_consumer **out,
                      struct err *e)
{
    rd_kafka_conf_t *conf;
    char group[BUS_TOPIC_NAME_MAX + 1];
    *out = NULL;
    EBB_ASSERT(options->topics_n > 0 && options->topics_n <= TOPICS_MAX);
    if (!bus_topic_name(options->group, group))
        return err_set(e, E_CONFIG, "\"%.*s\" is not a consumer group's name",
                       STR_ARG(options->group));
    int code = bus_conf_new(BUS_CONSUMER, &options->bus, &conf, e);
    if (code) return code;
    bus_conf_set(conf, "group.id", group);
    if (options->session_timeout_ms > 0)
        bus_conf_set_int(conf, "session.timeout.ms", options->session_timeout_ms);
    rd_kafka_conf_set_rebalance_cb(conf, bus_on_rebalance);
    struct bus_consumer *consumer = calloc(1, sizeof(*consumer));
    if (!consumer) abort();
    consumer->on_revoked = options->on_revoked;
    consumer->ctx = options->ctx;
    code = bus_handle_open(&consumer->handle, BUS_CONSUMER, conf, &options->bus, consumer, e);
    if (code) {
        free(consumer);
        return code;
    }
    bus_assignment_init(&consumer->assignment,
                        options->window_max ? options->window_max : WINDOW_MAX_DEFAULT);
    (void)rd_kafka_poll_set_consumer(consumer->handle.native); /* fails without a group only */
    consumer->events = rd_kafka_queue_get_consumer(consumer->handle.native);
    bus_wake_listen(&consumer->assignment.wake, consumer->events);
    code = subscribe(consumer, options, e);
    if (code)
        bus_consumer_close(consumer);
    else
        *out = consumer;
    return code;
}

/* Once asked to leave its group librdkafka tries for ten seconds. Without a broker nobody would
 * hear it, and what is not stored is read again by whoever is next. */
static bool answers(struct bus_consumer *consumer)
{
    const struct rd_kafka_metadata *metadata;
    struct err ignored;
    if (bus_metadata(&consumer->handle, NULL, CLOSE_ASK_MS, &metadata, &ignored)) return false;
    rd_kafka_metadata_destroy(metadata);
    return true;
}

static void leave_group(struct bus_consumer *consumer)
{
    struct clock clock = clock_system();
    int64_t deadline_ms = clock_mono_ms(&clock) + CLOSE_WAIT_MS;
    rd_kafka_t *native = consumer->handle.native;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(native);
    rd_kafka_error_t *error = rd_kafka_consumer_close_queue(native, queue);
    /* The last revoke is served here. A broker that does not answer must not keep us. */
    while (!error && !rd_kafka_consumer_closed(native) && clock_mono_ms(&clock) < deadline_ms)
        (void)rd_kafka_queue_poll_callback(queue, CLOSE_POLL_MS); /* a count of events */
    if (error) rd_kafka_error_destroy(error);
    rd_kafka_queue_destroy(queue);
}

/* librdkafka before 2.3 aborts the process when it destroys a member that knows its assignor and not
 * yet its first assignment (its issue 4312): between two answers of the broker, which are waited
 * for. False when the second did not come: then it cannot be destroyed. */
static bool may_be_destroyed(struct bus_consumer *consumer)
{
    struct clock clock = clock_system();
    int64_t deadline_ms = clock_mono_ms(&clock) + JOIN_WAIT_MS;
    if (rd_kafka_version() >= MENDED_VERSION) return true;
    while (!consumer->joined) {
        const char *protocol = rd_kafka_rebalance_protocol(consumer->handle.native);
        if (!protocol || str_eq(str_from(protocol), STR("NONE"))) return true;
        if (clock_mono_ms(&clock) >= deadline_ms) return false;
        rd_kafka_message_t *event = rd_kafka_consumer_poll(consumer->handle.native, CLOSE_POLL_MS);
        if (event) rd_kafka_message_destroy(event); /* an error, of no use any more */
    }
    return true;
}

void bus_consumer_close(struct bus_consumer *consumer)
{
    if (!consumer) return;
    EBB_ASSERT(consumer->assignment.handed_out == 0);
    consumer->closing = true;
    bool ends = may_be_destroyed(consumer);
    bus_wake_stop_listening(consumer->events);
    rd_kafka_queue_destroy(consumer->events);
    if (answers(consumer)) leave_group(consumer);
    bus_assignment_release(&consumer->assignment); /* its queues go before what they belong to */
    if (!ends) {
        /* It is left as it is, silent, and ends with the process, which is about to. */
        rd_kafka_set_log_level(consumer->handle.native, 0);
        return;
    }
    bus_handle_close(&consumer->handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    free(consumer);
}

static struct bus_message *take_in(struct bus_consumer *consumer, const rd_kafka_message_t *native)
{
    struct bus_message *message = bus_message_copy(native);
    atomic_store(&consumer->handle.connected, true);
    switch (bus_assignment_take(&consumer->assignment, message)) {
    case BUS_TAKEN: return message;
    case BUS_NOT_OURS:
    case BUS_IN_WORK: break;
    }
    bus_message_free(message);
    return NULL;
}

static int take_in_error(struct bus_consumer *consumer, const rd_kafka_message_t *native,
                         struct err *e)
{
    const char *topic = native->rkt ? rd_kafka_topic_name(native->rkt) : "";
    if (native->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        bus_handle_well(&consumer->handle);
        bus_assignment_end_seen(&consumer->assignment, topic, native->partition, native->offset);
        return 0;
    }
    int code = bus_code_of(native->err);
    if (code == E_NOT_FOUND)
        return bus_topic_missing(&consumer->handle, str_from(topic), E_MISSING, e);
    if (code == E_DENIED || code == E_FATAL)
        return err_set(e, code, "Kafka at %s: %s", consumer->handle.brokers,
                       rd_kafka_message_errstr(native));
    bus_handle_log(&consumer->handle, 4, "%s", rd_kafka_message_errstr(native));
    return 0;
}

/* What callbacks noted during the poll. */
static int noted_error(struct bus_consumer *consumer, struct err *e)
{
    if (consumer->broken.code) {
        if (e) *e = consumer->broken;
        return consumer->broken.code;
    }
    char words[BUS_WORDS_MAX];
    if (rd_kafka_fatal_error(consumer->handle.native, words, sizeof(words)))
        return err_set(e, E_FATAL, "Kafka consumer: %s", words);
    struct err trouble;
    if (bus_handle_trouble(&consumer->handle, &trouble) != E_DENIED) return 0;
    bus_handle_forget(&consumer->handle); /* told once for each time it happens */
    if (e) *e = trouble;
    return E_DENIED;
}

/* Rebalances, which happen inside, and errors. No message comes this way: each partition's queue is
 * its own from before it is assigned. */
static int serve_events(struct bus_consumer *consumer, struct err *e)
{
    int code = 0;
    rd_kafka_message_t *native;
    while ((native = rd_kafka_consumer_poll(consumer->handle.native, 0))) {
        struct err other;
        EBB_ASSERT(native->err);
        int found = take_in_error(consumer, native, code ? &other : e);
        if (!code) code = found;
        rd_kafka_message_destroy(native);
    }
    return code ? code : noted_error(consumer, e);
}

/* One message, or what a partition had to say, or nothing. */
static int serve_partitions(struct bus_consumer *consumer, struct bus_message **out, struct err *e)
{
    int code = 0;
    rd_kafka_message_t *native;
    while (!*out && !code && (native = bus_assignment_next(&consumer->assignment))) {
        if (native->err)
            code = take_in_error(consumer, native, e);
        else
            *out = take_in(consumer, native);
        rd_kafka_message_destroy(native);
    }
    return code;
}

int bus_consumer_poll(struct bus_consumer *consumer, int64_t timeout_ms, struct bus_message **out,
                      struct err *e)
{
    struct clock clock = clock_system();
    int64_t now_ms = clock_mono_ms(&clock);
    int64_t deadline_ms = now_ms + timeout_ms;
    *out = NULL;
    for (;;) { /* bounded by the deadline */
        bus_wake_clear(&consumer->assignment.wake);
        int code = serve_events(consumer, e);
        if (!code) code = serve_partitions(consumer, out, e);
        if (code || *out) return code;
        now_ms = clock_mono_ms(&clock);
        if (now_ms >= deadline_ms) return 0;
        /* librdkafka wants to see us now and then, whatever the caller's patience. */
        int64_t slice_ms = now_ms + POLL_SLICE_MS;
        bus_wake_wait(&consumer->assignment.wake, slice_ms < deadline_ms ? slice_ms : deadline_ms);
    }
}

void bus_message_done(struct bus_consumer *consumer, struct bus_message *take_message)
{
    bus_assignment_finish(&consumer->assignment, consumer->handle.native, take_message);
    bus_message_free(take_message);
}

void bus_message_drop(struct bus_consumer *consumer, struct bus_message *take_message)
{
    bus_assignment_give_back(&consumer->assignment);
    bus_message_free(take_message);
}

struct bus_consumer_stats bus_consumer_stats(struct bus_consumer *consumer)
{
    struct bus_consumer_stats stats =
        bus_assignment_stats(&consumer->assignment, consumer->handle.native);
    if (!atomic_load(&consumer->handle.connected)) {
        const struct rd_kafka_metadata *metadata;
        struct err ignored;
        /* It notes by itself that a broker answered. */
        if (!bus_metadata(&consumer->handle, NULL, CONNECTED_ASK_MS, &metadata, &ignored))
            rd_kafka_metadata_destroy(metadata);
    }
    stats.connected = atomic_load(&consumer->handle.connected);
    return stats;
}
