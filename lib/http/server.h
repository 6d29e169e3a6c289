/* SPDX-License-Identifier: Apache-2.0
 * HTTP in, for the callback, the metrics page, and the world: small bodies, limited connections,
 * time-outs. */
#ifndef EBB_HTTP_SERVER_H
#define EBB_HTTP_SERVER_H

#include "lib/http/http.h"

struct http_incoming {
    struct str method, path, query; /* path and query as sent, before percent-decoding */
    const struct http_header *headers;
    size_t headers_n; /* names in lower case */
    struct str body;
    struct str peer; /* address without port */
    struct str
        local; /* the address the client connected to, without port: which task, in the world */
};

struct http_reply {
    int status;
    struct str content_type, body;     /* copied by the server after the handler returns */
    const struct http_header *headers; /* further headers */
    size_t headers_n;
    bool drop; /* close the connection without an answer (the world's faults) */
};

/* Called on a thread of the server, several at once. Memory of the arena lives until the reply is
 * sent. */
typedef void http_handler(void *ctx, const struct http_incoming *request, struct arena *a,
                          struct http_reply *reply);

struct http_server_options {
    const char *address; /* to listen on, "127.0.0.1"; ignored when listen_fd is given */
    int port;            /* 0 = any free one; see http_server_port */
    int listen_fd;       /* a listening socket the server takes over, or -1 */
    size_t body_max;     /* a larger body is answered 413 */
    unsigned connections_max, connections_per_address_max;
    unsigned timeout_s; /* of an idle or slow connection */
    unsigned threads;
    const char *server_name; /* value of the Server header, or NULL */
    http_handler *handler;
    void *ctx;
};

struct http_server;

int http_server_start(const struct http_server_options *options, struct http_server **out,
                      struct err *e) EBB_MUST_CHECK;
/* Stops taking connections, waits for handlers that run, frees. */
void http_server_stop(struct http_server *server);
int http_server_port(const struct http_server *server);
struct str http_incoming_header(const struct http_incoming *request, struct str name);

#endif
