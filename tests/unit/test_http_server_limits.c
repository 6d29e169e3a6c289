/* SPDX-License-Identifier: Apache-2.0
 * Goal: nobody can make the server hold more than its limits, wait longer than its time-outs, or
 * lose an answer when it stops. Method: clients that send too much, too slowly, or too often;
 * handlers that wait at a gate. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/http/server.h"
#include "lib/http/socket.h"
#include "tests/support/test.h"
#include "tests/unit/test_http_raw.h"

#define BODY_MAX 1000

/* Requests to /gate wait in the handler until the gate is opened. */
struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t opened;
    bool open;
    atomic_int waiting, handled;
};

static void gate_init(struct gate *gate)
{
    *gate = (struct gate){.mutex = PTHREAD_MUTEX_INITIALIZER, .opened = PTHREAD_COND_INITIALIZER};
}

static void gate_open(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    gate->open = true;
    pthread_cond_broadcast(&gate->opened);
    pthread_mutex_unlock(&gate->mutex);
}

static void handle(void *ctx, const struct http_incoming *request, struct arena *a,
                   struct http_reply *reply)
{
    struct gate *gate = ctx;
    if (str_eq(request->path, STR("/gate"))) {
        atomic_fetch_add(&gate->waiting, 1);
        pthread_mutex_lock(&gate->mutex);
        while (!gate->open)
            pthread_cond_wait(&gate->opened, &gate->mutex);
        pthread_mutex_unlock(&gate->mutex);
    }
    atomic_fetch_add(&gate->handled, 1);
    *reply =
        (struct http_reply){.status = 200, .body = arena_format(a, "%zu bytes", request->body.n)};
}

static struct http_server_options options_for(struct gate *gate)
{
    return (struct http_server_options){.address = "127.0.0.1",
                                        .listen_fd = -1,
                                        .body_max = BODY_MAX,
                                        .timeout_s = 1,
                                        .threads = 4,
                                        .handler = handle,
                                        .ctx = gate};
}

static struct http_server *start(const struct http_server_options *options)
{
    struct http_server *server = NULL;
    struct err e = {0};
    assert_ok(http_server_start(options, &server, &e), e);
    return server;
}

static int post(int port, size_t n, struct str *body, struct arena *a)
{
    struct err e = {0};
    struct http_response response;
    struct http_client *client = raw_client(clock_system());
    struct http_port out = http_client_port(client);
    struct http_request request = {
        .method = STR("POST"), .url = raw_url(a, port, ""), .body = {arena_alloc(a, n + 1), n}};
    int code = http_send(&out, &request, a, &response, &e);
    http_client_free(client);
    *body = response.body;
    return code ? code : response.status;
}

