/* SPDX-License-Identifier: Apache-2.0
 * Answers in the exact form of each AWS protocol: outputs and refusals. */
#ifndef EBB_WORLD_WIRE_REPLY_H
#define EBB_WORLD_WIRE_REPLY_H

#include "lib/http/server.h"
#include "world/wire/route.h"

/* out is the struct of the operation's output record. An output that cannot be written is answered
 * as a fault of the service. */
void reply_output(const struct route *route, const void *out, struct arena *a,
                  struct http_reply *reply);
void reply_refusal(const struct route *route, const struct aws_error *error, struct arena *a,
                   struct http_reply *reply);
/* A refusal whose words the wire chose itself: error is filled and answered. */
void reply_words(const struct route *route, int http_status, const char *code,
                 const char *query_code, struct str message, struct arena *a,
                 struct http_reply *reply);
/* The answer of a service that failed inside. */
void reply_failed(const struct route *route, struct arena *a, struct http_reply *reply);
/* "Rate exceeded", as the service addressed says it. */
void reply_throttled(const struct route *route, struct arena *a, struct http_reply *reply);

#endif
