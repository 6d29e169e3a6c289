/* SPDX-License-Identifier: Apache-2.0
 * Goal: SQS keeps, hides, returns and redrives messages as AWS documents, with its errors.
 * Method: one queue at a time, virtual time. */
#include "tests/unit/region_fixture.h"

#include "lib/base/crypto.h"

static void send(struct small_world *w, struct str url, const char *body)
{
    struct sqs_send_message_input in = {
        .queue_url = url, .message_body = str_from(body), .delay_seconds = -1};
    struct sqs_send_message_output out;
    small_world_do(w, &SQS_SEND_MESSAGE, &in, &out);
    assert_str(out.md5_of_message_body, arena_cstr(&w->a, crypto_md5_hex(&w->a, str_from(body))));
}

static struct list receive(struct small_world *w, struct str url, int64_t most)
{
    struct str all = STR("All");
    struct sqs_receive_message_input in = {.queue_url = url,
                                           .max_number_of_messages = most,
                                           .message_system_attribute_names = LIST_OF(&all, 1)};
    struct sqs_receive_message_output out;
    small_world_do(w, &SQS_RECEIVE_MESSAGE, &in, &out);
    return out.messages;
}

static struct str attribute(const struct sqs_message *message, const char *name)
{
    for (size_t i = 0; i < message->attributes.n; i++) {
        const struct pair *pair = LIST_AT(message->attributes, struct pair, i);
        if (str_eq(pair->key, str_from(name))) return pair->value;
    }
    return STR_NONE;
}

TEST(sqs_hides_what_was_received)
{
    struct small_world w = small_world_new(NULL);
    struct str url = small_world_queue(&w, "events");
    assert_str(url, "https://sqs.us-east-1.amazonaws.com/123456789012/events");
    assert_false(region_sqs_has_messages(w.region, url));
    send(&w, url, "one");
    assert_true(region_sqs_has_messages(w.region, url));
    struct list first = receive(&w, url, 10);
    assert_int_equal(first.n, 1);
    const struct sqs_message *message = LIST_AT(first, struct sqs_message, 0);
    assert_str(message->body, "one");
    assert_str(attribute(message, "ApproximateReceiveCount"), "1");
    assert_int_equal(receive(&w, url, 10).n, 0);
    assert_int_equal(region_next_due_ms(w.region), region_now_ms(w.region) + 30000);
    small_world_pass(&w, 30000);
    struct list again = receive(&w, url, 10);
    assert_int_equal(again.n, 1);
    const struct sqs_message *second = LIST_AT(again, struct sqs_message, 0);
    assert_str(attribute(second, "ApproximateReceiveCount"), "2");
    assert_false(str_eq(message->receipt_handle, second->receipt_handle));
    /* The older receipt no longer deletes; the newest does, also twice. */
    struct sqs_delete_message_input gone = {url, message->receipt_handle};
    small_world_do(&w, &SQS_DELETE_MESSAGE, &gone, NULL);
    small_world_pass(&w, 30000);
    assert_true(region_sqs_has_messages(w.region, url));
    gone.receipt_handle = second->receipt_handle;
    small_world_do(&w, &SQS_DELETE_MESSAGE, &gone, NULL);
    small_world_do(&w, &SQS_DELETE_MESSAGE, &gone, NULL);
    assert_false(region_sqs_has_messages(w.region, url));
    small_world_free(&w);
}

TEST(sqs_changes_visibility)
{
    struct small_world w = small_world_new(NULL);
    struct str url = small_world_queue(&w, "events");
    send(&w, url, "one");
    struct list got = receive(&w, url, 1);
    struct sqs_change_visibility_input in = {
        url, LIST_AT(got, struct sqs_message, 0)->receipt_handle, 120};
    small_world_do(&w, &SQS_CHANGE_MESSAGE_VISIBILITY, &in, NULL);
    small_world_pass(&w, 119000);
    assert_int_equal(receive(&w, url, 1).n, 0);
    in.visibility_timeout = 0;
    small_world_do(&w, &SQS_CHANGE_MESSAGE_VISIBILITY, &in, NULL);
    small_world_refused(&w, &SQS_CHANGE_MESSAGE_VISIBILITY, &in, "MessageNotInflight", "flight");
    assert_int_equal(receive(&w, url, 1).n, 1);
    in.visibility_timeout = 43201;
    small_world_refused(&w, &SQS_CHANGE_MESSAGE_VISIBILITY, &in, "InvalidParameterValueException",
                        "43200");
    small_world_free(&w);
}

