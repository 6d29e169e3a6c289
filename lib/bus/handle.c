/* SPDX-License-Identifier: Apache-2.0
 * One connection to the brokers: made, closed, and what it last complained of. Also the one table
 * from librdkafka's error codes to ours. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "lib/bus/internal.h"

#define METADATA_TRY_MS   1000
#define METADATA_PAUSE_MS 20

struct code_row {
    rd_kafka_resp_err_t native;
    int code;
};

static const struct code_row CODES[] = {
    {RD_KAFKA_RESP_ERR_NO_ERROR, E_OK},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, E_NOT_FOUND},
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, E_NOT_FOUND},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, E_NOT_FOUND},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, E_DENIED},
    {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, E_DENIED},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, E_DENIED},
    {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, E_DENIED},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, E_DENIED},
    {RD_KAFKA_RESP_ERR__AUTHENTICATION, E_DENIED},
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, E_TOO_LARGE},
    {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, E_TOO_LARGE},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD, E_MALFORMED},
    {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, E_MALFORMED}, /* a name that cannot be a topic's */
    {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, E_REFUSED},
    {RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, E_REFUSED},
    {RD_KAFKA_RESP_ERR_INVALID_CONFIG, E_REFUSED},
    {RD_KAFKA_RESP_ERR__FATAL, E_FATAL},
    {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, E_FATAL},
};

int bus_code_of(rd_kafka_resp_err_t native)
{
    for (size_t i = 0; i < EBB_COUNT(CODES); i++)
        if (CODES[i].native == native) return CODES[i].code;
    return E_UNREACHABLE;
}

static void on_log(const rd_kafka_t *native, int level, const char *facility, const char *text)
{
    struct bus_handle *handle = native ? rd_kafka_opaque(native) : NULL;
    if (handle) bus_handle_log(handle, level, "%s: %s", facility, text);
}

/* "... failed: Connection refused (after 0ms in state CONNECT, 1 identical error(s) suppressed)":
 * what is in the brackets is about the library. */
static int words_of_reason(const char *reason)
{
    const char *end = strstr(reason, " (after ");
    return (int)(end ? (size_t)(end - reason) : strlen(reason));
}

/* Only notes what happened: a publisher or the poll asks for it. */
static void on_error(rd_kafka_t *native, int number, const char *reason, void *opaque)
{
    struct bus_handle *handle = opaque;
    (void)native;
    rd_kafka_resp_err_t error = (rd_kafka_resp_err_t)number;
    if (error == RD_KAFKA_RESP_ERR__PARTITION_EOF) return; /* comes this way while closing */
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) atomic_store(&handle->connected, false);
    pthread_mutex_lock(&handle->lock);
    /* A refusal tells more than the broken connections that follow from it. */
    int code = bus_code_of(error);
    if (handle->trouble == 0 || handle->trouble == E_UNREACHABLE || code != E_UNREACHABLE) {
        handle->trouble = code;
        (void)snprintf(handle->trouble_text, sizeof(handle->trouble_text), "%.*s",
                       words_of_reason(reason), reason); /* cut to fit is what is wanted */
    }
    pthread_mutex_unlock(&handle->lock);
    /* The other errors librdkafka logs by itself. */
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        bus_handle_log(handle, LOG_WARNING, "%s", reason);
}

int bus_handle_open(struct bus_handle *handle, enum bus_role role, rd_kafka_conf_t *take_conf,
                    const struct bus_options *options, void *owner, struct err *e)
{
    char words[BUS_WORDS_MAX];
    *handle = (struct bus_handle){
        .role = role, .owner = owner, .on_log = options->on_log, .log_ctx = options->log_ctx};
    (void)snprintf(handle->brokers, sizeof(handle->brokers), "%.*s", STR_ARG(options->brokers));
    pthread_mutex_init(&handle->lock, NULL);
    rd_kafka_conf_set_opaque(take_conf, handle);
    rd_kafka_conf_set_log_cb(take_conf, on_log);
    rd_kafka_conf_set_error_cb(take_conf, on_error);
    handle->native = rd_kafka_new(role == BUS_PRODUCER ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER,
                                  take_conf, words, sizeof(words));
    if (handle->native) return 0;
    rd_kafka_conf_destroy(take_conf); /* librdkafka takes it on success only */
    pthread_mutex_destroy(&handle->lock);
    return err_set(e, E_CONFIG, "Kafka client: %s", words);
}

