/* SPDX-License-Identifier: Apache-2.0
 * A server that says what a test tells it to: it reads RESP commands and answers each from a list
 * of rules. For what a real Redis does not do on request: garbage, silence, redirects, failovers.
 * Without a rule of their own PING, INFO and CLIENT are answered as a healthy Redis would. */
#ifndef EBB_TESTS_SUPPORT_FAKE_REDIS_H
#define EBB_TESTS_SUPPORT_FAKE_REDIS_H

#include <stddef.h>

#define FAKE_REDIS_HEALTHY_INFO                                                                    \
    "redis_version:7.0.15\r\nredis_mode:standalone\r\nmaxmemory_policy:noeviction\r\n"             \
    "role:master\r\n"

enum fake_redis_then {
    FAKE_REDIS_GO_ON,
    FAKE_REDIS_CLOSE,  /* close the connection after the answer, which may be "" */
    FAKE_REDIS_FLOOD,  /* repeat the answer until the other side is gone */
    FAKE_REDIS_SILENT, /* never answer this one nor anything after it */
};

struct fake_redis_rule {
    const char *command; /* the first argument, upper case, or "*" for any; NULL ends the list */
    const char *answer;  /* bytes on the wire; NULL: a healthy answer */
    enum fake_redis_then then;
    int times; /* 0: for ever; else the rule is spent after as many uses */
};

struct fake_redis;

/* Listens on 127.0.0.1. The rules are borrowed and may be changed only while no client is served.
 */
struct fake_redis *fake_redis_start(struct fake_redis_rule *rules);
void fake_redis_stop(struct fake_redis *fake);
int fake_redis_port(const struct fake_redis *fake);
/* How often that command was received so far, on all connections. */
int fake_redis_count(struct fake_redis *fake, const char *command);
/* Connections accepted so far. */
int fake_redis_connections(struct fake_redis *fake);

#endif
