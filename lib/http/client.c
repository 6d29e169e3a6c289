/* SPDX-License-Identifier: Apache-2.0
 * HTTP out on libcurl; the only file that includes curl/curl.h. Decides what is sent how often: by
 * itself libcurl sends a request again, a POST too, when a reused connection ends before the first
 * byte of a reply. But it asks before_sending() each time, which forbids it for all but GET and
 * HEAD; and what failed before that was asked at all was surely not sent. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>

#include "lib/http/collect.h"
#include "lib/http/deadline.h"
#include "lib/http/field.h"
#include "lib/http/outgoing.h"
#include "lib/http/pool.h"
#include "lib/http/trust.h"

/* Longer idle, a connection is not used again: a server that closes it just while we write makes
 * an unknown outcome. What must not be late keeps further away from that. */
#define REUSE_IDLE_MAX_S          30L
#define REUSE_IDLE_MAX_NOT_LATE_S 5L
#define CONNECTIONS_PER_HANDLE    1L

struct http_client {
    struct http_deadline defaults;
    struct clock clock;
    char *user_agent;
    struct http_pool pool;
    struct http_trust *trust;
    atomic_size_t taken;
    atomic_bool stopping; /* long polls end, and none begins */
};

/* A libcurl handle with the connection it keeps; used by one thread at a time. */
struct handle {
    CURL *curl;
    bool reset_on_close; /* an unfinished request with a not_after is on the connection */
};

/* One request on its way. */
struct exchange {
    struct http_client *client;
    struct handle *handle;
    const struct http_request *request;
    struct str method, origin;
    bool repeatable;  /* GET or HEAD without not_after: sending it twice is harmless */
    bool begun;       /* handed to a connection: from here on it may have been sent */
    bool late, twice; /* why before_sending() said no */
    bool stopped;     /* given up by on_progress() */
    struct http_deadline deadline;
    struct http_outgoing outgoing;
    struct http_collect collect;
    struct curl_slist *lines;
    struct err trust_error;
    char words[CURL_ERROR_SIZE];
};

#define SET(x, option, value)                                                                      \
    EBB_ASSERT(curl_easy_setopt((x)->handle->curl, (option), (value)) == CURLE_OK)

static void handle_free(void *p)
{
    struct handle *handle = p;
    if (handle) curl_easy_cleanup(handle->curl);
    free(handle);
}

int http_client_new(const struct http_client_options *options, struct http_client **out,
                    struct err *e)
{
    *out = NULL;
    if (options->ca_bundle && access(options->ca_bundle, R_OK) != 0)
        return err_set(e, E_CONFIG, "the CA bundle %s cannot be read", options->ca_bundle);
    /* libcurl counts: every client begins it once and ends it once. */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_set(e, E_FATAL, "libcurl cannot be initialised");
    if (!(curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_THREADSAFE)) {
        curl_global_cleanup();
        return err_set(e, E_MISSING, "a libcurl of 7.84 or later, built for threads, is needed");
    }
    struct http_client *client = calloc(1, sizeof(*client));
    if (!client) abort();
    client->defaults = http_deadline_default(options);
    client->clock = options->clock;
    client->user_agent = strdup(options->user_agent ? options->user_agent : "");
    if (!client->user_agent) abort();
    client->trust = http_trust_new(options->ca_bundle);
    http_pool_init(&client->pool, options->pool_max, handle_free);
    atomic_init(&client->taken, 0);
    atomic_init(&client->stopping, false);
    *out = client;
    return 0;
}

void http_client_free(struct http_client *client)
{
    if (!client) return;
    EBB_ASSERT(atomic_load(&client->taken) == 0);
    http_pool_release(&client->pool);
    http_trust_free(client->trust);
    free(client->user_agent);
    free(client);
    curl_global_cleanup();
}

/* Called when the connection stands and the request is about to be written, and again before the
 * same request is written to another connection. */
static int before_sending(void *p, char *to_ip, char *from_ip, int to_port, int from_port)
{
    (void)to_ip, (void)from_ip, (void)to_port, (void)from_port;
    struct exchange *x = p;
    x->twice = x->begun && !x->repeatable;
    x->late = http_is_late(x->request, &x->client->clock);
    if (x->twice || x->late) return CURL_PREREQFUNC_ABORT;
    x->begun = true;
    x->handle->reset_on_close = x->request->not_after_ms > 0;
    return CURL_PREREQFUNC_OK;
}

