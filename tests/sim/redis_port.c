/* SPDX-License-Identifier: Apache-2.0
 * See redis_port.h. */
#include "tests/sim/redis_port.h"

#include "lib/store/error_reply.h"
#include "lib/store/resp.h"

#define SCRIPT_HEAD_ARGS ((size_t)3) /* EVALSHA sha1 count */

/* As redis_command_init refuses a command before it is sent. */
static int check_size(const struct str *args, size_t n, struct err *e)
{
    size_t total = 0;
    if (n > REDIS_COMMAND_ARGS_MAX)
        return err_set(e, E_TOO_LARGE, "a command of %zu arguments is over the limit of %zu", n,
                       REDIS_COMMAND_ARGS_MAX);
    for (size_t i = 0; i < n; i++) {
        if (args[i].n > REDIS_COMMAND_BYTES_MAX - total)
            return err_set(e, E_TOO_LARGE, "a command is larger than the limit of %zu bytes",
                           REDIS_COMMAND_BYTES_MAX);
        total += args[i].n;
    }
    return 0;
}

static int perform(struct redis_model *m, const struct str *args, size_t n, bool is_script,
                   struct arena *a, struct reply *out, struct err *e)
{
    int code = check_size(args, n, e);
    if (code) return code;
    /* An absent argument is sent as an empty one. */
    struct str *sent = ARENA_ARRAY(a, n, struct str);
    for (size_t i = 0; i < n; i++)
        sent[i] = args[i].p ? args[i] : STR("");
    redis_model_command(m, sent, n, a, out);
    if (out->kind != REPLY_ERROR) return 0;
    code = redis_error_reply_set(out->text, is_script, e);
    return code ? err_prefix(e, "redis model") : 0;
}

static int command_port(void *ctx, const struct str *args, size_t n, struct arena *a,
                        struct reply *out, struct err *e)
{
    struct err unwanted;
    return perform(ctx, args, n, false, a, out, e ? e : &unwanted);
}

static int load_script(struct redis_model *m, const struct script *script, struct arena *a,
                       struct err *e)
{
    struct str args[] = {STR("SCRIPT"), STR("LOAD"), str_from(script->text)};
    struct reply reply;
    int code = perform(m, args, EBB_COUNT(args), false, a, &reply, e);
    if (code) return err_prefix(e, "loading script %s", script->name);
    if (reply.kind == REPLY_ERROR)
        return err_set(e, E_BUG, "script %s cannot be loaded: %s", script->name,
                       redis_error_reply_text(a, reply.text));
    if (reply.kind != REPLY_STR || !str_eq(reply.text, str_from(script->sha1)))
        return err_set(e, E_BUG, "script %s is not what its sha1 says", script->name);
    return 0;
}

static int script_port(void *ctx, const struct script *script, const struct str *keys,
                       const struct str *args, size_t n, struct arena *a, struct reply *out,
                       struct err *e)
{
    struct err unwanted;
    if (!e) e = &unwanted;
    size_t keys_n = script->keys_n;
    struct str *all = ARENA_ARRAY(a, SCRIPT_HEAD_ARGS + keys_n + n, struct str);
    all[0] = STR("EVALSHA");
    all[1] = str_from(script->sha1);
    all[2] = arena_format(a, "%zu", keys_n);
    for (size_t i = 0; i < keys_n; i++)
        all[SCRIPT_HEAD_ARGS + i] = keys[i];
    for (size_t i = 0; i < n; i++)
        all[SCRIPT_HEAD_ARGS + keys_n + i] = args[i];
    for (bool is_loaded = false;; is_loaded = true) {
        int code = perform(ctx, all, SCRIPT_HEAD_ARGS + keys_n + n, true, a, out, e);
        if (code || out->kind != REPLY_ERROR) return code;
        if (!str_starts(out->text, STR("NOSCRIPT")))
            return err_set(e, E_BUG, "script %s: %s", script->name,
                           redis_error_reply_text(a, out->text));
        EBB_ASSERT(!is_loaded);
        code = load_script(ctx, script, a, e);
        if (code) return code;
    }
}

struct store_port redis_port_of(struct redis_model *m)
{
    return (struct store_port){.ctx = m, .command = command_port, .script = script_port};
}
