/* SPDX-License-Identifier: Apache-2.0
 * One call: sign, send, look at what came back, and decide whether to try again and what to tell
 * the caller. Two rules above all: a call that is not to be repeated is sent once, and "failed" is
 * never said of one that may have happened. */
#include <string.h>

#include "lib/aws/client.h"
#include "lib/aws/reply.h"
#include "lib/aws/request.h"
#include "lib/aws/skew.h"
#include "lib/base/crypto.h"
#include "lib/base/time_text.h"

struct call {
    struct aws_client *client;
    const struct aws_operation *operation;
    struct arena *arena;
    void *output;
    int64_t not_after_ms; /* 0 = none */
    struct aws_failure *failure;
    struct str region, invocation;
    struct endpoint endpoint;
    struct aws_request request;
    struct http_response reply;
    int attempt;         /* from 1 */
    int paid;            /* what the last retry took from the quota */
    int64_t skew_ms;     /* what the last signature added to our clock, */
    int64_t signed_ms;   /* and the time it so has */
    bool maybe_done;     /* an attempt was sent and its end is not known */
    bool renewed, reset; /* credentials, clock: each once in a call */
    bool was_throttled;  /* some attempt was */
};

/* How an attempt ended. */
enum ending {
    ENDED,       /* with the code it has: success, or nothing will change it */
    AGAIN,       /* after a pause, if the quota has it */
    AGAIN_TIMED, /* the same; it cost time and costs more of the quota */
    AGAIN_NOW,   /* what stood in the way is repaired */
};

static bool is_repeatable(const struct call *c)
{
    return c->operation->retry == AWS_RETRY_READ;
}

static bool is_late(const struct call *c, int64_t after_ms)
{
    return c->not_after_ms && clock_wall_ms(&c->client->options.clock) + after_ms > c->not_after_ms;
}

/* Signs a copy of the request, since each attempt has its own time and number. */
static void sign(struct call *c, const struct aws_keys *keys, struct aws_request *out,
                 struct sigv4_result *signature)
{
    struct arena *a = c->arena;
    struct sigv4_credentials credentials = aws_keys_view(keys);
    *out = c->request;
    c->skew_ms = atomic_load(&c->client->skew_ms);
    c->signed_ms = clock_wall_ms(&c->client->options.clock) + c->skew_ms;
    aws_request_add(out, STR("x-amz-date"), time_format_basic(a, c->signed_ms));
    if (credentials.session_token.n)
        aws_request_add(out, STR("x-amz-security-token"), credentials.session_token);
    aws_request_add(out, STR("amz-sdk-invocation-id"), c->invocation);
    aws_request_add(out, STR("amz-sdk-request"),
                    arena_format(a, "attempt=%d; max=%d", c->attempt,
                                 is_repeatable(c) ? c->client->max_attempts : 1));
    struct sigv4_request to_sign = {
        .method = out->method,
        .path = out->path,
        .query = out->query,
        .headers = out->headers,
        .headers_n = out->headers_n,
        .body = out->body,
        .region = c->region,
        .service = str_from(c->operation->service->signing_name),
        .at_ms = c->signed_ms,
        .encode_path_twice = true,
    };
    sigv4_sign(&to_sign, &credentials, a, signature);
    aws_request_add(out, STR("authorization"), signature->authorization);
}

static int send_signed(struct call *c, const struct aws_keys *keys)
{
    struct aws_client *client = c->client;
    struct aws_request request;
    struct sigv4_result signature;
    sign(c, keys, &request, &signature);
    struct str origin = {c->endpoint.url.p, c->endpoint.url.n - c->endpoint.path.n};
    struct http_request http = {
        .method = request.method,
        .url = arena_format(c->arena, "%.*s%.*s%s%.*s", STR_ARG(origin), STR_ARG(request.path),
                            request.query.n ? "?" : "", STR_ARG(request.query)),
        .headers = request.headers,
        .headers_n = request.headers_n,
        .body = request.body,
        .timeout_ms = c->operation->timeout_ms ? c->operation->timeout_ms : client->timeout_ms,
        .not_after_ms = c->not_after_ms,
        .is_long_poll = c->operation->is_long_poll,
    };
    int64_t begun_ms = clock_mono_ms(&client->options.clock);
    struct aws_failure *f = c->failure;
    struct err words = {0};
    int rc = http_send(&client->options.http, &http, c->arena, &c->reply, &words);
    if (client->options.observe)
        client->options.observe(client->options.observe_ctx, c->operation, rc ? 0 : c->reply.status,
                                clock_mono_ms(&client->options.clock) - begun_ms);
    /* A retry that came too late says nothing new: what went wrong before stays the answer. */
    if (rc == E_LATE && c->attempt > 1) return rc;
    *f = (struct aws_failure){.err = words};
    if (rc) {
        f->err.code = rc;
        (void)err_prefix(&f->err, "%s at %.*s", c->operation->name, STR_ARG(c->endpoint.host));
    }
    return rc;
}

/* No reply came. */
static enum ending look_at_silence(struct call *c, int rc)
{
    switch (rc) {
    case E_UNREACHABLE: return AGAIN;
    case E_TIMEOUT: return AGAIN_TIMED;
    case E_UNKNOWN_OUTCOME: c->maybe_done = true; return AGAIN_TIMED;
    case E_TOO_LARGE:
        if (!is_repeatable(c)) c->maybe_done = true;
        return ENDED;
    default: return ENDED;
    }
}

/* AWS thinks our clock is wrong. When its own Date says so too, we sign by its clock from now on.
 * Several calls may find that out at once, so what is stored does not depend on what is there. */
