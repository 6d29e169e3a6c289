/* SPDX-License-Identifier: Apache-2.0
 * What Amazon SQS's sending and batch operations look like on the wire. */
#include "lib/aws/shapes/sqs.h"

static const struct field send_message_input_fields[] = {
    F_STR(struct sqs_send_message_input, queue_url, "QueueUrl", .flags = FIELD_REQUIRED),
    F_STR(struct sqs_send_message_input, message_body, "MessageBody", .flags = FIELD_REQUIRED,
          .max = SQS_BODY_MAX),
    F_INT(struct sqs_send_message_input, delay_seconds, "DelaySeconds"),
    F_STR(struct sqs_send_message_input, message_attributes, "MessageAttributes",
          .flags = FIELD_JSON_TEXT, .max = SQS_BODY_MAX),
    F_STR(struct sqs_send_message_input, message_system_attributes, "MessageSystemAttributes",
          .flags = FIELD_JSON_TEXT),
    F_STR(struct sqs_send_message_input, message_deduplication_id, "MessageDeduplicationId"),
    F_STR(struct sqs_send_message_input, message_group_id, "MessageGroupId"),
};
static const struct record send_message_input =
    RECORD_OF(struct sqs_send_message_input, send_message_input_fields);

static const struct field send_message_output_fields[] = {
    F_STR(struct sqs_send_message_output, md5_of_message_body, "MD5OfMessageBody"),
    F_STR(struct sqs_send_message_output, md5_of_message_attributes, "MD5OfMessageAttributes"),
    F_STR(struct sqs_send_message_output, message_id, "MessageId"),
    F_STR(struct sqs_send_message_output, sequence_number, "SequenceNumber"),
};
static const struct record send_message_output =
    RECORD_OF(struct sqs_send_message_output, send_message_output_fields);

/* SQS delivers at least once anyway, so a second copy is nothing new to whoever receives it. */
const struct aws_operation SQS_SEND_MESSAGE = {
    .name = "SendMessage",
    .service = &AWS_SQS,
    .input = &send_message_input,
    .output = &send_message_output,
    .retry = AWS_RETRY_READ,
};

static const struct field send_entry_fields[] = {
    F_STR(struct sqs_send_message_entry, id, "Id", .flags = FIELD_REQUIRED),
    F_STR(struct sqs_send_message_entry, message_body, "MessageBody", .flags = FIELD_REQUIRED,
          .max = SQS_BODY_MAX),
    F_INT(struct sqs_send_message_entry, delay_seconds, "DelaySeconds"),
    F_STR(struct sqs_send_message_entry, message_attributes, "MessageAttributes",
          .flags = FIELD_JSON_TEXT, .max = SQS_BODY_MAX),
    F_STR(struct sqs_send_message_entry, message_system_attributes, "MessageSystemAttributes",
          .flags = FIELD_JSON_TEXT),
    F_STR(struct sqs_send_message_entry, message_deduplication_id, "MessageDeduplicationId"),
    F_STR(struct sqs_send_message_entry, message_group_id, "MessageGroupId"),
};
static const struct record send_entry = RECORD_OF(struct sqs_send_message_entry, send_entry_fields);

static const struct field send_batch_input_fields[] = {
    F_STR(struct sqs_send_message_batch_input, queue_url, "QueueUrl", .flags = FIELD_REQUIRED),
    F_LIST(struct sqs_send_message_batch_input, entries, send_entry, "Entries",
           .flags = FIELD_ALWAYS),
};
static const struct record send_batch_input =
    RECORD_OF(struct sqs_send_message_batch_input, send_batch_input_fields);

static const struct field send_result_fields[] = {
    F_STR(struct sqs_send_message_result, id, "Id"),
    F_STR(struct sqs_send_message_result, message_id, "MessageId"),
    F_STR(struct sqs_send_message_result, md5_of_message_body, "MD5OfMessageBody"),
    F_STR(struct sqs_send_message_result, md5_of_message_attributes, "MD5OfMessageAttributes"),
    F_STR(struct sqs_send_message_result, sequence_number, "SequenceNumber"),
};
static const struct record send_result =
    RECORD_OF(struct sqs_send_message_result, send_result_fields);

