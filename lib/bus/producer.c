/* SPDX-License-Identifier: Apache-2.0
 * Publishing. Each call waits for the delivery reports of its own messages, which a thread of the
 * bus collects; whether a failed message may have arrived decides between E_UNREACHABLE and
 * E_UNKNOWN_OUTCOME. */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/pause.h"
#include "lib/bus/batch.h"
#include "lib/bus/internal.h"

#define POLL_MS               1000
#define STOPPING_MS           500 /* what is published then gets so long */
#define GLANCE_MS             100 /* between looks at whether it is to stop */
#define QUEUE_FULL_POLL_MS    5
#define REPORT_GRACE_MS       5000 /* beyond the publish timeout; librdkafka reports earlier */
#define PUBLISH_MANY_MAX      100000
#define PURGE_REPORT_MS       1000
#define HEADER_NAME_BYTES_MAX 1000

struct bus {
    struct bus_handle handle;
    pthread_t poller;
    atomic_bool stopping;          /* the poller */
    _Atomic int64_t stopped_at_ms; /* monotonic; 0 = publishers wait as long as ever */
    int64_t publish_timeout_ms;
    struct bus_options options;
};

static int refusal_code(rd_kafka_t *native, rd_kafka_resp_err_t error)
{
    return rd_kafka_fatal_error(native, NULL, 0) ? E_FATAL : bus_code_of(error);
}

/* What the report of a message means for whoever published it. */
static int delivery_code(rd_kafka_t *native, const rd_kafka_message_t *message)
{
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return 0;
    int code = refusal_code(native, message->err);
    if (code != E_UNREACHABLE) return code;
    return rd_kafka_message_status(message) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED
               ? E_UNREACHABLE
               : E_UNKNOWN_OUTCOME;
}

static void on_delivery(rd_kafka_t *native, const rd_kafka_message_t *message, void *opaque)
{
    int code = delivery_code(native, message);
    if (code == 0) bus_handle_well(opaque);
    bus_batch_settle(message->_private, message->err, code);
}

static void *poll_reports(void *argument)
{
    struct bus *bus = argument;
    while (!atomic_load(&bus->stopping))
        (void)rd_kafka_poll(bus->handle.native, POLL_MS); /* a count of events */
    return NULL;
}

int bus_open(const struct bus_options *options, struct bus **out, struct err *e)
{
    rd_kafka_conf_t *conf;
    *out = NULL;
    int code = bus_conf_new(BUS_PRODUCER, options, &conf, e);
    if (code) return code;
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    struct bus *bus = calloc(1, sizeof(*bus));
    if (!bus) abort();
    bus->options = *options;
    bus->publish_timeout_ms = bus_publish_timeout_ms(options);
    code = bus_handle_open(&bus->handle, BUS_PRODUCER, conf, options, bus, e);
    if (code) {
        free(bus);
        return code;
    }
    /* Signals are for the threads of the program. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&bus->poller, NULL, poll_reports, bus);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) abort(); /* like memory: a process without threads is restarted */
    *out = bus;
    return 0;
}

void bus_stop_waiting(struct bus *bus)
{
    struct clock clock = clock_system();
    atomic_store(&bus->stopped_at_ms, clock_mono_ms(&clock));
}

/* Until when to wait for what was begun then. */
static int64_t end_of(struct bus *bus, int64_t begun_ms, int64_t timeout_ms)
{
    int64_t end_ms = begun_ms + timeout_ms, stopped_at_ms = atomic_load(&bus->stopped_at_ms);
    if (!stopped_at_ms) return end_ms;
    int64_t soon_ms = STOPPING_MS + (begun_ms > stopped_at_ms ? begun_ms : stopped_at_ms);
    return soon_ms < end_ms ? soon_ms : end_ms;
}

void bus_close(struct bus *bus, int64_t flush_ms)
{
    if (!bus) return;
    /* What does not get through in time is reported as failed by the purge. */
    if (rd_kafka_flush(bus->handle.native, (int)flush_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        (void)rd_kafka_purge(bus->handle.native,
                             RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT); /* cannot fail */
        (void)rd_kafka_flush(bus->handle.native, PURGE_REPORT_MS); /* nothing is left to do */
    }
    atomic_store(&bus->stopping, true);
    rd_kafka_queue_t *reports = rd_kafka_queue_get_main(bus->handle.native);
    rd_kafka_queue_yield(reports); /* wakes the poller */
    rd_kafka_queue_destroy(reports);
    pthread_join(bus->poller, NULL);
    bus_handle_close(&bus->handle, 0);
    free(bus);
}

struct bus_handle *bus_handle_of(struct bus *bus)
{
    return &bus->handle;
}

static rd_kafka_headers_t *headers_of(const struct bus_record *record)
{
    if (record->headers_n == 0) return NULL;
    rd_kafka_headers_t *headers = rd_kafka_headers_new(record->headers_n);
    for (size_t i = 0; i < record->headers_n; i++) {
        const struct bus_header *h = &record->headers[i];
        EBB_ASSERT(h->name.n > 0 && h->name.n <= HEADER_NAME_BYTES_MAX);
        EBB_ASSERT(!rd_kafka_header_add(headers, h->name.p, (ssize_t)h->name.n, h->value.p,
                                        (ssize_t)h->value.n));
    }
    return headers;
}

/* Hands one record to librdkafka. 0: a report will come. */
static rd_kafka_resp_err_t produce(struct bus *bus, const char *topic,
                                   const struct bus_record *record, struct bus_delivery *delivery)
{
    rd_kafka_headers_t *headers = headers_of(record);
    /* librdkafka takes void pointers to what it only copies. */
    union {
        const void *in;
        void *out;
    } key = {record->key.p}, value = {record->value.p};
    rd_kafka_vu_t fields[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = topic},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {key.out, record->key.n}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {value.out, record->value.n}},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = delivery},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
    };
    size_t n = EBB_COUNT(fields) - (headers ? 0 : 1);
    rd_kafka_error_t *error = rd_kafka_produceva(bus->handle.native, fields, n);
    if (!error) return RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_resp_err_t native = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    if (headers) rd_kafka_headers_destroy(headers); /* taken on success only */
    return native;
}

