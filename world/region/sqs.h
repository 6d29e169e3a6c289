/* SPDX-License-Identifier: Apache-2.0
 * What the files of SQS's operations share. Each of the *_one functions does one entry of a batch,
 * which is also what the call without a batch does. */
#ifndef EBB_WORLD_REGION_SQS_H
#define EBB_WORLD_REGION_SQS_H

#include "world/region/event_model.h"
#include "world/region/operations.h"

int sqs_queue_need(const struct region *region, struct str url, struct queue **out,
                   struct aws_error *err) EBB_MUST_CHECK;
/* A refusal that query clients know by another code. */
int sqs_refuse(struct aws_error *err, const char *code, const char *query_code, const char *format,
               ...) EBB_PRINTF(4, 5);

struct sqs_sending {
    struct str body, attributes;
    int64_t delay_seconds; /* -1 = the queue's own */
};
int sqs_send_one(struct region *region, struct queue *queue, const struct sqs_sending *sending,
                 struct arena *a, struct sqs_send_message_result *out,
                 struct aws_error *err) EBB_MUST_CHECK;
int sqs_delete_one(struct queue *queue, struct str handle, struct arena *a,
                   struct aws_error *err) EBB_MUST_CHECK;
int sqs_change_one(struct region *region, struct queue *queue, struct str handle,
                   int64_t visibility_s, struct arena *a, struct aws_error *err) EBB_MUST_CHECK;

/* sqs_attributes.c: MD5 over message attributes as SQS computes it; absent for none.
 * InvalidParameterValue when they cannot be. */
int sqs_attributes_md5(struct str attributes, struct arena *a, struct str *out,
                       struct aws_error *err) EBB_MUST_CHECK;

#endif
