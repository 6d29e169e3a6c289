/* SPDX-License-Identifier: Apache-2.0
 * Tasks by their ids, which are random: a table that is at most half full, searched from where the
 * id's first characters say. What a region of ten thousand tasks is asked most often. */
#include <stdlib.h>
#include <string.h>

#include "world/region/ecs_model.h"

#define SIZE_FIRST  ((size_t)256)
#define HASH_PRIME  1099511628211U
#define HASH_BEGIN  14695981039346656037U
#define HASH_LENGTH 16

static size_t place_of(const struct task_index *index, struct str id)
{
    uint64_t hash = HASH_BEGIN;
    for (size_t i = 0; i < id.n && i < HASH_LENGTH; i++)
        hash = (hash ^ (unsigned char)id.p[i]) * HASH_PRIME;
    return (size_t)(hash ^ hash >> 32) & (index->size - 1);
}

static void put(struct task_index *index, struct task *task)
{
    size_t at = place_of(index, str_from(task->id));
    while (index->slots[at])
        at = (at + 1) & (index->size - 1);
    index->slots[at] = task;
}

/* Everything anew, in a table of that size. */
static void rebuild(struct task_index *index, size_t size)
{
    struct task_index old = *index;
    *index =
        (struct task_index){.slots = calloc(size, sizeof(*index->slots)), .size = size, .n = old.n};
    if (!index->slots) abort();
    for (size_t i = 0; i < old.size; i++)
        if (old.slots[i]) put(index, old.slots[i]);
    free(old.slots);
}

void task_index_add(struct task_index *index, struct task *task)
{
    if (2 * (index->n + 1) > index->size)
        rebuild(index, index->size ? 2 * index->size : SIZE_FIRST);
    put(index, task);
    index->n++;
}

/* Those behind it in the same run take its place, so that none is cut off from where its search begins. */
void task_index_remove(struct task_index *index, const struct task *task)
{
    size_t at = place_of(index, str_from(task->id));
    while (index->slots[at] != task)
        at = (at + 1) & (index->size - 1);
    index->slots[at] = NULL;
    index->n--;
    for (at = (at + 1) & (index->size - 1); index->slots[at]; at = (at + 1) & (index->size - 1)) {
        struct task *moved = index->slots[at];
        index->slots[at] = NULL;
        put(index, moved);
    }
}

struct task *task_index_find(const struct task_index *index, struct str id)
{
    if (!index->size) return NULL;
    size_t at = place_of(index, id);
    while (index->slots[at] && !str_eq(id, str_from(index->slots[at]->id)))
        at = (at + 1) & (index->size - 1);
    return index->slots[at];
}
