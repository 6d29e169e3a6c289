/* SPDX-License-Identifier: Apache-2.0
 * One command on its way through the model: its arguments, the time it runs at, where its reply
 * goes; and what commands share: finding keys, reading numbers, the server's error words. */
#ifndef EBB_TESTS_SIM_REDIS_CALL_H
#define EBB_TESTS_SIM_REDIS_CALL_H

#include "tests/sim/redis_model.h"
#include "tests/sim/redis_value.h"

struct model_lua;

struct redis_model {
    int64_t (*now_us)(void *ctx);
    void *ctx;
    char *run_id;
    struct model_table keys;
    size_t sweep_at; /* keys there may be before those whose time has come are looked for */
    struct model_table commands;
    struct model_lua *lua;
};

struct model_call {
    struct redis_model *m;
    const struct str *args; /* the command's name first */
    size_t n;
    struct arena *a;
    struct reply *out;
    int64_t now_us; /* one time for a command, and for all of a script */
    bool in_script; /* then the reply may borrow from the keys */
    bool is_status; /* the reply is a status: Lua sees another type then */
};

struct model_command {
    const char *name;
    int arity; /* the name included; negative: at least */
    bool not_in_scripts;
    void (*run)(struct model_call *c);
};

/* One table a file of commands; its last row has no name. */
extern const struct model_command MODEL_KEY_COMMANDS[], MODEL_HASH_COMMANDS[],
    MODEL_LIST_COMMANDS[], MODEL_ZSET_COMMANDS[], MODEL_RANGE_COMMANDS[], MODEL_SERVER_COMMANDS[],
    MODEL_SCRIPT_COMMANDS[];

/* Finds the command, checks the number of arguments and runs it. */
void model_call_run(struct model_call *c);
/* The command of that name, whatever its case; NULL when the model does not know it. */
const struct model_command *model_command_find(const struct redis_model *m, struct str name);
bool model_command_takes(const struct model_command *command, size_t n);

/* The value of a key whose time has not come; NULL when there is none. */
struct model_value *model_find(struct model_call *c, struct str key);
/* The same, NULL too when it is of another type; then the reply says so and false is returned. */
bool model_find_typed(struct model_call *c, struct str key, enum model_type type,
                      struct model_value **out);
/* The same, and makes it when there is none. */
bool model_find_or_add(struct model_call *c, struct str key, enum model_type type,
                       struct model_value **out);
/* True when it was there. */
bool model_delete(struct model_call *c, struct str key);
void model_delete_if_empty(struct model_call *c, struct str key, const struct model_value *v);
/* Takes every key whose time has come away. */
void model_sweep(struct redis_model *m, int64_t now_ms);
void model_keys_release(struct model_table *keys);
void model_keys_copy(struct model_table *to, const struct model_table *from);

int64_t model_now_ms(const struct model_call *c);
/* The i-th argument is that word, whatever its case. */
bool model_arg_is(const struct model_call *c, size_t i, const char *word);

void model_reply_status(struct model_call *c, const char *text);
void model_reply_int(struct model_call *c, int64_t value);
void model_reply_text(struct model_call *c, struct str text);
void model_reply_nil(struct model_call *c);
/* Room for n items; the caller fills them. */
struct reply *model_reply_list(struct model_call *c, size_t n);
struct reply model_item_text(struct model_call *c, struct str text);
struct reply model_item_score(struct model_call *c, double score);

void model_error(struct model_call *c, const char *format, ...) EBB_PRINTF(2, 3);
void model_error_syntax(struct model_call *c);
void model_error_arity(struct model_call *c, const char *name);
/* An option or form the server has and the model has not. */
void model_error_unknown(struct model_call *c, struct str what);

/* The i-th argument as a number; false, and the server's error, when it is none. */
bool model_arg_int(struct model_call *c, size_t i, int64_t *out);
bool model_arg_score(struct model_call *c, size_t i, double *out);

#endif
