/* SPDX-License-Identifier: Apache-2.0
 * What a process gives back once it rests. A backlog leaves malloc with tens of megabytes of free
 * pieces that it keeps for later; a process that has worked, and now hardly does, lets them go. */
#ifndef EBB_RUN_REST_H
#define EBB_RUN_REST_H

#include <stdbool.h>
#include <stdint.h>

struct rest {
    int64_t looked_at;  /* monotonic ms; 0 = never */
    int64_t used_then;  /* ms of processor time, when it was looked at */
    int64_t used_given; /* the same, when memory was given back last */
};

/* Whether it is time to give back; to be asked again and again. used_ms: processor time of the
 * whole process so far. */
bool rest_is_due(struct rest *r, int64_t mono_ms, int64_t used_ms);
/* Asks for this process, and gives back what it can. */
void rest_look(struct rest *r, int64_t mono_ms);

#endif
