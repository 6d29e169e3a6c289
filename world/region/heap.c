/* SPDX-License-Identifier: Apache-2.0
 * See heap.h. */
#include "world/region/heap.h"

#include <stdlib.h>

#include "lib/base/err.h"
#include "world/region/vector.h"

void heap_release(struct heap *h)
{
    free(h->items);
    *h = (struct heap){0};
}

static bool before(const struct due *a, const struct due *b)
{
    if (a->at_ms != b->at_ms) return a->at_ms < b->at_ms;
    return a->order < b->order;
}

void heap_push(struct heap *h, struct due due)
{
    if (h->n == h->size) h->items = vector_grow(h->items, &h->size, sizeof(*h->items));
    due.order = h->asked++;
    size_t i = h->n++;
    while (i > 0) {
        size_t parent = (i - 1) / 2;
        if (!before(&due, &h->items[parent])) break;
        h->items[i] = h->items[parent];
        i = parent;
    }
    h->items[i] = due;
}

const struct due *heap_peek(const struct heap *h)
{
    return h->n ? &h->items[0] : NULL;
}

struct due heap_pop(struct heap *h)
{
    EBB_ASSERT(h->n > 0);
    struct due top = h->items[0];
    struct due last = h->items[--h->n];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= h->n) break;
        if (child + 1 < h->n && before(&h->items[child + 1], &h->items[child])) child++;
        if (!before(&h->items[child], &last)) break;
        h->items[i] = h->items[child];
        i = child;
    }
    if (h->n) h->items[i] = last;
    return top;
}
