/* SPDX-License-Identifier: Apache-2.0
 * The scripts of the model: compiled once per sha1, run by Lua 5.1 as Redis runs them. What Redis
 * offers scripts beyond redis.call, pcall, error_reply, status_reply and sha1hex is answered by an
 * error that names it. */
#ifndef EBB_TESTS_SIM_REDIS_LUA_H
#define EBB_TESTS_SIM_REDIS_LUA_H

#include "tests/sim/redis_call.h"

struct model_lua *model_lua_new(void);
void model_lua_free(struct model_lua *lua);

/* Compiles it and knows it from now on. False, and the server's error, when it is no Lua. */
bool model_lua_load(struct model_lua *lua, struct model_call *c, struct str text, struct str sha1);
/* The server has the script of that sha1. */
bool model_lua_knows(const struct model_lua *lua, struct str sha1);
/* No script is known any more; what was compiled is kept for when it is loaded again. */
void model_lua_forget(struct model_lua *lua);

/* Runs a known script; args are those behind the number of keys, keys_n of them keys. */
void model_lua_run(struct model_lua *lua, struct model_call *c, struct str sha1, size_t keys_n);

#endif
