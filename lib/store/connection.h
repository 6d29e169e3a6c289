/* SPDX-License-Identifier: Apache-2.0
 * One connection to one Redis, logged in and checked: one command at a time, every wait bounded.
 * It never sends anything twice. Belongs to one thread at a time. e is never NULL here. */
#ifndef EBB_STORE_CONNECTION_H
#define EBB_STORE_CONNECTION_H

#include "lib/store/store.h"
#include "lib/store/url.h"
#include "lib/store/wire.h"

struct redis_connection_options {
    const struct redis_login *login;
    int64_t database;
    struct redis_tls_context *tls; /* NULL when no address asks for TLS */
    struct clock clock;
    int64_t connect_timeout_ms, command_timeout_ms;
    bool allow_eviction;
};

struct redis_connection;

/* Connects, logs in and checks the server (greet.h), all within connect_timeout_ms. */
int redis_connection_open(const struct redis_connection_options *options,
                          const struct redis_address *address, struct redis_connection **out,
                          struct err *e) EBB_MUST_CHECK;
void redis_connection_close(struct redis_connection *c);

const struct redis_address *redis_connection_address(const struct redis_connection *c);
/* True once it failed in the middle of a command. */
bool redis_connection_is_broken(const struct redis_connection *c);
/* Not broken, and asks the kernel: the server neither closed it nor said something unasked. */
bool redis_connection_is_usable(struct redis_connection *c);

/* One command, within command_timeout_ms. 0 and any reply, REPLY_ERROR included; E_TOO_LARGE;
 * E_UNREACHABLE when no byte of it was sent; otherwise E_UNKNOWN_OUTCOME. */
int redis_connection_command(struct redis_connection *c, const struct str *args, size_t n,
                             struct arena *a, struct reply *out, struct err *e) EBB_MUST_CHECK;

/* The same for the greeting, before anybody's command: until a deadline, with the raw reason as its
 * code: E_TIMEOUT, E_UNREACHABLE, E_MALFORMED, E_TOO_LARGE. */
struct redis_exchange {
    const struct str *args;
    size_t n;
    int64_t deadline_ms;
    bool is_secret; /* cleanse what was formatted */
};
int redis_connection_exchange(struct redis_connection *c, const struct redis_exchange *exchange,
                              struct arena *a, struct reply *out, struct err *e) EBB_MUST_CHECK;

#endif
