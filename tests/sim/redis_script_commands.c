/* SPDX-License-Identifier: Apache-2.0
 * EVAL, EVALSHA and SCRIPT. */
#include "tests/sim/redis_lua.h"

#include <ctype.h>

#include "lib/base/crypto.h"

#define SHA1_HEX_CHARS ((size_t)40)
#define FIRST_KEY      ((size_t)3)

static bool read_keys_n(struct model_call *c, size_t *out)
{
    int64_t n;
    if (!model_arg_int(c, 2, &n)) return false;
    *out = (size_t)n;
    if (n >= 0 && (size_t)n <= c->n - FIRST_KEY) return true;
    if (n < 0)
        model_error(c, "ERR Number of keys can't be negative");
    else
        model_error(c, "ERR Number of keys can't be greater than number of args");
    return false;
}

static struct str lower(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = (char)tolower((unsigned char)s.p[i]);
    return (struct str){p, s.n};
}

static void no_script(struct model_call *c)
{
    model_error(c, "NOSCRIPT No matching script. Please use EVAL.");
}

static void evalsha(struct model_call *c)
{
    size_t keys_n;
    if (c->args[1].n != SHA1_HEX_CHARS) return no_script(c);
    if (!read_keys_n(c, &keys_n)) return;
    struct str sha1 = lower(c->a, c->args[1]);
    if (!model_lua_knows(c->m->lua, sha1)) return no_script(c);
    model_lua_run(c->m->lua, c, sha1, keys_n);
}

static void eval(struct model_call *c)
{
    size_t keys_n;
    if (!read_keys_n(c, &keys_n)) return;
    struct str sha1 = crypto_sha1_hex(c->a, c->args[1]);
    if (model_lua_load(c->m->lua, c, c->args[1], sha1)) model_lua_run(c->m->lua, c, sha1, keys_n);
}

static void script_load(struct model_call *c)
{
    if (c->n != 3) return model_error_arity(c, "script|load");
    struct str sha1 = crypto_sha1_hex(c->a, c->args[2]);
    if (model_lua_load(c->m->lua, c, c->args[2], sha1)) model_reply_text(c, sha1);
}

static void script_exists(struct model_call *c)
{
    if (c->n < 3) return model_error_arity(c, "script|exists");
    struct reply *items = model_reply_list(c, c->n - 2);
    for (size_t i = 2; i < c->n; i++)
        items[i - 2] = (struct reply){
            .kind = REPLY_INT, .integer = model_lua_knows(c->m->lua, lower(c->a, c->args[i]))};
}

static void script_flush(struct model_call *c)
{
    bool is_wrong = c->n == 3 && !model_arg_is(c, 2, "SYNC") && !model_arg_is(c, 2, "ASYNC");
    if (c->n > 3 || is_wrong)
        return model_error(c, "ERR SCRIPT FLUSH only support SYNC|ASYNC option");
    model_lua_forget(c->m->lua);
    model_reply_status(c, "OK");
}

static void script(struct model_call *c)
{
    if (model_arg_is(c, 1, "LOAD"))
        script_load(c);
    else if (model_arg_is(c, 1, "EXISTS"))
        script_exists(c);
    else if (model_arg_is(c, 1, "FLUSH"))
        script_flush(c);
    else
        model_error_unknown(c, c->args[1]);
}

const struct model_command MODEL_SCRIPT_COMMANDS[] = {
    {.name = "eval", .arity = -3, .not_in_scripts = true, .run = eval},
    {.name = "evalsha", .arity = -3, .not_in_scripts = true, .run = evalsha},
    {.name = "script", .arity = -2, .not_in_scripts = true, .run = script},
    {0},
};
