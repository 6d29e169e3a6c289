/* SPDX-License-Identifier: Apache-2.0
 * See redis_lua.h: scripts are compiled, run, and their values become replies as Redis 7.0 makes
 * them. */
#include "tests/sim/redis_lua_state.h"

#include <stdlib.h>

#include <lauxlib.h>
#include <lua.h>

#define DEPTH_MAX   100 /* of lists in a reply */
#define STACK_SPARE 8
#define INT64_BOUND 9223372036854775808.0 /* 2^63 */

/* What Redis notes of an error before the stack is unwound: its words, and where it was. */
static int on_error(lua_State *state)
{
    lua_Debug at;
    bool is_known = lua_getstack(state, 1, &at) && lua_getinfo(state, "Sl", &at);
    if (is_known && at.what[0] == 'C')
        is_known = lua_getstack(state, 2, &at) && lua_getinfo(state, "Sl", &at);
    if (!lua_istable(state, 1)) {
        const char *words = lua_tostring(state, 1);
        lua_createtable(state, 0, 2);
        lua_pushfstring(state, "ERR %s", words ? words : luaL_typename(state, 1));
        lua_setfield(state, -2, "err");
    }
    if (is_known) {
        lua_pushfstring(state, ", on %s:%d.", at.source, at.currentline);
        lua_setfield(state, -2, "where");
    }
    return 1;
}

struct model_lua *model_lua_new(void)
{
    struct model_lua *lua = calloc(1, sizeof(*lua));
    if (!lua) abort();
    lua->state = luaL_newstate();
    if (!lua->state) abort();
    arena_init(&lua->scratch);
    model_lua_open(lua);
    lua_pushcfunction(lua->state, on_error);
    lua->on_error = luaL_ref(lua->state, LUA_REGISTRYINDEX);
    return lua;
}

void model_lua_free(struct model_lua *lua)
{
    if (!lua) return;
    lua_close(lua->state);
    model_table_release(&lua->scripts);
    arena_release(&lua->scratch);
    free(lua);
}

static struct str one_line(struct arena *a, const char *text)
{
    struct str words = str_from(text);
    while (words.n && (words.p[words.n - 1] == '\n' || words.p[words.n - 1] == '\r'))
        words.n--;
    char *p = arena_alloc(a, words.n + 1);
    for (size_t i = 0; i < words.n; i++)
        p[i] = words.p[i] == '\r' || words.p[i] == '\n' ? ' ' : words.p[i];
    return (struct str){p, words.n};
}

bool model_lua_load(struct model_lua *lua, struct model_call *c, struct str text, struct str sha1)
{
    struct model_item *item = model_table_find(&lua->scripts, sha1);
    if (!item) {
        if (str_starts(text, STR("#!"))) {
            model_error(c, "ERR the model does not know scripts with flags");
            return false;
        }
        if (luaL_loadbuffer(lua->state, text.p, text.n, "@user_script")) {
            model_error(c, "ERR Error compiling script (new function): %.*s",
                        STR_ARG(one_line(c->a, lua_tostring(lua->state, -1))));
            lua_settop(lua->state, 0);
            return false;
        }
        lua_rawgeti(lua->state, LUA_REGISTRYINDEX, lua->globals);
        lua_setfenv(lua->state, -2);
        item = model_table_add(&lua->scripts, sha1);
        item->as.script.compiled = luaL_ref(lua->state, LUA_REGISTRYINDEX);
    }
    item->as.script.is_known = true;
    return true;
}

bool model_lua_knows(const struct model_lua *lua, struct str sha1)
{
    const struct model_item *item = model_table_find(&lua->scripts, sha1);
    return item && item->as.script.is_known;
}

void model_lua_forget(struct model_lua *lua)
{
    struct model_item *item;
    for (size_t i = 0; (item = model_table_next(&lua->scripts, &i));)
        item->as.script.is_known = false;
}

static struct reply error_of(struct arena *a, const char *words)
{
    return (struct reply){.kind = REPLY_ERROR, .text = one_line(a, words)};
}

/* The words in the field of the table on top, absent when it holds no string. */
static struct str field(lua_State *state, const char *name)
{
    struct str text = STR_NONE;
    lua_pushstring(state, name);
    lua_rawget(state, -2);
    if (lua_type(state, -1) == LUA_TSTRING) text.p = lua_tolstring(state, -1, &text.n);
    lua_pop(state, 1); /* the table still holds it */
    return text;
}

