/* SPDX-License-Identifier: Apache-2.0
 * Code that can be put aside in the middle and gone on with later: what lets the simulator drive
 * whole handlers, unchanged, and stop them between any two calls of a port. One thread only. */
#ifndef EBB_TESTS_SIM_FIBER_H
#define EBB_TESTS_SIM_FIBER_H

#include <stdbool.h>

/* Stacks are kept for the next fiber; all of them belong to one set. */
struct fiber_set;
struct fiber;

struct fiber_set *fiber_set_new(void);
/* No fiber may be unfinished. */
void fiber_set_free(struct fiber_set *set);

/* Does not begin yet. */
struct fiber *fiber_new(struct fiber_set *set, void (*main)(void *ctx), void *ctx);
/* Goes on with it until it pauses or ends. True when it has ended; then it is no more. */
bool fiber_resume(struct fiber *fiber);
/* From within: puts the running fiber aside. */
void fiber_pause(struct fiber *fiber);

#endif
