/* SPDX-License-Identifier: Apache-2.0
 * See receiver.h: receive up to ten, read them (read_event.c), publish all, delete all. */
#include "producers/receiver.h"

#include "lib/aws/shapes/sqs.h"
#include "lib/base/crypto.h"
#include "lib/effect/publish.h"
#include "producers/read_event.h"

#define WAIT_SECONDS        20
#define WAIT_BACK_SECONDS   1
#define FAILED_PAUSE_MS     ((int64_t)1000)
#define FAILED_MAX_MS       ((int64_t)10 * 1000)
#define KAFKA_PAUSE_MS      ((int64_t)1000)
#define SINGLY_VISIBILITIES 3
#define DEAD_BODY_MAX       ((size_t)256 * 1024)

/* One received message, and the one record it becomes. */
struct entry {
    const struct sqs_message *message;
    struct bus_record record;
};

/* What one receive brought, and Kafka has not acknowledged yet. */
struct batch {
    struct entry entries[SQS_RECEIVE_MAX];
    size_t n;
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
    /* An event from the future would never be too old for anything. */
    int64_t now_ms = clock_wall_ms(&from->context->ports.clock);
    if (reading.message.time > now_ms) reading.message.time = now_ms;
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

static void extend(const struct receiver *from, const struct batch *b)
{
    const struct ports *ports = &from->context->ports;
    struct sqs_change_visibility_entry entries[SQS_RECEIVE_MAX];
    struct sqs_batch_output output = {0};
    struct aws_failure failure = {0};
    for (size_t i = 0; i < b->n; i++)
        entries[i] = (struct sqs_change_visibility_entry){
            .id = arena_format(b->arena, "%zu", i),
            .receipt_handle = b->entries[i].message->receipt_handle,
            .visibility_timeout = from->context->config->sqs.visibility_ms / 1000,
        };
    struct sqs_change_visibility_batch_input input = {.queue_url = from->queue,
                                                      .entries = LIST_OF(entries, b->n)};
    if (aws_call(&ports->aws, &SQS_CHANGE_MESSAGE_VISIBILITY_BATCH, STR_NONE, &input, b->arena,
                 &output, 0, &failure))
        LOG(from->log, LOG_WARN, "visibility_not_extended",
            LOG_STR("why", str_from(failure.err.text)));
}

static void delete_those(const struct receiver *from, const struct entry *const *done, size_t n,
                         struct arena *a)
{
    const struct ports *ports = &from->context->ports;
    struct sqs_delete_message_entry entries[SQS_RECEIVE_MAX];
    struct sqs_batch_output output = {0};
    struct aws_failure failure = {0};
    if (!n) return;
    for (size_t i = 0; i < n; i++)
        entries[i] = (struct sqs_delete_message_entry){
            .id = arena_format(a, "%zu", i),
            .receipt_handle = done[i]->message->receipt_handle,
        };
    struct sqs_delete_message_batch_input input = {.queue_url = from->queue,
                                                   .entries = LIST_OF(entries, n)};
    /* What stays undeleted comes again, and is found to have been seen. */
    if (aws_call(&ports->aws, &SQS_DELETE_MESSAGE_BATCH, STR_NONE, &input, a, &output, 0, &failure))
        LOG(from->log, LOG_WARN, "not_deleted", LOG_STR("why", str_from(failure.err.text)));
    for (size_t i = 0; i < output.failed.n; i++)
        LOG(from->log, LOG_WARN, "not_deleted",
            LOG_STR("why", LIST_AT(output.failed, struct sqs_batch_error, i)->message));
}

/* Kafka will never take a record so large: its dead letter says so, with the body's beginning. */
static void bury_too_large(const struct receiver *from, struct entry *entry, struct arena *a)
{
    struct err e = {0};
    struct event_reading reading = {.why = STR("larger than Kafka takes")};
    if (dead_record_of(from, entry->message, &reading, a, &entry->record, &e))
        LOG(from->log, LOG_ERROR, "not_buried", LOG_STR("why", str_from(e.text)));
}

/* One round: all that is left goes to Kafka, and what it has acknowledged is deleted from SQS and
 * left no more. False when something is left. */
static bool hand_over(struct receiver *from, struct batch *b)
{
    struct err e = {0};
    struct bus_record records[SQS_RECEIVE_MAX];
    int results[SQS_RECEIVE_MAX];
    struct entry copies[SQS_RECEIVE_MAX];
    const struct entry *done[SQS_RECEIVE_MAX];
    size_t done_n = 0, left_n = 0;
    for (size_t i = 0; i < b->n; i++) {
        copies[i] = b->entries[i];
        records[i] = b->entries[i].record;
    }
    int code = bus_publish_many(&from->context->ports.bus, records, results, b->n, &e);
    for (size_t i = 0; i < b->n; i++) {
        if (!results[i]) {
            done[done_n++] = &copies[i];
            continue;
        }
        if (results[i] == E_TOO_LARGE) bury_too_large(from, &copies[i], b->arena);
        b->entries[left_n++] = copies[i];
    }
    b->n = left_n;
    delete_those(from, done, done_n, b->arena);
    if (!code) return true;
    from->ready = false;
    LOG(from->log, LOG_WARN, "kafka_slow", LOG_STR("why", str_from(e.text)));
    return false;
}

/* What was too large to be received in one reply is hidden now and comes again; then it is taken
 * one by one, by whichever receiver meets it. */
static void take_singly(const struct receiver *from)
{
    const struct role_context *c = from->context;
    atomic_store(from->one_until_ms, clock_mono_ms(&c->ports.clock) +
                                         SINGLY_VISIBILITIES * c->config->sqs.visibility_ms);
}

static int64_t how_many(const struct receiver *from)
{
    bool singly = clock_mono_ms(&from->context->ports.clock) < atomic_load(from->one_until_ms);
    return singly ? 1 : SQS_RECEIVE_MAX;
}

static int receive(struct receiver *from, struct batch *b, struct err *e)
{
    const struct role_context *c = from->context;
    struct aws_failure failure = {0};
    struct sqs_receive_message_output received = {0};
    struct sqs_receive_message_input input = {
        .queue_url = from->queue,
        .max_number_of_messages = how_many(from),
        .visibility_timeout = c->config->sqs.visibility_ms / 1000,
        /* After a failure an empty answer says that SQS is back, so it must not take long. */
        .wait_time_seconds = from->ready ? WAIT_SECONDS : WAIT_BACK_SECONDS,
    };
    int code = aws_call(&c->ports.aws, &SQS_RECEIVE_MESSAGE, STR_NONE, &input, b->arena, &received,
                        0, &failure);
    if (code) {
        *e = failure.err;
        if (code == E_TOO_LARGE) take_singly(from);
        return code;
    }
    if (received.messages.n > SQS_RECEIVE_MAX)
        return err_set(e, E_UNAVAILABLE, "SQS answered more messages than asked for");
    for (; b->n < received.messages.n && !code; b->n++) {
        struct entry *entry = &b->entries[b->n];
        entry->message = LIST_AT(received.messages, struct sqs_message, b->n);
        code = record_of(from, entry->message, b->arena, &entry->record, e);
    }
    return code;
}

int receiver_pass(struct receiver *from, struct err *e)
{
    struct arena a;
    arena_init(&a);
    struct batch b = {.arena = &a};
    int code = receive(from, &b, e);
    from->ready = code == E_OK;
    /* Until Kafka has all of them, or it is time to stop: then SQS gives them out again. */
    while (!code && b.n && !hand_over(from, &b)) {
        if (from->wait(from->wait_ctx, KAFKA_PAUSE_MS)) break;
        extend(from, &b);
    }
    arena_release(&a);
    return code;
}

int64_t receiver_pause_ms(int code, int64_t before_ms)
{
    if (!code) return 0;
    /* The relay's own word to stop is on its way. */
    if (code == E_STOPPED) return FAILED_PAUSE_MS;
    int64_t pause_ms = before_ms ? before_ms * 2 : FAILED_PAUSE_MS;
    return pause_ms < FAILED_MAX_MS ? pause_ms : FAILED_MAX_MS;
}
