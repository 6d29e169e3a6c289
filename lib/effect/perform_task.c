/* SPDX-License-Identifier: Apache-2.0
 * What is said to a task: start, status, cancel (docs/task-contract.md). */
#include "lib/distributor/token.h"
#include "lib/effect/ports.h"
#include "lib/record/walkers.h"
#include "schemas/contract.h"

static struct str url_of(const struct view *v, const struct drain *d, const char *path)
{
    const struct task_settings *t = &v->settings->task;
    return arena_format(v->arena, "%.*s://%.*s:%lld%s", STR_ARG(t->scheme), STR_ARG(d->address),
                        (long long)t->port, path);
}

static int send(const struct ports *ports, const struct view *v, const struct http_request *request,
                struct http_response *response, struct err *e)
{
    struct http_request r = *request;
    static const struct http_header JSON[] = {{{"Content-Type", 12}, {"application/json", 16}}};
    r.headers = JSON;
    r.headers_n = r.body.n ? 1 : 0;
    r.timeout_ms = v->settings->task.timeout_ms;
    r.response_max = CONTRACT_BODY_MAX;
    return http_send(&ports->http, &r, v->arena, response, e);
}

/* What an HTTP status means for a call that changes the task. */
static enum outcome outcome_of_status(int status)
{
    if (status >= 200 && status < 300) return OUTCOME_OK;
    if (status == 408 || status == 429 || status == 503) return OUTCOME_RETRY;
    if (status >= 500 && status != 501) return OUTCOME_UNKNOWN;
    return OUTCOME_REFUSED;
}

static void post(const struct ports *ports, const struct view *v, const struct effect *effect,
                 const struct record *record, const void *body, const char *path,
                 struct result *out)
{
    struct err e = {0};
    struct buf b;
    struct http_response response;
    buf_init(&b, CONTRACT_BODY_MAX);
    int code = json_encode(record, body, JSON_PLAIN, &b, &e);
    bool encoded = !code;
    if (encoded) {
        struct http_request r = {.method = STR("POST"),
                                 .url = url_of(v, &effect->drain, path),
                                 .body = buf_view(&b),
                                 .not_after_ms = effect->not_after};
        code = send(ports, v, &r, &response, &e);
    }
    buf_release(&b);
    if (code) {
        result_of_error(out, code, &e, v->arena);
        /* The reply could not be taken, so the request had arrived. */
        if (encoded && code == E_TOO_LARGE) out->outcome = OUTCOME_UNKNOWN;
        return;
    }
    out->outcome = outcome_of_status(response.status);
    if (out->outcome == OUTCOME_OK) return;
    out->answered = true;
    out->code = arena_format(v->arena, "http_%d", response.status);
    out->detail = arena_format(v->arena, "POST %s answered %d", path, response.status);
}

static void start(const struct ports *ports, const struct view *v, const struct effect *effect,
                  struct result *out)
{
    const struct callback_settings *callback = &ports->config->callback;
    struct start_body body = {
        .task_arn = effect->drain.task_arn,
        .drain_id = effect->drain.drain_id,
        .max_drain_seconds = v->settings->drain_timeout_ms / 1000,
        .callback_url = callback->url,
        .token = token_for(callback, effect->drain.drain_id, effect->drain.task_arn, v->arena),
    };
    post(ports, v, effect, &START_BODY_RECORD, &body, "/drain/start", out);
}

static void cancel(const struct ports *ports, const struct view *v, const struct effect *effect,
                   struct result *out)
{
    struct drain_body body = {.task_arn = effect->drain.task_arn,
                              .drain_id = effect->drain.drain_id};
    post(ports, v, effect, &DRAIN_BODY_RECORD, &body, "/drain/cancel", out);
}

/* Only a whole reply that names the task itself is known; anything else leaves the fact unknown. */
static void status(const struct ports *ports, const struct view *v, const struct effect *effect,
                   struct result *out)
{
    struct err e = {0};
    struct http_response response;
    struct status_body body = {.sessions = -1};
    struct http_request r = {.method = STR("GET"),
                             .url = url_of(v, &effect->drain, "/drain/status")};
    int code = send(ports, v, &r, &response, &e);
    if (!code && response.status != 200)
        code = err_set(&e, E_UNAVAILABLE, "GET /drain/status answered %d", response.status);
    if (!code) code = json_decode(&STATUS_BODY_RECORD, response.body, v->arena, &body, &e);
    if (!code && !str_eq(body.task_arn, effect->drain.task_arn))
        code = err_set(&e, E_NOT_FOUND, "the address belongs to another task now");
    if (code) {
        result_of_error(out, code, &e, v->arena);
        return;
    }
    bool draining =
        str_eq_nocase(body.state, STR("DRAINING")) || str_eq_nocase(body.state, STR("DRAINED"));
    out->outcome = OUTCOME_OK;
    out->status = (struct status_fact){
        .known = true,
        .draining = draining,
        .empty = body.sessions == 0,
        .drain_id = body.drain_id,
        .sessions = body.sessions,
    };
    out->detail = arena_format(v->arena, "%.*s, %lld sessions", STR_ARG(body.state),
                               (long long)body.sessions);
}

void perform_task(const struct ports *ports, const struct view *v, const struct effect *effect,
                  struct result *out)
{
    if (effect->kind == EFFECT_START) start(ports, v, effect, out);
    if (effect->kind == EFFECT_CANCEL) cancel(ports, v, effect, out);
    if (effect->kind == EFFECT_READ_STATUS) status(ports, v, effect, out);
}
