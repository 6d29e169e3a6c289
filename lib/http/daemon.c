/* SPDX-License-Identifier: Apache-2.0
 * See daemon.h; on libmicrohttpd, and the only file that includes microhttpd.h. One thread of the
 * library serves all connections. A whole request is passed on and its connection set aside
 * (suspended) until the reply is there, so that a handler that waits holds up nobody else. */
#include "lib/http/daemon.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <microhttpd.h>

#include "lib/base/buf.h"
#include "lib/http/field.h"
#include "lib/http/incoming.h"

#define HEAD_BYTES_MAX ((size_t)32 * 1024) /* request line and headers of one connection */
/* This much of a body over the limit is thrown away before the 413: closing on a client that still
 * writes would destroy the answer under way. */
#define DISCARD_BYTES_MAX ((size_t)256 * 1024)

struct http_daemon {
    struct MHD_Daemon *mhd;
    struct http_watch *watch;
    size_t body_max;
    const char *server_name; /* NULL without one; the caller's */
    void (*request)(void *ctx, struct http_exchange *x);
    void *ctx;
    atomic_bool stopping;
    atomic_uint unreplied, unsent; /* of the requests passed on */
};

enum stage {
    STAGE_HEAD,      /* the request line is known */
    STAGE_BODY,      /* the head is accepted, the body comes in */
    STAGE_PASSED_ON, /* suspended: everything is the answering thread's */
    STAGE_REPLIED,   /* resumed, with a response, or without one when it is to be dropped */
};

struct request {
    struct http_exchange x;
    struct http_daemon *daemon;
    struct MHD_Connection *connection;
    enum stage stage;
    bool passed_on;
    struct str target;
    struct http_header *headers; /* those of x.incoming, while they are gathered */
    struct buf body;
    size_t body_bytes; /* that came, kept or not */
    struct MHD_Response *response;
    unsigned status;
};

static struct http_watched *watched_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void on_connection(void *p, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http_daemon *daemon = p;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        http_watch_remove(daemon->watch, *socket_context);
        return;
    }
    int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    *socket_context = http_watch_add(daemon->watch, fd);
}

/* The only moment at which the library shows the target as it was sent. */
static void *on_target(void *p, const char *target, struct MHD_Connection *connection)
{
    struct request *request = calloc(1, sizeof(*request));
    if (!request) abort();
    request->daemon = p;
    request->x.request = request;
    request->connection = connection;
    arena_init(&request->x.arena);
    buf_init(&request->body, request->daemon->body_max);
    request->target = arena_copy(&request->x.arena, str_from(target ? target : ""));
    return request;
}

static void on_completed(void *p, struct MHD_Connection *connection, void **request_context,
                         enum MHD_RequestTerminationCode code)
{
    struct http_daemon *daemon = p;
    struct request *request = *request_context;
    if (!request) return;
    (void)code; /* a handler is not told whether its answer was read */
    *request_context = NULL;
    http_watch_step(daemon->watch, watched_of(connection), false);
    if (request->response) MHD_destroy_response(request->response);
    if (request->passed_on) atomic_fetch_sub(&daemon->unsent, 1);
    buf_release(&request->body);
    arena_release(&request->x.arena);
    free(request);
}

static bool add_header(struct MHD_Response *response, struct arena *a, struct str name,
                       struct str value)
{
    return !value.n ||
           MHD_YES == MHD_add_response_header(response, arena_cstr(a, name), arena_cstr(a, value));
}

/* NULL when a header is one that only the library may write. */
static struct MHD_Response *response_of(struct request *request, const struct http_reply *reply)
{
    struct arena *a = &request->x.arena;
    bool last = atomic_load(&request->daemon->stopping);
    void *body = (void *)(uintptr_t)reply->body.p; /* rule 26: it is copied and never written */
    struct MHD_Response *response =
        MHD_create_response_from_buffer(reply->body.n, body, MHD_RESPMEM_MUST_COPY);
    if (!response) abort();
    bool ok = add_header(response, a, STR("Content-Type"), reply->content_type) &&
              add_header(response, a, STR("Server"), str_from(request->daemon->server_name)) &&
              add_header(response, a, STR("Connection"), last ? STR("close") : STR_NONE);
    for (size_t i = 0; i < reply->headers_n; i++)
        ok = ok && add_header(response, a, reply->headers[i].name, reply->headers[i].value);
    if (ok) return response;
    MHD_destroy_response(response);
    return NULL;
}

static void set_reply(struct request *request, const struct http_reply *reply)
{
    struct http_reply bug = {.status = 500, .body = STR("the reply was not one HTTP allows\n")};
    request->stage = STAGE_REPLIED;
    if (reply->drop) return;
    if (http_reply_is_allowed(reply)) request->response = response_of(request, reply);
    request->status = request->response ? (unsigned)reply->status : 500;
    if (!request->response) request->response = response_of(request, &bug);
    EBB_ASSERT(request->response);
}

void http_exchange_reply(struct http_exchange *x, const struct http_reply *reply)
{
    struct request *request = x->request;
    EBB_ASSERT(request->stage == STAGE_PASSED_ON);
    struct http_daemon *daemon = request->daemon;
    set_reply(request, reply);
    MHD_resume_connection(request->connection); /* from here on the request may be gone */
    atomic_fetch_sub(&daemon->unreplied, 1);
}

