/* SPDX-License-Identifier: Apache-2.0
 * Goal: the simulated region listens too: no request, signed or not, breaks it, and every one gets
 * an answer that HTTP allows. Method: some HTTP requests to a fresh region, through routing,
 * signature, decoding, the region and the answer; requests of the control API, and to simulated
 * tasks, likewise. "Authorization: sign" signs with the key the region knows. */
#include <stdlib.h>
#include <string.h>

#include "lib/aws/sigv4_canonical.h"
#include "lib/base/time_text.h"
#include "lib/http/incoming.h"
#include "tests/fuzz/fuzz.h"
#include "world/region/pattern.h"
#include "world/wire/auth.h"
#include "world/wire/route.h"
#include "world/wire/scenario.h"
#include "world/wire/wire.h"

#define KEY_ID       "AKIDEXAMPLE"
#define REQUESTS_MAX 20
#define HEADERS      (FUZZ_HEADERS_MAX + 2)

/* A wire without servers and threads; nothing ever waits, because it seems to be stopping. */
static struct wire *open_wire(struct arena *a)
{
    struct wire *wire = calloc(1, sizeof(*wire));
    struct err e = {0};
    struct region_options options = {.start_ms = FUZZ_NOW_MS, .address_first = STR("127.1.0.10")};
    struct key key = {.access_key_id = STR(KEY_ID), .secret_access_key = STR("an example")};
    if (!wire) abort();
    wire->clock = fuzz_clock();
    wire->stopping = true;
    wire->pace = (struct pace){.virtual_ms = FUZZ_NOW_MS, .mono_ms = FUZZ_NOW_MS, .speed = 1};
    pthread_mutex_init(&wire->lock, NULL);
    keyring_init(&wire->keyring);
    EBB_ASSERT(region_new(&options, &wire->region, &e) == 0);
    EBB_ASSERT(wire_put_key(wire, &key, a, &e) == 0);
    return wire;
}

static void close_wire(struct wire *wire)
{
    applications_release(&wire->applications);
    keyring_release(&wire->keyring);
    region_free(wire->region);
    pthread_mutex_destroy(&wire->lock);
    free(wire);
}

/* The headers an AWS client adds, in place of "authorization: sign". */
static void sign(struct http_incoming *request, struct http_header *headers, struct arena *a)
{
    struct sigv4_credentials credentials = {.access_key_id = STR(KEY_ID),
                                            .secret_access_key = STR("an example")};
    struct route route;
    struct sigv4_result out;
    struct http_header *authorization = NULL;
    for (size_t i = 0; i < request->headers_n; i++)
        if (str_eq(headers[i].name, STR("authorization"))) authorization = &headers[i];
    if (!authorization || !str_eq(authorization->value, STR("sign"))) return;
    route_find(request, a, &route);
    if (!route.service) return;
    *authorization = (struct http_header){STR("x-amz-date"), time_format_basic(a, FUZZ_NOW_MS)};
    struct sigv4_request what = {.method = request->method,
                                 .path = request->path,
                                 .query = request->query,
                                 .headers = headers,
                                 .headers_n = request->headers_n,
                                 .body = request->body,
                                 .region = STR("us-east-1"),
                                 .service = str_from(route.service->signing_name),
                                 .at_ms = FUZZ_NOW_MS,
                                 .encode_path_twice = true};
    sigv4_sign(&what, &credentials, a, &out);
    headers[request->headers_n++] = (struct http_header){STR("authorization"), out.authorization};
}

/* A request to a simulated task is one with a header that says which. */
static void ask_task(struct wire *wire, const struct http_incoming *request, struct str address,
                     struct arena *a, struct http_reply *reply)
{
    struct task_request question = {.address = address,
                                    .method = request->method,
                                    .path = request->path,
                                    .body = request->body};
    struct task_reply answer = {0};
    region_task_request(wire_enter(wire), &question, a, &answer);
    wire_leave(wire);
    reply->drop = answer.hangs || answer.unreachable;
    reply->status = answer.status;
    reply->body = answer.body;
}

