/* SPDX-License-Identifier: Apache-2.0
 * The batches of SQS: the batch itself is checked first, then each entry is done or failed for
 * itself. */
#include "world/region/sqs.h"

#define BATCH_BYTES_MAX ((size_t)1024 * 1024)

static bool is_id(struct str id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && c != '-' && c != '_') return false;
    }
    return id.n > 0 && id.n <= SQS_ENTRY_ID_MAX;
}

static int check_ids(const struct str *ids, size_t n, struct aws_error *err)
{
    if (n == 0)
        return sqs_refuse(err, "EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest",
                          "There should be at least one entry in the request.");
    if (n > SQS_BATCH_MAX)
        return sqs_refuse(err, "TooManyEntriesInBatchRequest",
                          "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
                          "Maximum number of entries per request are 10. You have sent %zu.", n);
    for (size_t i = 0; i < n; i++) {
        if (!is_id(ids[i]))
            return sqs_refuse(err, "InvalidBatchEntryId",
                              "AWS.SimpleQueueService.InvalidBatchEntryId",
                              "A batch entry id can only contain alphanumeric characters, hyphens "
                              "and underscores. It can be at most 80 letters long.");
        for (size_t k = 0; k < i; k++)
            if (str_eq(ids[i], ids[k]))
                return sqs_refuse(err, "BatchEntryIdsNotDistinct",
                                  "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
                                  "Id %.*s repeated.", STR_ARG(ids[i]));
    }
    return 0;
}

static struct sqs_batch_error failure(struct str id, const struct aws_error *err, struct arena *a)
{
    return (struct sqs_batch_error){
        .id = arena_copy(a, id),
        .sender_fault = err->sender,
        .code = str_from(err->query_code ? err->query_code : err->code),
        .message = arena_copy(a, str_from(err->message)),
    };
}

int region_sqs_send_message_batch(struct region *region, const struct caller *caller,
                                  const struct sqs_send_message_batch_input *in, struct arena *a,
                                  struct sqs_send_message_batch_output *out, struct aws_error *err)
{
    (void)caller; /* queues are open to the account */
    struct queue *queue;
    size_t n = in->entries.n, bytes = 0;
    struct str *ids = ARENA_ARRAY(a, n + 1, struct str);
    for (size_t i = 0; i < n; i++) {
        const struct sqs_send_message_entry *entry =
            LIST_AT(in->entries, struct sqs_send_message_entry, i);
        ids[i] = entry->id;
        bytes += entry->message_body.n + entry->message_attributes.n;
    }
    int code = sqs_queue_need(region, in->queue_url, &queue, err);
    if (!code) code = check_ids(ids, n, err);
    if (code) return code;
    if (bytes > BATCH_BYTES_MAX)
        return sqs_refuse(
            err, "BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong",
            "Batch requests cannot be longer than %zu bytes. You have sent %zu bytes.",
            BATCH_BYTES_MAX, bytes);
    struct sqs_send_message_result *good = ARENA_ARRAY(a, n, struct sqs_send_message_result);
    struct sqs_batch_error *bad = ARENA_ARRAY(a, n, struct sqs_batch_error);
    size_t good_n = 0, bad_n = 0;
    for (size_t i = 0; i < n; i++) {
        const struct sqs_send_message_entry *entry =
            LIST_AT(in->entries, struct sqs_send_message_entry, i);
        /* An entry's shape has no "not given": zero is the queue's own delay. */
        struct sqs_sending sending = {entry->message_body, entry->message_attributes,
                                      entry->delay_seconds ? entry->delay_seconds : -1};
        struct aws_error fault;
        if (sqs_send_one(region, queue, &sending, a, &good[good_n], &fault))
            bad[bad_n++] = failure(ids[i], &fault, a);
        else
            good[good_n++].id = arena_copy(a, ids[i]);
    }
    out->successful = LIST_OF(good, good_n);
    out->failed = LIST_OF(bad, bad_n);
    return 0;
}

int region_sqs_delete_message_batch(struct region *region, const struct caller *caller,
                                    const struct sqs_delete_message_batch_input *in,
                                    struct arena *a, struct sqs_batch_output *out,
                                    struct aws_error *err)
{
    (void)caller; /* queues are open to the account */
    struct queue *queue;
    size_t n = in->entries.n;
    struct str *ids = ARENA_ARRAY(a, n + 1, struct str);
    for (size_t i = 0; i < n; i++)
        ids[i] = LIST_AT(in->entries, struct sqs_delete_message_entry, i)->id;
    int code = sqs_queue_need(region, in->queue_url, &queue, err);
    if (!code) code = check_ids(ids, n, err);
    if (code) return code;
    struct sqs_batch_result *good = ARENA_ARRAY(a, n, struct sqs_batch_result);
    struct sqs_batch_error *bad = ARENA_ARRAY(a, n, struct sqs_batch_error);
    size_t good_n = 0, bad_n = 0;
    for (size_t i = 0; i < n; i++) {
        struct str handle =
            LIST_AT(in->entries, struct sqs_delete_message_entry, i)->receipt_handle;
        struct aws_error fault;
        if (sqs_delete_one(queue, handle, a, &fault))
            bad[bad_n++] = failure(ids[i], &fault, a);
        else
            good[good_n++].id = arena_copy(a, ids[i]);
    }
    out->successful = LIST_OF(good, good_n);
    out->failed = LIST_OF(bad, bad_n);
    return 0;
}

int region_sqs_change_message_visibility_batch(struct region *region, const struct caller *caller,
                                               const struct sqs_change_visibility_batch_input *in,
                                               struct arena *a, struct sqs_batch_output *out,
                                               struct aws_error *err)
{
    (void)caller; /* queues are open to the account */
    struct queue *queue;
    size_t n = in->entries.n;
    struct str *ids = ARENA_ARRAY(a, n + 1, struct str);
    for (size_t i = 0; i < n; i++)
        ids[i] = LIST_AT(in->entries, struct sqs_change_visibility_entry, i)->id;
    int code = sqs_queue_need(region, in->queue_url, &queue, err);
    if (!code) code = check_ids(ids, n, err);
    if (code) return code;
    struct sqs_batch_result *good = ARENA_ARRAY(a, n, struct sqs_batch_result);
    struct sqs_batch_error *bad = ARENA_ARRAY(a, n, struct sqs_batch_error);
    size_t good_n = 0, bad_n = 0;
    for (size_t i = 0; i < n; i++) {
        const struct sqs_change_visibility_entry *entry =
            LIST_AT(in->entries, struct sqs_change_visibility_entry, i);
        struct aws_error fault;
        if (sqs_change_one(region, queue, entry->receipt_handle, entry->visibility_timeout, a,
                           &fault))
            bad[bad_n++] = failure(ids[i], &fault, a);
        else
            good[good_n++].id = arena_copy(a, ids[i]);
    }
    out->successful = LIST_OF(good, good_n);
    out->failed = LIST_OF(bad, bad_n);
    return 0;
}
