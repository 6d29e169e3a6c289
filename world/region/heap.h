/* SPDX-License-Identifier: Apache-2.0
 * What is due and when: a binary heap ordered by time, then by the order of asking. */
#ifndef EBB_WORLD_REGION_HEAP_H
#define EBB_WORLD_REGION_HEAP_H

#include "lib/base/str.h"

struct region;

/* Subjects are numbers, not pointers: what they named may be gone when the time comes. */
struct due {
    int64_t at_ms;
    uint64_t order;
    void (*run)(struct region *region, uint64_t subject, uint64_t detail);
    uint64_t subject, detail;
};

struct heap {
    struct due *items;
    size_t n, size;
    uint64_t asked;
};

void heap_release(struct heap *h);
/* Sets due.order. */
void heap_push(struct heap *h, struct due due);
/* The earliest, or NULL; borrowed until the next push or pop. */
const struct due *heap_peek(const struct heap *h);
/* Requires something in it. */
struct due heap_pop(struct heap *h);

#endif