/* Of a request given up at its not_after the kernel must not go on retransmitting what the server
 * has not acknowledged: with no linger time the rest is thrown away. */
static int close_socket(void *p, curl_socket_t fd)
{
    struct handle *handle = p;
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    if (handle->reset_on_close) (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
    return close(fd);
}

/* Told n pieces of one byte each; another count than n ends the transfer. */
static size_t on_line(char *p, size_t one, size_t n, void *ctx)
{
    struct exchange *x = ctx;
    return http_collect_line(&x->collect, (struct str){p, one * n}) ? n : 0;
}

static size_t on_body(char *p, size_t one, size_t n, void *ctx)
{
    struct exchange *x = ctx;
    return http_collect_body(&x->collect, (struct str){p, one * n}) ? n : 0;
}

/* libcurl asks at least once a second. A reply that has begun is taken to its end. */
static int on_progress(void *p, curl_off_t to_get, curl_off_t got, curl_off_t to_send,
                       curl_off_t sent)
{
    (void)to_get, (void)got, (void)to_send, (void)sent;
    struct exchange *x = p;
    x->stopped = !x->collect.status && atomic_load(&x->client->stopping);
    return x->stopped;
}

static CURLcode on_tls(CURL *curl, void *ssl_ctx, void *p)
{
    struct exchange *x = p;
    const char *system_file = NULL; /* stays so when libcurl knows of none */
    (void)curl_easy_getinfo(curl, CURLINFO_CAINFO, &system_file);
    int code = http_trust_apply(x->client->trust, ssl_ctx, system_file, &x->trust_error);
    return code ? CURLE_SSL_CACERT_BADFILE : CURLE_OK;
}

static void set_connection(struct exchange *x)
{
    SET(x, CURLOPT_URL, x->outgoing.url);
    SET(x, CURLOPT_PATH_AS_IS, 1L);
    SET(x, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(x, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(x, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(x, CURLOPT_FOLLOWLOCATION, 0L);
    SET(x, CURLOPT_NOSIGNAL, 1L);
    SET(x, CURLOPT_QUICK_EXIT, 1L); /* a name server that hangs does not outlast our time-out */
    SET(x, CURLOPT_CONNECTTIMEOUT_MS, (long)x->deadline.connect_ms);
    SET(x, CURLOPT_TIMEOUT_MS, (long)x->deadline.total_ms);
    SET(x, CURLOPT_MAXCONNECTS, CONNECTIONS_PER_HANDLE);
    SET(x, CURLOPT_MAXAGE_CONN,
        x->request->not_after_ms > 0 ? REUSE_IDLE_MAX_NOT_LATE_S : REUSE_IDLE_MAX_S);
    SET(x, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    SET(x, CURLOPT_CLOSESOCKETDATA, x->handle);
    SET(x, CURLOPT_PREREQFUNCTION, before_sending);
    SET(x, CURLOPT_PREREQDATA, x);
    SET(x, CURLOPT_NOPROGRESS, x->request->is_long_poll ? 0L : 1L);
    SET(x, CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(x, CURLOPT_XFERINFODATA, x);
    SET(x, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (http_host_is_near(http_origin_host(x->origin))) SET(x, CURLOPT_PROXY, "");
    SET(x, CURLOPT_SSL_VERIFYPEER, 1L);
    SET(x, CURLOPT_SSL_VERIFYHOST, 2L);
    SET(x, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(x, CURLOPT_CAINFO, NULL);
    SET(x, CURLOPT_CAPATH, NULL);
    SET(x, CURLOPT_SSL_CTX_FUNCTION, on_tls);
    SET(x, CURLOPT_SSL_CTX_DATA, x);
}

static void set_message(struct exchange *x)
{
    struct str body = x->request->body;
    if (str_eq(x->method, STR("HEAD"))) {
        SET(x, CURLOPT_NOBODY, 1L);
    } else if (x->outgoing.has_body) {
        SET(x, CURLOPT_POST, 1L);
        SET(x, CURLOPT_POSTFIELDS, body.p ? body.p : "");
        SET(x, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
        SET(x, CURLOPT_CUSTOMREQUEST, x->outgoing.method);
    } else {
        SET(x, CURLOPT_HTTPGET, 1L);
        SET(x, CURLOPT_CUSTOMREQUEST, x->outgoing.method);
    }
    if (x->client->user_agent[0]) SET(x, CURLOPT_USERAGENT, x->client->user_agent);
    for (size_t i = 0; i < x->outgoing.lines_n; i++) {
        x->lines = curl_slist_append(x->lines, x->outgoing.lines[i]);
        if (!x->lines) abort();
    }
    SET(x, CURLOPT_HTTPHEADER, x->lines);
    SET(x, CURLOPT_HEADERFUNCTION, on_line);
    SET(x, CURLOPT_HEADERDATA, x);
    SET(x, CURLOPT_WRITEFUNCTION, on_body);
    SET(x, CURLOPT_WRITEDATA, x);
    SET(x, CURLOPT_ERRORBUFFER, x->words);
}

/* The words never hold path or query: a webhook's address may be its secret. */
static int failed(const struct exchange *x, int code, const char *what, struct err *e)
{
    return err_set(e, code, "%.*s %.*s: %s", STR_ARG(x->method), STR_ARG(x->origin), what);
}

static int outcome(struct exchange *x, CURLcode result, struct err *e)
{
    if (result == CURLE_OUT_OF_MEMORY) abort();
    if (result == CURLE_OK && x->collect.status) return 0;
    const char *words = x->words[0] ? x->words : curl_easy_strerror(result);
    if (x->stopped) return failed(x, E_STOPPED, "no longer waited for", e);
    if (x->collect.refusal) return failed(x, E_TOO_LARGE, x->collect.refusal, e);
    if (x->twice) words = "the connection ended before a reply came; it is not sent a second time";
    if (x->begun) {
        (void)failed(x, E_UNKNOWN_OUTCOME, words, e);
        return err_prefix(e, "sent, but no whole reply came");
    }
    bool out_of_time = result == CURLE_OPERATION_TIMEDOUT;
    if (x->late || (out_of_time && x->deadline.ends_with_not_after &&
                    x->deadline.connect_ms >= x->deadline.total_ms))
        return failed(x, E_LATE, "not sent: no connection before its not_after", e);
    if (out_of_time) return failed(x, E_TIMEOUT, words, e);
    if (result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL ||
        result == CURLE_LOGIN_DENIED)
        return failed(x, E_MALFORMED, words, e);
    return failed(x, E_UNREACHABLE, x->trust_error.code ? x->trust_error.text : words, e);
}

static int client_send(void *ctx, const struct http_request *request, struct arena *a,
                       struct http_response *out, struct err *e)
{
    struct http_client *client = ctx;
    struct exchange x = {.client = client, .request = request, .method = request->method};
    int code = http_outgoing_prepare(request, a, &x.outgoing, e);
    if (code) return code;
    x.origin = http_origin(request->url);
    x.repeatable = request->not_after_ms <= 0 &&
                   (str_eq(x.method, STR("GET")) || str_eq(x.method, STR("HEAD")));
    if (request->is_long_poll && atomic_load(&client->stopping))
        return failed(&x, E_STOPPED, "not sent", e);
    if (http_is_late(request, &client->clock))
        return failed(&x, E_LATE, "not sent: its not_after has passed", e);
    x.deadline = http_deadline_of(request, &client->defaults, &client->clock);
    http_collect_init(&x.collect, a,
                      request->response_max ? request->response_max : HTTP_RESPONSE_MAX);
    atomic_fetch_add(&client->taken, 1);
    x.handle = http_pool_take(&client->pool, x.origin);
    if (!x.handle) {
        x.handle = calloc(1, sizeof(*x.handle));
        if (!x.handle || !(x.handle->curl = curl_easy_init())) abort();
    }
    set_connection(&x);
    set_message(&x);
    code = outcome(&x, curl_easy_perform(x.handle->curl), e);
    if (!code) http_collect_view(&x.collect, out);
    http_collect_release(&x.collect);
    x.handle->reset_on_close = false;
    curl_easy_reset(x.handle->curl); /* keeps the connection, forgets what points into x */
    curl_slist_free_all(x.lines);
    http_pool_give(&client->pool, x.origin, x.handle, clock_mono_ms(&client->clock));
    atomic_fetch_sub(&client->taken, 1);
    return code;
}

void http_client_stop(struct http_client *client)
{
    atomic_store(&client->stopping, true);
}

struct http_port http_client_port(struct http_client *client)
{
    return (struct http_port){.ctx = client, .send = client_send};
}
