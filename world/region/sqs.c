/* SPDX-License-Identifier: Apache-2.0
 * Sending, receiving, deleting: what happens to messages one by one. */
#include "world/region/sqs.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/crypto.h"

#define DELAY_SECONDS_MAX 900
#define IN_FLIGHT_MAX     ((size_t)120000)

int sqs_refuse(struct aws_error *err, const char *code, const char *query_code, const char *format,
               ...)
{
    *err = (struct aws_error){
        .http_status = 400, .code = code, .query_code = query_code, .sender = true};
    va_list args;
    va_start(args, format);
    (void)vsnprintf(err->message, sizeof(err->message), format, args); /* a long one is cut */
    va_end(args);
    return E_REFUSED;
}

int sqs_queue_need(const struct region *region, struct str url, struct queue **out,
                   struct aws_error *err)
{
    *out = queue_find_url(region, url);
    return *out ? 0
                : sqs_refuse(err, "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue",
                             "The specified queue does not exist.");
}

static int bad_value(struct aws_error *err, const char *name, long long value, const char *reason)
{
    return sqs_refuse(err, "InvalidParameterValueException", "InvalidParameterValue",
                      "Value %lld for parameter %s is invalid. Reason: %s", value, name, reason);
}

int sqs_send_one(struct region *region, struct queue *queue, const struct sqs_sending *sending,
                 struct arena *a, struct sqs_send_message_result *out, struct aws_error *err)
{
    if (str_is_empty(sending->body))
        return sqs_refuse(err, "MissingParameter", NULL,
                          "The request must contain the parameter MessageBody.");
    if ((int64_t)(sending->body.n + sending->attributes.n) > queue->message_bytes_max)
        return sqs_refuse(err, "InvalidParameterValueException", "InvalidParameterValue",
                          "One or more parameters are invalid. Reason: Message must be shorter "
                          "than %lld bytes.",
                          (long long)queue->message_bytes_max);
    if (sending->delay_seconds > DELAY_SECONDS_MAX)
        return bad_value(err, "DelaySeconds", (long long)sending->delay_seconds,
                         "DelaySeconds must be >= 0 and <= 900.");
    struct str attributes_md5;
    int code = sqs_attributes_md5(sending->attributes, a, &attributes_md5, err);
    if (code) return code;
    struct message_text text = {sending->body, sending->attributes, attributes_md5};
    int64_t delay_ms =
        sending->delay_seconds >= 0 ? sending->delay_seconds * 1000 : queue->delay_ms;
    const struct message *message = queue_put(region, queue, &text, delay_ms);
    if (!message) return sqs_refuse(err, "OverLimit", NULL, "The queue is full.");
    *out = (struct sqs_send_message_result){
        .message_id = arena_copy(a, str_from(message->id)),
        .md5_of_message_body = arena_copy(a, str_from(message->md5)),
        .md5_of_message_attributes = attributes_md5,
    };
    return 0;
}

int region_sqs_send_message(struct region *region, const struct caller *caller,
                            const struct sqs_send_message_input *in, struct arena *a,
                            struct sqs_send_message_output *out, struct aws_error *err)
{
    (void)caller; /* queues are open to the account */
    struct queue *queue;
    struct sqs_send_message_result sent;
    struct sqs_sending sending = {in->message_body, in->message_attributes, in->delay_seconds};
    int code = sqs_queue_need(region, in->queue_url, &queue, err);
    if (!code) code = sqs_send_one(region, queue, &sending, a, &sent, err);
    if (code) return code;
    out->message_id = sent.message_id;
    out->md5_of_message_body = sent.md5_of_message_body;
    out->md5_of_message_attributes = sent.md5_of_message_attributes;
    return 0;
}

/* A handle names queue, message and one receipt of it; only the newest counts. */
static struct str handle_of(const struct queue *queue, const struct message *message,
                            struct arena *a)
{
    return crypto_base64(a,
                         arena_format(a, "%llu %llu %s", (unsigned long long)queue->number,
                                      (unsigned long long)message->number, message->handle_nonce));
}

