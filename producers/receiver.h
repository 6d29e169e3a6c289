/* SPDX-License-Identifier: Apache-2.0
 * One receiver of the relay: takes messages of one queue, ten at a time, into Kafka. Whoever drives
 * it owns time: the relay's thread, or a simulator. */
#ifndef EBB_PRODUCERS_RECEIVER_H
#define EBB_PRODUCERS_RECEIVER_H

#include "lib/run/role.h"

#include <stdatomic.h>

struct receiver {
    const struct role_context *context;
    const struct log *log;
    struct str queue; /* URL */
    /* Lets time pass; true when it is time to stop. */
    bool (*wait)(void *ctx, int64_t ms);
    void *wait_ctx;
    /* Monotonic; of the relay. Until then its receivers ask for one message at a time, because
     * several were more than a reply may be: one always fits. */
    _Atomic int64_t *one_until_ms;
    atomic_bool ready; /* SQS and Kafka answered last time */
};

/* Receives once, and hands over what came: returns when SQS was told of all of it, or when it is
 * time to stop. A code when nothing could be received, and *e says why. */
int receiver_pass(struct receiver *receiver, struct err *e) EBB_MUST_CHECK;
/* How long to wait after a pass that ended with the code, given the wait before it. */
int64_t receiver_pause_ms(int code, int64_t before_ms);

#endif
