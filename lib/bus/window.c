/* SPDX-License-Identifier: Apache-2.0
 * See window.h. A ring of ascending offsets; its head is always the lowest unfinished one, so what
 * may be stored is known without looking. */
#include "lib/bus/window.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"

#define WINDOW_MAX 1000000 /* more than this is a mistake of whoever sized it */

void window_init(struct window *w, size_t max)
{
    EBB_ASSERT(max > 0);
    EBB_ASSERT(max <= WINDOW_MAX);
    *w = (struct window){.max = max, .storable = -1, .next = -1};
    w->offsets = calloc(max, sizeof(*w->offsets));
    w->finished = calloc(max, sizeof(*w->finished));
    if (!w->offsets || !w->finished) abort();
}

void window_release(struct window *w)
{
    free(w->offsets);
    free(w->finished);
    memset(w, 0, sizeof(*w));
}

/* Where in the ring the i-th held offset lies. */
static size_t place_of(const struct window *w, size_t i)
{
    size_t place = w->head + i;
    return place < w->max ? place : place - w->max;
}

bool window_take(struct window *w, int64_t offset)
{
    EBB_ASSERT(offset >= 0);
    EBB_ASSERT(offset >= w->next);
    if (window_is_full(w)) return false;
    size_t place = place_of(w, w->n);
    w->offsets[place] = offset;
    w->finished[place] = false;
    w->n++;
    w->unfinished_n++;
    w->next = offset + 1;
    return true;
}

/* The place of an offset, or max when it is not held: a binary search, since they ascend. */
static size_t find(const struct window *w, int64_t offset)
{
    size_t low = 0, high = w->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->offsets[place_of(w, middle)] < offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == w->n) return w->max;
    size_t place = place_of(w, low);
    return w->offsets[place] == offset ? place : w->max;
}

bool window_finish(struct window *w, int64_t offset)
{
    size_t place = find(w, offset);
    if (place == w->max || w->finished[place]) return false;
    w->finished[place] = true;
    w->unfinished_n--;
    while (w->n > 0 && w->finished[w->head]) {
        w->storable = w->offsets[w->head] + 1;
        w->head = place_of(w, 1);
        w->n--;
    }
    return true;
}

bool window_is_full(const struct window *w)
{
    return w->n == w->max;
}

int64_t window_storable(const struct window *w)
{
    return w->storable;
}

size_t window_unfinished(const struct window *w)
{
    return w->unfinished_n;
}

int64_t window_low(const struct window *w)
{
    return w->n > 0 ? w->offsets[w->head] : w->next;
}

int64_t window_next(const struct window *w)
{
    return w->next;
}
