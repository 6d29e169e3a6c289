/* SPDX-License-Identifier: Apache-2.0
 * See receiver.h: receive up to ten, read them (read_event.c), publish all, delete all. */
#include "producers/receiver.h"

#include "lib/aws/shapes/sqs.h"
#include "lib/base/crypto.h"
#include "lib/effect/publish.h"
#include "producers/read_event.h"

#include <stdlib.h>

#define WAIT_SECONDS      20
#define WAIT_BACK_SECONDS 1
#define FAILED_PAUSE_MS   ((int64_t)1000)
#define FAILED_MAX_MS     ((int64_t)10 * 1000)
#define KAFKA_PAUSE_MS    ((int64_t)1000)
#define DEAD_BODY_MAX     ((size_t)256 * 1024)

/* What one received batch becomes. */
struct batch {
    struct sqs_receive_message_output received;
    struct bus_record records[SQS_RECEIVE_MAX];
    int results[SQS_RECEIVE_MAX];
    struct arena *arena;
};

static int verdict_record(const struct receiver *from, const struct event_reading *reading,
                          struct arena *a, struct bus_record *out, struct err *e)
{
    int64_t now_ms = clock_wall_ms(&from->context->ports.clock);
    struct verdict_note n = {
        .format = 1,
        .id = reading->message.id,
        .stage = STR("relay"),
        .cause = reading->message.cause,
        .verdict = verdict_word(VERDICT_REFUSED),
        .reason = reason_word(reading->reason),
        .why = reading->why,
        .time = now_ms,
        .event_time = reading->message.time,
    };
    return verdict_record_of(&n, a, out, e);
}

static int dead_record_of(const struct receiver *from, const struct sqs_message *m,
                          const struct event_reading *reading, struct arena *a,
                          struct bus_record *out, struct err *e)
{
    struct str body = m->body.n > DEAD_BODY_MAX ? (struct str){m->body.p, DEAD_BODY_MAX} : m->body;
    struct dead_letter d = {
        .format = 1,
        .origin = arena_format(a, "sqs:%.*s", STR_ARG(from->queue)),
        .error = reading->why,
        .body = crypto_base64(a, body),
        .body_bytes = (int64_t)m->body.n,
        .message_id = m->message_id,
        .time = clock_wall_ms(&from->context->ports.clock),
        .times = 1,
    };
    return dead_record(&d, m->message_id, a, out, e);
}

/* One message of SQS as the one record it becomes. */
static int record_of(const struct receiver *from, const struct sqs_message *m, struct arena *a,
                     struct bus_record *out, struct err *e)
{
    struct event_reading reading;
    read_event(m->body, from->context->config, a, &reading);
    LOG(from->log, reading.kind == EVENT_DEAD ? LOG_ERROR : LOG_INFO, "event",
        LOG_STR("kind", reading.kind == EVENT_ASKS   ? STR("asks")
                        : reading.kind == EVENT_DEAD ? STR("dead")
                                                     : STR("nothing")),
        LOG_STR("cause", reading.message.cause), LOG_STR("service", reading.message.service),
        LOG_STR("alarm", reading.message.alarm), LOG_STR("messageId", m->message_id),
        LOG_STR("why", reading.why));
    switch (reading.kind) {
    case EVENT_ASKS:
        return message_record(STR(TOPIC_SELECT), &reading.message, STR_NONE, a, out, e);
    case EVENT_NOTHING: return verdict_record(from, &reading, a, out, e);
    case EVENT_DEAD: return dead_record_of(from, m, &reading, a, out, e);
    }
    return err_set(e, E_BUG, "an event of no kind");
}

static void extend(const struct receiver *from, struct batch *b)
{
    const struct ports *ports = &from->context->ports;
    struct sqs_change_visibility_entry entries[SQS_RECEIVE_MAX];
    struct sqs_batch_output output = {0};
    struct aws_failure failure = {0};
    size_t n = b->received.messages.n;
    for (size_t i = 0; i < n; i++) {
        const struct sqs_message *m = LIST_AT(b->received.messages, struct sqs_message, i);
        entries[i] = (struct sqs_change_visibility_entry){
            .id = arena_format(b->arena, "%zu", i),
            .receipt_handle = m->receipt_handle,
            .visibility_timeout = from->context->config->sqs.visibility_ms / 1000,
        };
    }
    struct sqs_change_visibility_batch_input input = {.queue_url = from->queue,
                                                      .entries = LIST_OF(entries, n)};
    if (aws_call(&ports->aws, &SQS_CHANGE_MESSAGE_VISIBILITY_BATCH, STR_NONE, &input, b->arena,
                 &output, 0, &failure))
        LOG(from->log, LOG_WARN, "visibility_not_extended",
            LOG_STR("why", str_from(failure.err.text)));
}

