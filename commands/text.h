/* SPDX-License-Identifier: Apache-2.0
 * Text for people: times as they say them, names as short as they can be, and tables. */
#ifndef EBB_COMMANDS_TEXT_H
#define EBB_COMMANDS_TEXT_H

#include "lib/base/arena.h"

#include <stdio.h>

/* "3 min ago", "in 2 h 5 min", "now"; "-" for no time at all. */
struct str text_ago(struct arena *a, int64_t now_ms, int64_t at_ms);
/* "2026-11-21 12:03:09 UTC"; "-" for no time at all. */
struct str text_when(struct arena *a, int64_t ms);
/* From one time to another: "+850 ms", "+2 h 5 min". */
struct str text_offset(struct arena *a, int64_t from_ms, int64_t ms);
/* What people call a service: "cluster/name" of its key; the text itself when it is no key. */
struct str text_service(struct str key);

#define TABLE_COLUMNS_MAX 8

/* Rows of cells, printed with every column as wide as its widest cell. Cells are borrowed. */
struct table {
    size_t columns_n, rows_n, size;
    struct str *cells;
    struct arena *arena;
};

/* The first row: absent cells only when there shall be no heading. */
void table_init(struct table *t, struct arena *a, size_t columns_n, const struct str *heading);
/* As many cells as there are columns; absent ones are shown as "-". */
void table_add(struct table *t, const struct str *cells);
void table_print(const struct table *t, const char *indent, FILE *to);

#endif
