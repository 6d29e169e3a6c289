/* SPDX-License-Identifier: Apache-2.0
 * What one body from SQS asks for. Pure: bytes and configuration in, a decision out. */
#ifndef EBB_PRODUCERS_READ_EVENT_H
#define EBB_PRODUCERS_READ_EVENT_H

#include "lib/effect/effect.h"
#include "schemas/config.h"
#include "schemas/message.h"

enum event_kind {
    EVENT_ASKS,    /* message is for ebb.select */
    EVENT_NOTHING, /* understood, and asks for nothing: reason and why say so in the history */
    EVENT_DEAD,    /* not understood: a dead letter with why */
};

struct event_reading {
    enum event_kind kind;
    struct message
        message; /* EVENT_ASKS; for EVENT_NOTHING id, cause, time and alarm, where known */
    enum reason reason;
    struct str why;
};

void read_event(struct str body, const struct config *config, struct arena *a,
                struct event_reading *out);

#endif
