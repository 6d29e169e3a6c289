/* SPDX-License-Identifier: Apache-2.0
 * Goal: whatever comes back from AWS, or from something in between, is an output, or an error with
 * its cause; what was read can be written and read again. Method: the first line names the service,
 * the operation and the HTTP status; headers, a blank line and the body follow. */
#include "lib/aws/reply.h"
#include "lib/aws/shapes/operations.h"
#include "lib/aws/skew.h"
#include "lib/record/walkers.h"
#include "tests/fuzz/fuzz.h"

#define OUT_BYTES_MAX ((size_t)512 * 1024 * 1024)

static const struct aws_operation *find_operation(struct str service, struct str name)
{
    const struct aws_operation *known = aws_operation_find(service, name);
    return known ? known : AWS_OPERATIONS[fuzz_choose(name, AWS_OPERATIONS_N)];
}

/* The output as the operation's service writes it. REST outputs are headers and a body of no form:
 * they are made of the same parts, and need no writing. */
static bool write_output(const struct aws_operation *o, const void *output, struct buf *out)
{
    struct err e = {0};
    int code = 0;
    if (o->service->protocol == AWS_REST_JSON) return false;
    if (o->service->protocol == AWS_QUERY) {
        buf_add_format(out, "<%sResult>", o->name);
        code = xml_encode(o->output, output, out, &e);
        buf_add_format(out, "</%sResult>", o->name);
    } else {
        code = json_encode(o->output, output, JSON_AWS, out, &e);
    }
    if (code) err_assert_failed(e.text, o->name, 0);
    return true;
}

static void go_round(const struct aws_operation *o, const void *first)
{
    struct arena a;
    struct err e = {0};
    struct buf written, again;
    arena_init(&a);
    buf_init(&written, OUT_BYTES_MAX);
    buf_init(&again, OUT_BYTES_MAX);
    if (write_output(o, first, &written)) {
        void *second = arena_alloc(&a, o->output->size);
        struct http_response reply = {.status = 200, .body = buf_view(&written)};
        if (aws_reply_decode(o, &reply, &a, second, &e)) err_assert_failed(e.text, o->name, 0);
        EBB_ASSERT(write_output(o, second, &again));
        EBB_ASSERT(str_eq(buf_view(&written), buf_view(&again)));
    }
    buf_release(&again);
    buf_release(&written);
    arena_release(&a);
}

static void check_failure(const struct aws_operation *o, const struct http_response *reply,
                          struct arena *a)
{
    struct aws_failure failure;
    enum aws_meaning meaning = aws_reply_failure(o, reply, a, &failure);
    EBB_ASSERT(meaning <= AWS_MEANS_REFUSED);
    EBB_ASSERT(failure.http_status == reply->status);
    EBB_ASSERT(str_starts(str_from(failure.err.text), str_from(o->name)));
    EBB_ASSERT(fuzz_is_plain(str_from(failure.code)) || !str_is_utf8(reply->body) ||
               reply->headers_n);
    fuzz_check_failure(failure.err.code, &failure.err);
}

FUZZ(aws_reply)
{
    struct arena a;
    struct fuzz_http http;
    struct err e = {0};
    int64_t status = 0, skew_ms = 0;
    arena_init(&a);
    fuzz_read_http(input, &a, &http);
    struct str rest = http.first, service = str_cut(&rest, ' '), name = str_cut(&rest, ' ');
    const struct aws_operation *o = find_operation(service, name);
    if (!str_to_int(rest, &status) || status < 100 || status > 999) status = 200;
    struct http_response reply = {.status = (int)status,
                                  .headers = http.headers,
                                  .headers_n = http.headers_n,
                                  .body = http.body.p ? http.body : STR("")};
    if (skew_of_reply(&reply, FUZZ_NOW_MS, &skew_ms))
        EBB_ASSERT(skew_ms >= SKEW_MIN_MS || skew_ms <= -SKEW_MIN_MS);
    if (status / 100 == 2) {
        void *output = arena_alloc(&a, o->output ? o->output->size : 1);
        int code = aws_reply_decode(o, &reply, &a, output, &e);
        if (code)
            fuzz_check_failure(code, &e);
        else if (o->output)
            go_round(o, output);
    } else {
        check_failure(o, &reply, &a);
    }
    arena_release(&a);
}
