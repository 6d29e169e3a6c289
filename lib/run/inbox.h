/* SPDX-License-Identifier: Apache-2.0
 * Messages waiting for one handler: in the order they came, and those held back until a time.
 * Thread-safe. The number of messages is bounded by the consumer's windows. */
#ifndef EBB_RUN_INBOX_H
#define EBB_RUN_INBOX_H

#include "lib/base/clock.h"
#include "lib/run/handle.h"

struct inbox;

struct inbox_item {
    struct bus_message *message;
    struct handling handling;
};

struct inbox *inbox_new(struct clock clock);
/* Must be empty. */
void inbox_free(struct inbox *q);
/* due_mono_ms 0: at once. */
void inbox_put(struct inbox *q, struct inbox_item item, int64_t due_mono_ms);
/* Waits for an item that is due. False once the queue is closed. */
bool inbox_take(struct inbox *q, struct inbox_item *out);
/* Wakes all takers; nothing is taken any more. */
void inbox_close(struct inbox *q);
/* After closing: what is left, one at a time. False when there is none. */
bool inbox_drain(struct inbox *q, struct inbox_item *out);

#endif
