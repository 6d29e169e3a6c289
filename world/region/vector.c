/* SPDX-License-Identifier: Apache-2.0
 * See vector.h. */
#include "world/region/vector.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ITEMS ((size_t)8)

void *vector_grow(void *items, size_t *size, size_t bytes)
{
    size_t wanted = *size ? *size * 2 : FIRST_ITEMS;
    void *grown = reallocarray(items, wanted, bytes);
    if (!grown) abort();
    *size = wanted;
    return grown;
}

void vector_push(struct vector *v, void *item)
{
    if (v->n == v->size) v->items = vector_grow(v->items, &v->size, sizeof(*v->items));
    v->items[v->n++] = item;
}

void vector_remove(struct vector *v, const void *item)
{
    for (size_t i = 0; i < v->n; i++) {
        if (v->items[i] != item) continue;
        memmove(v->items + i, v->items + i + 1, (v->n - i - 1) * sizeof(*v->items));
        v->n--;
        return;
    }
}

void vector_release(struct vector *v)
{
    free(v->items);
    *v = (struct vector){0};
}
