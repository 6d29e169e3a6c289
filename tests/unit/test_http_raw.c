/* SPDX-License-Identifier: Apache-2.0
 * See test_http_raw.h. */
#include "tests/unit/test_http_raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/test.h"

int64_t raw_now_ms(void)
{
    struct clock clock = clock_system();
    return clock_mono_ms(&clock);
}

static void *serve(void *p)
{
    struct raw_server *server = p;
    for (;;) {
        struct pollfd wait[] = {{server->listen_fd, POLLIN, 0}, {server->stop_pipe[0], POLLIN, 0}};
        if (poll(wait, 2, -1) < 0 || wait[1].revents) return NULL;
        int fd = accept(server->listen_fd, NULL, NULL);
        if (fd < 0) return NULL;
        server->script(server, fd, atomic_fetch_add(&server->accepted, 1));
        close(fd);
    }
}

struct raw_server *raw_server_start(raw_script *script)
{
    struct raw_server *server = calloc(1, sizeof(*server));
    assert_non_null(server);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(at);
    server->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listen_fd, (void *)&at, n), 0);
    assert_int_equal(listen(server->listen_fd, 16), 0);
    assert_int_equal(getsockname(server->listen_fd, (void *)&at, &n), 0);
    server->port = ntohs(at.sin_port);
    server->script = script;
    assert_int_equal(pipe(server->stop_pipe), 0);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
    return server;
}

void raw_server_stop(struct raw_server *server)
{
    assert_int_equal(write(server->stop_pipe[1], "x", 1), 1);
    assert_int_equal(pthread_join(server->thread, NULL), 0);
    close(server->listen_fd);
    close(server->stop_pipe[0]);
    close(server->stop_pipe[1]);
    free(server);
}

struct str raw_url(struct arena *a, int port, const char *rest)
{
    return arena_format(a, "http://127.0.0.1:%d/%s", port, rest);
}

bool raw_read_request(struct raw_server *server, int fd)
{
    size_t got = 0, need = SIZE_MAX;
    while (got < need) {
        assert_true(got < RAW_BYTES_MAX - 1);
        ssize_t n = recv(fd, server->last + got, RAW_BYTES_MAX - 1 - got, 0);
        if (n <= 0) return false;
        got += (size_t)n;
        server->last[got] = '\0';
        const char *end = strstr(server->last, "\r\n\r\n");
        if (!end) continue;
        const char *length = strcasestr(server->last, "\r\nContent-Length:");
        need = (size_t)(end + 4 - server->last);
        if (length && length < end) need += strtoul(length + 17, NULL, 10);
    }
    server->last_n = got;
    atomic_fetch_add(&server->requests, 1);
    return true;
}

void raw_write(int fd, const char *text)
{
    size_t n = strlen(text);
    ssize_t sent = send(fd, text, n, MSG_NOSIGNAL);
    (void)sent; /* a client that has gone is part of some tests */
}

void raw_hang(struct raw_server *server, int fd)
{
    struct pollfd wait[] = {{fd, POLLIN, 0}, {server->stop_pipe[0], POLLIN, 0}};
    char bytes[4096];
    while (poll(wait, 2, RAW_WAIT_MS) > 0 && !wait[1].revents) {
        ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
        if (n < 0 && errno == ECONNRESET) atomic_store(&server->saw_reset, true);
        if (n <= 0) return;
    }
}

int raw_connect(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval bound = {.tv_sec = RAW_WAIT_MS / 1000};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound)), 0);
    assert_int_equal(connect(fd, (void *)&at, sizeof(at)), 0);
    return fd;
}

struct str raw_read_until(struct arena *a, int fd, const char *part)
{
    char *bytes = arena_alloc(a, RAW_BYTES_MAX);
    size_t got = 0;
    while (got < RAW_BYTES_MAX - 1) {
        ssize_t n = recv(fd, bytes + got, RAW_BYTES_MAX - 1 - got, 0);
        if (n < 0 && errno != ECONNRESET) fail_msg("the server neither answers nor closes");
        if (n <= 0) break;
        got += (size_t)n;
        if (part && strstr(bytes, part)) break;
    }
    return (struct str){bytes, got};
}

struct str raw_exchange(struct arena *a, int port, const char *text)
{
    int fd = raw_connect(port);
    raw_write(fd, text);
    struct str reply = raw_read_until(a, fd, NULL);
    close(fd);
    return reply;
}

struct http_client *raw_client(struct clock clock)
{
    struct http_client_options options = {.connect_timeout_ms = 2000,
                                          .timeout_ms = 5000,
                                          .pool_max = 8,
                                          .user_agent = "ebb-test",
                                          .clock = clock};
    struct http_client *client = NULL;
    struct err e = {0};
    assert_ok(http_client_new(&options, &client, &e), e);
    return client;
}

int raw_send(struct http_client *client, const char *method, struct str url, struct arena *a,
             struct http_response *out, struct err *e)
{
    struct http_request request = {.method = str_from(method), .url = url, .timeout_ms = 300};
    if (strcmp(method, "POST") == 0) request.body = STR("one body");
    struct http_port port = http_client_port(client);
    return http_send(&port, &request, a, out, e);
}