struct receipt {
    struct message *message; /* NULL: deleted already */
    bool newest;
};

static int receipt_read(const struct queue *queue, struct str handle, struct arena *a,
                        struct receipt *out, struct aws_error *err)
{
    struct str text;
    int64_t queue_number, message_number;
    bool good = crypto_base64_decode(a, handle, &text) == 0 &&
                str_to_int(str_cut(&text, ' '), &queue_number) &&
                str_to_int(str_cut(&text, ' '), &message_number) && text.n == 16 &&
                (uint64_t)queue_number == queue->number;
    if (!good)
        return sqs_refuse(err, "ReceiptHandleIsInvalid", NULL,
                          "The input receipt handle \"%.*s\" is not a valid receipt handle.",
                          STR_ARG(handle));
    out->message = queue_message(queue, (uint64_t)message_number);
    out->newest = out->message && str_eq(text, str_from(out->message->handle_nonce));
    return 0;
}

static bool wants(struct list names, struct str name)
{
    for (size_t i = 0; i < names.n; i++) {
        struct str asked = *LIST_AT(names, struct str, i);
        if (str_eq(asked, name) || str_eq(asked, STR("All"))) return true;
    }
    return false;
}

static struct sqs_message show(const struct region *region,
                               const struct sqs_receive_message_input *in,
                               const struct queue *queue, const struct message *message,
                               struct arena *a)
{
    struct pair all[] = {
        {STR("SenderId"), region->options.account},
        {STR("SentTimestamp"), arena_format(a, "%lld", (long long)message->sent_ms)},
        {STR("ApproximateReceiveCount"), arena_format(a, "%lld", (long long)message->received)},
        {STR("ApproximateFirstReceiveTimestamp"),
         arena_format(a, "%lld", (long long)message->first_received_ms)},
    };
    struct pair *asked = ARENA_ARRAY(a, EBB_COUNT(all), struct pair);
    size_t n = 0;
    for (size_t i = 0; i < EBB_COUNT(all); i++)
        if (wants(in->attribute_names, all[i].key) ||
            wants(in->message_system_attribute_names, all[i].key))
            asked[n++] = all[i];
    struct sqs_message out = {
        .message_id = arena_copy(a, str_from(message->id)),
        .receipt_handle = handle_of(queue, message, a),
        .md5_of_body = arena_copy(a, str_from(message->md5)),
        .body = arena_copy(a, message->body),
        .attributes = LIST_OF(asked, n),
    };
    if (in->message_attribute_names.n) {
        out.message_attributes = arena_copy(a, message->attributes);
        out.md5_of_message_attributes = arena_copy(a, message->attributes_md5);
    }
    return out;
}

static size_t in_flight(const struct region *region, const struct queue *queue)
{
    size_t n = 0;
    for (size_t i = 0; i < queue->messages.n; i++) {
        const struct message *message = queue->messages.items[i];
        n += message->received > 0 && !message_visible(region, message);
    }
    return n;
}

