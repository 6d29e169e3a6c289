/* SPDX-License-Identifier: Apache-2.0
 * HTTP in, for the callback, the metrics page, and the world: small bodies, limited connections,
 * time-outs. */
#ifndef EBB_HTTP_SERVER_H
#define EBB_HTTP_SERVER_H

#include "lib/http/http.h"

struct http_incoming {
    /* path and query as sent, before percent-decoding; the query is absent without a '?' */
    struct str method, path, query;
    const struct http_header *headers;
    size_t headers_n; /* names in lower case */
    struct str body;
    struct str peer;  /* address without port */
    struct str local; /* what the client connected to, without port: in the world, which task */
};

struct http_reply {
    int status;                        /* 200 to 599; a reply HTTP does not allow is sent as 500 */
    struct str content_type, body;     /* copied by the server after the handler returns */
    const struct http_header *headers; /* further headers */
    size_t headers_n;
    bool drop; /* close the connection without an answer (the world's faults) */
};

/* Called on one of the server's threads, several at once; it may wait. What it gets and the arena
 * live until the reply is sent. */
typedef void http_handler(void *ctx, const struct http_incoming *request, struct arena *a,
                          struct http_reply *reply);

struct http_server_options {
    const char *address;      /* numeric: "127.0.0.1", "::"; ignored when listen_fd is given */
    int port;                 /* 0 = any free one; see http_server_port */
    int listen_fd;            /* a listening socket the server takes over, or -1 */
    size_t body_max;          /* a larger body is answered 413 */
    unsigned connections_max; /* more wait to be accepted; 0 = 256 */
    unsigned connections_per_address_max; /* more are closed; 0 = no limit */
    unsigned timeout_s;      /* of a silent connection, and half of what a slow one gets; 0 = 30 */
    unsigned threads;        /* handlers that run at once; 0 = 4 */
    const char *server_name; /* value of the Server header, or NULL */
    http_handler *handler;
    void *ctx;
};

struct http_server;

/* E_MISSING: the port is in use or not allowed, in words for a person. E_CONFIG: not an address, or
 * listen_fd does not listen. Then listen_fd still is the caller's, but not after E_FATAL. */
int http_server_start(const struct http_server_options *options, struct http_server **out,
                      struct err *e) EBB_MUST_CHECK;
/* Answers what came in, and what comes meanwhile with 503; closes everything and frees. Waits for
 * handlers that run; one that has not returned after 30 s aborts the process. */
void http_server_stop(struct http_server *server);
int http_server_port(const struct http_server *server);
struct str http_incoming_header(const struct http_incoming *request, struct str name);

#endif
