/* SPDX-License-Identifier: Apache-2.0
 * One receiver of the relay: a thread that takes messages of one queue, ten at a time, into Kafka.
 */
#ifndef EBB_PRODUCERS_RECEIVER_H
#define EBB_PRODUCERS_RECEIVER_H

#include "lib/base/pause.h"
#include "lib/run/role.h"

#include <stdatomic.h>

struct receiver {
    const struct role_context *context;
    const struct log *log;
    struct pause *pause; /* of the relay: ends all its receivers */
    struct str queue;    /* URL */
    /* Monotonic; of the relay. Until then its receivers ask for one message at a time, because
     * several were more than a reply may be: one always fits. */
    _Atomic int64_t *one_until_ms;
    pthread_t thread;
    atomic_bool ready; /* SQS and Kafka answered last time */
};

void receiver_start(struct receiver *r);
/* After the pause was stopped. */
void receiver_join(struct receiver *r);

#endif
