/* SPDX-License-Identifier: Apache-2.0
 * HTTP out: requests on pooled connections, each with deadlines and a limit on the reply.
 * Thread-safe. */
#ifndef EBB_HTTP_HTTP_H
#define EBB_HTTP_HTTP_H

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"

struct http_header {
    struct str name, value;
};

struct http_request {
    struct str method, url; /* url is already percent-encoded and is sent as it is */
    const struct http_header *headers;
    size_t headers_n;
    struct str body;
    int64_t connect_timeout_ms, timeout_ms; /* 0 = the client's defaults */
    int64_t not_after_ms; /* wall clock; 0 = none. Not sent once it has passed (E_LATE). */
    size_t response_max;  /* bytes of body; 0 = HTTP_RESPONSE_MAX */
    bool is_long_poll;    /* waits for something to happen: given up when the process stops */
};

#define HTTP_RESPONSE_MAX ((size_t)8 * 1024 * 1024)

struct http_response {
    int status;
    const struct http_header *headers; /* names in lower case */
    size_t headers_n;
    struct str body;
};

/* The port: what stages' effects and the AWS client call. The real side is http_client_port(). */
struct http_port {
    void *ctx;
    /* 0 when an HTTP reply came, whatever its status. E_UNREACHABLE: surely nothing was sent (no
     * address, connection refused, TLS refused). E_TIMEOUT: no connection in time, nothing sent.
     * E_UNKNOWN_OUTCOME: it was sent, or part of it, and no whole reply came. E_LATE: not sent.
     * E_TOO_LARGE: the reply passed response_max, or the limits of its headers; it was sent.
     * E_MALFORMED: the request is not one HTTP allows, or its url names a user; not sent.
     * E_STOPPED: a long poll, not sent or no longer waited for. */
    int (*send)(void *ctx, const struct http_request *request, struct arena *a,
                struct http_response *out, struct err *e);
};

/* The real side, on libcurl: HTTP/1.1, no redirects, no cookies, no authentication of its own. A
 * request is written to one connection only, except GET and HEAD without not_after_ms. With
 * not_after_ms waiting for the reply ends there too, with E_UNKNOWN_OUTCOME, and what the kernel
 * has not delivered by then is thrown away. http_proxy, https_proxy and no_proxy of the environment
 * hold, but never for loopback and link-local addresses. Header lines are what the caller says,
 * plus Host, User-Agent and Content-Length. */
struct http_client;

struct http_client_options {
    int64_t connect_timeout_ms, timeout_ms; /* defaults of a request; 0 = 3 s and 30 s */
    size_t pool_max;                        /* idle connections (curl handles) kept */
    const char *ca_bundle; /* file, or NULL for the system's, loaded at the first https request */
    const char *user_agent;
    struct clock clock;
};

/* E_CONFIG: the CA bundle cannot be read. Its certificates are loaded at the first https request.
 */
int http_client_new(const struct http_client_options *options, struct http_client **out,
                    struct err *e) EBB_MUST_CHECK;
/* No request may be under way. */
void http_client_free(struct http_client *client);
/* From now on no long poll begins, and those that wait end within a second or so, except where the
 * reply has begun. Every other request goes on as before. Any thread. */
void http_client_stop(struct http_client *client);
struct http_port http_client_port(struct http_client *client);

int http_send(const struct http_port *port, const struct http_request *request, struct arena *a,
              struct http_response *out, struct err *e) EBB_MUST_CHECK;
/* The value of a reply's header (name in lower case), absent when there is none. */
struct str http_response_header(const struct http_response *response, struct str name);

#endif
