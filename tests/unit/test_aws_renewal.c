/* SPDX-License-Identifier: Apache-2.0
 * Goal: keys are renewed in time by one thread, and a call whose keys have expired gets others
 * once. Method: the container endpoint played by a scripted http port, a clock that is set by hand;
 * then threads that ask all at once while the endpoint is held up. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "lib/base/time_text.h"
#include "tests/unit/test_aws_keys.h"

TEST(credentials_are_renewed_before_they_expire_and_kept_while_that_fails)
{
    struct fake f;
    keys_container(&f);
    keys_give(&f, "FIRST", 60);
    keys_give(&f, "SECOND", 105);
    fake_answer(&f, (struct fake_reply){.code = E_UNREACHABLE});
    struct aws_credentials *c = keys_chain(&f);
    assert_str(keys_taken(&f, c), "FIRST");
    f.now_ms = FAKE_START_MS + 44 * MINUTE_MS;
    assert_str(keys_taken(&f, c), "FIRST");
    assert_int_equal(f.asked_n, 1);
    f.now_ms = FAKE_START_MS + 46 * MINUTE_MS;
    assert_str(keys_taken(&f, c), "SECOND");
    assert_int_equal(f.asked_n, 2);

    /* From now on nothing answers: they serve to the end, and are not asked for at every call. */
    f.now_ms = FAKE_START_MS + 96 * MINUTE_MS;
    assert_str(keys_taken(&f, c), "SECOND");
    assert_int_equal(f.asked_n, 5);
    assert_str(keys_taken(&f, c), "SECOND");
    assert_int_equal(f.asked_n, 5);
    f.now_ms += MINUTE_MS;
    assert_str(keys_taken(&f, c), "SECOND");
    assert_int_equal(f.asked_n, 8);
    f.now_ms = FAKE_START_MS + 105 * MINUTE_MS;
    assert_contains(keys_taken(&f, c), "container's credentials endpoint");
    assert_int_equal(f.asked_n, 11);
    assert_contains(keys_taken(&f, c), "container's credentials endpoint");
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
    keys_container(&f);
    arena_init(&a);
    keys_give(&f, "FIRST", 600);
    fake_says(&f, 400, "{\"__type\":\"ExpiredTokenException\",\"message\":\"expired\"}");
    keys_give(&f, "SECOND", 600);
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
    keys_give(&f, "THIRD", 600);
    fake_says(&f, 400, "{\"__type\":\"ExpiredTokenException\",\"message\":\"expired\"}");
    assert_int_equal(aws_call(&port, &ECS_LIST_TASKS, STR_NONE, &input, &a, &output, 0, &failure),
                     E_EXPIRED);
    assert_int_equal(f.asked_n, 7);

    /* Without keys nothing is sent, and what refused them is said with the call's name. */
    fake_says(&f, 403, "{\"code\":\"AccessDenied\",\"message\":\"x\"}");
    assert_int_not_equal(
        aws_call(&port, &ECS_LIST_TASKS, STR_NONE, &input, &a, &output, 0, &failure), 0);
    assert_int_equal(f.asked_n, 8);
    assert_contains(str_from(failure.err.text), "ListTasks: ");
    assert_contains(str_from(failure.err.text), "answered 403 AccessDenied");
    aws_client_free(client);
    arena_release(&a);
    fake_release(&f);
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
    keys_container(&f);
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