/* Until Kafka has all of them, or it is time to stop: then SQS gives them out again. */
static bool publish(struct receiver *from, struct batch *b)
{
    for (;;) {
        struct err e = {0};
        if (!bus_publish_many(from->context->bus, b->records, b->results, b->received.messages.n,
                              &e))
            return true;
        from->ready = false;
        LOG(from->log, LOG_WARN, "kafka_slow", LOG_STR("why", str_from(e.text)));
        if (pause_for(from->pause, KAFKA_PAUSE_MS)) return false;
        extend(from, b);
    }
}

static void delete_batch(const struct receiver *from, struct batch *b)
{
    const struct ports *ports = &from->context->ports;
    struct sqs_delete_message_entry entries[SQS_RECEIVE_MAX];
    struct sqs_batch_output output = {0};
    struct aws_failure failure = {0};
    size_t n = b->received.messages.n;
    for (size_t i = 0; i < n; i++)
        entries[i] = (struct sqs_delete_message_entry){
            .id = arena_format(b->arena, "%zu", i),
            .receipt_handle = LIST_AT(b->received.messages, struct sqs_message, i)->receipt_handle,
        };
    struct sqs_delete_message_batch_input input = {.queue_url = from->queue,
                                                   .entries = LIST_OF(entries, n)};
    /* What stays undeleted comes again, and is found to have been seen. */
    if (aws_call(&ports->aws, &SQS_DELETE_MESSAGE_BATCH, STR_NONE, &input, b->arena, &output, 0,
                 &failure))
        LOG(from->log, LOG_WARN, "not_deleted", LOG_STR("why", str_from(failure.err.text)));
    for (size_t i = 0; i < output.failed.n; i++)
        LOG(from->log, LOG_WARN, "not_deleted",
            LOG_STR("why", LIST_AT(output.failed, struct sqs_batch_error, i)->message));
}

static int receive(struct receiver *from, struct batch *b, struct err *e)
{
    const struct role_context *c = from->context;
    struct aws_failure failure = {0};
    struct sqs_receive_message_input input = {
        .queue_url = from->queue,
        .max_number_of_messages = SQS_RECEIVE_MAX,
        .visibility_timeout = c->config->sqs.visibility_ms / 1000,
        /* After a failure an empty answer says that SQS is back, so it must not take long. */
        .wait_time_seconds = from->ready ? WAIT_SECONDS : WAIT_BACK_SECONDS,
    };
    int code = aws_call(&c->ports.aws, &SQS_RECEIVE_MESSAGE, STR_NONE, &input, b->arena,
                        &b->received, 0, &failure);
    if (code) {
        *e = failure.err;
        return code;
    }
    if (b->received.messages.n > SQS_RECEIVE_MAX)
        return err_set(e, E_UNAVAILABLE, "SQS answered more messages than asked for");
    for (size_t i = 0; i < b->received.messages.n && !code; i++)
        code = record_of(from, LIST_AT(b->received.messages, struct sqs_message, i), b->arena,
                         &b->records[i], e);
    return code;
}

static void *run_receiver(void *arg)
{
    struct receiver *from = arg;
    int64_t pause_ms = 0;
    while (!pause_for(from->pause, pause_ms)) {
        struct arena a;
        struct err e = {0};
        arena_init(&a);
        struct batch b = {.arena = &a};
        int code = receive(from, &b, &e);
        from->ready = code == E_OK;
        if (code == E_STOPPED) {
            pause_ms = FAILED_PAUSE_MS; /* the relay's own word to stop is on its way */
        } else if (code) {
            LOG(from->log, LOG_WARN, "receive_failed", LOG_STR("queue", from->queue),
                LOG_STR("why", str_from(e.text)));
            pause_ms = pause_ms ? pause_ms * 2 : FAILED_PAUSE_MS;
            if (pause_ms > FAILED_MAX_MS) pause_ms = FAILED_MAX_MS;
        } else {
            if (b.received.messages.n && publish(from, &b)) delete_batch(from, &b);
            pause_ms = 0;
        }
        arena_release(&a);
    }
    return NULL;
}

void receiver_start(struct receiver *r)
{
    if (pthread_create(&r->thread, NULL, run_receiver, r)) abort();
}

void receiver_join(struct receiver *r)
{
    pthread_join(r->thread, NULL);
}
