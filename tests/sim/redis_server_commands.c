/* SPDX-License-Identifier: Apache-2.0
 * Commands about the server: what the store's greeting says and asks, and time. */
#include "tests/sim/redis_call.h"

#define INFO_SERVER "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrun_id:%s\r\n"
#define INFO_REST                                                                                  \
    "\r\n# Memory\r\nmaxmemory_policy:noeviction\r\n\r\n# Replication\r\nrole:master\r\n"

static void ping(struct model_call *c)
{
    if (c->n > 2)
        model_error_arity(c, "ping");
    else if (c->n == 2)
        model_reply_text(c, c->args[1]);
    else
        model_reply_status(c, "PONG");
}

static void auth(struct model_call *c)
{
    if (c->n > 2) return model_error_unknown(c, STR("with a user"));
    model_error(c, "ERR AUTH <password> called without any password configured for the default "
                   "user. Are you sure your configuration is correct?");
}

static void select_database(struct model_call *c)
{
    int64_t n;
    if (!model_arg_int(c, 1, &n)) return;
    if (n != 0) return model_error_unknown(c, c->args[1]);
    model_reply_status(c, "OK");
}

static void client(struct model_call *c)
{
    if (!model_arg_is(c, 1, "SETNAME")) return model_error_unknown(c, c->args[1]);
    if (c->n != 3) return model_error_arity(c, "client|setname");
    struct str name = c->args[2];
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] < '!' || name.p[i] > '~')
            return model_error(
                c, "ERR Client names cannot contain spaces, newlines or special characters.");
    model_reply_status(c, "OK");
}

/* Only the lines Ebb reads. */
static void info(struct model_call *c)
{
    const char *run_id = c->m->run_id;
    if (c->n == 1)
        *c->out = (struct reply){.kind = REPLY_STR,
                                 .text = arena_format(c->a, INFO_SERVER INFO_REST, run_id)};
    else if (c->n == 2 && model_arg_is(c, 1, "server"))
        *c->out =
            (struct reply){.kind = REPLY_STR, .text = arena_format(c->a, INFO_SERVER, run_id)};
    else
        model_error_unknown(c, c->args[c->n - 1]);
}

static void tell_time(struct model_call *c)
{
    struct reply *items = model_reply_list(c, 2);
    int64_t parts[] = {c->now_us / 1000000, c->now_us % 1000000};
    for (size_t i = 0; i < EBB_COUNT(parts); i++)
        items[i] = (struct reply){.kind = REPLY_STR,
                                  .text = arena_format(c->a, "%lld", (long long)parts[i])};
}

static void flushall(struct model_call *c)
{
    if (c->n > 2) return model_error_syntax(c);
    if (c->n == 2 && !model_arg_is(c, 1, "SYNC") && !model_arg_is(c, 1, "ASYNC"))
        return model_error_syntax(c);
    model_keys_release(&c->m->keys);
    model_reply_status(c, "OK");
}

static void dbsize(struct model_call *c)
{
    model_sweep(c->m, model_now_ms(c));
    model_reply_int(c, (int64_t)c->m->keys.n);
}

const struct model_command MODEL_SERVER_COMMANDS[] = {
    {.name = "ping", .arity = -1, .run = ping},
    {.name = "auth", .arity = -2, .not_in_scripts = true, .run = auth},
    {.name = "select", .arity = 2, .run = select_database},
    {.name = "client", .arity = -2, .not_in_scripts = true, .run = client},
    {.name = "info", .arity = -1, .run = info},
    {.name = "time", .arity = 1, .run = tell_time},
    {.name = "flushall", .arity = -1, .run = flushall},
    {.name = "dbsize", .arity = 1, .run = dbsize},
    {0},
};