int region_sqs_receive_message(struct region *region, const struct caller *caller,
                               const struct sqs_receive_message_input *in, struct arena *a,
                               struct sqs_receive_message_output *out, struct aws_error *err)
{
    (void)caller; /* queues are open to the account */
    struct queue *queue;
    int code = sqs_queue_need(region, in->queue_url, &queue, err);
    if (code) return code;
    int64_t most = in->max_number_of_messages ? in->max_number_of_messages : 1;
    if (most < 1 || most > SQS_RECEIVE_MAX)
        return bad_value(err, "MaxNumberOfMessages", (long long)most,
                         "Must be between 1 and 10, if provided.");
    if (in->wait_time_seconds > SQS_WAIT_SECONDS_MAX)
        return bad_value(err, "WaitTimeSeconds", (long long)in->wait_time_seconds,
                         "Must be >= 0 and <= 20, if provided.");
    if (in->visibility_timeout > SQS_VISIBILITY_MAX_S)
        return bad_value(err, "VisibilityTimeout", (long long)in->visibility_timeout,
                         "Must be between 0 and 43200, if provided.");
    if (queue->messages.n > IN_FLIGHT_MAX && in_flight(region, queue) >= IN_FLIGHT_MAX)
        return sqs_refuse(err, "OverLimit", NULL, "Too many messages in flight.");
    int64_t hidden_ms =
        in->visibility_timeout > 0 ? in->visibility_timeout * 1000 : queue->visibility_ms;
    struct sqs_message *messages = ARENA_ARRAY(a, (size_t)most, struct sqs_message);
    size_t n = 0;
    for (; (int64_t)n < most; n++) {
        struct message *message = queue_next(region, queue);
        /* A queue whose messages are not hidden would answer the same one for ever. */
        if (!message || (n > 0 && hidden_ms == 0)) break;
        if (message->received++ == 0) message->first_received_ms = region->now_ms;
        random_hex(region, message->handle_nonce, 16);
        message_hide(region, queue, message, hidden_ms);
        queue->received++;
        messages[n] = show(region, in, queue, message, a);
    }
    out->messages = LIST_OF(messages, n);
    return 0;
}

int sqs_delete_one(struct queue *queue, struct str handle, struct arena *a, struct aws_error *err)
{
    struct receipt receipt;
    int code = receipt_read(queue, handle, a, &receipt, err);
    /* Of an older receipt SQS says yes and keeps the message, as of one that is gone. */
    if (code || !receipt.newest) return code;
    queue_remove(queue, receipt.message);
    queue->deleted++;
    return 0;
}

int region_sqs_delete_message(struct region *region, const struct caller *caller,
                              const struct sqs_delete_message_input *in, struct arena *a, void *out,
                              struct aws_error *err)
{
    (void)caller; /* queues are open to the account */
    (void)out;    /* AWS answers nothing */
    struct queue *queue;
    int code = sqs_queue_need(region, in->queue_url, &queue, err);
    return code ? code : sqs_delete_one(queue, in->receipt_handle, a, err);
}

int sqs_change_one(struct region *region, struct queue *queue, struct str handle,
                   int64_t visibility_s, struct arena *a, struct aws_error *err)
{
    struct receipt receipt;
    if (visibility_s < 0 || visibility_s > SQS_VISIBILITY_MAX_S)
        return bad_value(err, "VisibilityTimeout", (long long)visibility_s,
                         "VisibilityTimeout must be an integer between 0 and 43200");
    int code = receipt_read(queue, handle, a, &receipt, err);
    if (code) return code;
    if (!receipt.newest || message_visible(region, receipt.message))
        return sqs_refuse(err, "MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight",
                          "The message referred to is not in flight.");
    message_hide(region, queue, receipt.message, visibility_s * 1000);
    return 0;
}

int region_sqs_change_message_visibility(struct region *region, const struct caller *caller,
                                         const struct sqs_change_visibility_input *in,
                                         struct arena *a, void *out, struct aws_error *err)
{
    (void)caller; /* queues are open to the account */
    (void)out;    /* AWS answers nothing */
    struct queue *queue;
    int code = sqs_queue_need(region, in->queue_url, &queue, err);
    if (code) return code;
    return sqs_change_one(region, queue, in->receipt_handle, in->visibility_timeout, a, err);
}

bool region_sqs_has_messages(const struct region *region, struct str queue_url)
{
    const struct queue *queue = queue_find_url(region, queue_url);
    for (size_t i = 0; queue && i < queue->messages.n; i++)
        if (message_visible(region, queue->messages.items[i])) return true;
    return false;
}

int64_t region_sqs_wait_seconds(const struct region *region, struct str queue_url)
{
    const struct queue *queue = queue_find_url(region, queue_url);
    return queue ? queue->wait_s : 0;
}