static enum MHD_Result send_reply(struct request *request)
{
    struct MHD_Response *response = request->response;
    http_watch_step(request->daemon->watch, watched_of(request->connection), false);
    if (!response) return MHD_NO; /* closes the connection without a word */
    request->response = NULL;
    enum MHD_Result result = MHD_queue_response(request->connection, request->status, response);
    MHD_destroy_response(response); /* the connection holds on to it by itself */
    return result;
}

/* The library's own answers are not used: ours say what is wrong. */
static enum MHD_Result refuse(struct request *request, int status, const char *why)
{
    struct http_reply reply = {
        .status = status, .content_type = STR("text/plain"), .body = str_from(why)};
    set_reply(request, &reply);
    return send_reply(request);
}

static enum MHD_Result keep_header(void *p, enum MHD_ValueKind kind, const char *name,
                                   size_t name_n, const char *value, size_t value_n)
{
    struct request *request = p;
    struct http_incoming *incoming = &request->x.incoming;
    (void)kind;
    request->headers[incoming->headers_n++] = (struct http_header){
        .name = http_field_lower(&request->x.arena, (struct str){name, name_n}),
        .value = str_trim((struct str){value ? value : "", value_n}),
    };
    return MHD_YES;
}

static enum MHD_Result begin(struct request *request, const char *method, const char *version)
{
    struct http_incoming *incoming = &request->x.incoming;
    struct MHD_Connection *connection = request->connection;
    int n = MHD_get_connection_values(connection, MHD_HEADER_KIND, NULL, NULL);
    request->stage = STAGE_BODY;
    request->headers = ARENA_ARRAY(&request->x.arena, (size_t)n, struct http_header);
    incoming->headers = request->headers;
    incoming->method = str_from(method);
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, keep_header, request);
    struct http_head head = {.target = request->target,
                             .version = str_from(version),
                             .body_max = request->body.max,
                             .surplus_max = DISCARD_BYTES_MAX};
    const char *why = NULL;
    int status = http_incoming_set_head(incoming, &head, &why);
    return status ? refuse(request, status, why) : MHD_YES;
}

static enum MHD_Result pass_on(struct request *request)
{
    struct http_daemon *daemon = request->daemon;
    struct http_watched *watched = watched_of(request->connection);
    if (buf_failed(&request->body)) return refuse(request, 413, HTTP_BODY_TOO_LARGE);
    atomic_fetch_add(&daemon->unreplied, 1); /* before the look: see http_daemon_refuse */
    if (atomic_load(&daemon->stopping)) {
        atomic_fetch_sub(&daemon->unreplied, 1);
        return refuse(request, 503, "stopping\n");
    }
    struct str body = buf_view(&request->body);
    request->x.incoming.body = body.p ? body : STR("");
    request->x.incoming.peer = str_from(watched->peer);
    request->x.incoming.local = str_from(watched->local);
    request->stage = STAGE_PASSED_ON;
    request->passed_on = true;
    http_watch_step(daemon->watch, watched, true);
    atomic_fetch_add(&daemon->unsent, 1);
    MHD_suspend_connection(request->connection);
    daemon->request(daemon->ctx, &request->x);
    return MHD_YES;
}

static enum MHD_Result on_access(void *p, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *piece,
                                 size_t *piece_n, void **request_context)
{
    (void)p, (void)connection, (void)url;
    struct request *request = *request_context;
    EBB_ASSERT(request);
    if (request->stage == STAGE_HEAD) return begin(request, method, version);
    if (request->stage == STAGE_REPLIED) return send_reply(request);
    EBB_ASSERT(request->stage == STAGE_BODY);
    if (!*piece_n) return pass_on(request);
    buf_add(&request->body, (struct str){piece, *piece_n});
    request->body_bytes += *piece_n;
    *piece_n = 0;
    return request->body_bytes <= request->body.max + DISCARD_BYTES_MAX ? MHD_YES : MHD_NO;
}

int http_daemon_start(const struct http_daemon_options *options, struct http_daemon **out,
                      struct err *e)
{
    const struct http_server_options *server = options->server;
    struct http_daemon *daemon = calloc(1, sizeof(*daemon));
    if (!daemon) abort();
    *out = NULL;
    daemon->watch = options->watch;
    daemon->body_max = server->body_max;
    daemon->request = options->request;
    daemon->ctx = options->ctx;
    daemon->server_name = server->server_name;
    struct MHD_OptionItem items[] = {
        {MHD_OPTION_LISTEN_SOCKET, options->take_listen_fd, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)server->connections_max, NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)server->connections_per_address_max, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)server->timeout_s, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)HEAD_BYTES_MAX, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
    daemon->mhd = MHD_start_daemon(
        flags, 0, NULL, NULL, on_access, daemon, MHD_OPTION_ARRAY, items,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, daemon, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        daemon, MHD_OPTION_NOTIFY_CONNECTION, on_connection, daemon, MHD_OPTION_END);
    if (!daemon->mhd) {
        int code = errno;
        free(daemon);
        return err_set(e, E_FATAL, "the HTTP server cannot be started: %s", strerrordesc_np(code));
    }
    *out = daemon;
    return 0;
}

void http_daemon_refuse(struct http_daemon *daemon)
{
    atomic_store(&daemon->stopping, true);
}

unsigned http_daemon_unreplied(const struct http_daemon *daemon)
{
    return atomic_load(&daemon->unreplied);
}

unsigned http_daemon_unsent(const struct http_daemon *daemon)
{
    return atomic_load(&daemon->unsent);
}

void http_daemon_free(struct http_daemon *daemon)
{
    MHD_stop_daemon(daemon->mhd);
    free(daemon);
}
