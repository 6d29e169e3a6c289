/* SPDX-License-Identifier: Apache-2.0
 * See fake_ports.h. */
#include "tests/support/fake_ports.h"

#include "lib/record/walkers.h"

#define INPUT_BYTES_MAX ((size_t)256 * 1024)

static int64_t now(void *ctx)
{
    const struct fake_ports *f = ctx;
    return f->now_ms;
}

static struct str input_text(struct fake_ports *f, const struct aws_operation *operation,
                             const void *input)
{
    struct buf b;
    struct err e = {0};
    buf_init(&b, INPUT_BYTES_MAX);
    assert_ok(json_encode(operation->input, input, JSON_AWS, &b, &e), e);
    struct str out = arena_copy(&f->arena, buf_view(&b));
    buf_release(&b);
    return out;
}

static int call_aws(void *ctx, const struct aws_operation *operation, struct str region,
                    const void *input, struct arena *a, void *output, int64_t not_after_ms,
                    struct aws_failure *failure)
{
    struct fake_ports *f = ctx;
    if (f->calls_n == f->answers_n) fail_msg("%s is not expected", operation->name);
    const struct fake_answer *answer = &f->answers[f->calls_n];
    assert_string_equal(operation->name, answer->operation);
    f->calls[f->calls_n++] = (struct fake_call){
        .operation = str_from(operation->name),
        .region = arena_copy(&f->arena, region),
        .input = input_text(f, operation, input),
        .not_after_ms = not_after_ms,
    };
    if (answer->aws_code)
        for (size_t i = 0; i < sizeof(failure->code) - 1 && answer->aws_code[i]; i++)
            failure->code[i] = answer->aws_code[i];
    if (answer->code) return err_set(&failure->err, answer->code, "%s failed", operation->name);
    struct err e = {0};
    if (operation->output)
        assert_ok(json_decode(operation->output, str_from(answer->json), a, output, &e), e);
    return E_OK;
}

static int send_http(void *ctx, const struct http_request *request, struct arena *a,
                     struct http_response *out, struct err *e)
{
    struct fake_ports *f = ctx;
    if (f->requests_n == f->replies_n) fail_msg("%.*s is not expected", STR_ARG(request->url));
    const struct fake_http_reply *reply = &f->replies[f->requests_n];
    struct fake_http_call *kept = &f->requests[f->requests_n++];
    *kept = (struct fake_http_call){
        .method = arena_copy(&f->arena, request->method),
        .url = arena_copy(&f->arena, request->url),
        .body = arena_copy(&f->arena, request->body),
        .timeout_ms = request->timeout_ms,
        .response_max = request->response_max,
    };
    for (size_t i = 0; i < request->headers_n; i++)
        if (str_eq_nocase(request->headers[i].name, STR("Content-Type")))
            kept->content_type = arena_copy(&f->arena, request->headers[i].value);
    if (reply->code) return err_set(e, reply->code, "HTTP failed");
    *out = (struct http_response){.status = reply->status, .body = arena_copy(a, reply->body)};
    return E_OK;
}

static int publish_one(struct fake_ports *f, const struct bus_record *record, struct err *e)
{
    assert_true(f->published_n < FAKE_PORTS_MAX);
    int code = f->bus_codes[f->published_n];
    struct fake_record *kept = &f->published[f->published_n++];
    *kept = (struct fake_record){
        .topic = arena_copy(&f->arena, record->topic),
        .key = arena_copy(&f->arena, record->key),
        .value = arena_copy(&f->arena, record->value),
    };
    for (size_t i = 0; i < record->headers_n; i++)
        if (str_eq(record->headers[i].name, STR("traceparent")))
            kept->traceparent = arena_copy(&f->arena, record->headers[i].value);
    if (f->on_publish) f->on_publish(f->on_publish_ctx);
    return code ? err_set(e, code, "publishing failed") : E_OK;
}

