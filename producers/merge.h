/* SPDX-License-Identifier: Apache-2.0
 * Redis is rebuilt from ebb.state, by the leading timers. */
#ifndef EBB_PRODUCERS_MERGE_H
#define EBB_PRODUCERS_MERGE_H

#include "producers/timers.h"

/* put gets every record of ebb.state but those of drains that have a newer one there; t is its
 * context. The lease is kept meanwhile. E_BUSY when it was lost, and what put returns. */
int merge_state(struct timers_pass *t, bus_read_callback *put, struct err *e) EBB_MUST_CHECK;

#endif
