/* SPDX-License-Identifier: Apache-2.0
 * Amazon SQS: the operations and fields Ebb uses. */
#ifndef EBB_AWS_SHAPES_SQS_H
#define EBB_AWS_SHAPES_SQS_H

#include "lib/aws/aws.h"

#define SQS_BATCH_MAX          10
#define SQS_RECEIVE_MAX        10
#define SQS_WAIT_SECONDS_MAX   20
#define SQS_BODY_MAX           ((int64_t)1024 * 1024)
#define SQS_VISIBILITY_MAX_S   43200
#define SQS_ENTRY_ID_MAX       80
#define SQS_RECEIVE_TIMEOUT_MS ((int64_t)30000)

extern const struct aws_service AWS_SQS;

struct sqs_create_queue_input {
    struct str queue_name;
    struct list attributes; /* of struct pair */
    struct list tags;       /* of struct pair */
};
struct sqs_queue_url_output {
    struct str queue_url;
};
extern const struct aws_operation SQS_CREATE_QUEUE;

struct sqs_get_queue_url_input {
    struct str queue_name, queue_owner_aws_account_id;
};
extern const struct aws_operation SQS_GET_QUEUE_URL;

struct sqs_get_queue_attributes_input {
    struct str queue_url;
    struct list attribute_names; /* of struct str: All, QueueArn, ... */
};
struct sqs_get_queue_attributes_output {
    struct list attributes; /* of struct pair; numbers are text */
};
extern const struct aws_operation SQS_GET_QUEUE_ATTRIBUTES;

struct sqs_send_message_input {
    struct str queue_url, message_body;
    int64_t delay_seconds;                /* absent is the queue's own; decoding: -1 = not given */
    struct str message_attributes;        /* JSON text: name -> {StringValue, DataType} */
    struct str message_system_attributes; /* JSON text */
    struct str message_deduplication_id, message_group_id;
};
struct sqs_send_message_output {
    struct str md5_of_message_body, md5_of_message_attributes, message_id, sequence_number;
};
extern const struct aws_operation SQS_SEND_MESSAGE;

struct sqs_send_message_entry {
    struct str id, message_body;
    int64_t delay_seconds;
    struct str message_attributes, message_system_attributes; /* JSON text */
    struct str message_deduplication_id, message_group_id;
};
struct sqs_send_message_batch_input {
    struct str queue_url;
    struct list entries; /* of struct sqs_send_message_entry */
};
struct sqs_send_message_result {
    struct str id, message_id, md5_of_message_body, md5_of_message_attributes, sequence_number;
};
/* One entry of a batch that was not done though the reply was 200. */
struct sqs_batch_error {
    struct str id;
    bool sender_fault;
    struct str code, message;
};
struct sqs_send_message_batch_output {
    struct list successful; /* of struct sqs_send_message_result */
    struct list failed;     /* of struct sqs_batch_error */
};
extern const struct aws_operation SQS_SEND_MESSAGE_BATCH;

struct sqs_message {
    struct str message_id, receipt_handle, md5_of_body, body;
    struct list attributes; /* of struct pair: SentTimestamp, ApproximateReceiveCount, ... */
    struct str md5_of_message_attributes, message_attributes; /* the second is JSON text */
};
struct sqs_receive_message_input {
    struct str queue_url;
    struct list attribute_names;                /* of struct str; the older name of the next */
    struct list message_system_attribute_names; /* of struct str */
    struct list message_attribute_names;        /* of struct str */
    int64_t max_number_of_messages;             /* 0 = AWS's default, 1 */
    int64_t visibility_timeout;                 /* 0 = the queue's own; decoding: -1 = not given */
    int64_t wait_time_seconds;                  /* 0 = the queue's own; decoding: -1 = not given */
    struct str receive_request_attempt_id;
};
struct sqs_receive_message_output {
    struct list messages; /* of struct sqs_message */
};
extern const struct aws_operation SQS_RECEIVE_MESSAGE;

struct sqs_delete_message_input {
    struct str queue_url, receipt_handle;
};
extern const struct aws_operation SQS_DELETE_MESSAGE;

struct sqs_delete_message_entry {
    struct str id, receipt_handle;
};
struct sqs_delete_message_batch_input {
    struct str queue_url;
    struct list entries; /* of struct sqs_delete_message_entry */
};
struct sqs_batch_result {
    struct str id;
};
struct sqs_batch_output {
    struct list successful; /* of struct sqs_batch_result */
    struct list failed;     /* of struct sqs_batch_error */
};
extern const struct aws_operation SQS_DELETE_MESSAGE_BATCH;

struct sqs_change_visibility_input {
    struct str queue_url, receipt_handle;
    int64_t visibility_timeout; /* seconds; 0 makes it visible at once */
};
extern const struct aws_operation SQS_CHANGE_MESSAGE_VISIBILITY;

struct sqs_change_visibility_entry {
    struct str id, receipt_handle;
    int64_t visibility_timeout;
};
struct sqs_change_visibility_batch_input {
    struct str queue_url;
    struct list entries; /* of struct sqs_change_visibility_entry */
};
extern const struct aws_operation SQS_CHANGE_MESSAGE_VISIBILITY_BATCH;

#endif
