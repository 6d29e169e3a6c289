/* SPDX-License-Identifier: Apache-2.0
 * What the leading timers do besides, now and then: clauses T5 and T6. */
#ifndef EBB_PRODUCERS_TIDY_H
#define EBB_PRODUCERS_TIDY_H

#include "producers/timers.h"

/* Does nothing until some time has passed since the last time. */
int tidy(struct timers_pass *t, struct arena *a, struct err *e) EBB_MUST_CHECK;

#endif
