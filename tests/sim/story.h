/* SPDX-License-Identifier: Apache-2.0
 * The story of a history: who did what, to which service and drain, a line each, in the order it
 * happened; what makes no difference is left out. Kept only when it will be told. */
#ifndef EBB_TESTS_SIM_STORY_H
#define EBB_TESTS_SIM_STORY_H

#include "schemas/drain.h"
#include "tests/sim/faults.h"
#include "world/region/log.h"

/* A line about a service (absent: about none in particular), by somebody. */
void tell(struct sim *sim, struct str service, const char *who, const char *format, ...)
    EBB_PRINTF(4, 5);
/* What went wrong with a call of the running task. */
void tell_fault(struct sim *sim, const struct call *call, enum call_fault fault);
/* What the region's log says. */
void tell_entry(struct sim *sim, const struct log_entry *entry);
/* A newer record of a drain was stored. */
void tell_drain(struct sim *sim, const struct drain *drain);

/* How a look ended, where that says something. */
struct verdict_note;
void tell_verdict(struct sim *sim, const struct verdict_note *note);

/* From now on it is kept. */
void story_begin(struct sim *sim);
/* The whole of it; lines that are alike are told once, with their number. */
void story_print(const struct sim *sim);

#endif
