/* SPDX-License-Identifier: Apache-2.0
 * Commands about hashes. Fields come in the order they were first set, as in a small hash of Redis;
 * in a large one their order means nothing. */
#include "tests/sim/redis_call.h"

static struct reply text_of(struct model_call *c, const struct model_item *item)
{
    if (!item) return (struct reply){.kind = REPLY_NIL};
    return model_item_text(c, (struct str){item->as.text.p, item->as.text.n});
}

static const struct model_item *field(const struct model_value *v, struct str name)
{
    return v ? model_table_find(&v->table, name) : NULL;
}

static void hset(struct model_call *c)
{
    struct model_value *v;
    int64_t n = 0;
    if (c->n % 2) return model_error_arity(c, "hset");
    if (!model_find_or_add(c, c->args[1], MODEL_HASH, &v)) return;
    for (size_t i = 2; i < c->n; i += 2)
        n += model_hash_set(v, c->args[i], c->args[i + 1]);
    model_reply_int(c, n);
}

static void hget(struct model_call *c)
{
    struct model_value *v;
    if (!model_find_typed(c, c->args[1], MODEL_HASH, &v)) return;
    *c->out = text_of(c, field(v, c->args[2]));
}

static void hmget(struct model_call *c)
{
    struct model_value *v;
    if (!model_find_typed(c, c->args[1], MODEL_HASH, &v)) return;
    struct reply *items = model_reply_list(c, c->n - 2);
    for (size_t i = 2; i < c->n; i++)
        items[i - 2] = text_of(c, field(v, c->args[i]));
}

static void hgetall(struct model_call *c)
{
    struct model_value *v;
    const struct model_item *item;
    if (!model_find_typed(c, c->args[1], MODEL_HASH, &v)) return;
    struct reply *items = model_reply_list(c, v ? 2 * v->table.n : 0);
    size_t n = 0;
    for (size_t i = 0; v && (item = model_table_next(&v->table, &i));) {
        items[n++] = model_item_text(c, item->name);
        items[n++] = text_of(c, item);
    }
}

static void hexists(struct model_call *c)
{
    struct model_value *v;
    if (!model_find_typed(c, c->args[1], MODEL_HASH, &v)) return;
    model_reply_int(c, field(v, c->args[2]) != NULL);
}

static void hlen(struct model_call *c)
{
    struct model_value *v;
    if (!model_find_typed(c, c->args[1], MODEL_HASH, &v)) return;
    model_reply_int(c, v ? (int64_t)v->table.n : 0);
}

static void hdel(struct model_call *c)
{
    struct model_value *v;
    int64_t n = 0;
    if (!model_find_typed(c, c->args[1], MODEL_HASH, &v)) return;
    for (size_t i = 2; v && i < c->n; i++)
        n += model_hash_remove(v, c->args[i]);
    if (v) model_delete_if_empty(c, c->args[1], v);
    model_reply_int(c, n);
}

const struct model_command MODEL_HASH_COMMANDS[] = {
    {.name = "hset", .arity = -4, .run = hset},
    {.name = "hget", .arity = 3, .run = hget},
    {.name = "hmget", .arity = -3, .run = hmget},
    {.name = "hgetall", .arity = 2, .run = hgetall},
    {.name = "hexists", .arity = 3, .run = hexists},
    {.name = "hlen", .arity = 2, .run = hlen},
    {.name = "hdel", .arity = -3, .run = hdel},
    {0},
};
