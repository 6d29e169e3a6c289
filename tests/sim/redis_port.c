/* SPDX-License-Identifier: Apache-2.0
 * See redis_port.h. */
#include "tests/sim/redis_port.h"

#include "lib/store/error_reply.h"
#include "lib/store/resp.h"
#include "lib/store/script.h"

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

static int perform(void *m, const struct str *args, size_t n, bool is_script, struct arena *a,
                   struct reply *out, struct err *e)
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

static int script_port(void *ctx, const struct script *script, const struct str *keys,
                       const struct str *args, size_t n, struct arena *a, struct reply *out,
                       struct err *e)
{
    struct err unwanted;
    struct script_host host = {ctx, perform};
    return script_run(&host, script, keys, args, n, a, out, e ? e : &unwanted);
}

struct store_port redis_port_of(struct redis_model *m)
{
    return (struct store_port){.ctx = m, .command = command_port, .script = script_port};
}