static int publish(void *ctx, const struct bus_record *records, int *results, size_t n,
                   struct err *e)
{
    int first = 0;
    for (size_t i = 0; i < n; i++) {
        int code = publish_one(ctx, &records[i], first ? NULL : e);
        if (!first) first = code;
        if (results) results[i] = code;
    }
    return first;
}

void fake_ports_open(struct fake_ports *f)
{
    *f = (struct fake_ports){.now_ms = FAKE_PORTS_NOW_MS};
    arena_init(&f->arena);
    f->config.callback = (struct callback_settings){.url = STR("http://callback.internal:8090/"),
                                                    .secret = STR("0123456789abcdef")};
    f->settings = (struct service_settings){
        .match = STR("demo/calls"),
        .mode = MODE_ACT,
        .drains_per_hour = 1000,
        .drains_at_once = 1000,
        .drain_timeout_ms = 14400000,
        .min_tasks = -1,
        .task = {.scheme = STR("http"), .port = 8080, .timeout_ms = 5000},
        .distributor = {.function = STR("kamailio"),
                        .invocation = INVOCATION_REQUEST_RESPONSE,
                        .remove_action = STR("comment_out_ip"),
                        .restore_action = STR("restore_ip"),
                        .release_action = STR("release_ip")},
    };
    f->message = (struct message){.format = MESSAGE_FORMAT,
                                  .id = STR("message-1"),
                                  .service = STR(FAKE_PORTS_SERVICE),
                                  .drain_id = STR(FAKE_PORTS_DRAIN),
                                  .cause = STR("event-1")};
    f->drain = (struct drain){.format = DRAIN_FORMAT,
                              .drain_id = STR(FAKE_PORTS_DRAIN),
                              .service = STR(FAKE_PORTS_SERVICE),
                              .task_arn = STR(FAKE_PORTS_TASK),
                              .address = STR("10.0.0.7"),
                              .state = DRAIN_CLAIMED,
                              .cause = STR("event-1"),
                              .version = 1};
    f->view = (struct view){.message = &f->message, .settings = &f->settings, .arena = &f->arena};
    f->ports = (struct ports){
        .aws = {f, call_aws},
        .http = {f, send_http},
        .bus = {.ctx = f, .publish = publish},
        .clock = {f, now, now},
        .config = &f->config,
        .holder = STR("tester/0"),
    };
}

void fake_ports_close(struct fake_ports *f)
{
    assert_int_equal(f->calls_n, f->answers_n);
    assert_int_equal(f->requests_n, f->replies_n);
    arena_release(&f->arena);
}

static struct fake_answer *add_answer(struct fake_ports *f, const char *operation)
{
    assert_true(f->answers_n < FAKE_PORTS_MAX);
    struct fake_answer *answer = &f->answers[f->answers_n++];
    answer->operation = operation;
    return answer;
}

void fake_aws_says(struct fake_ports *f, const char *operation, const char *json)
{
    add_answer(f, operation)->json = json;
}

void fake_aws_fails(struct fake_ports *f, const char *operation, int code, const char *aws_code)
{
    struct fake_answer *answer = add_answer(f, operation);
    answer->code = code;
    answer->aws_code = aws_code;
}

void fake_http_says(struct fake_ports *f, int status, const char *body)
{
    assert_true(f->replies_n < FAKE_PORTS_MAX);
    f->replies[f->replies_n++] = (struct fake_http_reply){.status = status, .body = str_from(body)};
}

void fake_http_fails(struct fake_ports *f, int code)
{
    assert_true(f->replies_n < FAKE_PORTS_MAX);
    f->replies[f->replies_n++] = (struct fake_http_reply){.code = code};
}

struct result fake_perform_effect(struct fake_ports *f, const struct effect *effect)
{
    struct result out;
    perform(&f->ports, &f->view, effect, &out);
    return out;
}

struct result fake_perform(struct fake_ports *f, enum effect_kind kind)
{
    struct effect effect = {.kind = kind, .drain = f->drain};
    return fake_perform_effect(f, &effect);
}
