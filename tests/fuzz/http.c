/* SPDX-License-Identifier: Apache-2.0
 * Goal: what others send over HTTP, to us or as an answer, stays within its limits and cannot make
 * a reply or a request that HTTP does not allow; a callback is answered with one of its statuses
 * whatever it holds. Method: the parts of one message as it is on the wire. */
#include "lib/distributor/token.h"
#include "lib/http/collect.h"
#include "lib/http/field.h"
#include "lib/http/incoming.h"
#include "lib/http/outgoing.h"
#include "lib/record/walkers.h"
#include "producers/callback.h"
#include "schemas/drain.h"
#include "tests/fuzz/fuzz.h"

#define BODY_MAX ((size_t)16 * 1024)
/* Lines and body once each as they came and once kept, the array of headers, and what alignment
 * adds to many short texts. */
#define MEMORY_MAX(n) (64 * (n) + (size_t)64 * 1024)

#define DRAIN_ID "3366f10b5f0aa7ab"
#define TASK_ARN "arn:aws:ecs:us-east-1:123456789012:task/demo/0123456789abcdef0123456789abcdef"

/* A reply as libcurl hands it over: head line by line, then the body in pieces. */
FUZZ(http_reply)
{
    struct arena a;
    struct http_collect c;
    struct http_response reply;
    struct str rest = input;
    bool good = true;
    arena_init(&a);
    http_collect_init(&c, &a, BODY_MAX);
    while (good && rest.p && !c.headers_ended) {
        const char *begin = rest.p;
        (void)str_cut(&rest, '\n');
        size_t n = rest.p ? (size_t)(rest.p - begin) : (size_t)(input.p + input.n - begin);
        good = http_collect_line(&c, (struct str){begin, n});
    }
    for (size_t n = 1; good && rest.n; n *= 2) {
        size_t piece = n < rest.n ? n : rest.n;
        good = http_collect_body(&c, (struct str){rest.p, piece});
        rest = (struct str){rest.p + piece, rest.n - piece};
    }
    EBB_ASSERT(good == (c.refusal == NULL));
    EBB_ASSERT(a.used_bytes <= MEMORY_MAX(input.n));
    http_collect_view(&c, &reply);
    EBB_ASSERT(reply.headers_n <= HTTP_REPLY_HEADERS_MAX && reply.status >= 0);
    EBB_ASSERT(reply.body.n <= BODY_MAX);
    for (size_t i = 0; i < reply.headers_n; i++)
        EBB_ASSERT(str_eq(http_field_lower(&a, reply.headers[i].name), reply.headers[i].name));
    http_collect_release(&c);
    arena_release(&a);
}

/* "POST /path?query HTTP/1.1", and what the server makes of it. */
static int read_request(const struct fuzz_http *http, struct http_incoming *out)
{
    const char *why = NULL;
    struct str rest = http->first;
    *out = (struct http_incoming){.method = str_cut(&rest, ' '),
                                  .headers = http->headers,
                                  .headers_n = http->headers_n,
                                  .body = http->body.p ? http->body : STR(""),
                                  .peer = STR("192.0.2.1")};
    struct http_head head = {.target = str_cut(&rest, ' '),
                             .version = rest,
                             .body_max = BODY_MAX,
                             .surplus_max = BODY_MAX};
    int status = http_incoming_set_head(out, &head, &why);
    EBB_ASSERT(status == 0 || (status >= 400 && status <= 599 && why && why[0]));
    if (!status) EBB_ASSERT(out->path.n && fuzz_is_plain(out->path) && fuzz_is_plain(out->query));
    return status;
}

struct desk_world {
    struct drain drain;
    bool published;
};

