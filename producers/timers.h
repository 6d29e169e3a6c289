/* SPDX-License-Identifier: Apache-2.0
 * What the timers do, a pass at a time. Whoever drives it owns time: the role's thread, or a
 * simulator. */
#ifndef EBB_PRODUCERS_TIMERS_H
#define EBB_PRODUCERS_TIMERS_H

#include "lib/base/log.h"
#include "lib/effect/ports.h"

#include <stdatomic.h>

#define TIMERS_LEASE    STR("timers")
#define TIMERS_LEASE_MS ((int64_t)10 * 1000)

struct timers_pass {
    const struct ports *ports;
    const struct log *log;
    struct str holder;                 /* of the lease: unique to this process */
    atomic_bool leads;                 /* any thread may ask */
    int64_t merged_count, newer_count; /* of the merge that runs */
    int64_t tidied_at;                 /* monotonic ms; 0: not yet */
};

/* Leads if nobody else does, and works off what is due. *pause_ms: how long until the next pass. A
 * code when something did not answer, and *e says what; it is tried again then. */
int timers_pass(struct timers_pass *t, int64_t *pause_ms, struct err *e) EBB_MUST_CHECK;
/* Gives the lease back, so that another leads at once. */
int timers_resign(struct timers_pass *t, struct err *e) EBB_MUST_CHECK;

#endif
