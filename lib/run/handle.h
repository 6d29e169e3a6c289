/* SPDX-License-Identifier: Apache-2.0
 * One message from its bytes to its recorded verdict. */
#ifndef EBB_RUN_HANDLE_H
#define EBB_RUN_HANDLE_H

#include "lib/run/worker.h"

enum handled {
    HANDLED_DONE, /* its verdict is recorded, and what must come later has a timer: the offset may
                     be passed */
    HANDLED_HOLD, /* it must be handled again by this process: nothing durable speaks for it yet */
};

/* How far one handler has come with one message. */
struct handling {
    int64_t tries;     /* how often it was held */
    bool is_alone;     /* nothing else is worked on */
    bool is_suspected; /* to kill its worker: those who live were given the time to say so */
    int64_t hold_ms;   /* it is due again after so long */
};

/* Waits until it may be worked on, at its last chance alone (alone.h); handle() ends that turn.
 * Whoever gives it to others while it waits here has not taken it yet. */
void handle_wait_turn(const struct worker_options *options, const struct ports *ports,
                      const struct bus_message *message, struct handling *handling);

/* ports carries the holder of this handler. One that is held is due again after
 * handling->hold_ms. */
enum handled handle(const struct worker_options *options, const struct ports *ports,
                    const struct bus_message *message, struct handling *handling);

#endif
