/* SPDX-License-Identifier: Apache-2.0
 * The protocol side of the server: connections in, whole requests out, replies back. */
#ifndef EBB_HTTP_DAEMON_H
#define EBB_HTTP_DAEMON_H

#include "lib/http/server.h"
#include "lib/http/watch.h"
#include "lib/http/work.h"

struct http_daemon;
struct request;

/* One request and its reply. Belongs to the daemon, but from request() until http_exchange_reply()
 * to whoever answers it. */
struct http_exchange {
    struct http_incoming incoming;
    struct arena arena;
    struct http_job job; /* free for the one who answers, like owner */
    void *owner;
    struct request *request; /* the daemon's own */
};

struct http_daemon_options {
    const struct http_server_options *server; /* no zeros; its server_name outlives the daemon */
    int take_listen_fd;
    struct http_watch *watch; /* outlives the daemon */
    /* Called on the daemon's one thread: it may not wait. */
    void (*request)(void *ctx, struct http_exchange *x);
    void *ctx;
};

/* Takes listen_fd over; after a failure nobody can tell whether it is open. */
int http_daemon_start(const struct http_daemon_options *options, struct http_daemon **out,
                      struct err *e) EBB_MUST_CHECK;
/* From any thread, once; x is gone afterwards. */
void http_exchange_reply(struct http_exchange *x, const struct http_reply *reply);

/* From now on every request is answered 503 at once, and connections end with their next reply. The
 * listening socket stays open until the end: the library cannot be parted from it safely while its
 * thread runs (MHD_quiesce_daemon of 0.9.75 may remove it from epoll at the same time as that
 * thread, which then aborts). */
void http_daemon_refuse(struct http_daemon *daemon);
/* Requests passed on and without a reply. Once refusing, 0 stays 0. */
unsigned http_daemon_unreplied(const struct http_daemon *daemon);
/* Requests passed on whose connections are not done with the reply. */
unsigned http_daemon_unsent(const struct http_daemon *daemon);
/* Closes the listening socket and all connections. Every request passed on has been replied to. */
void http_daemon_free(struct http_daemon *daemon);

#endif
