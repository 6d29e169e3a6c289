/* SPDX-License-Identifier: Apache-2.0
 * Goal: a write is never sent twice and never late; connections are used again, and a dead one
 * costs a write nothing that can be avoided. Method: servers that count what reaches them, and a
 * clock that jumps. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/test.h"
#include "tests/unit/test_http_raw.h"

#define OK_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

struct scene {
    struct arena a;
    struct err e;
    struct raw_server *server;
    struct http_client *client;
    struct http_response response;
    struct str url;
};

static void scene_init(struct scene *s, raw_script *script, struct clock clock)
{
    *s = (struct scene){0};
    arena_init(&s->a);
    s->server = raw_server_start(script);
    s->client = raw_client(clock);
    s->url = raw_url(&s->a, s->server->port, "x");
}

static void scene_release(struct scene *s)
{
    http_client_free(s->client);
    raw_server_stop(s->server);
    arena_release(&s->a);
}

static int scene_send(struct scene *s, const char *method)
{
    return raw_send(s->client, method, s->url, &s->a, &s->response, &s->e);
}

static int send_not_after(struct scene *s, int64_t not_after_ms)
{
    struct http_port port = http_client_port(s->client);
    struct http_request request = {
        .method = STR("POST"), .url = s->url, .body = STR("write"), .not_after_ms = not_after_ms};
    return http_send(&port, &request, &s->a, &s->response, &s->e);
}

static void keep_alive(struct raw_server *server, int fd, int nth)
{
    (void)nth;
    while (raw_read_request(server, fd))
        raw_write(fd, OK_REPLY);
}

static void hang(struct raw_server *server, int fd, int nth)
{
    (void)nth;
    if (raw_read_request(server, fd)) raw_hang(server, fd);
}

static void *stop_when_asked(void *p)
{
    struct scene *s = p;
    raw_wait_for(atomic_load(&s->server->requests) == 1);
    http_client_stop(s->client);
    return NULL;
}

TEST(http_client_gives_up_long_polls_when_it_stops)
{
    struct scene s;
    pthread_t stopper;
    scene_init(&s, hang, clock_system());
    struct http_port port = http_client_port(s.client);
    struct http_request request = {.method = STR("POST"),
                                   .url = s.url,
                                   .body = STR("wait"),
                                   .timeout_ms = 30000,
                                   .is_long_poll = true};
    int64_t begun_ms = raw_now_ms();
    assert_int_equal(pthread_create(&stopper, NULL, stop_when_asked, &s), 0);
    assert_int_equal(http_send(&port, &request, &s.a, &s.response, &s.e), E_STOPPED);
    pthread_join(stopper, NULL);
    /* From now on none is sent either. */
    assert_int_equal(http_send(&port, &request, &s.a, &s.response, &s.e), E_STOPPED);
    assert_true(raw_now_ms() - begun_ms < 2000);
    assert_int_equal(atomic_load(&s.server->requests), 1);
    scene_release(&s);
}

TEST(http_client_uses_its_connection_again)
{
    struct scene s;
    scene_init(&s, keep_alive, clock_system());
    for (int i = 0; i < 20; i++) {
        assert_ok(scene_send(&s, i % 2 ? "GET" : "POST"), s.e);
        assert_str(s.response.body, "ok");
    }
    assert_ok(send_not_after(&s, INT64_MAX), s.e);
    assert_int_equal(atomic_load(&s.server->accepted), 1);
    assert_int_equal(atomic_load(&s.server->requests), 21);
    scene_release(&s);
}

/* The first request of the first connection is answered; the second one is read and not. */
static void dies_under_the_second(struct raw_server *server, int fd, int nth)
{
    if (!raw_read_request(server, fd)) return;
    raw_write(fd, OK_REPLY);
    if (nth == 0) (void)raw_read_request(server, fd);
}

static void second_is_not_repeated(const char *method)
{
    struct scene s;
    scene_init(&s, dies_under_the_second, clock_system());
    assert_ok(scene_send(&s, "GET"), s.e);
    assert_int_equal(scene_send(&s, method), E_UNKNOWN_OUTCOME);
    assert_contains(str_from(s.e.text), "not sent a second time");
    assert_int_equal(atomic_load(&s.server->requests), 2);
    assert_ok(scene_send(&s, method), s.e); /* the caller may */
    assert_int_equal(atomic_load(&s.server->requests), 3);
    scene_release(&s);
}

TEST(http_client_does_not_repeat_a_write)
{
    second_is_not_repeated("POST");
    second_is_not_repeated("PUT");
    second_is_not_repeated("DELETE"); /* without a body libcurl would not even have to rewind */
}

TEST(http_client_does_not_repeat_what_may_not_be_late)
{
    struct scene s;
    scene_init(&s, dies_under_the_second, clock_system());
    assert_ok(scene_send(&s, "GET"), s.e);
    assert_int_equal(send_not_after(&s, INT64_MAX), E_UNKNOWN_OUTCOME);
    assert_int_equal(atomic_load(&s.server->requests), 2);
    scene_release(&s);
}

TEST(http_client_repeats_a_read_on_a_dead_connection)
{
    struct scene s;
    scene_init(&s, dies_under_the_second, clock_system());
    assert_ok(scene_send(&s, "GET"), s.e);
    assert_ok(scene_send(&s, "GET"), s.e);
    assert_int_equal(atomic_load(&s.server->requests), 3);
    scene_release(&s);
}

static void closes_after_one(struct raw_server *server, int fd, int nth)
{
    (void)nth;
    if (raw_read_request(server, fd)) raw_write(fd, OK_REPLY);
}

