/* SPDX-License-Identifier: Apache-2.0
 * See rest.h. Processor time tells work from rest for every role alike. */
#include "lib/run/rest.h"

#include <malloc.h>
#include <sys/resource.h>

#define LOOK_MS      ((int64_t)2000)
#define RESTING_PART 20             /* rest is less than this part of the time between two looks */
#define WORKED_MS    ((int64_t)500) /* less leaves nothing that is worth it */

bool rest_is_due(struct rest *r, int64_t mono_ms, int64_t used_ms)
{
    if (r->looked_at && mono_ms - r->looked_at < LOOK_MS) return false;
    bool first = r->looked_at == 0;
    bool rests = (used_ms - r->used_then) * RESTING_PART < mono_ms - r->looked_at;
    r->looked_at = mono_ms;
    r->used_then = used_ms;
    if (first || !rests || used_ms - r->used_given < WORKED_MS) return false;
    r->used_given = used_ms;
    return true;
}

static int64_t ms_of(struct timeval t)
{
    return (int64_t)t.tv_sec * 1000 + t.tv_usec / 1000;
}

void rest_look(struct rest *r, int64_t mono_ms)
{
    struct rusage used;
    if (getrusage(RUSAGE_SELF, &used)) return; /* nothing is given back, which harms nobody */
    if (rest_is_due(r, mono_ms, ms_of(used.ru_utime) + ms_of(used.ru_stime)))
        (void)malloc_trim(0); /* whether there was something to give does not matter */
}