void bus_handle_close(struct bus_handle *handle, int destroy_flags)
{
    rd_kafka_destroy_flags(handle->native, destroy_flags);
    handle->native = NULL;
    pthread_mutex_destroy(&handle->lock);
}

void bus_handle_well(struct bus_handle *handle)
{
    atomic_store(&handle->connected, true);
    bus_handle_forget(handle);
}

void bus_handle_forget(struct bus_handle *handle)
{
    pthread_mutex_lock(&handle->lock);
    handle->trouble = 0;
    pthread_mutex_unlock(&handle->lock);
}

int bus_handle_trouble(struct bus_handle *handle, struct err *e)
{
    pthread_mutex_lock(&handle->lock);
    int code = handle->trouble;
    if (code) (void)err_set(e, code, "Kafka at %s: %s", handle->brokers, handle->trouble_text);
    pthread_mutex_unlock(&handle->lock);
    return code;
}

void bus_handle_log(struct bus_handle *handle, int level, const char *format, ...)
{
    if (!handle->on_log) return;
    char text[ERR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (n < 0) return;
    size_t length = (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
    handle->on_log(handle->log_ctx, level, (struct str){text, length});
}

int bus_topic_missing(struct bus_handle *handle, struct str topic, int code, struct err *e)
{
    return err_set(e, code,
                   "topic %.*s does not exist at %s, or this user may not see it: make it with "
                   "`ebb topics create`, or let the brokers make topics by themselves",
                   STR_ARG(topic), handle->brokers);
}

int bus_metadata(struct bus_handle *handle, rd_kafka_topic_t *topic, int64_t timeout_ms,
                 const struct rd_kafka_metadata **out, struct err *e)
{
    struct clock clock = clock_system();
    int64_t deadline_ms = clock_mono_ms(&clock) + timeout_ms;
    rd_kafka_resp_err_t native;
    *out = NULL;
    do { /* bounded by the deadline */
        int64_t left_ms = deadline_ms - clock_mono_ms(&clock);
        int try_ms = (int)(left_ms < METADATA_TRY_MS ? left_ms : METADATA_TRY_MS);
        native = rd_kafka_metadata(handle->native, !topic, topic, out, try_ms > 0 ? try_ms : 1);
        if (native == RD_KAFKA_RESP_ERR_NO_ERROR) {
            bus_handle_well(handle);
            return 0;
        }
        if (bus_code_of(native) != E_UNREACHABLE) break;
        /* on_error must hear why. A group's consumer is polled by its own thread alone. The result
         * is a count of events. */
        if (handle->role != BUS_CONSUMER) (void)rd_kafka_poll(handle->native, METADATA_PAUSE_MS);
        if (bus_handle_trouble(handle, e) == E_DENIED) return E_DENIED;
    } while (clock_mono_ms(&clock) < deadline_ms);
    int code = bus_handle_trouble(handle, e);
    if (code) return code;
    return err_set(e, bus_code_of(native), "Kafka at %s: %s", handle->brokers,
                   rd_kafka_err2str(native));
}

bool bus_topic_name(struct str s, char out[BUS_TOPIC_NAME_MAX + 1])
{
    if (str_is_empty(s) || s.n > BUS_TOPIC_NAME_MAX || memchr(s.p, '\0', s.n)) return false;
    memcpy(out, s.p, s.n);
    out[s.n] = '\0';
    return true;
}
