/* SPDX-License-Identifier: Apache-2.0
 * What Amazon SQS's operations look like on the wire: the queue's own and reading from it. Sending
 * and the batches are in sqs_batch.c. */
#include "lib/aws/shapes/sqs.h"

const struct aws_service AWS_SQS = {
    .id = "SQS",
    .host_prefix = "sqs",
    .signing_name = "sqs",
    .protocol = AWS_JSON_1_0,
    .target_prefix = "AmazonSQS",
    .query_compatible = true,
};

static const struct field create_queue_input_fields[] = {
    F_STR(struct sqs_create_queue_input, queue_name, "QueueName", .flags = FIELD_REQUIRED),
    F_MAP(struct sqs_create_queue_input, attributes, "Attributes"),
    F_MAP(struct sqs_create_queue_input, tags, "tags"),
};
static const struct record create_queue_input =
    RECORD_OF(struct sqs_create_queue_input, create_queue_input_fields);

static const struct field queue_url_output_fields[] = {
    F_STR(struct sqs_queue_url_output, queue_url, "QueueUrl"),
};
static const struct record queue_url_output =
    RECORD_OF(struct sqs_queue_url_output, queue_url_output_fields);

const struct aws_operation SQS_CREATE_QUEUE = {
    .name = "CreateQueue",
    .service = &AWS_SQS,
    .input = &create_queue_input,
    .output = &queue_url_output,
    .retry = AWS_RETRY_READ,
};

static const struct field get_queue_url_input_fields[] = {
    F_STR(struct sqs_get_queue_url_input, queue_name, "QueueName", .flags = FIELD_REQUIRED),
    F_STR(struct sqs_get_queue_url_input, queue_owner_aws_account_id, "QueueOwnerAWSAccountId"),
};
static const struct record get_queue_url_input =
    RECORD_OF(struct sqs_get_queue_url_input, get_queue_url_input_fields);

const struct aws_operation SQS_GET_QUEUE_URL = {
    .name = "GetQueueUrl",
    .service = &AWS_SQS,
    .input = &get_queue_url_input,
    .output = &queue_url_output,
    .retry = AWS_RETRY_READ,
};

static const struct field get_queue_attributes_input_fields[] = {
    F_STR(struct sqs_get_queue_attributes_input, queue_url, "QueueUrl", .flags = FIELD_REQUIRED),
    F_STRS(struct sqs_get_queue_attributes_input, attribute_names, "AttributeNames"),
};
static const struct record get_queue_attributes_input =
    RECORD_OF(struct sqs_get_queue_attributes_input, get_queue_attributes_input_fields);

static const struct field get_queue_attributes_output_fields[] = {
    F_MAP(struct sqs_get_queue_attributes_output, attributes, "Attributes"),
};
static const struct record get_queue_attributes_output =
    RECORD_OF(struct sqs_get_queue_attributes_output, get_queue_attributes_output_fields);

const struct aws_operation SQS_GET_QUEUE_ATTRIBUTES = {
    .name = "GetQueueAttributes",
    .service = &AWS_SQS,
    .input = &get_queue_attributes_input,
    .output = &get_queue_attributes_output,
    .retry = AWS_RETRY_READ,
};

static const struct field receive_message_input_fields[] = {
    F_STR(struct sqs_receive_message_input, queue_url, "QueueUrl", .flags = FIELD_REQUIRED),
    F_STRS(struct sqs_receive_message_input, attribute_names, "AttributeNames"),
    F_STRS(struct sqs_receive_message_input, message_system_attribute_names,
           "MessageSystemAttributeNames"),
    F_STRS(struct sqs_receive_message_input, message_attribute_names, "MessageAttributeNames"),
    F_INT(struct sqs_receive_message_input, max_number_of_messages, "MaxNumberOfMessages"),
    F_INT(struct sqs_receive_message_input, visibility_timeout, "VisibilityTimeout"),
    F_INT(struct sqs_receive_message_input, wait_time_seconds, "WaitTimeSeconds"),
    F_STR(struct sqs_receive_message_input, receive_request_attempt_id, "ReceiveRequestAttemptId"),
};
static const struct record receive_message_input =
    RECORD_OF(struct sqs_receive_message_input, receive_message_input_fields);

static const struct field message_fields[] = {
    F_STR(struct sqs_message, message_id, "MessageId"),
    F_STR(struct sqs_message, receipt_handle, "ReceiptHandle"),
    F_STR(struct sqs_message, md5_of_body, "MD5OfBody"),
    F_STR(struct sqs_message, body, "Body", .max = SQS_BODY_MAX),
    F_MAP(struct sqs_message, attributes, "Attributes"),
    F_STR(struct sqs_message, md5_of_message_attributes, "MD5OfMessageAttributes"),
    F_STR(struct sqs_message, message_attributes, "MessageAttributes", .flags = FIELD_JSON_TEXT,
          .max = SQS_BODY_MAX),
};
static const struct record message = RECORD_OF(struct sqs_message, message_fields);

static const struct field receive_message_output_fields[] = {
    F_LIST(struct sqs_receive_message_output, messages, message, "Messages"),
};
static const struct record receive_message_output =
    RECORD_OF(struct sqs_receive_message_output, receive_message_output_fields);

/* A reply that is lost only leaves the messages invisible for a while: repeating is harmless. */
const struct aws_operation SQS_RECEIVE_MESSAGE = {
    .name = "ReceiveMessage",
    .service = &AWS_SQS,
    .input = &receive_message_input,
    .output = &receive_message_output,
    .retry = AWS_RETRY_READ,
    .timeout_ms = SQS_RECEIVE_TIMEOUT_MS,
    .is_long_poll = true,
};

static const struct field delete_message_input_fields[] = {
    F_STR(struct sqs_delete_message_input, queue_url, "QueueUrl", .flags = FIELD_REQUIRED),
    F_STR(struct sqs_delete_message_input, receipt_handle, "ReceiptHandle",
          .flags = FIELD_REQUIRED),
};
static const struct record delete_message_input =
    RECORD_OF(struct sqs_delete_message_input, delete_message_input_fields);

const struct aws_operation SQS_DELETE_MESSAGE = {
    .name = "DeleteMessage",
    .service = &AWS_SQS,
    .input = &delete_message_input,
    .retry = AWS_RETRY_READ,
};

static const struct field change_visibility_input_fields[] = {
    F_STR(struct sqs_change_visibility_input, queue_url, "QueueUrl", .flags = FIELD_REQUIRED),
    F_STR(struct sqs_change_visibility_input, receipt_handle, "ReceiptHandle",
          .flags = FIELD_REQUIRED),
    F_INT(struct sqs_change_visibility_input, visibility_timeout, "VisibilityTimeout",
          .flags = FIELD_ALWAYS),
};
static const struct record change_visibility_input =
    RECORD_OF(struct sqs_change_visibility_input, change_visibility_input_fields);

const struct aws_operation SQS_CHANGE_MESSAGE_VISIBILITY = {
    .name = "ChangeMessageVisibility",
    .service = &AWS_SQS,
    .input = &change_visibility_input,
    .retry = AWS_RETRY_READ,
};