TEST(sqs_redrives_after_too_many_receives)
{
    struct small_world w = small_world_new(NULL);
    struct str dead = small_world_queue(&w, "dead");
    struct pair attributes[] = {
        {STR("VisibilityTimeout"), STR("5")},
        {STR("RedrivePolicy"),
         STR("{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:123456789012:dead\","
             "\"maxReceiveCount\":\"2\"}")}};
    struct sqs_create_queue_input in = {STR("events"), LIST_OF(attributes, 2), {0}};
    struct sqs_queue_url_output made;
    small_world_do(&w, &SQS_CREATE_QUEUE, &in, &made);
    send(&w, made.queue_url, "poison");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(receive(&w, made.queue_url, 1).n, 1);
        small_world_pass(&w, 5000);
    }
    assert_int_equal(receive(&w, made.queue_url, 1).n, 0);
    struct list got = receive(&w, dead, 1);
    assert_int_equal(got.n, 1);
    assert_str(LIST_AT(got, struct sqs_message, 0)->body, "poison");
    small_world_free(&w);
}

TEST(sqs_batches_fail_entry_by_entry)
{
    struct small_world w = small_world_new(NULL);
    struct str url = small_world_queue(&w, "events");
    struct sqs_send_message_entry entries[11] = {0};
    for (size_t i = 0; i < 11; i++) {
        entries[i].id = arena_format(&w.a, "id-%zu", i);
        entries[i].message_body = STR("body");
    }
    struct sqs_send_message_batch_input in = {url, LIST_OF(entries, 11)};
    small_world_refused(&w, &SQS_SEND_MESSAGE_BATCH, &in, "TooManyEntriesInBatchRequest",
                        "Maximum number of entries per request are 10. You have sent 11.");
    assert_str(str_from(w.err.query_code), "AWS.SimpleQueueService.TooManyEntriesInBatchRequest");
    in.entries.n = 0;
    small_world_refused(&w, &SQS_SEND_MESSAGE_BATCH, &in, "EmptyBatchRequest", "at least one");
    in.entries.n = 2;
    entries[1].id = entries[0].id;
    small_world_refused(&w, &SQS_SEND_MESSAGE_BATCH, &in, "BatchEntryIdsNotDistinct", "id-0");
    entries[1].id = STR("not an id");
    small_world_refused(&w, &SQS_SEND_MESSAGE_BATCH, &in, "InvalidBatchEntryId", "alphanumeric");
    entries[1].id = STR("empty");
    entries[1].message_body = STR("");
    struct sqs_send_message_batch_output out;
    small_world_do(&w, &SQS_SEND_MESSAGE_BATCH, &in, &out);
    assert_int_equal(out.successful.n, 1);
    assert_int_equal(out.failed.n, 1);
    assert_str(LIST_AT(out.failed, struct sqs_batch_error, 0)->id, "empty");
    struct list got = receive(&w, url, 10);
    struct sqs_delete_message_entry gone[] = {
        {STR("a"), LIST_AT(got, struct sqs_message, 0)->receipt_handle}, {STR("b"), STR("bogus")}};
    struct sqs_delete_message_batch_input delete = {url, LIST_OF(gone, 2)};
    struct sqs_batch_output deleted;
    small_world_do(&w, &SQS_DELETE_MESSAGE_BATCH, &delete, &deleted);
    assert_int_equal(deleted.successful.n, 1);
    assert_str(LIST_AT(deleted.failed, struct sqs_batch_error, 0)->code, "ReceiptHandleIsInvalid");
    assert_true(LIST_AT(deleted.failed, struct sqs_batch_error, 0)->sender_fault);
    small_world_free(&w);
}

