/* SPDX-License-Identifier: Apache-2.0
 * What a key of the model can hold: a string, a list, a hash or a sorted set, and until when. Knows
 * nothing of commands, time or replies. */
#ifndef EBB_TESTS_SIM_REDIS_VALUE_H
#define EBB_TESTS_SIM_REDIS_VALUE_H

#include "tests/sim/redis_table.h"

enum model_type { MODEL_STRING, MODEL_LIST, MODEL_HASH, MODEL_ZSET };

#define MODEL_NEVER INT64_MAX

/* A string of its own; p is malloc'd. */
struct model_text {
    char *p;
    size_t n;
};

struct model_value {
    enum model_type type;
    int64_t expires_ms; /* gone when the clock is past it; MODEL_NEVER */
    struct model_text text;
    struct model_text *list; /* the head, where LPUSH puts, is last */
    size_t list_n, list_size;
    struct model_table table;   /* fields, or members */
    struct model_item **sorted; /* the members by score, then by name */
    size_t sorted_size;
};

struct model_value *model_value_new(enum model_type type);
void model_value_free(struct model_value *v);
struct model_value *model_value_copy(const struct model_value *v);
/* As TYPE names it. */
struct str model_type_name(enum model_type type);
/* Redis keeps no empty list, hash or sorted set. */
bool model_value_is_empty(const struct model_value *v);

void model_string_set(struct model_value *v, struct str text);

/* True when the field is new. */
bool model_hash_set(struct model_value *v, struct str field, struct str text);
/* True when it was there. */
bool model_hash_remove(struct model_value *v, struct str field);

void model_list_push(struct model_value *v, struct str text);
/* The i-th from the head. */
struct str model_list_at(const struct model_value *v, size_t i);
/* Keeps n from the head, once those before `from` are gone. */
void model_list_keep(struct model_value *v, size_t from, size_t n);

struct model_item *model_zset_find(const struct model_value *v, struct str member);
/* True when the member is new; otherwise its score is now this one. */
bool model_zset_put(struct model_value *v, struct str member, double score);
/* True when it was there. */
bool model_zset_remove(struct model_value *v, struct str member);
/* How many members have a lower score; is_after: or the same one. */
size_t model_zset_rank(const struct model_value *v, double score, bool is_after);
/* Removes n members from the one of that rank on. */
void model_zset_cut(struct model_value *v, size_t rank, size_t n);

#endif
