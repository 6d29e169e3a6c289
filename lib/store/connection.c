/* SPDX-License-Identifier: Apache-2.0
 * See connection.h. What decides between "surely not run" and "may have run" is whether any byte
 * was handed to the kernel: fewer would do (Redis runs no half command), but a proxy might not. */
#include "lib/store/connection.h"

#include <stdlib.h>

#include "lib/store/greet.h"
#include "lib/store/resp.h"

#define READ_BYTES ((size_t)16 * 1024)

struct redis_connection {
    struct redis_connection_options options;
    struct redis_address address;
    struct redis_wire wire;
    struct redis_reader *reader;
    bool is_broken;
};

int redis_connection_open(const struct redis_connection_options *options,
                          const struct redis_address *address, struct redis_connection **out,
                          struct err *e)
{
    *out = NULL;
    struct redis_connection *c = calloc(1, sizeof(*c));
    if (!c) abort();
    c->options = *options;
    c->address = *address;
    c->reader = redis_reader_new();
    int64_t deadline_ms = clock_mono_ms(&options->clock) + options->connect_timeout_ms;
    int code = redis_wire_open(address, options->tls, options->clock, deadline_ms, &c->wire, e);
    if (code == E_TIMEOUT) {
        (void)err_prefix(e, "no connection within %lld ms", (long long)options->connect_timeout_ms);
        code = e->code = E_UNREACHABLE;
    }
    if (!code) code = redis_greet(c, options, deadline_ms, e);
    if (code) {
        char name[REDIS_NAME_BYTES];
        redis_address_name(address, name);
        (void)err_prefix(e, "redis at %s", name);
        redis_connection_close(c);
        return code;
    }
    *out = c;
    return 0;
}

void redis_connection_close(struct redis_connection *c)
{
    if (!c) return;
    redis_wire_close(&c->wire);
    redis_reader_free(c->reader);
    free(c);
}

const struct redis_address *redis_connection_address(const struct redis_connection *c)
{
    return &c->address;
}

bool redis_connection_is_usable(struct redis_connection *c)
{
    if (!c->is_broken && !redis_wire_is_quiet(&c->wire)) c->is_broken = true;
    return !c->is_broken;
}

bool redis_connection_is_broken(const struct redis_connection *c)
{
    return c->is_broken;
}

static int read_reply(struct redis_connection *c, int64_t deadline_ms, struct arena *a,
                      struct reply *out, struct err *e)
{
    char bytes[READ_BYTES];
    redis_reader_begin(c->reader, a, out);
    for (;;) {
        size_t got = 0;
        int code = redis_wire_receive(&c->wire, bytes, sizeof(bytes), deadline_ms, &got, e);
        if (code) return code;
        bool complete;
        code = redis_reader_feed(c->reader, (struct str){bytes, got}, &complete, e);
        if (code || complete) return code;
        /* A server that trickles never makes us wait, but the deadline holds. */
        if (clock_mono_ms(&c->options.clock) >= deadline_ms)
            return err_set(e, E_TIMEOUT, "timed out in the middle of its reply");
    }
}

int redis_connection_exchange(struct redis_connection *c, const struct redis_exchange *exchange,
                              struct arena *a, struct reply *out, struct err *e)
{
    EBB_ASSERT(!c->is_broken);
    struct redis_command command;
    int code = redis_command_init(&command, exchange->args, exchange->n, e);
    if (code) return code;
    command.is_secret = exchange->is_secret;
    /* Until a whole reply came the connection is out of step with the server. */
    c->is_broken = true;
    code =
        redis_wire_send(&c->wire, (struct str){command.bytes, command.n}, exchange->deadline_ms, e);
    redis_command_release(&command);
    if (!code) code = read_reply(c, exchange->deadline_ms, a, out, e);
    c->is_broken = code != 0;
    return code;
}

int redis_connection_command(struct redis_connection *c, const struct str *args, size_t n,
                             struct arena *a, struct reply *out, struct err *e)
{
    uint64_t sent_before = c->wire.sent_bytes;
    struct redis_exchange exchange = {
        .args = args,
        .n = n,
        .deadline_ms = clock_mono_ms(&c->options.clock) + c->options.command_timeout_ms,
    };
    int code = redis_connection_exchange(c, &exchange, a, out, e);
    if (!code) return 0;
    char name[REDIS_NAME_BYTES];
    redis_address_name(&c->address, name);
    if (code == E_TIMEOUT)
        (void)err_prefix(e, "redis at %s: no answer within %lld ms", name,
                         (long long)c->options.command_timeout_ms);
    else
        (void)err_prefix(e, "redis at %s", name);
    if (code != E_TOO_LARGE)
        code = c->wire.sent_bytes > sent_before ? E_UNKNOWN_OUTCOME : E_UNREACHABLE;
    return e->code = code;
}
