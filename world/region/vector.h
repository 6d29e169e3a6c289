/* SPDX-License-Identifier: Apache-2.0
 * A growing array of pointers, in the order they were added. */
#ifndef EBB_WORLD_REGION_VECTOR_H
#define EBB_WORLD_REGION_VECTOR_H

#include "lib/base/str.h"

struct vector {
    void **items;
    size_t n, size;
};

/* realloc to about twice the size (in items of `bytes` bytes); never fails. */
void *vector_grow(void *items, size_t *size, size_t bytes);

void vector_push(struct vector *v, void *item);
/* Keeps the order of the others; nothing when it is not there. */
void vector_remove(struct vector *v, const void *item);
/* The array, not what its items point to. */
void vector_release(struct vector *v);

#endif