TEST(http_client_sees_that_an_idle_connection_was_closed)
{
    struct scene s;
    scene_init(&s, closes_after_one, clock_system());
    for (int i = 0; i < 5; i++) {
        assert_ok(scene_send(&s, "POST"), s.e);
        /* The next accept begins only after the close, which is before the connect below. */
        int fd = raw_connect(s.server->port);
        raw_wait_for(atomic_load(&s.server->accepted) == 2 * (i + 1));
        close(fd);
    }
    assert_int_equal(atomic_load(&s.server->requests), 5);
    scene_release(&s);
}

TEST(http_client_not_after_has_passed)
{
    struct scene s;
    struct clock clock = clock_system();
    scene_init(&s, keep_alive, clock);
    assert_int_equal(send_not_after(&s, clock_wall_ms(&clock) - 1), E_LATE);
    assert_int_equal(atomic_load(&s.server->accepted), 0);
    scene_release(&s);
}

/* Time as the client sees it; it jumps an hour after so many looks. */
struct jumping {
    struct clock real;
    int looks_left;
};

static int64_t jumping_wall(void *ctx)
{
    struct jumping *j = ctx;
    return clock_wall_ms(&j->real) + (j->looks_left-- > 0 ? 0 : 3600 * 1000);
}

static int64_t jumping_mono(void *ctx)
{
    struct jumping *j = ctx;
    return clock_mono_ms(&j->real);
}

static void read_to_end(struct raw_server *server, int fd, int nth)
{
    (void)nth;
    while (raw_read_request(server, fd)) {
    }
}

TEST(http_client_not_after_passes_while_connecting)
{
    struct jumping j = {.real = clock_system(), .looks_left = 2};
    struct clock clock = {.ctx = &j, .wall_ms = jumping_wall, .mono_ms = jumping_mono};
    struct scene s;
    scene_init(&s, read_to_end, clock);
    assert_int_equal(send_not_after(&s, clock_wall_ms(&j.real) + 60000), E_LATE);
    raw_wait_for(atomic_load(&s.server->accepted) == 1);
    assert_true(j.looks_left < 0);
    http_client_free(s.client);
    s.client = NULL;
    assert_int_equal(atomic_load(&s.server->requests), 0);
    assert_int_equal(s.server->last_n, 0);
    scene_release(&s);
}

static void read_and_hang(struct raw_server *server, int fd, int nth)
{
    (void)nth;
    if (raw_read_request(server, fd)) raw_hang(server, fd);
}

TEST(http_client_waits_until_not_after_and_cuts)
{
    struct scene s;
    struct clock clock = clock_system();
    scene_init(&s, read_and_hang, clock);
    int64_t began_ms = raw_now_ms();
    assert_int_equal(send_not_after(&s, clock_wall_ms(&clock) + 200), E_UNKNOWN_OUTCOME);
    int64_t took_ms = raw_now_ms() - began_ms;
    assert_true(took_ms >= 150 && took_ms < 2000);
    /* A reset, not an orderly end: nothing of it may be delivered any more. */
    raw_wait_for(atomic_load(&s.server->saw_reset));
    scene_release(&s);
}

/* The whole request must be there, byte for byte, and nothing that nobody asked for. */
static void expect_bytes(struct http_request request, const char *rest, const char *bytes)
{
    struct scene s;
    scene_init(&s, keep_alive, clock_system());
    struct http_port port = http_client_port(s.client);
    request.url = raw_url(&s.a, s.server->port, rest);
    assert_ok(http_send(&port, &request, &s.a, &s.response, &s.e), s.e);
    char *want = strdup(bytes);
    char *at = strstr(want, "@@");
    assert_non_null(at);
    struct str whole =
        arena_format(&s.a, "%.*s127.0.0.1:%d%s", (int)(at - want), want, s.server->port, at + 2);
    assert_int_equal(atomic_load(&s.server->requests), 1);
    struct str seen = {s.server->last, s.server->last_n};
    assert_str(seen, whole.p);
    free(want);
    scene_release(&s);
}

TEST(http_client_sends_what_the_caller_says)
{
    struct http_header headers[] = {{STR("X-Amz-Target"), STR("Service.Operation")},
                                    {STR("X-Empty"), STR("")},
                                    {STR("Content-Length"), STR("8")}};
    expect_bytes((struct http_request){.method = STR("GET")},
                 "a/../b//%2e%2F/c%20d?x&y=%20+&&z=a=b?#",
                 "GET /a/../b//%2e%2F/c%20d?x&y=%20+&&z=a=b? HTTP/1.1\r\n"
                 "Host: @@\r\nUser-Agent: ebb-test\r\n\r\n");
    expect_bytes(
        (struct http_request){
            .method = STR("POST"), .headers = headers, .headers_n = 3, .body = STR("a\r\n\r\nb=1")},
        "?Action=X",
        "POST /?Action=X HTTP/1.1\r\nHost: @@\r\nUser-Agent: ebb-test\r\n"
        "X-Amz-Target: Service.Operation\r\nX-Empty:\r\nContent-Length: 8\r\n\r\na\r\n\r\nb=1");
    expect_bytes((struct http_request){.method = STR("POST")}, "x",
                 "POST /x HTTP/1.1\r\nHost: @@\r\nUser-Agent: ebb-test\r\n"
                 "Content-Length: 0\r\n\r\n");
    expect_bytes((struct http_request){.method = STR("DELETE")}, "x",
                 "DELETE /x HTTP/1.1\r\nHost: @@\r\nUser-Agent: ebb-test\r\n\r\n");
    expect_bytes((struct http_request){.method = STR("PUT"), .body = STR("y")}, "x",
                 "PUT /x HTTP/1.1\r\nHost: @@\r\nUser-Agent: ebb-test\r\n"
                 "Content-Length: 1\r\n\r\ny");
}
