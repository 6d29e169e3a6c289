/* SPDX-License-Identifier: Apache-2.0
 * Ranges of sorted sets, by rank and by score. */
#include "tests/sim/redis_list_commands.h"

#include <math.h>
#include <stdlib.h>

/* From ( or ( and from ) are the scores themselves left out? */
struct bound {
    double score;
    bool is_open;
};

struct options {
    bool with_scores, has_limit;
    int64_t offset, count; /* count negative: all */
};

/* As zslParseRange: an empty text is 0, and blanks before the number are passed over. */
static bool read_bound(struct model_call *c, size_t i, struct bound *out)
{
    const char *text = arena_cstr(c->a, c->args[i]);
    char *end;
    out->is_open = text[0] == '(';
    out->score = strtod(text + out->is_open, &end);
    if (*end == 0 && !isnan(out->score)) return true;
    model_error(c, "ERR min or max is not a float");
    return false;
}

/* The ranks that lie between the bounds that are the i-th argument and the next. */
struct bounds {
    struct bound low, high;
};

static bool read_bounds(struct model_call *c, struct bounds *out)
{
    return read_bound(c, 2, &out->low) && read_bound(c, 3, &out->high);
}

static void ranks_of(const struct model_value *v, const struct bounds *bounds, size_t *from,
                     size_t *n)
{
    *from = v ? model_zset_rank(v, bounds->low.score, bounds->low.is_open) : 0;
    size_t end = v ? model_zset_rank(v, bounds->high.score, !bounds->high.is_open) : 0;
    *n = end > *from ? end - *from : 0;
}

static bool read_options(struct model_call *c, struct options *out)
{
    static const char *const OTHERS[] = {"BYSCORE", "BYLEX", "REV"};
    *out = (struct options){.count = -1};
    for (size_t i = 4; i < c->n; i++) {
        bool is_other = false;
        for (size_t k = 0; k < EBB_COUNT(OTHERS); k++)
            is_other = is_other || (model_arg_is(c, 0, "ZRANGE") && model_arg_is(c, i, OTHERS[k]));
        if (is_other) {
            model_error_unknown(c, c->args[i]);
            return false;
        }
        if (model_arg_is(c, i, "WITHSCORES")) {
            out->with_scores = true;
        } else if (model_arg_is(c, i, "LIMIT") && i + 2 < c->n) {
            if (!model_arg_int(c, i + 1, &out->offset)) return false;
            if (!model_arg_int(c, i + 2, &out->count)) return false;
            out->has_limit = true;
            i += 2;
        } else {
            model_error_syntax(c);
            return false;
        }
    }
    return true;
}

/* n members from that rank on; backwards: that one and those before it. */
static void reply_members(struct model_call *c, const struct model_value *v, size_t rank, size_t n,
                          bool backwards, bool with_scores)
{
    size_t step = with_scores ? 2 : 1;
    struct reply *items = model_reply_list(c, n * step);
    for (size_t i = 0; i < n; i++) {
        const struct model_item *item = v->sorted[backwards ? rank - i : rank + i];
        items[i * step] = model_item_text(c, item->name);
        if (with_scores) items[i * step + 1] = model_item_score(c, item->as.score);
    }
}

static void by_rank(struct model_call *c, bool backwards)
{
    struct options options;
    struct model_range range;
    struct model_value *v;
    size_t from, n;
    if (!read_options(c, &options)) return;
    if (options.has_limit && options.count != -1)
        return model_error(c, "ERR syntax error, LIMIT is only supported in combination with "
                              "either BYSCORE or BYLEX");
    if (!model_arg_range(c, 2, &range)) return;
    if (!model_find_typed(c, c->args[1], MODEL_ZSET, &v)) return;
    size_t all = v ? v->table.n : 0;
    model_range_limit(&range, all, &from, &n);
    reply_members(c, v, backwards && n ? all - 1 - from : from, n, backwards, options.with_scores);
}

static void zrange(struct model_call *c)
{
    by_rank(c, false);
}

static void zrevrange(struct model_call *c)
{
    by_rank(c, true);
}

static void zrangebyscore(struct model_call *c)
{
    struct options options;
    struct bounds bounds;
    struct model_value *v;
    size_t from, n;
    if (!read_options(c, &options) || !read_bounds(c, &bounds)) return;
    if (!model_find_typed(c, c->args[1], MODEL_ZSET, &v)) return;
    ranks_of(v, &bounds, &from, &n);
    /* Redis skips until a negative offset reaches zero, which it never does. */
    size_t skip = options.offset < 0 || (uint64_t)options.offset > n ? n : (size_t)options.offset;
    n -= skip;
    if (options.count >= 0 && (uint64_t)options.count < n) n = (size_t)options.count;
    reply_members(c, v, from + skip, n, false, options.with_scores);
}

static void zcount(struct model_call *c)
{
    struct bounds bounds;
    struct model_value *v;
    size_t from, n;
    if (!read_bounds(c, &bounds) || !model_find_typed(c, c->args[1], MODEL_ZSET, &v)) return;
    ranks_of(v, &bounds, &from, &n);
    model_reply_int(c, (int64_t)n);
}

static void zremrangebyscore(struct model_call *c)
{
    struct bounds bounds;
    struct model_value *v;
    size_t from, n;
    if (!read_bounds(c, &bounds) || !model_find_typed(c, c->args[1], MODEL_ZSET, &v)) return;
    ranks_of(v, &bounds, &from, &n);
    if (v) model_zset_cut(v, from, n);
    if (v) model_delete_if_empty(c, c->args[1], v);
    model_reply_int(c, (int64_t)n);
}

const struct model_command MODEL_RANGE_COMMANDS[] = {
    {.name = "zrange", .arity = -4, .run = zrange},
    {.name = "zrevrange", .arity = -4, .run = zrevrange},
    {.name = "zrangebyscore", .arity = -4, .run = zrangebyscore},
    {.name = "zcount", .arity = 4, .run = zcount},
    {.name = "zremrangebyscore", .arity = 4, .run = zremrangebyscore},
    {0},
};
