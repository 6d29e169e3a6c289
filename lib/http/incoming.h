/* SPDX-License-Identifier: Apache-2.0
 * What is accepted of a request before its body, and of a handler's reply. The target is taken
 * apart as it was sent, without decoding anything. */
#ifndef EBB_HTTP_INCOMING_H
#define EBB_HTTP_INCOMING_H

#include "lib/http/server.h"

#define HTTP_INCOMING_HEADERS_MAX 100
#define HTTP_BODY_TOO_LARGE       "the body is larger than allowed\n"

struct http_head {
    struct str target, version;
    size_t body_max;
    size_t surplus_max; /* so much over body_max is still read, only to be thrown away */
};

/* request has its headers; sets path and query, borrowed from target (RFC 9112 section 3.2: origin,
 * absolute or asterisk form). The query is absent without '?', and empty with nothing after it. 0,
 * or the status of the refusal, and *why for its body. */
int http_incoming_set_head(struct http_incoming *request, const struct http_head *head,
                           const char **why) EBB_MUST_CHECK;

/* A final status, and headers that are headers. */
bool http_reply_is_allowed(const struct http_reply *reply);

#endif
