/* SPDX-License-Identifier: Apache-2.0
 * The messages of one publish call, and the reports that came of them. */
#ifndef EBB_BUS_BATCH_H
#define EBB_BUS_BATCH_H

#include <pthread.h>

#include "lib/bus/internal.h"

/* The publisher and every report still to come hold a reference,
 * so a report that comes after the publisher has given up finds it still there. */
struct bus_batch {
    pthread_mutex_t lock;
    pthread_cond_t all_done;
    size_t references, pending;
    struct bus_delivery {
        struct bus_batch *batch;
        rd_kafka_resp_err_t native;
        int code;
        bool done;
    } deliveries[];
};

struct bus_batch *bus_batch_new(size_t n);
/* Before a message is handed over: a report will come. */
void bus_batch_expect(struct bus_batch *batch);
void bus_batch_settle(struct bus_delivery *delivery, rd_kafka_resp_err_t native, int code);
/* Called with the lock held; gives it up. */
void bus_batch_unlock_and_leave(struct bus_batch *batch);

#endif
