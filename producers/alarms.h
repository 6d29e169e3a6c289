/* SPDX-License-Identifier: Apache-2.0
 * What the poll of alarms does, a pass at a time: an alarm is a level, and EventBridge tells only of
 * its edges. Whoever drives it owns time: the timers' second thread, or a simulator. */
#ifndef EBB_PRODUCERS_ALARMS_H
#define EBB_PRODUCERS_ALARMS_H

#include "lib/base/arn.h"
#include "lib/base/log.h"
#include "lib/effect/ports.h"

struct alarms_pass {
    const struct ports *ports;
    const struct log *log;
    const struct config *config;
    struct str region; /* of listed alarms whose entry names none */
    /* Lets time pass while the API budget has no call to give; true when it is time to stop, or when
     * another process leads. */
    bool (*wait)(void *ctx, int64_t ms);
    void *wait_ctx;
    int64_t next_at_ms; /* monotonic: the next poll */
    size_t first;       /* of the watched alarms, in the next poll */
    bool has_polled;    /* as leader */
    /* The service that asked first when one last did. */
    char asked_first[SERVICE_KEY_MAX];
    size_t asked_first_n;
};

/* Polls when it is time to, if this process leads the timers. *pause_ms: how long until the next
 * pass. A code when something did not answer, and *e says what; it is tried again at the next poll;
 * E_STOPPED when waiting was stopped. */
int alarms_pass(struct alarms_pass *p, bool leads, int64_t *pause_ms, struct err *e) EBB_MUST_CHECK;

#endif
