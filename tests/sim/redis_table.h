/* SPDX-License-Identifier: Apache-2.0
 * Names to things, in the order they were put in: the keys of the model, the fields of its hashes,
 * the members of its sorted sets. Owns the names; what hangs on an item is its user's. */
#ifndef EBB_TESTS_SIM_REDIS_TABLE_H
#define EBB_TESTS_SIM_REDIS_TABLE_H

#include "lib/base/str.h"

struct model_value;
struct model_command;

struct model_item {
    struct str name; /* ends in NUL behind its n bytes */
    uint64_t hash;
    union {
        struct model_value *value;           /* of a key */
        const struct model_command *command; /* of a command's name */
        double score;                        /* of a member */
        struct {
            int compiled; /* of a script's sha1: where Lua keeps the function */
            bool is_known;
        } script;
        struct {
            char *p; /* of a field; malloc'd */
            size_t n;
        } text;
    } as;
};

/* All zero is an empty one. */
struct model_table {
    struct model_item **items; /* NULL where one was removed */
    size_t used, size, n;      /* places filled, places there are, items */
    uint32_t *index;           /* a place + 1; NULL while the table is small */
    size_t index_size;         /* a power of two */
};

/* Frees the items; what hangs on them must be gone or belong to somebody else. */
void model_table_release(struct model_table *t);
struct model_item *model_table_find(const struct model_table *t, struct str name);
/* The name must not be there yet. Stays where it is until it is removed. */
struct model_item *model_table_add(struct model_table *t, struct str name);
/* Frees the item. */
void model_table_remove(struct model_table *t, struct model_item *item);

/* for (i = 0; (item = model_table_next(t, &i));): in order; the item may be removed meanwhile. */
struct model_item *model_table_next(const struct model_table *t, size_t *i);

/* The items by name; one block to free. */
struct model_item **model_table_sorted(const struct model_table *t);

#endif