static enum ending look_at_clock(struct call *c)
{
    int64_t off_ms;
    if (!skew_of_reply(&c->reply, c->signed_ms, &off_ms)) return ENDED;
    atomic_store(&c->client->skew_ms, c->skew_ms + off_ms);
    (void)err_prefix(&c->failure->err, "this machine's clock is %lld s off",
                     (long long)(off_ms < 0 ? -off_ms : off_ms) / 1000);
    c->failure->err.code = E_UNAVAILABLE;
    if (c->reset) return ENDED;
    c->reset = true;
    return AGAIN_NOW;
}

static enum ending look_at_failure(struct call *c, const struct aws_keys *keys)
{
    enum aws_meaning meaning = aws_reply_failure(c->operation, &c->reply, c->arena, c->failure);
    switch (meaning) {
    case AWS_MEANS_TRANSIENT:
        if (!is_repeatable(c)) c->maybe_done = true;
        return AGAIN;
    case AWS_MEANS_THROTTLED: c->was_throttled = true; return AGAIN;
    case AWS_MEANS_NOT_DONE:
    case AWS_MEANS_CONFLICT: return AGAIN;
    case AWS_MEANS_EXPIRED:
        aws_credentials_reject(c->client->credentials, keys);
        if (c->renewed) return ENDED;
        c->renewed = true;
        return AGAIN_NOW;
    case AWS_MEANS_SIGNATURE: return look_at_clock(c);
    case AWS_MEANS_DENIED:
    case AWS_MEANS_NOT_FOUND:
    case AWS_MEANS_REFUSED: return ENDED;
    }
    EBB_ASSERT(false);
    return ENDED;
}

static enum ending look_at_success(struct call *c)
{
    struct aws_failure *f = c->failure;
    int rc = aws_reply_decode(c->operation, &c->reply, c->arena, c->output, &f->err);
    f->http_status = c->reply.status;
    if (!rc) {
        *f = (struct aws_failure){.http_status = c->reply.status};
        retry_quota_give(&c->client->quota, c->paid ? c->paid : RETRY_GAIN);
        return ENDED;
    }
    f->err.code = rc;
    (void)err_prefix(&f->err, "%s", c->operation->name);
    if (!is_repeatable(c)) c->maybe_done = true;
    return rc == E_UNAVAILABLE ? AGAIN : ENDED;
}

static enum ending attempt(struct call *c)
{
    struct aws_keys *keys = NULL;
    struct err words = {0};
    enum ending ending;
    int rc = aws_credentials_take(c->client->credentials, &keys, &words);
    if (rc) {
        *c->failure = (struct aws_failure){.err = words};
        c->failure->err.code = rc;
        (void)err_prefix(&c->failure->err, "%s", c->operation->name);
        return ENDED;
    }
    rc = send_signed(c, keys);
    if (rc)
        ending = look_at_silence(c, rc);
    else if (c->reply.status >= 200 && c->reply.status < 300)
        ending = look_at_success(c);
    else
        ending = look_at_failure(c, keys);
    aws_keys_release(keys);
    return ending;
}

/* Whether there is to be another attempt; waits for its time. */
static bool may_go_on(struct call *c, enum ending ending)
{
    struct aws_client *client = c->client;
    if (ending == ENDED || !is_repeatable(c)) return false;
    if (ending == AGAIN_NOW) return !is_late(c, 0);
    if (c->attempt >= client->max_attempts) return false;
    int cost = ending == AGAIN_TIMED ? RETRY_COST_TIMEOUT : RETRY_COST;
    double unit = client->options.random_unit(client->options.wait_ctx);
    int64_t pause_ms = retry_backoff_ms(c->attempt, unit);
    if (is_late(c, pause_ms) || !retry_quota_take(&client->quota, cost)) return false;
    c->paid = cost;
    client->options.sleep_ms(client->options.wait_ctx, pause_ms);
    return true;
}

/* The last word: a failure that may pass, after an attempt that may have worked, is not known. */
static int conclude(struct call *c)
{
    struct err *e = &c->failure->err;
    if (!e->code || !c->maybe_done || e->code == E_UNKNOWN_OUTCOME) return e->code;
    bool open = err_class_of(e->code) == ERR_CLASS_RETRY || !is_repeatable(c);
    if (open) {
        (void)err_prefix(e, "it may have taken effect");
        e->code = E_UNKNOWN_OUTCOME;
    }
    return e->code;
}

int aws_client_call(void *ctx, const struct aws_operation *operation, struct str region,
                    const void *input, struct arena *a, void *output, int64_t not_after_ms,
                    struct aws_failure *failure)
{
    struct aws_client *client = ctx;
    struct call c = {
        .client = client,
        .operation = operation,
        .arena = a,
        .output = output,
        .not_after_ms = not_after_ms,
        .failure = failure,
        .region = region.n ? region : client->endpoints.region,
        .invocation = crypto_uuid(a),
    };
    int rc = endpoint_find(&client->endpoints, operation->service, c.region, a, &c.endpoint,
                           &failure->err);
    if (!rc) rc = aws_request_encode(operation, &c.endpoint, input, a, &c.request, &failure->err);
    if (rc) return rc;
    if (is_late(&c, 0))
        return err_set(&failure->err, E_LATE, "%s was not sent: its time was over",
                       operation->name);
    enum ending ending;
    do {
        c.attempt++;
        ending = attempt(&c);
    } while (may_go_on(&c, ending));
    failure->repeats = c.attempt - 1;
    failure->was_throttled = c.was_throttled;
    return conclude(&c);
}
