/* SPDX-License-Identifier: Apache-2.0
 * See store.h. This file decides what is said to the server and what its answers mean: redirects
 * followed, scripts loaded, errors about the server told from errors about the command. */
#include "lib/store/store.h"
#include "lib/store/script.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/crypto.h"
#include "lib/store/error_reply.h"
#include "lib/store/pool.h"

#define REDIRECTS_MAX   3
#define CONNECTIONS_MAX 1024
#define TIMEOUT_MS_MAX  (24 * 60 * 60 * 1000LL)

struct store {
    struct redis_url url; /* holds the password */
    struct redis_tls_context *tls;
    struct redis_pool *pool;
};

/* A command as this file passes it along. */
struct request {
    const struct str *args;
    size_t n;
    bool is_script;
};

static int override(struct str value, const char *what, char *out, size_t size, size_t *out_n,
                    struct err *e)
{
    if (str_is_empty(value)) return 0;
    if (value.n > size) return err_set(e, E_CONFIG, "the %s of Redis is too long", what);
    memcpy(out, value.p, value.n);
    *out_n = value.n;
    return 0;
}

static int read_options(struct store *store, const struct store_options *options, struct err *e)
{
    if (options->connections_max < 1 || options->connections_max > CONNECTIONS_MAX)
        return err_set(e, E_CONFIG, "the number of connections to Redis must be from 1 to %d",
                       CONNECTIONS_MAX);
    if (options->connect_timeout_ms < 1 || options->connect_timeout_ms > TIMEOUT_MS_MAX ||
        options->command_timeout_ms < 1 || options->command_timeout_ms > TIMEOUT_MS_MAX)
        return err_set(e, E_CONFIG, "the time-outs of Redis must be from 1 ms to a day");
    int code = redis_url_parse(options->url, &store->url, e);
    if (code) return code;
    struct redis_login *login = &store->url.login;
    code = override(options->username, "user", login->user, sizeof(login->user), &login->user_n, e);
    if (!code)
        code = override(options->password, "password", login->password, sizeof(login->password),
                        &login->password_n, e);
    if (!code && login->user_n && !login->password_n)
        code = err_set(e, E_CONFIG, "a user of Redis is given, but no password");
    return code;
}

static int check_server(struct store *store, struct err *e)
{
    struct redis_lease lease;
    int code = redis_pool_take(store->pool, &lease, e);
    if (!code) redis_pool_give(store->pool, &lease);
    return code;
}

int store_open(const struct store_options *options, struct store **out, struct err *e)
{
    *out = NULL;
    struct err unwanted;
    if (!e) e = &unwanted;
    struct store *store = calloc(1, sizeof(*store));
    if (!store) abort();
    int code = read_options(store, options, e);
    if (!code && store->url.address.tls)
        code = redis_tls_context_new(options->ca_file, &store->tls, e);
    if (code) goto out;
    struct redis_pool_options pool_options = {
        .connection = {.login = &store->url.login,
                       .database = store->url.database,
                       .tls = store->tls,
                       .clock = options->clock,
                       .connect_timeout_ms = options->connect_timeout_ms,
                       .command_timeout_ms = options->command_timeout_ms,
                       .allow_eviction = options->allow_eviction},
        .home = store->url.address,
        .connections_max = options->connections_max,
    };
    store->pool = redis_pool_new(&pool_options);
    code = check_server(store, e);
out:
    if (code)
        store_close(store);
    else
        *out = store;
    return code;
}

void store_close(struct store *store)
{
    if (!store) return;
    redis_pool_free(store->pool);
    redis_tls_context_free(store->tls);
    crypto_cleanse(&store->url, sizeof(store->url));
    free(store);
}

/* Follows "MOVED slot host:port"; false when it is something else or cannot be understood. */
static bool follow_redirect(struct store *store, const struct redis_lease *lease, struct str words)
{
    struct str rest = words;
    if (!str_eq(str_cut(&rest, ' '), STR("MOVED"))) return false;
    (void)str_cut(&rest, ' '); /* the slot: all our keys are in one */
    struct redis_address address = *redis_connection_address(lease->connection);
    if (!rest.p || redis_address_redirect(rest, &address)) return false;
    redis_pool_move(store->pool, lease, &address);
    return true;
}

/* An error about the server becomes a code; one about the command stays the caller's reply. */
static int judge(struct store *store, const struct redis_lease *lease,
                 const struct request *request, const struct reply *reply, struct err *e)
{
    int code = redis_error_reply_set(reply->text, request->is_script, e);
    if (!code) return 0;
    char name[REDIS_NAME_BYTES];
    redis_address_name(redis_connection_address(lease->connection), name);
    (void)err_prefix(e, "redis at %s", name);
    if (redis_error_reply_ends_connection(reply->text, request->is_script))
        redis_pool_move(store->pool, lease, NULL);
    return code;
}

static int perform(struct store *store, const struct request *request, struct arena *a,
                   struct reply *out, struct err *e)
{
    for (int redirects = 0;; redirects++) {
        struct redis_lease lease;
        int code = redis_pool_take(store->pool, &lease, e);
        if (code) return code;
        code = redis_connection_command(lease.connection, request->args, request->n, a, out, e);
        bool redirected = false;
        if (!code && out->kind == REPLY_ERROR) {
            redirected = redirects < REDIRECTS_MAX && follow_redirect(store, &lease, out->text);
            if (!redirected) code = judge(store, &lease, request, out, e);
        }
        redis_pool_give(store->pool, &lease);
        if (!redirected) return code;
    }
}

static int command_port(void *ctx, const struct str *args, size_t n, struct arena *a,
                        struct reply *out, struct err *e)
{
    struct err unwanted;
    struct request request = {.args = args, .n = n};
    return perform(ctx, &request, a, out, e ? e : &unwanted);
}

static int perform_for_script(void *ctx, const struct str *args, size_t n, bool is_script,
                              struct arena *a, struct reply *out, struct err *e)
{
    struct request request = {.args = args, .n = n, .is_script = is_script};
    return perform(ctx, &request, a, out, e);
}

static int script_port(void *ctx, const struct script *script, const struct str *keys,
                       const struct str *args, size_t n, struct arena *a, struct reply *out,
                       struct err *e)
{
    struct err unwanted;
    struct script_host host = {ctx, perform_for_script};
    return script_run(&host, script, keys, args, n, a, out, e ? e : &unwanted);
}

struct store_port store_port_of(struct store *store)
{
    return (struct store_port){.ctx = store, .command = command_port, .script = script_port};
}

int store_command(const struct store_port *port, const struct str *args, size_t n, struct arena *a,
                  struct reply *out, struct err *e)
{
    return port->command(port->ctx, args, n, a, out, e);
}

int store_script(const struct store_port *port, const struct script *script, const struct str *keys,
                 const struct str *args, size_t n, struct arena *a, struct reply *out,
                 struct err *e)
{
    return port->script(port->ctx, script, keys, args, n, a, out, e);
}
