/* SPDX-License-Identifier: Apache-2.0
 * See script.h. */
#include "lib/store/script.h"

#include "lib/store/error_reply.h"

#define SCRIPT_HEAD_ARGS    ((size_t)3) /* EVALSHA sha1 count */
#define SCRIPT_ATTEMPTS_MAX 2           /* as it is, and once more after loading it */

/* Loads it where the next EVALSHA goes. Whatever happens here, the script itself did not run. */
static int load_script(const struct script_host *host, const struct script *script, struct arena *a,
                       struct err *e)
{
    struct str args[] = {STR("SCRIPT"), STR("LOAD"), str_from(script->text)};
    struct reply reply;
    int code = host->perform(host->ctx, args, EBB_COUNT(args), false, a, &reply, e);
    if (code) {
        (void)err_prefix(e, "loading script %s", script->name);
        return code == E_UNKNOWN_OUTCOME ? (e->code = E_UNREACHABLE) : code;
    }
    if (reply.kind == REPLY_ERROR)
        return err_set(e, E_BUG, "script %s cannot be loaded: %s", script->name,
                       redis_error_reply_text(a, reply.text));
    if (reply.kind != REPLY_STR || !str_eq(reply.text, str_from(script->sha1)))
        return err_set(e, E_BUG, "script %s is not what its sha1 says", script->name);
    return 0;
}

int script_run(const struct script_host *host, const struct script *script, const struct str *keys,
               const struct str *args, size_t n, struct arena *a, struct reply *out, struct err *e)
{
    size_t keys_n = script->keys_n;
    struct str *all = ARENA_ARRAY(a, SCRIPT_HEAD_ARGS + keys_n + n, struct str);
    all[0] = STR("EVALSHA");
    all[1] = str_from(script->sha1);
    all[2] = arena_format(a, "%zu", keys_n);
    for (size_t i = 0; i < keys_n; i++)
        all[SCRIPT_HEAD_ARGS + i] = keys[i];
    for (size_t i = 0; i < n; i++)
        all[SCRIPT_HEAD_ARGS + keys_n + i] = args[i];
    size_t all_n = SCRIPT_HEAD_ARGS + keys_n + n;
    for (int attempt = 1; attempt <= SCRIPT_ATTEMPTS_MAX; attempt++) {
        int code = host->perform(host->ctx, all, all_n, true, a, out, e);
        if (code || out->kind != REPLY_ERROR) return code;
        if (!str_starts(out->text, STR("NOSCRIPT")))
            return err_set(e, E_BUG, "script %s: %s", script->name,
                           redis_error_reply_text(a, out->text));
        code = attempt < SCRIPT_ATTEMPTS_MAX ? load_script(host, script, a, e) : 0;
        if (code) return code;
    }
    return err_set(e, E_UNAVAILABLE, "script %s was gone again right after it was loaded",
                   script->name);
}