static const struct field batch_error_fields[] = {
    F_STR(struct sqs_batch_error, id, "Id"),
    F_BOOL(struct sqs_batch_error, sender_fault, "SenderFault", .flags = FIELD_ALWAYS),
    F_STR(struct sqs_batch_error, code, "Code"),
    F_STR(struct sqs_batch_error, message, "Message"),
};
static const struct record batch_error = RECORD_OF(struct sqs_batch_error, batch_error_fields);

static const struct field send_batch_output_fields[] = {
    F_LIST(struct sqs_send_message_batch_output, successful, send_result, "Successful"),
    F_LIST(struct sqs_send_message_batch_output, failed, batch_error, "Failed"),
};
static const struct record send_batch_output =
    RECORD_OF(struct sqs_send_message_batch_output, send_batch_output_fields);

const struct aws_operation SQS_SEND_MESSAGE_BATCH = {
    .name = "SendMessageBatch",
    .service = &AWS_SQS,
    .input = &send_batch_input,
    .output = &send_batch_output,
    .retry = AWS_RETRY_READ,
};

static const struct field batch_result_fields[] = {
    F_STR(struct sqs_batch_result, id, "Id"),
};
static const struct record batch_result = RECORD_OF(struct sqs_batch_result, batch_result_fields);

static const struct field batch_output_fields[] = {
    F_LIST(struct sqs_batch_output, successful, batch_result, "Successful"),
    F_LIST(struct sqs_batch_output, failed, batch_error, "Failed"),
};
static const struct record batch_output = RECORD_OF(struct sqs_batch_output, batch_output_fields);

static const struct field delete_entry_fields[] = {
    F_STR(struct sqs_delete_message_entry, id, "Id", .flags = FIELD_REQUIRED),
    F_STR(struct sqs_delete_message_entry, receipt_handle, "ReceiptHandle",
          .flags = FIELD_REQUIRED),
};
static const struct record delete_entry =
    RECORD_OF(struct sqs_delete_message_entry, delete_entry_fields);

static const struct field delete_batch_input_fields[] = {
    F_STR(struct sqs_delete_message_batch_input, queue_url, "QueueUrl", .flags = FIELD_REQUIRED),
    F_LIST(struct sqs_delete_message_batch_input, entries, delete_entry, "Entries",
           .flags = FIELD_ALWAYS),
};
static const struct record delete_batch_input =
    RECORD_OF(struct sqs_delete_message_batch_input, delete_batch_input_fields);

const struct aws_operation SQS_DELETE_MESSAGE_BATCH = {
    .name = "DeleteMessageBatch",
    .service = &AWS_SQS,
    .input = &delete_batch_input,
    .output = &batch_output,
    .retry = AWS_RETRY_READ,
};

static const struct field visibility_entry_fields[] = {
    F_STR(struct sqs_change_visibility_entry, id, "Id", .flags = FIELD_REQUIRED),
    F_STR(struct sqs_change_visibility_entry, receipt_handle, "ReceiptHandle",
          .flags = FIELD_REQUIRED),
    F_INT(struct sqs_change_visibility_entry, visibility_timeout, "VisibilityTimeout",
          .flags = FIELD_ALWAYS),
};
static const struct record visibility_entry =
    RECORD_OF(struct sqs_change_visibility_entry, visibility_entry_fields);

static const struct field visibility_batch_input_fields[] = {
    F_STR(struct sqs_change_visibility_batch_input, queue_url, "QueueUrl", .flags = FIELD_REQUIRED),
    F_LIST(struct sqs_change_visibility_batch_input, entries, visibility_entry, "Entries",
           .flags = FIELD_ALWAYS),
};
static const struct record visibility_batch_input =
    RECORD_OF(struct sqs_change_visibility_batch_input, visibility_batch_input_fields);

const struct aws_operation SQS_CHANGE_MESSAGE_VISIBILITY_BATCH = {
    .name = "ChangeMessageVisibilityBatch",
    .service = &AWS_SQS,
    .input = &visibility_batch_input,
    .output = &batch_output,
    .retry = AWS_RETRY_READ,
};
