/* SPDX-License-Identifier: Apache-2.0
 * What scripts call: redis.call and its like, pcall, and the errors for what is not there. Replies
 * become Lua values as Redis 7.0 makes them. */
#include "tests/sim/redis_lua_state.h"

#include <math.h>
#include <stdio.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "lib/base/crypto.h"

#define STACK_SPARE      8
#define NUMBER_MAX_BYTES 32
#define PLAIN_MAX        1e17 /* integers below it are printed by %.17g as integers are */

/* Pushes the table that redis.pcall gives for an error. Without a code it gets Redis's ERR. */
static void push_error(struct model_lua *lua, struct str words, bool has_code)
{
    has_code = has_code && str_find(words, ' ') >= 0;
    struct str text = arena_format(&lua->scratch, "%s%.*s", has_code ? "" : "ERR ", STR_ARG(words));
    lua_createtable(lua->state, 0, 1);
    lua_pushlstring(lua->state, text.p, text.n);
    lua_setfield(lua->state, -2, "err");
}

static void push_reply(struct model_lua *lua, const struct reply *reply, bool is_status)
{
    lua_State *state = lua->state;
    luaL_checkstack(state, STACK_SPARE, "a reply is nested too deeply");
    switch (reply->kind) {
    case REPLY_NIL: lua_pushboolean(state, 0); break;
    case REPLY_INT: lua_pushnumber(state, (lua_Number)reply->integer); break;
    case REPLY_STR:
        if (is_status) lua_createtable(state, 0, 1);
        lua_pushlstring(state, reply->text.p, reply->text.n);
        if (is_status) lua_setfield(state, -2, "ok");
        break;
    case REPLY_LIST:
        lua_createtable(state, (int)reply->n, 0);
        for (size_t i = 0; i < reply->n; i++) {
            push_reply(lua, &reply->items[i], false);
            lua_rawseti(state, -2, (int)i + 1);
        }
        break;
    case REPLY_ERROR: push_error(lua, reply->text, true); break;
    }
}

static struct str number_text(struct arena *a, double number)
{
    bool is_plain =
        fabs(number) < PLAIN_MAX && number == floor(number) && !(number == 0 && signbit(number));
    char *text = arena_alloc(a, NUMBER_MAX_BYTES);
    int n = is_plain ? snprintf(text, NUMBER_MAX_BYTES, "%lld", (long long)number)
                     : snprintf(text, NUMBER_MAX_BYTES, "%.17g", number);
    EBB_ASSERT(n > 0 && n < NUMBER_MAX_BYTES);
    return (struct str){text, (size_t)n};
}

/* The error that keeps a script from running a command at all; NULL when nothing does. */
static const char *refusal(const struct model_lua *lua, const struct str *args, size_t n)
{
    const struct model_command *command = model_command_find(lua->call->m, args[0]);
    if (!command) return NULL;
    if (!model_command_takes(command, n))
        return "Wrong number of args calling Redis command from script";
    return command->not_in_scripts ? "This Redis command is not allowed from script" : NULL;
}

/* Leaves what came of it on top of the stack; true when that is an error. */
static bool run_command(struct model_lua *lua)
{
    int n = lua_gettop(lua->state);
    arena_clear(&lua->scratch);
    if (n == 0) {
        push_error(lua, STR("Please specify at least one argument for this redis lib call"), false);
        return true;
    }
    struct str *args = ARENA_ARRAY(&lua->scratch, (size_t)n, struct str);
    for (int i = 0; i < n; i++) {
        int type = lua_type(lua->state, i + 1);
        if (type == LUA_TNUMBER) {
            args[i] = number_text(&lua->scratch, lua_tonumber(lua->state, i + 1));
        } else if (type == LUA_TSTRING) {
            args[i].p = lua_tolstring(lua->state, i + 1, &args[i].n);
        } else {
            push_error(lua, STR("Lua redis lib command arguments must be strings or integers"),
                       false);
            return true;
        }
    }
    const char *why_not = refusal(lua, args, (size_t)n);
    if (why_not) {
        push_error(lua, str_from(why_not), false);
        return true;
    }
    struct reply reply = {0};
    struct model_call c = {.m = lua->call->m,
                           .args = args,
                           .n = (size_t)n,
                           .a = &lua->scratch,
                           .out = &reply,
                           .now_us = lua->call->now_us,
                           .in_script = true};
    model_call_run(&c);
    push_reply(lua, &reply, c.is_status);
    return reply.kind == REPLY_ERROR;
}

static struct model_lua *lua_of(lua_State *state)
{
    return lua_touserdata(state, lua_upvalueindex(1));
}

static int redis_call(lua_State *state)
{
    return run_command(lua_of(state)) ? lua_error(state) : 1;
}

static int redis_pcall(lua_State *state)
{
    (void)run_command(lua_of(state)); /* an error is the value then */
    return 1;
}

static bool takes_one_string(struct model_lua *lua)
{
    if (lua_gettop(lua->state) == 1 && lua_type(lua->state, 1) == LUA_TSTRING) return true;
    push_error(lua, STR("wrong number or type of arguments"), false);
    return false;
}

static int redis_error_reply(lua_State *state)
{
    if (!takes_one_string(lua_of(state))) return 1;
    struct str words = str_from(lua_tostring(state, 1));
    if (str_starts(words, STR("-"))) words = (struct str){words.p + 1, words.n - 1};
    push_error(lua_of(state), words, true);
    return 1;
}

