/* SPDX-License-Identifier: Apache-2.0
 * A chain of blocks; large requests get a block of their own. */
#include "lib/base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)16 * 1024)
#define ALIGNMENT   ((size_t)16)
#define FORMAT_MOST 512 /* what is no longer than that is formatted once */

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    _Alignas(16) unsigned char bytes[];
};

void arena_init(struct arena *a)
{
    *a = (struct arena){0};
}

void arena_release(struct arena *a)
{
    struct arena_block *block = a->blocks;
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    *a = (struct arena){0};
}

void arena_clear(struct arena *a)
{
    struct arena_block *keep = a->blocks;
    if (!keep) return;
    while (keep->next) {
        struct arena_block *next = keep->next;
        free(keep);
        keep = next;
    }
    memset(keep->bytes, 0, keep->used);
    keep->used = 0;
    a->blocks = keep;
    a->used_bytes = 0;
}

static struct arena_block *add_block(struct arena *a, size_t bytes)
{
    size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    struct arena_block *block = calloc(1, sizeof(*block) + size);
    if (!block) abort();
    block->size = size;
    block->next = a->blocks;
    a->blocks = block;
    return block;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    if (bytes > SIZE_MAX / 2) abort();
    size_t rounded = (bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    struct arena_block *block = a->blocks;
    if (!block || block->size - block->used < rounded) block = add_block(a, rounded);
    void *at = block->bytes + block->used;
    block->used += rounded;
    a->used_bytes += rounded;
    return at;
}

void *arena_array(struct arena *a, size_t count, size_t bytes)
{
    size_t total;
    if (__builtin_mul_overflow(count, bytes, &total)) abort();
    return arena_alloc(a, total);
}

struct str arena_copy(struct arena *a, struct str s)
{
    if (!s.p) return STR_NONE;
    char *copy = arena_alloc(a, s.n + 1);
    if (s.n) memcpy(copy, s.p, s.n);
    return (struct str){copy, s.n};
}

const char *arena_cstr(struct arena *a, struct str s)
{
    return s.p ? arena_copy(a, s).p : "";
}

struct str arena_format_list(struct arena *a, const char *format, va_list args)
{
    char most[FORMAT_MOST];
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(most, sizeof(most), format, args);
    if (n < 0) abort();
    char *text = arena_alloc(a, (size_t)n + 1);
    if ((size_t)n < sizeof(most))
        memcpy(text, most, (size_t)n + 1);
    else
        (void)vsnprintf(text, (size_t)n + 1, format, again); /* measured just above */
    va_end(again);
    return (struct str){text, (size_t)n};
}

struct str arena_format(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str text = arena_format_list(a, format, args);
    va_end(args);
    return text;
}
