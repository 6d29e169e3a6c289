/* SPDX-License-Identifier: Apache-2.0
 * The keys of the model and their end: see redis_call.h. A key is gone once the clock is past its
 * time, as for Redis's readers; it is really taken away when somebody asks for it, or when keys
 * have become many. */
#include "tests/sim/redis_call.h"

#define SWEEP_MIN ((size_t)1024)

static bool has_ended(const struct model_item *item, int64_t now_ms)
{
    return now_ms > item->as.value->expires_ms;
}

static void drop(struct model_table *keys, struct model_item *item)
{
    model_value_free(item->as.value);
    model_table_remove(keys, item);
}

static struct model_item *find_item(struct model_call *c, struct str key)
{
    struct model_item *item = model_table_find(&c->m->keys, key);
    if (!item || !has_ended(item, model_now_ms(c))) return item;
    drop(&c->m->keys, item);
    return NULL;
}

struct model_value *model_find(struct model_call *c, struct str key)
{
    const struct model_item *item = find_item(c, key);
    return item ? item->as.value : NULL;
}

bool model_find_typed(struct model_call *c, struct str key, enum model_type type,
                      struct model_value **out)
{
    *out = model_find(c, key);
    if (!*out || (*out)->type == type) return true;
    model_error(c, "WRONGTYPE Operation against a key holding the wrong kind of value");
    return false;
}

bool model_find_or_add(struct model_call *c, struct str key, enum model_type type,
                       struct model_value **out)
{
    if (!model_find_typed(c, key, type, out)) return false;
    if (*out) return true;
    if (c->m->keys.n >= c->m->sweep_at) {
        model_sweep(c->m, model_now_ms(c));
        c->m->sweep_at = 2 * c->m->keys.n + SWEEP_MIN;
    }
    *out = model_table_add(&c->m->keys, key)->as.value = model_value_new(type);
    return true;
}

bool model_delete(struct model_call *c, struct str key)
{
    struct model_item *item = find_item(c, key);
    if (item) drop(&c->m->keys, item);
    return item;
}

void model_delete_if_empty(struct model_call *c, struct str key, const struct model_value *v)
{
    if (model_value_is_empty(v)) (void)model_delete(c, key);
}

void model_sweep(struct redis_model *m, int64_t now_ms)
{
    struct model_item *item;
    for (size_t i = 0; (item = model_table_next(&m->keys, &i));)
        if (has_ended(item, now_ms)) drop(&m->keys, item);
}

void model_keys_release(struct model_table *keys)
{
    struct model_item *item;
    for (size_t i = 0; (item = model_table_next(keys, &i));)
        model_value_free(item->as.value);
    model_table_release(keys);
}

void model_keys_copy(struct model_table *to, const struct model_table *from)
{
    struct model_item *item;
    for (size_t i = 0; (item = model_table_next(from, &i));)
        model_table_add(to, item->name)->as.value = model_value_copy(item->as.value);
}
