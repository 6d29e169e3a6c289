/* SPDX-License-Identifier: Apache-2.0
 * Commands about lists, and the ranges of positions that lists and sorted sets share. */
#include "tests/sim/redis_list_commands.h"

static void lpush(struct model_call *c)
{
    struct model_value *v;
    if (!model_find_or_add(c, c->args[1], MODEL_LIST, &v)) return;
    for (size_t i = 2; i < c->n; i++)
        model_list_push(v, c->args[i]);
    model_reply_int(c, (int64_t)v->list_n);
}

bool model_arg_range(struct model_call *c, size_t i, struct model_range *out)
{
    return model_arg_int(c, i, &out->first) && model_arg_int(c, i + 1, &out->last);
}

void model_range_limit(struct model_range *range, size_t n, size_t *from, size_t *count)
{
    int64_t all = (int64_t)n, first = range->first, last = range->last;
    if (first < 0) first = first < -all ? 0 : first + all;
    if (last < 0) last = last < -all ? -1 : last + all;
    if (last >= all) last = all - 1;
    bool is_none = first > last || first >= all;
    *from = is_none ? 0 : (size_t)first;
    *count = is_none ? 0 : (size_t)(last - first + 1);
}

static void lrange(struct model_call *c)
{
    struct model_range range;
    struct model_value *v;
    size_t from, n;
    if (!model_arg_range(c, 2, &range)) return;
    if (!model_find_typed(c, c->args[1], MODEL_LIST, &v)) return;
    model_range_limit(&range, v ? v->list_n : 0, &from, &n);
    struct reply *items = model_reply_list(c, n);
    for (size_t i = 0; i < n; i++)
        items[i] = model_item_text(c, model_list_at(v, from + i));
}

static void ltrim(struct model_call *c)
{
    struct model_range range;
    struct model_value *v;
    size_t from, n;
    if (!model_arg_range(c, 2, &range)) return;
    if (!model_find_typed(c, c->args[1], MODEL_LIST, &v)) return;
    if (v) {
        model_range_limit(&range, v->list_n, &from, &n);
        model_list_keep(v, from, n);
        model_delete_if_empty(c, c->args[1], v);
    }
    model_reply_status(c, "OK");
}

const struct model_command MODEL_LIST_COMMANDS[] = {
    {.name = "lpush", .arity = -3, .run = lpush},
    {.name = "lrange", .arity = 4, .run = lrange},
    {.name = "ltrim", .arity = 4, .run = ltrim},
    {0},
};
