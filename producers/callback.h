/* SPDX-License-Identifier: Apache-2.0
 * What is answered to a task that says it is empty. Whoever brings the call owns time: the role's
 * server, or a simulator. */
#ifndef EBB_PRODUCERS_CALLBACK_H
#define EBB_PRODUCERS_CALLBACK_H

#include "lib/base/log.h"
#include "lib/effect/ports.h"
#include "lib/http/server.h"
#include "producers/strikes.h"

struct callback_desk {
    const struct ports *ports;
    const struct config *config;
    const struct log *log;
    struct strikes *strikes;
};

/* A handler of http_server; ctx is the desk. Any thread. */
void callback_take(void *desk, const struct http_incoming *request, struct arena *a,
                   struct http_reply *reply);

#endif
