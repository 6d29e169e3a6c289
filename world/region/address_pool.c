/* SPDX-License-Identifier: Apache-2.0
 * The addresses tasks have. The lowest free one is given first, so that a new task really gets the
 * address of one that has just gone: what a forgotten exclusion would hit. */
#include <stdio.h>
#include <stdlib.h>

#include "world/region/ecs_model.h"

void address_pool_init(struct region *region)
{
    region->address_taken = calloc((size_t)region->options.address_count, sizeof(bool));
    if (!region->address_taken) abort();
}

bool address_take(struct region *region, struct task *task)
{
    for (int64_t i = 0; i < region->options.address_count; i++) {
        if (region->address_taken[i]) continue;
        region->address_taken[i] = true;
        task->address_index = i;
        uint32_t address = region->address_first + (uint32_t)i;
        (void)snprintf(task->now.address, ADDRESS_BYTES, "%u.%u.%u.%u", address >> 24,
                       address >> 16 & 255, address >> 8 & 255,
                       address & 255); /* at most 15 characters */
        region->addresses_version++;
        return true;
    }
    return false;
}

void address_release(struct region *region, struct task *task)
{
    if (task->address_index < 0) return;
    region->address_taken[task->address_index] = false;
    task->address_index = -1;
    region->addresses_version++;
}

struct list region_task_addresses(const struct region *region, struct arena *a)
{
    struct str *addresses = ARENA_ARRAY(a, region->tasks.n + 1, struct str);
    size_t n = 0;
    for (size_t i = 0; i < region->tasks.n; i++) {
        struct task *task = task_at(region, i);
        if (task->address_index >= 0) addresses[n++] = arena_copy(a, str_from(task->now.address));
    }
    return LIST_OF(addresses, n);
}

uint64_t region_task_addresses_version(const struct region *region)
{
    return region->addresses_version;
}