static void serve(struct wire *wire, struct http_incoming *request, struct arena *a)
{
    struct http_reply reply = {0};
    struct str task = http_incoming_header(request, STR("task"));
    if (task.p)
        ask_task(wire, request, task, a, &reply);
    else if (str_starts(request->path, STR("/world/")))
        wire_control(wire, request, a, &reply);
    else
        wire_aws(wire, request, a, &reply);
    EBB_ASSERT(reply.drop || http_reply_is_allowed(&reply));
}

static void take_request(struct wire *wire, struct str text, struct arena *a)
{
    struct fuzz_http http;
    struct http_header headers[HEADERS];
    const char *why;
    fuzz_read_http(text, a, &http);
    struct str rest = http.first;
    memcpy(headers, http.headers, http.headers_n * sizeof(headers[0]));
    struct http_incoming request = {.method = str_cut(&rest, ' '),
                                    .headers = headers,
                                    .headers_n = http.headers_n,
                                    .body = http.body.p ? http.body : STR(""),
                                    .peer = STR("127.0.0.1"),
                                    .local = STR("127.0.0.1")};
    struct http_head head = {
        .target = str_cut(&rest, ' '), .version = STR("HTTP/1.0"), .body_max = FUZZ_INPUT_MAX};
    if (http_incoming_set_head(&request, &head, &why)) return;
    sign(&request, headers, a);
    serve(wire, &request, a);
}

/* Requests one after the other, with lines "--" between. */
FUZZ(world)
{
    struct arena a;
    arena_init(&a);
    struct wire *wire = open_wire(&a);
    struct str rest = input;
    for (int i = 0; rest.p && i < REQUESTS_MAX; i++) {
        struct str text = fuzz_part(&rest);
        take_request(wire, text, &a);
    }
    close_wire(wire);
    arena_release(&a);
}

/* An Authorization header, and what the canonical form makes of a path and a query. */
FUZZ(sigv4)
{
    struct arena a;
    struct sigv4_claim claim;
    struct str query = input, header = fuzz_line(&query), path = fuzz_line(&query);
    arena_init(&a);
    if (!sigv4_parse_authorization(header, &claim)) {
        EBB_ASSERT(claim.access_key_id.n && claim.region.n && claim.service.n);
        EBB_ASSERT(claim.date.n == 8 && claim.signed_headers.n && claim.signature.n == 64);
    }
    struct str once = sigv4_canonical_path(path, true, &a);
    EBB_ASSERT(once.n && once.p[0] == '/' && !str_contains(once, STR("//")));
    struct str sorted = sigv4_canonical_query(query, &a);
    /* Escaped in one way whatever the wire had: to do it again changes nothing. */
    EBB_ASSERT(str_eq(sigv4_canonical_query(sorted, &a), sorted));
    arena_release(&a);
}

/* An event pattern, a line "--", an event. */
FUZZ(pattern)
{
    struct arena a;
    struct pattern *pattern;
    struct json *event;
    struct err e = {0};
    struct str rest = input, first = fuzz_part(&rest);
    arena_init(&a);
    int code = pattern_compile(first, &a, &pattern, &e);
    if (code) fuzz_check_failure(code, &e);
    if (!json_parse(rest, &a, &event) && !code) (void)pattern_matches(pattern, event);
    arena_release(&a);
}

FUZZ(scenario)
{
    struct arena a;
    struct err e = {0};
    arena_init(&a);
    struct scenario *scenario = ARENA_NEW(&a, struct scenario);
    struct wire *wire = open_wire(&a);
    int code = scenario_decode(input, &a, scenario, &e);
    if (!code) code = scenario_apply(wire, scenario, &a, &e);
    if (code) EBB_ASSERT(code == e.code && e.text[0]);
    close_wire(wire);
    arena_release(&a);
}
