/* SPDX-License-Identifier: Apache-2.0
 * Messages waiting for one handler: in the order they came, and those held back until a time.
 * Thread-safe. The number of messages is bounded by the consumer's windows. */
#ifndef EBB_RUN_QUEUE_H
#define EBB_RUN_QUEUE_H

#include "lib/base/clock.h"
#include "lib/bus/bus.h"

struct queue;

struct queue_item {
    struct bus_message *message;
    int64_t tries; /* looks that ended in RETRY so far */
};

struct queue *queue_new(struct clock clock);
/* Must be empty. */
void queue_free(struct queue *q);
/* due_mono_ms 0: at once. */
void queue_put(struct queue *q, struct queue_item item, int64_t due_mono_ms);
/* Waits for an item that is due. False once the queue is closed. */
bool queue_take(struct queue *q, struct queue_item *out);
/* Wakes all takers; nothing is taken any more. */
void queue_close(struct queue *q);
/* After closing: what is left, one at a time. False when there is none. */
bool queue_drain(struct queue *q, struct queue_item *out);

#endif