TEST(sqs_names_its_errors)
{
    struct small_world w = small_world_new(NULL);
    struct str url = small_world_queue(&w, "events");
    struct sqs_get_queue_url_input nobody = {.queue_name = STR("nobody")};
    small_world_refused(&w, &SQS_GET_QUEUE_URL, &nobody, "QueueDoesNotExist",
                        "The specified queue does not exist.");
    assert_str(str_from(w.err.query_code), "AWS.SimpleQueueService.NonExistentQueue");
    struct sqs_receive_message_input many = {.queue_url = url, .max_number_of_messages = 11};
    small_world_refused(&w, &SQS_RECEIVE_MESSAGE, &many, "InvalidParameterValueException",
                        "Value 11 for parameter MaxNumberOfMessages is invalid.");
    struct sqs_send_message_input none = {.queue_url = url};
    small_world_refused(&w, &SQS_SEND_MESSAGE, &none, "MissingParameter", "MessageBody");
    struct pair other = {STR("VisibilityTimeout"), STR("31")};
    struct sqs_create_queue_input in = {STR("events"), LIST_OF(&other, 1), {0}};
    small_world_refused(&w, &SQS_CREATE_QUEUE, &in, "QueueNameExists", "VisibilityTimeout");
    other.value = STR("43201");
    small_world_refused(&w, &SQS_CREATE_QUEUE, &in, "InvalidAttributeValue", "VisibilityTimeout");
    other.key = STR("FifoQueue");
    small_world_refused(&w, &SQS_CREATE_QUEUE, &in, "InvalidAttributeName", "FifoQueue");
    small_world_free(&w);
}

TEST(sqs_shows_attributes_of_queue_and_message)
{
    struct small_world w = small_world_new(NULL);
    struct str url = small_world_queue(&w, "events");
    struct sqs_send_message_input in = {
        .queue_url = url,
        .message_body = STR("x"),
        .delay_seconds = 10,
        .message_attributes = STR("{\"traceparent\":{\"DataType\":\"String\",\"StringValue\":"
                                  "\"00-abc\"}}"),
    };
    struct sqs_send_message_output sent;
    small_world_do(&w, &SQS_SEND_MESSAGE, &in, &sent);
    /* The same attribute, digested by hand as the guide says. */
    static const char bytes[] = "\0\0\0\x0b"
                                "traceparent"
                                "\0\0\0\x06"
                                "String"
                                "\x01"
                                "\0\0\0\x06"
                                "00-abc";
    struct str digest = crypto_md5_hex(&w.a, (struct str){bytes, sizeof(bytes) - 1});
    assert_str(sent.md5_of_message_attributes, arena_cstr(&w.a, digest));
    struct str names[] = {STR("ApproximateNumberOfMessagesDelayed"), STR("QueueArn")};
    struct sqs_get_queue_attributes_input ask = {url, LIST_OF(names, 2)};
    struct sqs_get_queue_attributes_output out;
    small_world_do(&w, &SQS_GET_QUEUE_ATTRIBUTES, &ask, &out);
    assert_int_equal(out.attributes.n, 2);
    assert_str(LIST_AT(out.attributes, struct pair, 0)->value,
               "arn:aws:sqs:us-east-1:123456789012:events");
    assert_str(LIST_AT(out.attributes, struct pair, 1)->value, "1");
    assert_false(region_sqs_has_messages(w.region, url));
    small_world_pass(&w, 10000);
    assert_true(region_sqs_has_messages(w.region, url));
    small_world_free(&w);
}

TEST(sqs_forgets_after_the_retention_period)
{
    struct small_world w = small_world_new(NULL);
    struct pair attribute_ = {STR("MessageRetentionPeriod"), STR("60")};
    struct sqs_create_queue_input in = {STR("short"), LIST_OF(&attribute_, 1), {0}};
    struct sqs_queue_url_output made;
    small_world_do(&w, &SQS_CREATE_QUEUE, &in, &made);
    send(&w, made.queue_url, "old");
    small_world_pass(&w, 61000);
    assert_int_equal(receive(&w, made.queue_url, 1).n, 0);
    small_world_free(&w);
}
