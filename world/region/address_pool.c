/* SPDX-License-Identifier: Apache-2.0
 * The addresses tasks have. The lowest free one is given first, so that a new task really gets the
 * address of one that has just gone: what a forgotten exclusion would hit. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "world/region/ecs_model.h"

void address_pool_init(struct region *region)
{
    region->address_holders =
        calloc((size_t)region->options.address_count, sizeof(*region->address_holders));
    if (!region->address_holders) abort();
}

bool address_take(struct region *region, struct task *task)
{
    for (int64_t i = 0; i < region->options.address_count; i++) {
        if (region->address_holders[i]) continue;
        region->address_holders[i] = task;
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
    region->address_holders[task->address_index] = NULL;
    task->address_index = -1;
    region->addresses_version++;
}

struct task *task_by_address(const struct region *region, struct str address)
{
    struct in_addr parsed;
    char text[ADDRESS_BYTES];
    if (address.n >= sizeof(text)) return NULL;
    (void)snprintf(text, sizeof(text), "%.*s", STR_ARG(address)); /* it fits */
    if (inet_pton(AF_INET, text, &parsed) != 1) return NULL;
    int64_t index = (int64_t)ntohl(parsed.s_addr) - (int64_t)region->address_first;
    if (index < 0 || index >= region->options.address_count) return NULL;
    return region->address_holders[index];
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
