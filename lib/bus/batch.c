/* SPDX-License-Identifier: Apache-2.0
 * See batch.h. */
#include "lib/bus/batch.h"

#include <stdlib.h>

#include "lib/base/pause.h"

struct bus_batch *bus_batch_new(size_t n)
{
    struct bus_batch *batch = calloc(1, sizeof(*batch) + n * sizeof(batch->deliveries[0]));
    if (!batch) abort();
    pthread_mutex_init(&batch->lock, NULL);
    pause_condition_init(&batch->all_done);
    batch->references = 1;
    for (size_t i = 0; i < n; i++)
        batch->deliveries[i].batch = batch;
    return batch;
}

void bus_batch_unlock_and_leave(struct bus_batch *batch)
{
    bool last = --batch->references == 0;
    pthread_mutex_unlock(&batch->lock);
    if (!last) return;
    pthread_cond_destroy(&batch->all_done);
    pthread_mutex_destroy(&batch->lock);
    free(batch);
}

void bus_batch_expect(struct bus_batch *batch)
{
    pthread_mutex_lock(&batch->lock);
    batch->references++;
    batch->pending++;
    pthread_mutex_unlock(&batch->lock);
}

void bus_batch_settle(struct bus_delivery *delivery, rd_kafka_resp_err_t native, int code)
{
    struct bus_batch *batch = delivery->batch;
    pthread_mutex_lock(&batch->lock);
    delivery->native = native;
    delivery->code = code;
    delivery->done = true;
    if (--batch->pending == 0) pthread_cond_signal(&batch->all_done);
    bus_batch_unlock_and_leave(batch);
}
