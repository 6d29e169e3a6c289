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

/* Waits until it may be worked on, at its last chance alone (alone.h); handle() ends that turn. How
 * often somebody died with it. Whoever gives it to others while it waits here has not taken it yet. */
int64_t handle_wait_turn(const struct worker_options *options, const struct ports *ports,
                         const struct bus_message *message);

/* ports carries the holder of this handler. deaths: what handle_wait_turn found. tries: how often it
 * was held before. *hold_ms: one that is held is due again after so long. */
enum handled handle(const struct worker_options *options, const struct ports *ports,
                    const struct bus_message *message, int64_t deaths, int64_t tries,
                    int64_t *hold_ms);

#endif
