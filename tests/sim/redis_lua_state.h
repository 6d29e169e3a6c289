/* SPDX-License-Identifier: Apache-2.0
 * What the two files that know Lua share: redis_lua.c runs scripts, redis_lua_api.c is what they
 * call. */
#ifndef EBB_TESTS_SIM_REDIS_LUA_STATE_H
#define EBB_TESTS_SIM_REDIS_LUA_STATE_H

#include "tests/sim/redis_lua.h"

struct lua_State;

struct model_lua {
    struct lua_State *state;
    struct model_table scripts; /* by sha1 */
    struct arena scratch;       /* of the redis.call under way */
    const struct model_call *call;
    int globals, on_error; /* where Lua keeps them */
};

/* Opens the libraries that scripts have, and adds Redis's own. */
void model_lua_open(struct model_lua *lua);

#endif
