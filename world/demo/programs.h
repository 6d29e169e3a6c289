/* SPDX-License-Identifier: Apache-2.0
 * Finds the programs the demo starts, and says what to do when one is not there. */
#ifndef EBB_WORLD_DEMO_PROGRAMS_H
#define EBB_WORLD_DEMO_PROGRAMS_H

#include "lib/base/arena.h"
#include "lib/base/err.h"

struct programs {
    const char *world, *ebb, *redis; /* paths */
};

/* ebb NULL: the one beside the running program. E_MISSING. */
int programs_find(const char *ebb, struct arena *a, struct programs *out,
                  struct err *e) EBB_MUST_CHECK;

/* Whether a program of that name is in PATH. */
bool programs_has(const char *name);

#endif
