/* SPDX-License-Identifier: Apache-2.0
 * The offsets of one partition that are in work. Messages finish in any order; the offset that may
 * be stored is the lowest unfinished one (the low-watermark). Pure: no lock, no I/O. */
#ifndef EBB_BUS_WINDOW_H
#define EBB_BUS_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct window {
    int64_t *offsets; /* taken and not below the watermark, ascending; a ring */
    bool *finished;   /* beside each offset */
    size_t head, n, max, unfinished_n;
    int64_t storable; /* next offset to store, -1 = none yet */
    int64_t next;     /* one above the last offset taken, -1 = none yet */
};

/* max: unfinished and finished offsets held before window_is_full. */
void window_init(struct window *w, size_t max);
void window_release(struct window *w);
/* Offsets are taken in ascending order (a bug to do otherwise: ask window_next); false when the
 * window is full. Gaps (compaction, aborted transactions) are normal. */
bool window_take(struct window *w, int64_t offset);
/* False when the offset is not in the window (already finished, or of another assignment). */
bool window_finish(struct window *w, int64_t offset);
bool window_is_full(const struct window *w);
/* Offset to store as "next to read", or -1 when nothing is finished yet below any unfinished one.
 */
int64_t window_storable(const struct window *w);
size_t window_unfinished(const struct window *w);
/* The lowest unfinished offset; when there is none, the one above the last taken; -1 before the
 * first. */
int64_t window_low(const struct window *w);
/* No offset below this may be taken any more; -1 before the first. */
int64_t window_next(const struct window *w);

#endif