static void enqueue(struct bus *bus, const struct bus_record *record, struct bus_delivery *delivery,
                    int64_t begun_ms)
{
    struct clock clock = clock_system();
    char topic[BUS_TOPIC_NAME_MAX + 1];
    rd_kafka_resp_err_t native;
    bus_batch_expect(delivery->batch);
    if (!bus_topic_name(record->topic, topic)) {
        bus_batch_settle(delivery, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, E_MALFORMED);
        return;
    }
    EBB_ASSERT(record->headers_n <= BUS_HEADERS_MAX);
    for (;;) { /* bounded by the time-out */
        native = produce(bus, topic, record, delivery);
        if (native != RD_KAFKA_RESP_ERR__QUEUE_FULL) break;
        if (clock_mono_ms(&clock) >= end_of(bus, begun_ms, bus->publish_timeout_ms)) break;
        (void)rd_kafka_poll(bus->handle.native, QUEUE_FULL_POLL_MS); /* a count of events */
    }
    if (native == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    bus_batch_settle(delivery, native, refusal_code(bus->handle.native, native));
}

static void wait_for_all(struct bus *bus, struct bus_batch *batch, int64_t begun_ms)
{
    struct clock clock = clock_system();
    pthread_mutex_lock(&batch->lock);
    while (batch->pending > 0) {
        int64_t now_ms = clock_mono_ms(&clock);
        int64_t end_ms = end_of(bus, begun_ms, bus->publish_timeout_ms + REPORT_GRACE_MS);
        if (now_ms >= end_ms) break;
        pause_wait_until(&batch->all_done, &batch->lock,
                         now_ms + GLANCE_MS < end_ms ? now_ms + GLANCE_MS : end_ms);
    }
    pthread_mutex_unlock(&batch->lock);
}

/* The words for a message that failed; returns the code, which trouble with the broker may make
 * more exact: "denied" says more than "cannot be reached". */
static int explain(struct bus *bus, const struct bus_record *record,
                   const struct bus_delivery *delivery, struct err *e)
{
    int code = delivery->done ? delivery->code : E_UNKNOWN_OUTCOME;
    struct err trouble = {.text = ""};
    if (code == 0) return 0;
    if (code == E_NOT_FOUND) return bus_topic_missing(&bus->handle, record->topic, code, e);
    if (code == E_FATAL) {
        char words[BUS_WORDS_MAX] = "";
        (void)rd_kafka_fatal_error(bus->handle.native, words, sizeof(words)); /* only its words */
        return err_set(e, code, "Kafka producer: %s", words);
    }
    if (bus_handle_trouble(&bus->handle, &trouble) == E_DENIED && code == E_UNREACHABLE)
        code = E_DENIED;
    return err_set(
        e, code, "publishing to %.*s within %" PRId64 " ms: %s%s%s", STR_ARG(record->topic),
        bus->publish_timeout_ms,
        rd_kafka_err2str(delivery->done ? delivery->native : RD_KAFKA_RESP_ERR__TIMED_OUT),
        trouble.text[0] ? "; " : "", trouble.text);
}

int bus_publish_records(void *ctx, const struct bus_record *records, int *results, size_t n,
                        struct err *e)
{
    struct bus *bus = ctx;
    EBB_ASSERT(n <= PUBLISH_MANY_MAX);
    struct clock clock = clock_system();
    int64_t begun_ms = clock_mono_ms(&clock);
    struct bus_batch *batch = bus_batch_new(n);
    for (size_t i = 0; i < n; i++)
        enqueue(bus, &records[i], &batch->deliveries[i], begun_ms);
    /* Each message's own timeout began when it was handed over, at the latest just now. */
    wait_for_all(bus, batch, clock_mono_ms(&clock));
    int first = 0;
    pthread_mutex_lock(&batch->lock);
    for (size_t i = 0; i < n; i++) {
        int code = explain(bus, &records[i], &batch->deliveries[i], first ? NULL : e);
        if (!first) first = code;
        if (results) results[i] = code;
    }
    bus_batch_unlock_and_leave(batch);
    return first;
}

const struct bus_options *bus_options_of(const struct bus *bus)
{
    return &bus->options;
}
