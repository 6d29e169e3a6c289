/* SPDX-License-Identifier: Apache-2.0
 * The store's simulated side: the commands Ebb's scripts and functions use, on values in memory,
 * with Ebb's own Lua scripts run by Lua 5.1. A function of the commands given and of the time asked
 * for; held to a real Redis by tests/contract. Not thread-safe. */
#ifndef EBB_TESTS_SIM_REDIS_MODEL_H
#define EBB_TESTS_SIM_REDIS_MODEL_H

#include "lib/store/store.h"

struct redis_model;

/* now_us: the server's own clock, in microseconds since the Unix epoch; it may step back. run_id:
 * 40 hex characters, copied. */
struct redis_model *redis_model_new(int64_t (*now_us)(void *ctx), void *ctx, struct str run_id);
void redis_model_free(struct redis_model *m);

/* One command, as a client sends it; errors in the server's words as REPLY_ERROR. EVALSHA knows a
 * script only once SCRIPT LOAD or EVAL brought it. Memory of the arena. */
void redis_model_command(struct redis_model *m, const struct str *args, size_t n, struct arena *a,
                         struct reply *out);

/* The process begins anew with another run_id, without data and without scripts: a restart of a
 * server that saves nothing. */
void redis_model_restart(struct redis_model *m, struct str run_id);
/* All data as it is now; and a server that has it, with another run_id and no scripts: what a
 * failover to a replica that lagged behind looks like. */
struct redis_copy;
struct redis_copy *redis_model_copy(struct redis_model *m);
void redis_copy_free(struct redis_copy *copy);
void redis_model_become(struct redis_model *m, const struct redis_copy *copy, struct str run_id);
/* Scripts are forgotten, nothing else (NOSCRIPT). */
void redis_model_forget_scripts(struct redis_model *m);

/* Everything in it in one canonical text, keys sorted, with expiry times: for comparing, for
 * hashing, and for looking through every byte written. Memory of the arena. */
struct str redis_model_dump(struct redis_model *m, struct arena *a);

#endif
