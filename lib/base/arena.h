/* SPDX-License-Identifier: Apache-2.0
 * One arena holds all memory of one message (or one request) and is released at once. Running out
 * of memory aborts: the process is restarted and the message delivered again. Not thread-safe: an
 * arena belongs to one thread. */
#ifndef EBB_BASE_ARENA_H
#define EBB_BASE_ARENA_H

#include "lib/base/str.h"

#include <stdarg.h>

struct arena_block;

struct arena {
    struct arena_block *blocks;
    size_t used_bytes; /* handed out since init or clear, for limits and metrics */
};

void arena_init(struct arena *a);
/* Frees everything handed out; the arena may be used again. */
void arena_release(struct arena *a);
/* Like release, but keeps one block, so a loop does not go to malloc for every message. */
void arena_clear(struct arena *a);

/* Zeroed memory, aligned for any type; never NULL. */
void *arena_alloc(struct arena *a, size_t bytes);
/* Zeroed array; aborts when the product overflows. */
void *arena_array(struct arena *a, size_t count, size_t bytes);
#define ARENA_NEW(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, n, type) ((type *)arena_array((a), (n), sizeof(type)))

/* Copies that live as long as the arena. The copy is NUL-terminated behind its n bytes. */
struct str arena_copy(struct arena *a, struct str s);
/* The same bytes as a C string; NUL inside s ends it early for its reader. Absent gives "". */
const char *arena_cstr(struct arena *a, struct str s);
struct str arena_format(struct arena *a, const char *format, ...) EBB_PRINTF(2, 3);
struct str arena_format_list(struct arena *a, const char *format, va_list args) EBB_PRINTF(2, 0);

#endif
