/* SPDX-License-Identifier: Apache-2.0
 * Goal: keys come from the right place, are renewed in time by one thread, and a call whose keys
 * have expired gets others once. Method: the container endpoint played by the scripted http port,
 * a clock that is set by hand, small shell programs as credential_process. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/aws/credentials.h"
#include "lib/aws/shapes/ecs.h"
#include "lib/base/time_text.h"
#include "tests/unit/test_aws_fake.h"

#define MINUTE_MS ((int64_t)60 * 1000)

static struct aws_credentials *chain(struct fake *f)
{
    struct aws_credentials_options options = {
        .env = fake_environment(f),
        .http = fake_http(f),
        .clock = fake_clock(f),
        .sleep_ms = fake_sleep,
        .sleep_ctx = f,
    };
    return aws_credentials_new(&options);
}

/* No keys in the environment, but a container endpoint. */
static void container(struct fake *f)
{
    fake_init(f);
    fake_set(f, "AWS_ACCESS_KEY_ID", NULL);
    fake_set(f, "AWS_SECRET_ACCESS_KEY", NULL);
    fake_set(f, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/abc?x=1");
}

/* A reply with keys that are good for so long after the fake's start. */
static void gives(struct fake *f, const char *id, int64_t minutes)
{
    struct str until = time_format_iso(&f->arena, FAKE_START_MS + minutes * MINUTE_MS);
    fake_says(f, 200,
              arena_format(&f->arena,
                           "{\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
                           "\"Expiration\":\"%.*s\",\"AccountId\":\"123456789012\"}",
                           id, STR_ARG(until))
                  .p);
}

/* The access key that would be used now, or the error's words. */
static struct str taken(struct fake *f, struct aws_credentials *c)
{
    struct aws_keys *keys;
    struct err e = {0};
    int rc = aws_credentials_take(c, &keys, &e);
    if (rc) {
        assert_int_equal(rc, e.code);
        return arena_format(&f->arena, "%s", e.text);
    }
    struct str id = arena_copy(&f->arena, aws_keys_view(keys).access_key_id);
    aws_keys_release(keys);
    return id;
}

static struct str taken_anew(struct fake *f)
{
    struct aws_credentials *c = chain(f);
    struct str id = taken(f, c);
    aws_credentials_free(c);
    return id;
}

TEST(credentials_come_from_the_environment)
{
    struct fake f;
    fake_init(&f);
    fake_set(&f, "AWS_SESSION_TOKEN", "token");
    struct aws_credentials *c = chain(&f);
    struct aws_keys *keys;
    struct err e = {0};
    assert_ok(aws_credentials_take(c, &keys, &e), e);
    assert_str(aws_keys_view(keys).secret_access_key, "secret-for-tests");
    assert_str(aws_keys_view(keys).session_token, "token");
    assert_string_equal(aws_keys_source(keys), "the environment");
    aws_keys_release(keys);
    aws_credentials_free(c);
    fake_set(&f, "AWS_SECRET_ACCESS_KEY", NULL);
    assert_contains(taken_anew(&f), "AWS_SECRET_ACCESS_KEY is not");
    fake_release(&f);
}

TEST(credentials_that_are_nowhere_are_one_clear_line)
{
    struct fake f;
    container(&f);
    fake_set(&f, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", NULL);
    assert_contains(taken_anew(&f), "no AWS credentials");
    fake_set(&f, "AWS_WEB_IDENTITY_TOKEN_FILE", "/x");
    assert_contains(taken_anew(&f), "not supported");
    fake_release(&f);
}

TEST(credentials_container_is_asked_as_aws_says)
{
    struct fake f;
    container(&f);
    gives(&f, "CONTAINER", 60);
    fake_set(&f, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc");
    assert_str(taken_anew(&f), "CONTAINER");
    assert_str(f.asked[0].url, "http://169.254.170.2/v2/credentials/abc?x=1");
    assert_str(f.asked[0].method, "GET");
    assert_int_equal(f.asked[0].timeout_ms, 2000);
    assert_str(fake_header(&f, 0, "authorization"), "Basic abc");
    fake_release(&f);
}

TEST(credentials_container_token_may_be_in_a_file)
{
    struct fake f;
    char path[] = "/tmp/ebb-test-token-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "from-a-file\n", 12), 12);
    container(&f);
    gives(&f, "CONTAINER", 60);
    fake_set(&f, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "unused");
    fake_set(&f, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
    assert_str(taken_anew(&f), "CONTAINER");
    assert_str(fake_header(&f, 0, "authorization"), "from-a-file");
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(pwrite(fd, "a\r\nx: y", 7, 0), 7);
    assert_contains(taken_anew(&f), "line break");
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(path), 0);
    assert_contains(taken_anew(&f), "cannot be read");
    fake_release(&f);
}

TEST(credentials_container_may_only_be_where_a_token_is_safe)
{
    static const char *const GOOD[] = {
        "https://example.com/creds", "http://localhost:51679/x", "http://127.0.0.1/x",
        "http://127.8.9.10:1/x",     "http://[::1]:80/x",        "http://[fd00:ec2::23]/v1",
        "http://169.254.170.23/v1",  "http://169.254.170.2/v1",
    };
    static const char *const BAD[] = {
        "http://example.com/x",       "http://127.0.0.1.evil.com/",
        "http://127.0.0.1@evil.com/", "http://localhost.evil.com",
        "http://169.254.169.254/x",   "ftp://localhost/",
        "http://[fd00:ec2::24]/",     "https://",
        "http://127.0.0/x",
    };
    struct fake f;
    container(&f);
    fake_set(&f, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", NULL);
    gives(&f, "CONTAINER", 60);
    for (size_t i = 0; i < EBB_COUNT(GOOD); i++) {
        f.asked_n = 0;
        fake_set(&f, "AWS_CONTAINER_CREDENTIALS_FULL_URI", GOOD[i]);
        assert_str(taken_anew(&f), "CONTAINER");
        assert_str(f.asked[0].url, GOOD[i]);
    }
    f.asked_n = 0;
    for (size_t i = 0; i < EBB_COUNT(BAD); i++) {
        fake_set(&f, "AWS_CONTAINER_CREDENTIALS_FULL_URI", BAD[i]);
        assert_contains(taken_anew(&f), "must be https");
    }
    assert_int_equal(f.asked_n, 0);
    fake_release(&f);
}

TEST(credentials_container_is_tried_three_times)
{
    struct fake f;
    container(&f);
    fake_says(&f, 500, "{\"code\":\"InternalError\",\"message\":\"x\"}");
    fake_answer(&f, (struct fake_reply){.code = E_UNREACHABLE});
    gives(&f, "CONTAINER", 60);
    assert_str(taken_anew(&f), "CONTAINER");
    assert_int_equal(f.asked_n, 3);
    assert_int_equal(f.slept_ms[0], 1000);
    assert_int_equal(f.slept_ms[1], 1000);
    fake_release(&f);
}

TEST(credentials_container_that_fails_is_named)
{
    static const struct {
        int status;
        const char *body, *words;
        size_t asked;
    } ROWS[] = {
        {500, "", "answered 500", 3},
        {403, "{\"code\":\"AccessDenied\",\"message\":\"x\"}", "answered 403 AccessDenied", 1},
        {200, "{}", "no AccessKeyId", 1},
        {200, "{\"AccessKeyId\":\"A\"}", "no SecretAccessKey", 1},
        {200, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hidden\",\"Expiration\":\"soon\"}",
         "no time", 1},
        {200, "<html>hidden</html>", "answered badly", 1},
        {200,
         "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hidden\","
         "\"Expiration\":\"2026-09-21T14:13:20Z\"}",
         "have expired", 1},
    };
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct fake f;
        container(&f);
        fake_says(&f, ROWS[i].status, ROWS[i].body);
        struct str words = taken_anew(&f);
        assert_contains(words, ROWS[i].words);
        assert_false(str_contains(words, STR("hidden")));
        assert_int_equal(f.asked_n, ROWS[i].asked);
        fake_release(&f);
    }
}

TEST(credentials_are_renewed_before_they_expire_and_kept_while_that_fails)
{
    struct fake f;
    container(&f);
    gives(&f, "FIRST", 60);
    gives(&f, "SECOND", 105);
    fake_answer(&f, (struct fake_reply){.code = E_UNREACHABLE});
    struct aws_credentials *c = chain(&f);
    assert_str(taken(&f, c), "FIRST");
    f.now_ms = FAKE_START_MS + 44 * MINUTE_MS;
    assert_str(taken(&f, c), "FIRST");
    assert_int_equal(f.asked_n, 1);
    f.now_ms = FAKE_START_MS + 46 * MINUTE_MS;
    assert_str(taken(&f, c), "SECOND");
    assert_int_equal(f.asked_n, 2);

    /* From now on nothing answers: they serve to the end, and are not asked for at every call. */
    f.now_ms = FAKE_START_MS + 96 * MINUTE_MS;
    assert_str(taken(&f, c), "SECOND");
    assert_int_equal(f.asked_n, 5);
    assert_str(taken(&f, c), "SECOND");
    assert_int_equal(f.asked_n, 5);
    f.now_ms += MINUTE_MS;
    assert_str(taken(&f, c), "SECOND");
    assert_int_equal(f.asked_n, 8);
    f.now_ms = FAKE_START_MS + 105 * MINUTE_MS;
    assert_contains(taken(&f, c), "container's credentials endpoint");
    assert_int_equal(f.asked_n, 11);
    assert_contains(taken(&f, c), "container's credentials endpoint");
    assert_int_equal(f.asked_n, 11);
    aws_credentials_free(c);
    fake_release(&f);
}

TEST(credentials_that_aws_calls_expired_are_fetched_again_once)
{
    struct fake f;
    struct arena a;
    struct aws_failure failure;
    struct ecs_list_tasks_input input = {0};
    struct ecs_list_tasks_output output = {0};
    container(&f);
    arena_init(&a);
    gives(&f, "FIRST", 600);
    fake_says(&f, 400, "{\"__type\":\"ExpiredTokenException\",\"message\":\"expired\"}");
    gives(&f, "SECOND", 600);
    fake_says(&f, 200, "{}");
    struct aws_client *client = fake_client(&f);
    struct aws_port port = aws_client_port(client);
    assert_int_equal(aws_call(&port, &ECS_LIST_TASKS, STR_NONE, &input, &a, &output, 0, &failure),
                     0);
    assert_int_equal(f.asked_n, 4);
    assert_contains(fake_header(&f, 1, "authorization"), "Credential=FIRST/");
    assert_contains(fake_header(&f, 3, "authorization"), "Credential=SECOND/");
    assert_int_equal(f.slept_n, 0);

    /* If those have expired as well, the caller is told. */
    fake_says(&f, 400, "{\"__type\":\"ExpiredTokenException\",\"message\":\"expired\"}");
    gives(&f, "THIRD", 600);
    fake_says(&f, 400, "{\"__type\":\"ExpiredTokenException\",\"message\":\"expired\"}");
    assert_int_equal(aws_call(&port, &ECS_LIST_TASKS, STR_NONE, &input, &a, &output, 0, &failure),
                     E_EXPIRED);
    assert_int_equal(f.asked_n, 7);
    aws_client_free(client);
    arena_release(&a);
    fake_release(&f);
}

/* What one provider of the file kind gives for this text of the config file. */
static struct str from_config(struct fake *f, const char *text)
{
    char path[] = "/tmp/ebb-test-config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
    fake_set(f, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", NULL);
    fake_set(f, "AWS_CONFIG_FILE", path);
    struct str result = taken_anew(f);
    assert_int_equal(unlink(path), 0);
    return result;
}

#define KEYS "\\\"AccessKeyId\\\":\\\"PROCESS\\\",\\\"SecretAccessKey\\\":\\\"hidden\\\""

TEST(credentials_come_from_files_and_programs)
{
    static const char *const ROWS[][2] = {
        {"[default]\naws_access_key_id = FILE\naws_secret_access_key = s/+=\n", "FILE"},
        {"[default]\naws_access_key_id = FILE\n", "no aws_secret_access_key"},
        {"[default]\nrole_arn = arn:aws:iam::1:role/x\naws_access_key_id = FILE\n"
         "aws_secret_access_key = s\n",
         "assuming a role is not supported"},
        {"[default]\nsso_session = x\n", "single sign-on is not supported"},
        {"[default]\ncredential_process = /bin/echo \"{\\\"Version\\\":1," KEYS "}\"\n", "PROCESS"},
        {"[default]\ncredential_process = /bin/echo \"{\\\"Version\\\":2," KEYS "}\"\n",
         "not of Version 1"},
        {"[default]\ncredential_process = /bin/sh -c 'echo hidden; echo why >&2; exit 3'\n",
         "ended with 3: why"},
        {"[default]\ncredential_process = /nonexistent/program\n", "cannot be started"},
        {"[default]\ncredential_process = /bin/echo 'open\n", "a quote is not closed"},
        {"[default]\ncredential_process = /bin/echo hidden\n", "its output"},
    };
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct fake f;
        container(&f);
        struct str result = from_config(&f, ROWS[i][0]);
        assert_contains(result, ROWS[i][1]);
        assert_false(str_contains(result, STR("hidden")));
        fake_release(&f);
    }
}

/* Threads that all take at once while the container endpoint is slow. */
struct crowd {
    struct aws_credentials *credentials;
    atomic_int sent, taken_old, taken_new;
    pthread_mutex_t gate; /* held by the test while the endpoint has not answered */
    _Atomic int64_t now_ms;
};

static int64_t crowd_now(void *ctx)
{
    return ((struct crowd *)ctx)->now_ms;
}

static int crowd_send(void *ctx, const struct http_request *request, struct arena *a,
                      struct http_response *out, struct err *e)
{
    struct crowd *crowd = ctx;
    (void)request, (void)e;
    bool first = atomic_fetch_add(&crowd->sent, 1) == 0;
    if (!first) {
        assert_int_equal(pthread_mutex_lock(&crowd->gate), 0);
        assert_int_equal(pthread_mutex_unlock(&crowd->gate), 0);
    }
    struct str until = time_format_iso(a, FAKE_START_MS + (first ? 60 : 600) * MINUTE_MS);
    out->status = 200;
    out->body = arena_format(
        a, "{\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"s\",\"Expiration\":\"%.*s\"}",
        first ? "OLD" : "NEW", STR_ARG(until));
    return 0;
}

static void *crowd_take(void *p)
{
    struct crowd *crowd = p;
    struct aws_keys *keys = NULL;
    struct err e = {0};
    if (aws_credentials_take(crowd->credentials, &keys, &e)) abort();
    bool old = str_eq(aws_keys_view(keys).access_key_id, STR("OLD"));
    atomic_fetch_add(old ? &crowd->taken_old : &crowd->taken_new, 1);
    aws_keys_release(keys);
    return NULL;
}

#define CROWD 8

/* Starts them at that minute with the endpoint stuck; until says what to wait for. */
static void crowd_run(int64_t minute, int expected_old)
{
    struct fake f;
    struct crowd crowd = {.now_ms = FAKE_START_MS};
    pthread_t threads[CROWD];
    container(&f);
    assert_int_equal(pthread_mutex_init(&crowd.gate, NULL), 0);
    struct aws_credentials_options options = {
        .env = fake_environment(&f),
        .http = {.ctx = &crowd, .send = crowd_send},
        .clock = {.ctx = &crowd, .wall_ms = crowd_now, .mono_ms = crowd_now},
        .sleep_ms = fake_sleep,
        .sleep_ctx = &f,
    };
    crowd.credentials = aws_credentials_new(&options);
    (void)crowd_take(&crowd);
    assert_int_equal(atomic_load(&crowd.taken_old), 1);
    crowd.now_ms = FAKE_START_MS + minute * MINUTE_MS;
    assert_int_equal(pthread_mutex_lock(&crowd.gate), 0);
    for (int i = 0; i < CROWD; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, crowd_take, &crowd), 0);
    for (int i = 0; i < 1000; i++) {
        if (atomic_load(&crowd.sent) == 2 && atomic_load(&crowd.taken_old) == 1 + expected_old)
            break;
        clock_sleep_ms(5);
    }
    assert_int_equal(atomic_load(&crowd.taken_old), 1 + expected_old);
    assert_int_equal(atomic_load(&crowd.taken_new), 0);
    assert_int_equal(pthread_mutex_unlock(&crowd.gate), 0);
    for (int i = 0; i < CROWD; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&crowd.taken_new), CROWD - expected_old);
    assert_int_equal(atomic_load(&crowd.sent), 2);
    aws_credentials_free(crowd.credentials);
    assert_int_equal(pthread_mutex_destroy(&crowd.gate), 0);
    fake_release(&f);
}

TEST(credentials_renewed_by_one_thread_while_the_others_use_the_old)
{
    crowd_run(46, CROWD - 1);
}

TEST(credentials_about_to_expire_make_everybody_wait_for_one)
{
    crowd_run(51, 0);
}
