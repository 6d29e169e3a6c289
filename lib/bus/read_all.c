/* SPDX-License-Identifier: Apache-2.0
 * Reads a topic from its beginning to where it ended when the reading began, without a group: each
 * partition is followed by itself, and none is committed. */
#include <inttypes.h>
#include <stdlib.h>

#include "lib/bus/internal.h"

#define READ_PARTITIONS_MAX 4096
#define READ_POLL_MS        100
#define STEP_TIMEOUT_MIN_MS 1
#define LEADER_AGAIN_MS     50

struct reading {
    struct bus_handle handle;
    rd_kafka_topic_t *topic;
    rd_kafka_queue_t *queue;
    char name[BUS_TOPIC_NAME_MAX + 1];
    int64_t *ends; /* of each partition when reading began; -1 = not begun */
    int partitions, open_n;
    int64_t timeout_ms, deadline_ms; /* of the next message */
    struct clock clock;
};

static int left_ms(const struct reading *r)
{
    int64_t left = r->deadline_ms - clock_mono_ms(&r->clock);
    return left > STEP_TIMEOUT_MIN_MS ? (int)left : STEP_TIMEOUT_MIN_MS;
}

static int count_partitions(struct reading *r, struct err *e)
{
    const struct rd_kafka_metadata *metadata;
    int code = bus_metadata(&r->handle, r->topic, left_ms(r), &metadata, e);
    if (code) return code;
    rd_kafka_resp_err_t native =
        metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
    r->partitions = native ? 0 : metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    if (bus_code_of(native) == E_NOT_FOUND)
        return bus_topic_missing(&r->handle, str_from(r->name), E_MISSING, e);
    if (native)
        return err_set(e, bus_code_of(native), "topic %s at %s: %s", r->name, r->handle.brokers,
                       rd_kafka_err2str(native));
    if (r->partitions > READ_PARTITIONS_MAX)
        return err_set(e, E_TOO_LARGE, "topic %s has more than %d partitions", r->name,
                       READ_PARTITIONS_MAX);
    return 0;
}

/* A leader that has just changed, or was just chosen, is told to be none for a moment. */
static bool passes(rd_kafka_resp_err_t native)
{
    return native == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
           native == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
           native == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

static rd_kafka_resp_err_t ask_for_end(struct reading *r, int partition, int64_t *first,
                                       int64_t *end)
{
    for (;;) {
        rd_kafka_resp_err_t native = rd_kafka_query_watermark_offsets(
            r->handle.native, r->name, partition, first, end, left_ms(r));
        if (!passes(native) || clock_mono_ms(&r->clock) >= r->deadline_ms) return native;
        clock_sleep_ms(LEADER_AGAIN_MS);
    }
}

/* Asks for the end of each partition and begins those that are not empty. */
static int begin(struct reading *r, struct err *e)
{
    r->ends = calloc((size_t)r->partitions + 1, sizeof(*r->ends));
    if (!r->ends) abort();
    for (int i = 0; i < r->partitions; i++)
        r->ends[i] = -1;
    for (int i = 0; i < r->partitions; i++) {
        int64_t first, end;
        rd_kafka_resp_err_t native = ask_for_end(r, i, &first, &end);
        if (native)
            return err_set(e, bus_code_of(native), "the end of %s [%d] at %s: %s", r->name, i,
                           r->handle.brokers, rd_kafka_err2str(native));
        if (first >= end) continue;
        if (rd_kafka_consume_start_queue(r->topic, i, RD_KAFKA_OFFSET_BEGINNING, r->queue))
            return err_set(e, E_UNREACHABLE, "reading %s [%d]: %s", r->name, i,
                           rd_kafka_err2str(rd_kafka_last_error()));
        r->ends[i] = end;
        r->open_n++;
    }
    return 0;
}

static void end_partition(struct reading *r, int32_t partition)
{
    if (r->ends[partition] < 0) return;
    /* Waits until librdkafka has stopped, so nothing of it comes after this. */
    (void)rd_kafka_consume_stop(r->topic, partition); /* it was started by us */
    r->ends[partition] = -1;
    r->open_n--;
}

static int handle_one(struct reading *r, const rd_kafka_message_t *native,
                      bus_read_callback *callback, void *ctx, struct err *e)
{
    struct bus_message message;
    if (native->partition < 0 || native->partition >= r->partitions) return 0;
    int64_t end = r->ends[native->partition];
    if (end < 0) return 0; /* ended already */
    if (native->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        end_partition(r, native->partition);
        return 0;
    }
    if (native->err) {
        int code = bus_code_of(native->err);
        if (code == E_UNREACHABLE)
            return 0; /* librdkafka goes on by itself; the deadline ends it */
        return err_set(e, code, "reading %s: %s", r->name, rd_kafka_message_errstr(native));
    }
    int code = 0;
    if (native->offset < end) {
        bus_message_view(native, &message);
        code = callback(ctx, &message, e);
        r->deadline_ms = clock_mono_ms(&r->clock) + r->timeout_ms;
    }
    if (native->offset >= end - 1) end_partition(r, native->partition);
    return code;
}

static int read_on(struct reading *r, bus_read_callback *callback, void *ctx, struct err *e)
{
    int code = 0;
    while (r->open_n > 0 && code == 0) { /* bounded by the deadline */
        rd_kafka_message_t *native = rd_kafka_consume_queue(r->queue, READ_POLL_MS);
        (void)rd_kafka_poll(r->handle.native, 0); /* errors go to the handle; a count of events */
        if (native) {
            code = handle_one(r, native, callback, ctx, e);
            rd_kafka_message_destroy(native);
        }
        if (code || r->open_n == 0) break;
        if (clock_mono_ms(&r->clock) >= r->deadline_ms)
            code = err_set(e, E_TIMEOUT, "reading %s at %s: nothing came for %lld s, %d of %d %s",
                           r->name, r->handle.brokers, (long long)(r->timeout_ms / 1000), r->open_n,
                           r->partitions, "partitions are left");
    }
    return code;
}

int bus_read_all(const struct bus_options *options, struct str topic, int64_t timeout_ms,
                 bus_read_callback *callback, void *ctx, struct err *e)
{
    rd_kafka_conf_t *conf;
    struct reading r = {.clock = clock_system(), .timeout_ms = timeout_ms};
    r.deadline_ms = clock_mono_ms(&r.clock) + timeout_ms;
    if (!bus_topic_name(topic, r.name))
        return err_set(e, E_CONFIG, "\"%.*s\" is not a topic's name", STR_ARG(topic));
    int code = bus_conf_new(BUS_READER, options, &conf, e);
    if (code) return code;
    code = bus_handle_open(&r.handle, BUS_READER, conf, options, NULL, e);
    if (code) return code;
    r.topic = rd_kafka_topic_new(r.handle.native, r.name, NULL);
    r.queue = rd_kafka_queue_new(r.handle.native);
    if (!r.topic) code = err_set(e, E_CONFIG, "\"%s\" is not a topic's name", r.name);
    if (!code) code = count_partitions(&r, e);
    if (!code) code = begin(&r, e);
    if (!code) code = read_on(&r, callback, ctx, e);
    for (int i = 0; r.ends && i < r.partitions; i++)
        end_partition(&r, i);
    rd_kafka_queue_destroy(r.queue);
    if (r.topic) rd_kafka_topic_destroy(r.topic);
    bus_handle_close(&r.handle, 0);
    free(r.ends);
    return code;
}
