/* SPDX-License-Identifier: Apache-2.0
 * Commands about sorted sets but for their ranges, which are in redis_range_commands.c. */
#include "tests/sim/redis_call.h"

static bool is_other_zadd_option(const struct model_call *c, size_t i)
{
    static const char *const OPTIONS[] = {"NX", "XX", "GT", "CH", "INCR"};
    for (size_t k = 0; k < EBB_COUNT(OPTIONS); k++)
        if (model_arg_is(c, i, OPTIONS[k])) return true;
    return false;
}

static void zadd(struct model_call *c)
{
    struct model_value *v;
    size_t first = 2;
    bool only_lower = false;
    for (; first < c->n; first++) {
        if (is_other_zadd_option(c, first)) return model_error_unknown(c, c->args[first]);
        if (!model_arg_is(c, first, "LT")) break;
        only_lower = true;
    }
    size_t n = c->n - first;
    if (n == 0 || n % 2) return model_error_syntax(c);
    double *scores = ARENA_ARRAY(c->a, n / 2, double);
    for (size_t i = 0; i < n / 2; i++)
        if (!model_arg_score(c, first + 2 * i, &scores[i])) return;
    if (!model_find_or_add(c, c->args[1], MODEL_ZSET, &v)) return;
    int64_t added = 0;
    for (size_t i = 0; i < n / 2; i++) {
        struct str member = c->args[first + 2 * i + 1];
        const struct model_item *there = only_lower ? model_zset_find(v, member) : NULL;
        if (!there || scores[i] < there->as.score) added += model_zset_put(v, member, scores[i]);
    }
    model_reply_int(c, added);
}

static void zrem(struct model_call *c)
{
    struct model_value *v;
    int64_t n = 0;
    if (!model_find_typed(c, c->args[1], MODEL_ZSET, &v)) return;
    for (size_t i = 2; v && i < c->n; i++)
        n += model_zset_remove(v, c->args[i]);
    if (v) model_delete_if_empty(c, c->args[1], v);
    model_reply_int(c, n);
}

static void zscore(struct model_call *c)
{
    struct model_value *v;
    if (!model_find_typed(c, c->args[1], MODEL_ZSET, &v)) return;
    const struct model_item *item = v ? model_zset_find(v, c->args[2]) : NULL;
    if (item)
        *c->out = model_item_score(c, item->as.score);
    else
        model_reply_nil(c);
}

static void zcard(struct model_call *c)
{
    struct model_value *v;
    if (model_find_typed(c, c->args[1], MODEL_ZSET, &v))
        model_reply_int(c, v ? (int64_t)v->table.n : 0);
}

const struct model_command MODEL_ZSET_COMMANDS[] = {
    {.name = "zadd", .arity = -4, .run = zadd},
    {.name = "zrem", .arity = -3, .run = zrem},
    {.name = "zscore", .arity = 3, .run = zscore},
    {.name = "zcard", .arity = 2, .run = zcard},
    {0},
};
