/* SPDX-License-Identifier: Apache-2.0
 * See redis_table.h. A dense array in order of arrival, and beside it an open-addressed index of
 * places in it; tables of a few items do without the index. Nothing depends on addresses or on a
 * random seed, so that a run of the simulator is the same each time. */
#include "tests/sim/redis_table.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"

#define SMALL    ((size_t)8) /* items that are looked through one by one */
#define HASH_MIX UINT64_C(0x9E3779B97F4A7C15)

static uint64_t hash_of(struct str name)
{
    uint64_t h = name.n * HASH_MIX;
    size_t i = 0;
    for (; i + sizeof(h) <= name.n; i += sizeof(h)) {
        uint64_t word;
        memcpy(&word, name.p + i, sizeof(word));
        h = (h ^ word) * HASH_MIX;
        h ^= h >> 29;
    }
    uint64_t rest = 0;
    if (i < name.n) memcpy(&rest, name.p + i, name.n - i);
    h ^= rest;
    /* A product's low bits know nothing of its factors' high ones, so they are folded in twice. */
    h = (h ^ (h >> 32)) * HASH_MIX;
    h = (h ^ (h >> 29)) * HASH_MIX;
    return h ^ (h >> 32);
}

void model_table_release(struct model_table *t)
{
    for (size_t i = 0; i < t->used; i++)
        free(t->items[i]);
    free(t->items);
    free(t->index);
    *t = (struct model_table){0};
}

static bool is_it(const struct model_item *item, uint64_t hash, struct str name)
{
    return item && item->hash == hash && item->name.n == name.n &&
           (name.n == 0 || memcmp(item->name.p, name.p, name.n) == 0);
}

/* Where the index has the item of that name, or the gap where it would have it. */
static size_t slot_of(const struct model_table *t, uint64_t hash, struct str name)
{
    size_t mask = t->index_size - 1, i = hash & mask;
    while (t->index[i] && !is_it(t->items[t->index[i] - 1], hash, name))
        i = (i + 1) & mask;
    return i;
}

/* The place of the item of that name, or -1. */
static int64_t place_of(const struct model_table *t, uint64_t hash, struct str name)
{
    if (t->index) return (int64_t)t->index[slot_of(t, hash, name)] - 1;
    for (size_t i = 0; i < t->used; i++)
        if (is_it(t->items[i], hash, name)) return (int64_t)i;
    return -1;
}

struct model_item *model_table_find(const struct model_table *t, struct str name)
{
    if (t->n == 0) return NULL;
    int64_t place = place_of(t, hash_of(name), name);
    return place < 0 ? NULL : t->items[place];
}

static void put_into_index(struct model_table *t, size_t place)
{
    size_t mask = t->index_size - 1, i = t->items[place]->hash & mask;
    while (t->index[i])
        i = (i + 1) & mask;
    t->index[i] = (uint32_t)(place + 1);
}

/* Closes the gaps, makes room for as many again, and makes the index anew. */
static void grow(struct model_table *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->used; i++)
        if (t->items[i]) t->items[n++] = t->items[i];
    EBB_ASSERT(n == t->n && n < UINT32_MAX / 4);
    t->used = n;
    t->size = n < SMALL ? SMALL : 2 * n;
    t->items = realloc(t->items, t->size * sizeof(struct model_item *));
    if (!t->items) abort();
    free(t->index);
    t->index = NULL;
    if (t->size <= SMALL) return;
    t->index_size = 2 * SMALL;
    while (t->index_size < 2 * t->size)
        t->index_size *= 2;
    t->index = calloc(t->index_size, sizeof(*t->index));
    if (!t->index) abort();
    for (size_t i = 0; i < t->used; i++)
        put_into_index(t, i);
}

struct model_item *model_table_add(struct model_table *t, struct str name)
{
    if (t->used == t->size) grow(t);
    struct model_item *item = calloc(1, sizeof(*item) + name.n + 1);
    if (!item) abort();
    char *bytes = (void *)(item + 1);
    if (name.n) memcpy(bytes, name.p, name.n);
    item->name = (struct str){bytes, name.n};
    item->hash = hash_of(name);
    t->items[t->used++] = item;
    t->n++;
    if (t->index) put_into_index(t, t->used - 1);
    return item;
}

/* Empties the slot; those behind it that were pushed there move up, so that no search ends early. */
static void take_out_of_index(struct model_table *t, size_t gap)
{
    size_t mask = t->index_size - 1;
    for (size_t i = (gap + 1) & mask; t->index[i]; i = (i + 1) & mask) {
        size_t home = t->items[t->index[i] - 1]->hash & mask;
        if (((i - home) & mask) < ((i - gap) & mask)) continue;
        t->index[gap] = t->index[i];
        gap = i;
    }
    t->index[gap] = 0;
}

void model_table_remove(struct model_table *t, struct model_item *item)
{
    int64_t place = place_of(t, item->hash, item->name);
    EBB_ASSERT(place >= 0 && t->items[place] == item);
    if (t->index) take_out_of_index(t, slot_of(t, item->hash, item->name));
    t->items[place] = NULL;
    t->n--;
    free(item);
}

struct model_item *model_table_next(const struct model_table *t, size_t *i)
{
    while (*i < t->used) {
        struct model_item *item = t->items[(*i)++];
        if (item) return item;
    }
    return NULL;
}

static int by_name(const void *a, const void *b)
{
    struct model_item *const *one = a, *const *other = b;
    return str_compare((*one)->name, (*other)->name);
}

struct model_item **model_table_sorted(const struct model_table *t)
{
    struct model_item **list = malloc((t->n + 1) * sizeof(struct model_item *)), *item;
    if (!list) abort();
    size_t n = 0;
    for (size_t i = 0; (item = model_table_next(t, &i));)
        list[n++] = item;
    if (n) qsort(list, n, sizeof(*list), by_name);
    return list;
}
