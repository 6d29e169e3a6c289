/* SPDX-License-Identifier: Apache-2.0
 * Commands about keys of any type, and about strings. */
#include "tests/sim/redis_call.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

static void get(struct model_call *c)
{
    struct model_value *v;
    if (!model_find_typed(c, c->args[1], MODEL_STRING, &v)) return;
    if (v)
        model_reply_text(c, (struct str){v->text.p, v->text.n});
    else
        model_reply_nil(c);
}

/* The clock at which what lives so long ends; false when that is no time. */
static bool end_of(const struct model_call *c, int64_t life_ms, int64_t *out)
{
    if (life_ms > INT64_MAX - model_now_ms(c)) return false;
    *out = model_now_ms(c) + life_ms;
    return true;
}

static bool is_one_of(const struct model_call *c, size_t i, const char *const *words, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (model_arg_is(c, i, words[k])) return true;
    return false;
}

static bool is_other_set_option(const struct model_call *c, size_t i)
{
    static const char *const OPTIONS[] = {"NX", "XX", "GET", "KEEPTTL", "EX", "EXAT", "PXAT"};
    return is_one_of(c, i, OPTIONS, EBB_COUNT(OPTIONS));
}

static bool is_expire_option(const struct model_call *c, size_t i)
{
    static const char *const OPTIONS[] = {"NX", "XX", "GT", "LT"};
    return is_one_of(c, i, OPTIONS, EBB_COUNT(OPTIONS));
}

static void set(struct model_call *c)
{
    size_t life_at = 0;
    int64_t life_ms, expires_ms = MODEL_NEVER;
    for (size_t i = 3; i < c->n; i++) {
        if (is_other_set_option(c, i)) return model_error_unknown(c, c->args[i]);
        if (!model_arg_is(c, i, "PX") || i + 1 == c->n) return model_error_syntax(c);
        life_at = ++i;
    }
    if (life_at && !model_arg_int(c, life_at, &life_ms)) return;
    if (life_at && (life_ms <= 0 || !end_of(c, life_ms, &expires_ms)))
        return model_error(c, "ERR invalid expire time in 'set' command");
    struct model_value *v = model_find(c, c->args[1]);
    if (v && v->type != MODEL_STRING) {
        (void)model_delete(c, c->args[1]);
        v = NULL;
    }
    if (!v) (void)model_find_or_add(c, c->args[1], MODEL_STRING, &v);
    model_string_set(v, c->args[2]);
    v->expires_ms = expires_ms;
    model_reply_status(c, "OK");
}

static void del(struct model_call *c)
{
    int64_t n = 0;
    for (size_t i = 1; i < c->n; i++)
        n += model_delete(c, c->args[i]);
    model_reply_int(c, n);
}

static void exists(struct model_call *c)
{
    int64_t n = 0;
    for (size_t i = 1; i < c->n; i++)
        n += model_find(c, c->args[i]) != NULL;
    model_reply_int(c, n);
}

static void type(struct model_call *c)
{
    const struct model_value *v = model_find(c, c->args[1]);
    model_reply_status(c, v ? model_type_name(v->type).p : "none");
}

/* PEXPIRE, and PEXPIREAT where is_end: the time of the end instead of the life. */
static void expire(struct model_call *c, bool is_end)
{
    int64_t life_ms, expires_ms;
    for (size_t i = 3; i < c->n; i++) {
        if (is_expire_option(c, i)) return model_error_unknown(c, c->args[i]);
        return model_error(c, "ERR Unsupported option %.*s", STR_ARG(c->args[i]));
    }
    if (!model_arg_int(c, 2, &life_ms)) return;
    if (is_end && life_ms == MODEL_NEVER) return model_error_unknown(c, c->args[2]);
    expires_ms = life_ms;
    if (!is_end && !end_of(c, life_ms, &expires_ms))
        return model_error(c, "ERR invalid expire time in 'pexpire' command");
    struct model_value *v = model_find(c, c->args[1]);
    bool is_there = v;
    if (v && expires_ms <= model_now_ms(c))
        (void)model_delete(c, c->args[1]);
    else if (v)
        v->expires_ms = expires_ms;
    model_reply_int(c, is_there);
}

static void pexpire(struct model_call *c)
{
    expire(c, false);
}

static void pexpireat(struct model_call *c)
{
    expire(c, true);
}

static void pttl(struct model_call *c)
{
    const struct model_value *v = model_find(c, c->args[1]);
    if (!v) return model_reply_int(c, -2);
    model_reply_int(c, v->expires_ms == MODEL_NEVER ? -1 : v->expires_ms - model_now_ms(c));
}

/* Of Redis's patterns the model knows those without sets and escapes. */
static bool is_plain_pattern(struct model_call *c, struct str pattern)
{
    if (str_find(pattern, '[') < 0 && str_find(pattern, '\\') < 0) return true;
    model_error_unknown(c, pattern);
    return false;
}

static void list_keys(struct model_call *c, struct str pattern, struct reply *out)
{
    struct model_item *item;
    model_sweep(c->m, model_now_ms(c));
    *out = (struct reply){.kind = REPLY_LIST};
    out->items = ARENA_ARRAY(c->a, c->m->keys.n, struct reply);
    for (size_t i = 0; (item = model_table_next(&c->m->keys, &i));)
        if (str_matches(item->name, pattern)) out->items[out->n++] = model_item_text(c, item->name);
}

static void keys(struct model_call *c)
{
    if (is_plain_pattern(c, c->args[1])) list_keys(c, c->args[1], c->out);
}

static bool read_cursor(struct model_call *c)
{
    const char *text = arena_cstr(c->a, c->args[1]);
    char *end;
    errno = 0;
    unsigned long cursor = strtoul(text, &end, 10);
    if (isspace((unsigned char)text[0]) || *end || errno == ERANGE) {
        model_error(c, "ERR invalid cursor");
        return false;
    }
    /* All keys come at once, so no other cursor was ever given out. */
    if (cursor != 0) model_error_unknown(c, c->args[1]);
    return cursor == 0;
}

static void scan(struct model_call *c)
{
    struct str pattern = STR("*");
    int64_t count;
    if (!read_cursor(c)) return;
    for (size_t i = 2; i < c->n; i += 2) {
        bool has_value = i + 1 < c->n;
        if (has_value && model_arg_is(c, i, "COUNT")) {
            if (!model_arg_int(c, i + 1, &count)) return;
            if (count < 1) return model_error_syntax(c);
        } else if (has_value && model_arg_is(c, i, "MATCH")) {
            pattern = c->args[i + 1];
        } else if (has_value && model_arg_is(c, i, "TYPE")) {
            return model_error_unknown(c, c->args[i]);
        } else {
            return model_error_syntax(c);
        }
    }
    if (!is_plain_pattern(c, pattern)) return;
    struct reply *items = model_reply_list(c, 2);
    items[0] = model_item_text(c, STR("0"));
    list_keys(c, pattern, &items[1]);
}

const struct model_command MODEL_KEY_COMMANDS[] = {
    {.name = "get", .arity = 2, .run = get},
    {.name = "set", .arity = -3, .run = set},
    {.name = "del", .arity = -2, .run = del},
    {.name = "exists", .arity = -2, .run = exists},
    {.name = "type", .arity = 2, .run = type},
    {.name = "pexpire", .arity = -3, .run = pexpire},
    {.name = "pexpireat", .arity = -3, .run = pexpireat},
    {.name = "pttl", .arity = 2, .run = pttl},
    {.name = "keys", .arity = 2, .run = keys},
    {.name = "scan", .arity = -2, .run = scan},
    {0},
};
