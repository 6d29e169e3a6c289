/* SPDX-License-Identifier: Apache-2.0
 * See redis_value.h. */
#include "tests/sim/redis_value.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"

static struct model_text text_copy(struct str s)
{
    char *p = malloc(s.n + 1);
    if (!p) abort();
    if (s.n) memcpy(p, s.p, s.n);
    p[s.n] = 0;
    return (struct model_text){p, s.n};
}

struct model_value *model_value_new(enum model_type type)
{
    struct model_value *v = calloc(1, sizeof(*v));
    if (!v) abort();
    v->type = type;
    v->expires_ms = MODEL_NEVER;
    return v;
}

void model_value_free(struct model_value *v)
{
    if (!v) return;
    struct model_item *item;
    for (size_t i = 0; v->type == MODEL_HASH && (item = model_table_next(&v->table, &i));)
        free(item->as.text.p);
    model_table_release(&v->table);
    for (size_t i = 0; i < v->list_n; i++)
        free(v->list[i].p);
    free(v->list);
    free(v->sorted);
    free(v->text.p);
    free(v);
}

struct model_value *model_value_copy(const struct model_value *v)
{
    struct model_value *copy = model_value_new(v->type);
    struct model_item *item;
    copy->expires_ms = v->expires_ms;
    switch (v->type) {
    case MODEL_STRING: model_string_set(copy, (struct str){v->text.p, v->text.n}); break;
    case MODEL_LIST:
        for (size_t i = v->list_n; i > 0; i--)
            model_list_push(copy, model_list_at(v, i - 1));
        break;
    case MODEL_HASH:
        for (size_t i = 0; (item = model_table_next(&v->table, &i));)
            (void)model_hash_set(copy, item->name, (struct str){item->as.text.p, item->as.text.n});
        break;
    case MODEL_ZSET:
        for (size_t i = 0; (item = model_table_next(&v->table, &i));)
            (void)model_zset_put(copy, item->name, item->as.score);
        break;
    }
    return copy;
}

struct str model_type_name(enum model_type type)
{
    switch (type) {
    case MODEL_STRING: return STR("string");
    case MODEL_LIST: return STR("list");
    case MODEL_HASH: return STR("hash");
    case MODEL_ZSET: return STR("zset");
    }
    return STR("none");
}

bool model_value_is_empty(const struct model_value *v)
{
    if (v->type == MODEL_STRING) return false;
    return v->type == MODEL_LIST ? v->list_n == 0 : v->table.n == 0;
}

void model_string_set(struct model_value *v, struct str text)
{
    struct model_text copy = text_copy(text);
    free(v->text.p);
    v->text = copy;
}

bool model_hash_set(struct model_value *v, struct str field, struct str text)
{
    struct model_text copy = text_copy(text);
    struct model_item *item = model_table_find(&v->table, field);
    bool is_new = !item;
    if (is_new) item = model_table_add(&v->table, field);
    free(item->as.text.p);
    item->as.text.p = copy.p;
    item->as.text.n = copy.n;
    return is_new;
}

bool model_hash_remove(struct model_value *v, struct str field)
{
    struct model_item *item = model_table_find(&v->table, field);
    if (!item) return false;
    free(item->as.text.p);
    model_table_remove(&v->table, item);
    return true;
}

void model_list_push(struct model_value *v, struct str text)
{
    if (v->list_n == v->list_size) {
        v->list_size = v->list_size ? 2 * v->list_size : 8;
        v->list = realloc(v->list, v->list_size * sizeof(*v->list));
        if (!v->list) abort();
    }
    v->list[v->list_n++] = text_copy(text);
}

struct str model_list_at(const struct model_value *v, size_t i)
{
    EBB_ASSERT(i < v->list_n);
    const struct model_text *text = &v->list[v->list_n - 1 - i];
    return (struct str){text->p, text->n};
}

void model_list_keep(struct model_value *v, size_t from, size_t n)
{
    EBB_ASSERT(from <= v->list_n && n <= v->list_n - from);
    size_t first = v->list_n - from - n;
    for (size_t i = 0; i < v->list_n; i++)
        if (i < first || i >= first + n) free(v->list[i].p);
    if (first && n) memmove(v->list, v->list + first, n * sizeof(*v->list));
    v->list_n = n;
}

struct model_item *model_zset_find(const struct model_value *v, struct str member)
{
    return model_table_find(&v->table, member);
}

static bool is_before(const struct model_item *item, double score, struct str member)
{
    if (item->as.score < score) return true;
    return !(item->as.score > score) && str_compare(item->name, member) < 0;
}

/* How many of the first n come before that score and member. */
static size_t place_of(const struct model_value *v, size_t n, double score, struct str member)
{
    size_t low = 0;
    while (low < n) {
        size_t middle = low + (n - low) / 2;
        if (is_before(v->sorted[middle], score, member))
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

static void sorted_put(struct model_value *v, size_t n, struct model_item *item)
{
    size_t place = place_of(v, n, item->as.score, item->name);
    memmove(v->sorted + place + 1, v->sorted + place, (n - place) * sizeof(struct model_item *));
    v->sorted[place] = item;
}

static void sorted_take(struct model_value *v, size_t n, const struct model_item *item)
{
    size_t place = place_of(v, n, item->as.score, item->name);
    EBB_ASSERT(place < n && v->sorted[place] == item);
    memmove(v->sorted + place, v->sorted + place + 1,
            (n - place - 1) * sizeof(struct model_item *));
}

bool model_zset_put(struct model_value *v, struct str member, double score)
{
    struct model_item *item = model_table_find(&v->table, member);
    bool is_new = !item;
    score += 0.0; /* Redis makes no difference between the zeros */
    if (is_new && v->table.n == v->sorted_size) {
        v->sorted_size = v->sorted_size ? 2 * v->sorted_size : 8;
        v->sorted = realloc(v->sorted, v->sorted_size * sizeof(struct model_item *));
        if (!v->sorted) abort();
    }
    if (is_new)
        item = model_table_add(&v->table, member);
    else
        sorted_take(v, v->table.n, item);
    item->as.score = score;
    sorted_put(v, v->table.n - 1, item);
    return is_new;
}

bool model_zset_remove(struct model_value *v, struct str member)
{
    struct model_item *item = model_table_find(&v->table, member);
    if (!item) return false;
    sorted_take(v, v->table.n, item);
    model_table_remove(&v->table, item);
    return true;
}

size_t model_zset_rank(const struct model_value *v, double score, bool is_after)
{
    size_t low = 0, high = v->table.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        double there = v->sorted[middle]->as.score;
        if (is_after ? there <= score : there < score)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void model_zset_cut(struct model_value *v, size_t rank, size_t n)
{
    EBB_ASSERT(rank <= v->table.n && n <= v->table.n - rank);
    size_t rest = v->table.n - rank - n;
    for (size_t i = rank; i < rank + n; i++)
        model_table_remove(&v->table, v->sorted[i]);
    if (n && rest)
        memmove(v->sorted + rank, v->sorted + rank + n, rest * sizeof(struct model_item *));
}