static int redis_status_reply(lua_State *state)
{
    if (!takes_one_string(lua_of(state))) return 1;
    lua_createtable(state, 0, 1);
    lua_pushvalue(state, 1);
    lua_setfield(state, -2, "ok");
    return 1;
}

static int redis_sha1hex(lua_State *state)
{
    struct str text, sha1;
    text.p = luaL_checklstring(state, 1, &text.n);
    sha1 = crypto_sha1_hex(&lua_of(state)->scratch, text);
    lua_pushlstring(state, sha1.p, sha1.n);
    return 1;
}

/* Redis's pcall gives the words of an error of redis.call, not its table. */
static int protected_call(lua_State *state)
{
    lua_pushboolean(state, 1);
    lua_insert(state, 1);
    if (lua_pcall(state, lua_gettop(state) - 2, LUA_MULTRET, 0) == 0) return lua_gettop(state);
    if (lua_istable(state, -1)) {
        lua_getfield(state, -1, "err");
        if (!lua_isstring(state, -1)) lua_pop(state, 1);
    }
    lua_pushboolean(state, 0);
    lua_insert(state, -2);
    return 2;
}

static int not_modelled(lua_State *state)
{
    return luaL_error(state, "the model does not know '%s'", luaL_checkstring(state, 2));
}

static int read_only(lua_State *state)
{
    return luaL_error(state, "Attempt to modify a readonly table");
}

/* Globals that Redis has, and that are taken away here. */
static const char *const NOT_MODELLED[] = {
    "collectgarbage", "coroutine", "dofile", "gcinfo",  "getfenv", "load", "loadfile",
    "loadstring",     "newproxy",  "print",  "setfenv", "xpcall",  "bit",  "cjson",
    "cmsgpack",       "struct",
};

static int missing_global(lua_State *state)
{
    struct str name = str_from(luaL_checkstring(state, 2));
    for (size_t i = 0; i < EBB_COUNT(NOT_MODELLED); i++)
        if (str_eq(name, str_from(NOT_MODELLED[i]))) return not_modelled(state);
    return luaL_error(state, "Script attempted to access nonexistent global variable '%s'", name.p);
}

/* The table on top gets these for names it does not have. */
static void protect(lua_State *state, lua_CFunction on_read)
{
    lua_createtable(state, 0, 2);
    if (on_read) {
        lua_pushcfunction(state, on_read);
        lua_setfield(state, -2, "__index");
    }
    lua_pushcfunction(state, read_only);
    lua_setfield(state, -2, "__newindex");
    lua_setmetatable(state, -2);
}

static void add_redis(struct model_lua *lua)
{
    static const luaL_Reg FUNCTIONS[] = {
        {"call", redis_call},
        {"pcall", redis_pcall},
        {"error_reply", redis_error_reply},
        {"status_reply", redis_status_reply},
        {"sha1hex", redis_sha1hex},
    };
    lua_newtable(lua->state);
    for (size_t i = 0; i < EBB_COUNT(FUNCTIONS); i++) {
        lua_pushlightuserdata(lua->state, lua);
        lua_pushcclosure(lua->state, FUNCTIONS[i].func, 1);
        lua_setfield(lua->state, -2, FUNCTIONS[i].name);
    }
    protect(lua->state, not_modelled);
    lua_setglobal(lua->state, "redis");
}

static void open_library(lua_State *state, const char *name, lua_CFunction open)
{
    lua_pushcfunction(state, open);
    lua_pushstring(state, name);
    lua_call(state, 1, 0);
}

void model_lua_open(struct model_lua *lua)
{
    lua_State *state = lua->state;
    open_library(state, "", luaopen_base);
    open_library(state, LUA_TABLIBNAME, luaopen_table);
    open_library(state, LUA_STRLIBNAME, luaopen_string);
    open_library(state, LUA_MATHLIBNAME, luaopen_math);
    for (size_t i = 0; i < EBB_COUNT(NOT_MODELLED); i++) {
        lua_pushnil(state);
        lua_setglobal(state, NOT_MODELLED[i]);
    }
    lua_pushcfunction(state, protected_call);
    lua_setglobal(state, "pcall");
    add_redis(lua);
    lua_getglobal(state, LUA_MATHLIBNAME);
    lua_pushnil(state);
    lua_setfield(state, -2, "random");
    lua_pushnil(state);
    lua_setfield(state, -2, "randomseed");
    protect(state, not_modelled);
    lua_getglobal(state, LUA_STRLIBNAME);
    protect(state, NULL);
    lua_getglobal(state, LUA_TABLIBNAME);
    protect(state, NULL);
    lua_pop(state, 3);
    /* Scripts see an empty table that reads from the globals, so that no write reaches them. */
    lua_newtable(state);
    lua_createtable(state, 0, 2);
    lua_pushvalue(state, LUA_GLOBALSINDEX);
    lua_setfield(state, -2, "__index");
    lua_pushcfunction(state, read_only);
    lua_setfield(state, -2, "__newindex");
    lua_setmetatable(state, -2);
    lua_pushvalue(state, -1);
    lua_setglobal(state, "_G");
    lua->globals = luaL_ref(state, LUA_REGISTRYINDEX);
    lua_pushvalue(state, LUA_GLOBALSINDEX);
    lua_createtable(state, 0, 1);
    lua_pushcfunction(state, missing_global);
    lua_setfield(state, -2, "__index");
    lua_setmetatable(state, -2);
    lua_pop(state, 1);
}