/* Forms of a reply for RESP3 that Redis knows and the model does not. */
static const char *unknown_form(lua_State *state)
{
    static const char *const FORMS[] = {"double", "big_number", "verbatim_string", "map", "set"};
    for (size_t i = 0; i < EBB_COUNT(FORMS); i++) {
        lua_pushstring(state, FORMS[i]);
        lua_rawget(state, -2);
        bool is_there = !lua_isnil(state, -1);
        lua_pop(state, 1);
        if (is_there) return FORMS[i];
    }
    return NULL;
}

static struct reply value_reply(lua_State *state, struct arena *a, int depth);

static struct reply table_reply(lua_State *state, struct arena *a, int depth)
{
    struct str words = field(state, "err");
    if (words.p) return error_of(a, words.p);
    words = field(state, "ok");
    if (words.p) return (struct reply){.kind = REPLY_STR, .text = one_line(a, words.p)};
    const char *unknown = unknown_form(state);
    if (unknown)
        return error_of(a, arena_format(a, "ERR the model does not know %s replies", unknown).p);
    struct reply list = {.kind = REPLY_LIST};
    size_t most = lua_objlen(state, -1); /* there may be fewer before the first nil */
    list.items = most ? ARENA_ARRAY(a, most, struct reply) : NULL;
    while (list.n < most) {
        lua_rawgeti(state, -1, (int)list.n + 1);
        if (lua_isnil(state, -1)) {
            lua_pop(state, 1);
            break;
        }
        list.items[list.n++] = value_reply(state, a, depth + 1);
        lua_pop(state, 1);
    }
    return list;
}

/* Leaves the value where it is. */
static struct reply value_reply(lua_State *state, struct arena *a, int depth)
{
    struct reply reply = {.kind = REPLY_NIL};
    if (depth > DEPTH_MAX || !lua_checkstack(state, STACK_SPARE))
        return error_of(a, "ERR reached lua stack limit");
    switch (lua_type(state, -1)) {
    case LUA_TSTRING:
        reply.kind = REPLY_STR;
        reply.text.p = lua_tolstring(state, -1, &reply.text.n);
        reply.text = arena_copy(a, reply.text);
        return reply;
    case LUA_TBOOLEAN:
        if (lua_toboolean(state, -1)) reply = (struct reply){.kind = REPLY_INT, .integer = 1};
        return reply;
    case LUA_TNUMBER: {
        double number = lua_tonumber(state, -1);
        bool fits = number >= -INT64_BOUND && number < INT64_BOUND;
        return (struct reply){.kind = REPLY_INT, .integer = fits ? (int64_t)number : INT64_MIN};
    }
    case LUA_TTABLE: return table_reply(state, a, depth);
    default: return reply;
    }
}

static void reply_error(struct model_lua *lua, struct model_call *c, struct str sha1)
{
    if (!lua_istable(lua->state, -1)) { /* the handler of errors failed itself */
        const char *words = lua_tostring(lua->state, -1);
        return model_error(c, "ERR Error running script %.*s, %.100s", STR_ARG(sha1),
                           words ? words : "execution failure");
    }
    struct str words = field(lua->state, "err"), where = field(lua->state, "where");
    if (!words.p) words = STR("ERR the model does not know errors without words");
    const char *text = arena_cstr(c->a, words);
    if (where.p)
        text = arena_format(c->a, "%s script: %.*s%.*s", text, STR_ARG(sha1), STR_ARG(where)).p;
    *c->out = error_of(c->a, text);
}

static void set_global(lua_State *state, const char *name, const struct str *items, size_t n)
{
    lua_createtable(state, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_pushlstring(state, items[i].p ? items[i].p : "", items[i].n);
        lua_rawseti(state, -2, (int)i + 1);
    }
    lua_setglobal(state, name);
}

void model_lua_run(struct model_lua *lua, struct model_call *c, struct str sha1, size_t keys_n)
{
    const struct model_item *item = model_table_find(&lua->scripts, sha1);
    const size_t head = 3; /* EVALSHA sha1 number */
    EBB_ASSERT(item && c->n >= head + keys_n);
    lua->call = c;
    lua_settop(lua->state, 0);
    lua_rawgeti(lua->state, LUA_REGISTRYINDEX, lua->on_error);
    lua_rawgeti(lua->state, LUA_REGISTRYINDEX, item->as.script.compiled);
    set_global(lua->state, "KEYS", c->args + head, keys_n);
    set_global(lua->state, "ARGV", c->args + head + keys_n, c->n - head - keys_n);
    if (lua_pcall(lua->state, 0, 1, 1))
        reply_error(lua, c, sha1);
    else
        *c->out = value_reply(lua->state, c->a, 0);
    lua_settop(lua->state, 0);
    arena_clear(&lua->scratch);
    lua->call = NULL;
}
