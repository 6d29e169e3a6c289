/* SPDX-License-Identifier: Apache-2.0
 * Goal: whatever a task or a distributor answers, it is never taken for more than it is: a status is
 * known only from a whole reply that names the task itself, and a removal is confirmed only by an
 * answer without a "no". Method: the first line is the HTTP status, or what the function's error
 * is; the rest is the body. */
#include "lib/aws/shapes/lambda.h"
#include "lib/distributor/token.h"
#include "lib/effect/ports.h"
#include "schemas/contract.h"
#include "tests/fuzz/fuzz.h"

#define TASK_ARN "arn:aws:ecs:us-east-1:123456789012:task/demo/0123456789abcdef0123456789abcdef"

struct other {
    int status;
    struct str error, body;
};

static int send(void *ctx, const struct http_request *request, struct arena *a,
                struct http_response *out, struct err *e)
{
    const struct other *o = ctx;
    if (o->body.n > request->response_max) return err_set(e, E_TOO_LARGE, "too large");
    *out = (struct http_response){.status = o->status, .body = arena_copy(a, o->body)};
    return 0;
}

static int invoke(void *ctx, const struct aws_operation *operation, struct str region,
                  const void *input, struct arena *a, void *output, int64_t not_after_ms,
                  struct aws_failure *failure)
{
    const struct other *o = ctx;
    struct lambda_invoke_output *out = output;
    (void)region, (void)input, (void)not_after_ms, (void)failure;
    EBB_ASSERT(operation == &LAMBDA_INVOKE);
    out->status_code = o->status;
    out->function_error = o->error;
    out->payload = arena_copy(a, o->body);
    return 0;
}

static struct result ask(struct other *o, enum effect_kind kind, int invocation, struct arena *a)
{
    struct config config = {.callback = {.url = STR("http://callback.internal:8090/"),
                                         .secret = STR("not so very secret")}};
    struct service_settings settings = {
        .match = STR("demo/calls"),
        .drain_timeout_ms = 60000,
        .task = {.scheme = STR("http"), .port = 8080, .timeout_ms = 5000},
        .distributor = {.function = STR("kamailio"),
                        .invocation = invocation,
                        .remove_action = STR("comment_out_ip"),
                        .restore_action = STR("restore_ip")},
    };
    struct ports ports = {.http = {.ctx = o, .send = send},
                          .aws = {.ctx = o, .call = invoke},
                          .clock = fuzz_clock(),
                          .config = &config};
    struct view v = {.settings = &settings, .arena = a};
    struct effect effect = {.kind = kind,
                            .drain = {.drain_id = STR("3366f10b5f0aa7ab"),
                                      .service = STR("aws:us-east-1:123456789012:demo/calls"),
                                      .task_arn = STR(TASK_ARN),
                                      .address = STR("10.0.0.7")}};
    struct result out = {0};
    if (kind == EFFECT_EXCLUDE)
        perform_distributor(&ports, &v, &effect, &out);
    else
        perform_task(&ports, &v, &effect, &out);
    EBB_ASSERT((out.outcome == OUTCOME_OK) == str_is_empty(out.code));
    return out;
}

FUZZ(task_status)
{
    struct arena a;
    struct str body = input, line = fuzz_line(&body);
    int64_t status = 200;
    if (!str_to_int(line, &status) || status < 100 || status > 999) status = 200;
    struct other o = {.status = (int)status, .body = body.p ? body : STR("")};
    arena_init(&a);
    struct result read = ask(&o, EFFECT_READ_STATUS, 0, &a);
    EBB_ASSERT(read.status.known == (read.outcome == OUTCOME_OK));
    if (read.status.known) {
        EBB_ASSERT(status == 200 && body.n <= CONTRACT_BODY_MAX);
        /* Its own name is in it, though JSON may write it with escapes. */
        EBB_ASSERT(str_contains(body, STR(TASK_ARN)) || str_find(body, '\\') >= 0);
        EBB_ASSERT(read.status.empty == (read.status.sessions == 0));
    } else {
        EBB_ASSERT(!read.status.empty && read.detail.n);
    }
    struct result start = ask(&o, EFFECT_START, 0, &a);
    if (start.outcome == OUTCOME_OK) EBB_ASSERT(status >= 200 && status <= 299);
    arena_release(&a);
}

FUZZ(distributor)
{
    struct arena a;
    struct str body = input, error = fuzz_line(&body);
    struct other o = {.status = 200, .error = error, .body = body.p ? body : STR("")};
    arena_init(&a);
    struct result done = ask(&o, EFFECT_EXCLUDE, INVOCATION_REQUEST_RESPONSE, &a);
    if (done.outcome == OUTCOME_OK) EBB_ASSERT(!error.n);
    if (error.n) EBB_ASSERT(done.outcome != OUTCOME_OK && done.detail.n);
    o.status = error.n ? 500 : 202;
    done = ask(&o, EFFECT_EXCLUDE, INVOCATION_EVENT, &a);
    EBB_ASSERT((done.outcome == OUTCOME_OK) == (o.status == 202));
    arena_release(&a);
}
