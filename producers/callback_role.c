/* SPDX-License-Identifier: Apache-2.0
 * The callback as a role: an HTTP server in front of callback.c. */
#include "lib/http/listen.h"
#include "producers/callback.h"
#include "producers/producers.h"
#include "schemas/contract.h"

#include <stdlib.h>

#define CONNECTIONS_MAX 512
#define PER_ADDRESS_MAX 64
#define TIMEOUT_S       15
#define THREADS         4

struct callback {
    struct role_context context;
    struct log log;
    struct callback_desk desk;
    struct http_server *server;
};

static void stop(void *self)
{
    struct callback *c = self;
    http_server_stop(c->server);
    strikes_free(c->desk.strikes);
    free(c);
}

static int failure(void *self, struct err *e)
{
    (void)self;
    (void)e;
    return E_OK;
}

static bool is_ready(void *self, struct str *why)
{
    (void)self;
    (void)why;
    return true;
}

int callback_check(const struct config *c, struct err *e)
{
    struct listen_address at;
    const struct callback_settings *s = &c->callback;
    if (!s->secret.n)
        return err_set(e, E_CONFIG,
                       "callback.secret: missing; without it no token can be right, and no stage "
                       "believes a callback (EBB_CALLBACK_SECRET)");
    return listen_parse(s->listen, &at, e) ? config_blame(c, STR("callback.listen"), e) : E_OK;
}

int callback_start(const struct role_context *context, struct role *out, struct err *e)
{
    struct listen_address at;
    int code = listen_parse(context->config->callback.listen, &at, e);
    if (code) return config_blame(context->config, STR("callback.listen"), e);
    struct callback *c = calloc(1, sizeof(*c));
    if (!c) abort();
    c->context = *context;
    c->log = context->log;
    c->log.role = STR("callback");
    c->desk = (struct callback_desk){.ports = &c->context.ports,
                                     .config = c->context.config,
                                     .log = &c->log,
                                     .strikes = strikes_new()};
    struct http_server_options options = {
        .address = at.address,
        .port = at.port,
        .listen_fd = -1,
        .body_max = CONTRACT_BODY_MAX,
        .connections_max = CONNECTIONS_MAX,
        .connections_per_address_max = PER_ADDRESS_MAX,
        .timeout_s = TIMEOUT_S,
        .threads = THREADS,
        .handler = callback_take,
        .ctx = &c->desk,
    };
    code = http_server_start(&options, &c->server, e);
    if (code) {
        strikes_free(c->desk.strikes);
        free(c);
        return config_blame(context->config, STR("callback.listen"), e);
    }
    LOG(&c->log, LOG_DEBUG, "listening", LOG_STR("address", str_from(at.address)),
        LOG_NUM("port", http_server_port(c->server)));
    *out = (struct role){
        .self = c, .name = STR("callback"), .stop = stop, .failure = failure, .is_ready = is_ready};
    return E_OK;
}