/* One drain is known; every other question is answered as if Redis held nothing. */
static int command(void *ctx, const struct str *args, size_t n, struct arena *a, struct reply *out,
                   struct err *e)
{
    struct desk_world *w = ctx;
    struct buf b;
    *out = (struct reply){.kind = REPLY_NIL};
    bool asks_drain = n == 5 && str_ends(args[1], STR(DRAIN_ID));
    if (str_eq(args[0], STR("INFO"))) return err_set(e, E_UNREACHABLE, "no answer");
    if (!str_eq(args[0], STR("HMGET"))) return 0;
    buf_init(&b, MESSAGE_MAX);
    if (msgpack_encode(&DRAIN_RECORD, &w->drain, &b, e)) err_assert_failed(e->text, "drain", 0);
    *out = (struct reply){
        .kind = REPLY_LIST, .items = ARENA_ARRAY(a, n - 2, struct reply), .n = n - 2};
    if (asks_drain)
        out->items[0] = (struct reply){.kind = REPLY_STR, .text = arena_copy(a, buf_view(&b))};
    buf_release(&b);
    return 0;
}

static int script(void *ctx, const struct script *s, const struct str *keys, const struct str *args,
                  size_t n, struct arena *a, struct reply *out, struct err *e)
{
    (void)ctx, (void)keys, (void)args, (void)n, (void)a;
    *out = (struct reply){.kind = REPLY_NIL};
    return err_set(e, E_UNREACHABLE, "%s: no answer", s->name);
}

static int publish(void *ctx, const struct bus_record *records, int *results, size_t n,
                   struct err *e)
{
    struct desk_world *w = ctx;
    (void)records, (void)results, (void)e;
    w->published = n > 0;
    return 0;
}

static void take_callback(const struct http_incoming *request, struct arena *a)
{
    static const int STATUSES[] = {200, 400, 401, 405, 409, 429, 503};
    struct desk_world w = {.drain = {.format = DRAIN_FORMAT,
                                     .drain_id = STR(DRAIN_ID),
                                     .service = STR("aws:us-east-1:123456789012:demo/calls"),
                                     .task_arn = STR(TASK_ARN),
                                     .state = DRAIN_DRAINING,
                                     .version = 3}};
    struct config config = {.callback = {.secret = STR("not so very secret"),
                                         .shared_token = STR("shared by all"),
                                         .accept_shared_token = true}};
    struct ports ports = {.store = {.ctx = &w, .command = command, .script = script},
                          .bus = {.ctx = &w, .publish = publish},
                          .clock = fuzz_clock(),
                          .config = &config};
    struct log log = {.clock = fuzz_clock(), .least = LOG_ERROR};
    struct callback_desk desk = {
        .ports = &ports, .config = &config, .log = &log, .strikes = strikes_new()};
    struct http_reply reply = {0};
    bool known = false;
    callback_take(&desk, request, a, &reply);
    strikes_free(desk.strikes);
    for (size_t i = 0; i < EBB_COUNT(STATUSES); i++)
        known = known || reply.status == STATUSES[i];
    EBB_ASSERT(known && http_reply_is_allowed(&reply));
    /* Nobody is believed without a token. */
    EBB_ASSERT(!w.published || (reply.status == 200 && str_contains(request->body, STR(DRAIN_ID))));
    struct str bearer = http_incoming_header(request, STR("authorization"));
    if (w.published) EBB_ASSERT(bearer.n);
}

FUZZ(callback)
{
    struct arena a;
    struct fuzz_http http;
    struct http_incoming request;
    arena_init(&a);
    fuzz_read_http(input, &a, &http);
    if (!read_request(&http, &request)) take_callback(&request, &a);
    arena_release(&a);
}

/* What may be made of texts that came from elsewhere: a URL and headers of a request of ours. */
FUZZ(http_request)
{
    struct arena a;
    struct fuzz_http http;
    struct http_outgoing out;
    struct err e = {0};
    arena_init(&a);
    fuzz_read_http(input, &a, &http);
    struct str rest = http.first, method = str_cut(&rest, ' ');
    struct http_request request = {.method = method,
                                   .url = rest,
                                   .headers = http.headers,
                                   .headers_n = http.headers_n,
                                   .body = http.body};
    int code = http_outgoing_prepare(&request, &a, &out, &e);
    if (code) fuzz_check_failure(code, &e);
    for (size_t i = 0; !code && i < out.lines_n; i++)
        EBB_ASSERT(str_find(str_from(out.lines[i]), '\n') < 0 &&
                   str_find(str_from(out.lines[i]), '\r') < 0);
    struct str origin = http_origin(rest);
    if (origin.p) (void)http_host_is_near(http_origin_host(origin));
    arena_release(&a);
}