TEST(http_server_body_limit)
{
    struct arena a;
    struct gate gate;
    struct str body;
    arena_init(&a);
    gate_init(&gate);
    struct http_server_options options = options_for(&gate);
    struct http_server *server = start(&options);
    int port = http_server_port(server);
    assert_int_equal(post(port, BODY_MAX, &body, &a), 200);
    assert_str(body, "1000 bytes");
    assert_int_equal(post(port, BODY_MAX + 1, &body, &a), 413);
    assert_str(body, "the body is larger than allowed\n");
    assert_int_equal(post(port, 200 * 1024, &body, &a), 413);
    /* Far over: refused by its Content-Length, without the body. */
    struct str reply = raw_exchange(&a, port,
                                    "POST / HTTP/1.1\r\nHost: h\r\n"
                                    "Content-Length: 99999999999\r\n\r\n");
    assert_contains(reply, "HTTP/1.1 413 ");
    reply = raw_exchange(&a, port,
                         "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                         "Content-Length: 1001\r\n\r\n");
    assert_true(str_starts(reply, STR("HTTP/1.1 413 ")));
    assert_int_equal(atomic_load(&gate.handled), 1);
    http_server_stop(server);
    arena_release(&a);
}

TEST(http_server_chunks_without_end)
{
    struct arena a;
    struct gate gate;
    arena_init(&a);
    gate_init(&gate);
    struct http_server_options options = options_for(&gate);
    struct http_server *server = start(&options);
    int fd = raw_connect(http_server_port(server));
    raw_write(fd, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    char chunk[0x1000 + 1] = {0};
    memset(chunk, 'x', 0x1000);
    size_t sent = 0;
    for (; sent < 64 * 1024 * 1024; sent += 0x1000) {
        if (send(fd, "1000\r\n", 6, MSG_NOSIGNAL) < 0) break;
        if (send(fd, chunk, 0x1000, MSG_NOSIGNAL) < 0 || send(fd, "\r\n", 2, MSG_NOSIGNAL) < 0)
            break;
    }
    assert_true(sent < 64 * 1024 * 1024); /* the server closed */
    close(fd);
    assert_int_equal(atomic_load(&gate.handled), 0);
    http_server_stop(server);
    arena_release(&a);
}

TEST(http_server_header_limits)
{
    struct arena a;
    struct gate gate;
    arena_init(&a);
    gate_init(&gate);
    struct http_server_options options = options_for(&gate);
    struct http_server *server = start(&options);
    struct str lines = STR("");
    for (int i = 0; i < 101; i++)
        lines = arena_format(&a, "%.*sA: b\r\n", STR_ARG(lines));
    struct str many = arena_format(&a, "GET / HTTP/1.1\r\nHost: h\r\n%.*s\r\n", STR_ARG(lines));
    assert_contains(raw_exchange(&a, http_server_port(server), many.p), "HTTP/1.1 431 ");
    char *name = arena_alloc(&a, 40001);
    memset(name, 'a', 40000);
    struct str large = arena_format(&a, "GET / HTTP/1.1\r\nHost: h\r\n%s: b\r\n\r\n", name);
    assert_contains(raw_exchange(&a, http_server_port(server), large.p), "HTTP/1.1 431 ");
    assert_int_equal(atomic_load(&gate.handled), 0);
    http_server_stop(server);
    arena_release(&a);
}

/* Sends one byte at a time and never is silent for long; how long the server bears it. */
static int64_t endure(int port, const char *head, const char *drop)
{
    int fd = raw_connect(port);
    char byte;
    int64_t began_ms = raw_now_ms();
    raw_write(fd, head);
    while (raw_now_ms() - began_ms < RAW_WAIT_MS) {
        ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);
        if (n == 0 || (n > 0 && byte) || send(fd, drop, strlen(drop), MSG_NOSIGNAL) < 0) break;
        clock_sleep_ms(20);
    }
    close(fd);
    return raw_now_ms() - began_ms;
}

TEST(http_server_slow_clients)
{
    struct gate gate;
    gate_init(&gate);
    struct http_server_options options = options_for(&gate);
    struct http_server *server = start(&options);
    int port = http_server_port(server);
    int64_t silent_ms = endure(port, "GET / HTTP/1.1\r\n", "");
    int64_t head_ms = endure(port, "GET / HTTP/1.1\r\n", "A");
    int64_t body_ms =
        endure(port, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 900\r\n\r\n", "A");
    assert_true(silent_ms < 3000);
    assert_true(head_ms >= 1900 && head_ms < 4500);
    assert_true(body_ms >= 1900 && body_ms < 4500);
    assert_int_equal(atomic_load(&gate.handled), 0);
    http_server_stop(server);
}

TEST(http_server_handlers_may_wait)
{
    struct arena a;
    struct gate gate;
    struct str body;
    arena_init(&a);
    gate_init(&gate);
    struct http_server_options options = options_for(&gate);
    struct http_server *server = start(&options);
    int port = http_server_port(server), fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = raw_connect(port);
        raw_write(fds[i], "GET /gate HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    raw_wait_for(atomic_load(&gate.waiting) == 3);
    for (int i = 0; i < 20; i++) /* three of four threads wait; everybody else is served */
        assert_int_equal(post(port, 1, &body, &a), 200);
    gate_open(&gate);
    for (int i = 0; i < 3; i++) {
        assert_contains(raw_read_until(&a, fds[i], "0 bytes"), "HTTP/1.1 200 OK");
        close(fds[i]);
    }
    http_server_stop(server);
    arena_release(&a);
}

TEST(http_server_connection_limits)
{
    struct arena a;
    struct gate gate;
    arena_init(&a);
    gate_init(&gate);
    struct http_server_options options = options_for(&gate);
    options.connections_max = 2;
    struct http_server *server = start(&options);
    int port = http_server_port(server), fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = raw_connect(port);
        raw_write(fds[i], "GET /gate HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    }
    raw_wait_for(atomic_load(&gate.waiting) == 2);
    gate_open(&gate); /* the third had to wait, and now gets its turn */
    for (int i = 0; i < 3; i++) {
        assert_contains(raw_read_until(&a, fds[i], NULL), "HTTP/1.1 200 OK");
        close(fds[i]);
    }
    http_server_stop(server);

    gate_init(&gate);
    options.connections_max = 10;
    options.connections_per_address_max = 1;
    server = start(&options);
    port = http_server_port(server);
    fds[0] = raw_connect(port);
    raw_write(fds[0], "GET /gate HTTP/1.1\r\nHost: h\r\n\r\n");
    raw_wait_for(atomic_load(&gate.waiting) == 1);
    assert_str(raw_exchange(&a, port, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"), "");
    gate_open(&gate);
    assert_contains(raw_read_until(&a, fds[0], "0 bytes"), "HTTP/1.1 200 OK");
    close(fds[0]);
    http_server_stop(server);
    arena_release(&a);
}
