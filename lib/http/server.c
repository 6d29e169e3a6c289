/* SPDX-License-Identifier: Apache-2.0
 * The server as its users see it: the socket, the protocol (daemon.c), the threads of the handlers
 * (work.c), and the order in which they begin and end. */
#include "lib/http/server.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/http/daemon.h"
#include "lib/http/socket.h"

/* Where the options say 0. */
#define CONNECTIONS_MAX_DEFAULT 256u
#define TIMEOUT_DEFAULT_S       30u
#define THREADS_DEFAULT         4u
/* A step of a connection may take this many time-outs even when its bytes never stop coming. */
#define STEP_TIMEOUTS 2
/* How long a stop waits: for handlers, then for their replies to be on their way. */
#define STOP_HANDLERS_MS ((int64_t)30000)
#define STOP_REPLIES_MS  ((int64_t)5000)
#define STOP_LOOK_MS     ((int64_t)2)

struct http_server {
    http_handler *handler;
    void *ctx;
    int port;
    char *server_name; /* NULL without one */
    struct http_watch *watch;
    struct http_work *work;
    struct http_daemon *daemon;
};

/* On one of the handlers' threads. */
static void answer(void *p)
{
    struct http_exchange *x = p;
    struct http_server *server = x->owner;
    struct http_reply reply = {0};
    server->handler(server->ctx, &x->incoming, &x->arena, &reply);
    http_exchange_reply(x, &reply);
}

/* On the daemon's thread. */
static void take_request(void *ctx, struct http_exchange *x)
{
    struct http_server *server = ctx;
    x->owner = server;
    x->job = (struct http_job){.run = answer, .ctx = x};
    http_work_push(server->work, &x->job);
}

static int listen_on(const struct http_server_options *options, int *fd, struct err *e)
{
    if (options->listen_fd < 0) return http_socket_listen(options->address, options->port, fd, e);
    *fd = options->listen_fd;
    int listens = 0;
    socklen_t n = sizeof(listens);
    int flags = fcntl(*fd, F_GETFL);
    if (getsockopt(*fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n) != 0 || !listens || flags < 0 ||
        fcntl(*fd, F_SETFL, flags | O_NONBLOCK) != 0)
        return err_set(e, E_CONFIG, "descriptor %d is not a listening socket", *fd);
    return 0;
}

static void free_parts(struct http_server *server)
{
    http_work_free(server->work);
    if (server->daemon) http_daemon_free(server->daemon);
    http_watch_free(server->watch);
    free(server->server_name);
    free(server);
}

/* Threads inherit the mask: signals are left to the threads of the caller. */
static int start_parts(struct http_server *server, const struct http_server_options *options,
                       int fd, struct err *e)
{
    sigset_t all, before;
    (void)sigfillset(&all); /* cannot fail for a valid set */
    EBB_ASSERT(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    server->watch = http_watch_new((int64_t)options->timeout_s * 1000 * STEP_TIMEOUTS);
    server->work = http_work_new(options->threads);
    struct http_daemon_options daemon = {.server = options,
                                         .take_listen_fd = fd,
                                         .watch = server->watch,
                                         .request = take_request,
                                         .ctx = server};
    int code = http_daemon_start(&daemon, &server->daemon, e);
    EBB_ASSERT(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    return code;
}

int http_server_start(const struct http_server_options *options, struct http_server **out,
                      struct err *e)
{
    struct http_server_options filled = *options;
    if (!filled.connections_max) filled.connections_max = CONNECTIONS_MAX_DEFAULT;
    if (!filled.timeout_s) filled.timeout_s = TIMEOUT_DEFAULT_S;
    if (!filled.threads) filled.threads = THREADS_DEFAULT;
    *out = NULL;
    int fd = -1;
    int code = listen_on(&filled, &fd, e);
    if (code) return code;
    struct http_server *server = calloc(1, sizeof(*server));
    if (!server) abort();
    server->handler = filled.handler;
    server->ctx = filled.ctx;
    server->port = http_socket_port(fd);
    server->server_name = filled.server_name ? strdup(filled.server_name) : NULL;
    if (filled.server_name && !server->server_name) abort();
    filled.server_name = server->server_name;
    code = start_parts(server, &filled, fd, e);
    if (code) { /* fatal; fd is let go, since the library closes it in some failures */
        free_parts(server);
        return code;
    }
    *out = server;
    return 0;
}

static bool wait_for_none(const struct http_daemon *daemon,
                          unsigned (*count)(const struct http_daemon *daemon), int64_t timeout_ms)
{
    struct clock clock = clock_system();
    int64_t until_ms = clock_mono_ms(&clock) + timeout_ms;
    while (count(daemon) && clock_mono_ms(&clock) < until_ms)
        clock_sleep_ms(STOP_LOOK_MS);
    return count(daemon) == 0;
}

/* First nothing new is taken, then what came in is answered, then the answers are read. A handler
 * that does not return is fatal, because what it uses is about to be freed; a client that does not
 * read is cut off. */
void http_server_stop(struct http_server *server)
{
    if (!server) return;
    http_daemon_refuse(server->daemon);
    bool handlers_returned = wait_for_none(server->daemon, http_daemon_unreplied, STOP_HANDLERS_MS);
    EBB_ASSERT(handlers_returned);
    (void)wait_for_none(server->daemon, http_daemon_unsent, STOP_REPLIES_MS);
    free_parts(server);
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}
