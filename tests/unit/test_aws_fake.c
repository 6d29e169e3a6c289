/* SPDX-License-Identifier: Apache-2.0
 * See test_aws_fake.h. */
#include "tests/unit/test_aws_fake.h"

void fake_init(struct fake *f)
{
    *f = (struct fake){.now_ms = FAKE_START_MS, .random_unit = 0.5};
    arena_init(&f->arena);
    fake_set(f, "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    fake_set(f, "AWS_SECRET_ACCESS_KEY", "secret-for-tests");
    fake_set(f, "AWS_REGION", "eu-west-1");
    fake_set(f, "AWS_CONFIG_FILE", "/nonexistent/config");
    fake_set(f, "AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials");
}

void fake_release(struct fake *f)
{
    arena_release(&f->arena);
}

void fake_set(struct fake *f, const char *name, const char *value)
{
    for (size_t i = 0; i < f->env_n; i++)
        if (str_eq(str_from(f->env[i][0]), str_from(name))) {
            f->env[i][1] = value;
            return;
        }
    assert_true(f->env_n < FAKE_ENV_MAX);
    f->env[f->env_n][0] = name;
    f->env[f->env_n++][1] = value;
}

void fake_answer(struct fake *f, struct fake_reply reply)
{
    assert_true(f->replies_n < FAKE_REPLIES_MAX);
    f->replies[f->replies_n++] = reply;
}

void fake_says(struct fake *f, int status, const char *body)
{
    fake_answer(f, (struct fake_reply){.status = status, .body = body});
}

static void remember(struct fake *f, const struct http_request *request)
{
    assert_true(f->asked_n < FAKE_REPLIES_MAX);
    struct http_request *kept = &f->asked[f->asked_n++];
    struct http_header *headers =
        ARENA_ARRAY(&f->arena, request->headers_n + 1, struct http_header);
    *kept = *request;
    kept->method = arena_copy(&f->arena, request->method);
    kept->url = arena_copy(&f->arena, request->url);
    kept->body = arena_copy(&f->arena, request->body);
    kept->headers = headers;
    for (size_t i = 0; i < request->headers_n; i++) {
        headers[i].name = arena_copy(&f->arena, request->headers[i].name);
        headers[i].value = arena_copy(&f->arena, request->headers[i].value);
    }
}

static int fake_send(void *ctx, const struct http_request *request, struct arena *a,
                     struct http_response *out, struct err *e)
{
    struct fake *f = ctx;
    assert_true(f->replies_n > 0);
    if (request->not_after_ms && f->now_ms > request->not_after_ms)
        return err_set(e, E_LATE, "not_after has passed");
    size_t i = f->asked_n < f->replies_n ? f->asked_n : f->replies_n - 1;
    const struct fake_reply *reply = &f->replies[i];
    remember(f, request);
    f->now_ms += reply->took_ms;
    if (reply->code) return err_set(e, reply->code, "the script says so");
    struct http_header *headers = ARENA_ARRAY(a, FAKE_HEADERS_MAX, struct http_header);
    *out = (struct http_response){.status = reply->status, .headers = headers};
    while (out->headers_n < FAKE_HEADERS_MAX && reply->headers[out->headers_n].name.p) {
        headers[out->headers_n] = reply->headers[out->headers_n];
        out->headers_n++;
    }
    out->body = arena_copy(a, str_from(reply->body ? reply->body : ""));
    return 0;
}

struct http_port fake_http(struct fake *f)
{
    return (struct http_port){.ctx = f, .send = fake_send};
}

static int64_t fake_now(void *ctx)
{
    return ((struct fake *)ctx)->now_ms;
}

struct clock fake_clock(struct fake *f)
{
    return (struct clock){.ctx = f, .wall_ms = fake_now, .mono_ms = fake_now};
}

static const char *fake_getenv(void *ctx, const char *name)
{
    const struct fake *f = ctx;
    for (size_t i = 0; i < f->env_n; i++)
        if (str_eq(str_from(f->env[i][0]), str_from(name))) return f->env[i][1];
    return NULL;
}

struct aws_environment fake_environment(struct fake *f)
{
    return (struct aws_environment){.get = fake_getenv, .ctx = f};
}

void fake_sleep(void *ctx, int64_t ms)
{
    struct fake *f = ctx;
    assert_true(f->slept_n < FAKE_REPLIES_MAX);
    f->slept_ms[f->slept_n++] = ms;
    f->now_ms += ms;
}

static double fake_random(void *ctx)
{
    return ((struct fake *)ctx)->random_unit;
}

static void fake_observe(void *ctx, const struct aws_operation *operation, int http_status,
                         int64_t took_ms)
{
    struct fake *f = ctx;
    (void)operation, (void)http_status;
    assert_true(took_ms >= 0);
    f->observed_n++;
}

struct aws_client *fake_client(struct fake *f)
{
    struct aws_client_options options = {
        .http = fake_http(f),
        .clock = fake_clock(f),
        .getenv = fake_getenv,
        .getenv_ctx = f,
        .sleep_ms = fake_sleep,
        .random_unit = fake_random,
        .wait_ctx = f,
        .observe = fake_observe,
        .observe_ctx = f,
    };
    struct aws_client *client = NULL;
    struct err e = {0};
    assert_ok(aws_client_new(&options, &client, &e), e);
    return client;
}

struct str fake_header(const struct fake *f, size_t i, const char *name)
{
    assert_true(i < f->asked_n);
    for (size_t h = 0; h < f->asked[i].headers_n; h++)
        if (str_eq(f->asked[i].headers[h].name, str_from(name)))
            return f->asked[i].headers[h].value;
    return STR_NONE;
}

void fake_call_begin(struct fake_call *s)
{
    *s = (struct fake_call){0};
    fake_init(&s->fake);
    arena_init(&s->arena);
}

void fake_call_end(struct fake_call *s)
{
    aws_client_free(s->client);
    arena_release(&s->arena);
    fake_release(&s->fake);
}

int fake_call_make(struct fake_call *s, const struct aws_operation *operation, const void *input,
                   void *output, int64_t not_after_ms)
{
    if (!s->client) s->client = fake_client(&s->fake);
    struct aws_port port = aws_client_port(s->client);
    return aws_call(&port, operation, STR_NONE, input, &s->arena, output, not_after_ms,
                    &s->failure);
}

int fake_call_list_tasks(struct fake_call *s, int64_t not_after_ms)
{
    struct ecs_list_tasks_input input = {.cluster = STR("games"), .service_name = STR("rooms")};
    s->tasks = (struct ecs_list_tasks_output){0};
    return fake_call_make(s, &ECS_LIST_TASKS, &input, &s->tasks, not_after_ms);
}

int fake_call_lower(struct fake_call *s, int64_t not_after_ms)
{
    struct ecs_update_service_input input = {
        .cluster = STR("games"), .service = STR("rooms"), .desired_count = 0};
    struct ecs_update_service_output output = {0};
    return fake_call_make(s, &ECS_UPDATE_SERVICE, &input, &output, not_after_ms);
}
