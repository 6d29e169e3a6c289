/* SPDX-License-Identifier: Apache-2.0
 * What happens when the group gives a consumer partitions or takes them away: on librdkafka's
 * cooperative protocol, on the polling thread. Before partitions are given up what is finished is
 * committed; after that, and for lost ones at once, nothing of them is stored any more. */
#include "lib/bus/internal.h"

#define COMMIT_WAIT_MS 2000 /* the group waits for us meanwhile */

static void add_partitions(struct bus_consumer *consumer, rd_kafka_topic_partition_list_t *list)
{
    if (!bus_assignment_add(&consumer->assignment, consumer->handle.native, list)) {
        (void)err_set(&consumer->broken, E_FATAL, "more partitions than one process can have");
        return;
    }
    bus_handle_well(&consumer->handle);
    rd_kafka_error_t *error = rd_kafka_incremental_assign(consumer->handle.native, list);
    if (!error) return;
    (void)err_set(&consumer->broken, E_FATAL, "taking partitions over: %s",
                  rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
}

static void ignore_commit(rd_kafka_t *native, rd_kafka_resp_err_t error,
                          rd_kafka_topic_partition_list_t *offsets, void *opaque)
{
    (void)native;
    (void)offsets;
    bool *done = opaque;
    (void)error; /* what was not committed is delivered again */
    *done = true;
}

/* Commits and waits for the answer, so that the next owner begins where we ended; not for ever. */
static void commit(struct bus_consumer *consumer, const rd_kafka_topic_partition_list_t *offsets)
{
    struct clock clock = clock_system();
    int64_t deadline_ms = clock_mono_ms(&clock) + COMMIT_WAIT_MS;
    bool done = false;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(consumer->handle.native);
    rd_kafka_resp_err_t error =
        rd_kafka_commit_queue(consumer->handle.native, offsets, queue, ignore_commit, &done);
    while (!error && !done) {
        int64_t left_ms = deadline_ms - clock_mono_ms(&clock);
        if (left_ms <= 0) break;
        (void)rd_kafka_queue_poll_callback(queue, (int)left_ms); /* a count of events */
    }
    rd_kafka_queue_destroy(queue);
}

static void remove_partitions(struct bus_consumer *consumer, rd_kafka_topic_partition_list_t *list)
{
    rd_kafka_t *native = consumer->handle.native;
    bool lost = rd_kafka_assignment_lost(native) != 0;
    rd_kafka_topic_partition_list_t *storable = rd_kafka_topic_partition_list_new(list->cnt);
    bus_assignment_remove(&consumer->assignment, list, storable);
    /* Lost means that somebody else may have them already: no word from us any more. */
    if (!lost && storable->cnt > 0) commit(consumer, storable);
    rd_kafka_topic_partition_list_destroy(storable);
    rd_kafka_error_t *error = rd_kafka_incremental_unassign(native, list);
    if (error) {
        (void)err_set(&consumer->broken, E_FATAL, "giving partitions up: %s",
                      rd_kafka_error_string(error));
        rd_kafka_error_destroy(error);
    }
    if (consumer->on_revoked && !consumer->closing) consumer->on_revoked(consumer->ctx, lost);
}

void bus_on_rebalance(rd_kafka_t *native, rd_kafka_resp_err_t kind,
                      rd_kafka_topic_partition_list_t *list, void *opaque)
{
    struct bus_handle *handle = opaque;
    struct bus_consumer *consumer = handle->owner;
    consumer->joined = true;
    if (kind == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        add_partitions(consumer, list);
    else if (kind == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS)
        remove_partitions(consumer, list);
    else /* the assignor failed; librdkafka tries again after this */
        (void)rd_kafka_assign(native, NULL);
}
