/* SPDX-License-Identifier: Apache-2.0
 * State in Redis. A transition is one Lua script (scripts/<verb>.lua); nothing else writes more
 * than one key. The real side speaks RESP through hiredis's formatter and reader over our own
 * socket (TLS, AUTH, ACL). Thread-safe. */
#ifndef EBB_STORE_STORE_H
#define EBB_STORE_STORE_H

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"

enum reply_kind { REPLY_NIL, REPLY_INT, REPLY_STR, REPLY_LIST, REPLY_ERROR };

/* A reply of Redis; memory of the arena it was read into. Status replies are REPLY_STR. */
struct reply {
    enum reply_kind kind;
    int64_t integer;
    struct str text;     /* REPLY_STR and REPLY_ERROR */
    struct reply *items; /* REPLY_LIST */
    size_t n;
};

/* A script and its name; its text comes from scripts/<name>.lua by the build. */
struct script {
    const char *name, *text, *sha1; /* sha1: 40 hex characters, what EVALSHA takes */
    size_t keys_n;
};

struct store_port {
    void *ctx;
    /* One command. 0 and *out, which may be REPLY_ERROR when the command itself was wrong. Else:
     * E_UNREACHABLE (surely not run), E_UNKNOWN_OUTCOME (may have run), E_UNAVAILABLE (the server
     * cannot serve now: loading, failover, out of memory; not run), E_BUSY (no connection became
     * free; not run), E_DENIED (AUTH, ACL; a script may have run up to there), E_TOO_LARGE (the
     * command, then it was not sent; or its reply, then it ran), E_MISSING (after a reconnect: not
     * a Redis, no noeviction). */
    int (*command)(void *ctx, const struct str *args, size_t n, struct arena *a, struct reply *out,
                   struct err *e);
    /* EVALSHA; on NOSCRIPT the script is loaded and run once more. A script error is E_BUG with its
     * words. */
    int (*script)(void *ctx, const struct script *script, const struct str *keys,
                  const struct str *args, size_t n, struct arena *a, struct reply *out,
                  struct err *e);
};

struct store;

struct store_options {
    struct str
        url; /* redis://[user[:password]@]host[:port][/db], rediss://... for TLS, unix:///path */
    struct str username, password; /* win over those of the url; never logged */
    const char *ca_file;           /* rediss: NULL = the system's */
    int64_t connect_timeout_ms, command_timeout_ms;
    size_t connections_max;
    struct clock clock;
    bool allow_eviction; /* tests only: skip the noeviction check */
};

/* Parses the options and makes the pool; connects once and checks noeviction and that it is a Redis
 * of 6.2 or later. One clear line in *e, naming host and port but never the password. */
int store_open(const struct store_options *options, struct store **out,
               struct err *e) EBB_MUST_CHECK;
void store_close(struct store *store);
struct store_port store_port_of(struct store *store);

int store_command(const struct store_port *port, const struct str *args, size_t n, struct arena *a,
                  struct reply *out, struct err *e) EBB_MUST_CHECK;
int store_script(const struct store_port *port, const struct script *script, const struct str *keys,
                 const struct str *args, size_t n, struct arena *a, struct reply *out,
                 struct err *e) EBB_MUST_CHECK;

#endif
