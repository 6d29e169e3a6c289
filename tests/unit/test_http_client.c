/* SPDX-License-Identifier: Apache-2.0
 * Goal: the client tells what was surely not sent from what may have been, and takes nothing over
 * its limits. Method: servers that misbehave in one way each; the code, the words, and what the
 * server saw. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/test.h"
#include "tests/unit/test_http_raw.h"

/* One POST and one GET to a server with that script; both must come to the code, with the words. */
static void expect(raw_script *script, int code, const char *words)
{
    static const char *const methods[] = {"POST", "GET"};
    for (size_t i = 0; i < EBB_COUNT(methods); i++) {
        struct arena a;
        struct err e = {0};
        struct http_response response;
        arena_init(&a);
        struct raw_server *server = raw_server_start(script);
        struct http_client *client = raw_client(clock_system());
        struct str url = raw_url(&a, server->port, "hooks/my-secret?key=hidden");
        int got = raw_send(client, methods[i], url, &a, &response, &e);
        if (got != code) fail_msg("%s gave %s: %s", methods[i], err_text(got), e.text);
        if (words) assert_contains(str_from(e.text), words);
        assert_contains(str_from(e.text), methods[i]);
        assert_contains(str_from(e.text), "http://127.0.0.1:");
        assert_null(strstr(e.text, "secret"));
        assert_null(strstr(e.text, "hidden"));
        http_client_free(client);
        raw_server_stop(server);
        arena_release(&a);
    }
}

static void close_at_once(struct raw_server *server, int fd, int nth)
{
    (void)server, (void)fd, (void)nth;
}

TEST(http_client_connection_closed_without_reply)
{
    expect(close_at_once, E_UNKNOWN_OUTCOME, "sent, but no whole reply came");
}

static void read_and_close(struct raw_server *server, int fd, int nth)
{
    (void)nth;
    (void)raw_read_request(server, fd);
}

TEST(http_client_request_read_and_no_reply)
{
    expect(read_and_close, E_UNKNOWN_OUTCOME, "sent, but no whole reply came");
}

static void half_a_reply(struct raw_server *server, int fd, int nth)
{
    (void)nth;
    (void)raw_read_request(server, fd);
    raw_write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
}

TEST(http_client_half_a_reply)
{
    expect(half_a_reply, E_UNKNOWN_OUTCOME, NULL);
}

static void half_a_chunk(struct raw_server *server, int fd, int nth)
{
    (void)nth;
    (void)raw_read_request(server, fd);
    raw_write(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc");
}

TEST(http_client_half_a_chunk)
{
    expect(half_a_chunk, E_UNKNOWN_OUTCOME, NULL);
}

static void head_only(struct raw_server *server, int fd, int nth)
{
    (void)nth;
    (void)raw_read_request(server, fd);
    raw_write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    raw_hang(server, fd);
}

TEST(http_client_head_and_then_silence)
{
    expect(head_only, E_UNKNOWN_OUTCOME, "timed out");
}

static void hang(struct raw_server *server, int fd, int nth)
{
    (void)nth;
    raw_hang(server, fd);
}

TEST(http_client_server_hangs)
{
    expect(hang, E_UNKNOWN_OUTCOME, "timed out");
}

static void trickle(struct raw_server *server, int fd, int nth)
{
    (void)nth;
    (void)raw_read_request(server, fd);
    raw_write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    char byte;
    while (recv(fd, &byte, 1, MSG_DONTWAIT) < 0) {
        raw_write(fd, "x");
        clock_sleep_ms(10);
    }
}

TEST(http_client_trickle_does_not_extend_the_timeout)
{
    int64_t began_ms = raw_now_ms();
    expect(trickle, E_UNKNOWN_OUTCOME, "timed out");
    assert_true(raw_now_ms() - began_ms < 5000);
}

static void not_http(struct raw_server *server, int fd, int nth)
{
    (void)nth;
    (void)raw_read_request(server, fd);
    raw_write(fd, "SSH-2.0-OpenSSH_9.2\r\n");
}

TEST(http_client_reply_is_not_http)
{
    expect(not_http, E_UNKNOWN_OUTCOME, NULL);
}

static void many_headers(struct raw_server *server, int fd, int nth)
{
    (void)nth;
    (void)raw_read_request(server, fd);
    raw_write(fd, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 200; i++)
        raw_write(fd, "X-Much: more\r\n");
    raw_write(fd, "Content-Length: 0\r\n\r\n");
}

TEST(http_client_too_many_headers)
{
    expect(many_headers, E_TOO_LARGE, "more headers than allowed");
}

static void endless_interim(struct raw_server *server, int fd, int nth)
{
    (void)nth;
    (void)raw_read_request(server, fd);
    for (int i = 0; i < 4000; i++)
        raw_write(fd, "HTTP/1.1 102 Processing\r\n\r\n");
}

TEST(http_client_endless_interim_replies)
{
    expect(endless_interim, E_TOO_LARGE, "headers larger than allowed");
}

static void large_body(struct raw_server *server, int fd, int nth)
{
    static const char kilobyte[1025] = {[0 ... 1023] = 'x'};
    (void)nth;
    (void)raw_read_request(server, fd);
    raw_write(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < 9 * 1024; i++)
        raw_write(fd, kilobyte);
}

TEST(http_client_body_over_the_default_limit)
{
    expect(large_body, E_TOO_LARGE, "a body larger than allowed");
}

TEST(http_client_body_limit_of_a_request)
{
    struct arena a;
    struct err e = {0};
    struct http_response response;
    arena_init(&a);
    struct raw_server *server = raw_server_start(half_a_reply);
    struct http_client *client = raw_client(clock_system());
    struct http_port port = http_client_port(client);
    struct http_request request = {
        .method = STR("GET"), .url = raw_url(&a, server->port, ""), .response_max = 8};
    assert_int_equal(http_send(&port, &request, &a, &response, &e), E_TOO_LARGE);
    http_client_free(client);
    raw_server_stop(server);
    arena_release(&a);
}

TEST(http_client_nobody_listens)
{
    struct arena a;
    struct err e = {0};
    struct http_response response;
    arena_init(&a);
    struct raw_server *server = raw_server_start(hang);
    struct str url = raw_url(&a, server->port, "secret");
    raw_server_stop(server);
    struct http_client *client = raw_client(clock_system());
    assert_int_equal(raw_send(client, "POST", url, &a, &response, &e), E_UNREACHABLE);
    assert_contains(str_from(e.text), "onnect");
    assert_null(strstr(e.text, "secret"));
    /* Nobody has an address under this name (RFC 6761); a name server that does not answer either
     * is a time-out. */
    int code = raw_send(client, "GET", STR("http://nobody.invalid/"), &a, &response, &e);
    assert_true(code == E_UNREACHABLE || code == E_TIMEOUT);
    http_client_free(client);
    arena_release(&a);
}

/* A listening socket whose queue is full: the kernel lets further connections wait. */
TEST(http_client_no_connection_in_time)
{
    struct arena a;
    struct err e = {0};
    struct http_response response;
    arena_init(&a);
    struct raw_server *server = raw_server_start(hang);
    assert_int_equal(listen(server->listen_fd, 0), 0);
    int fds[3] = {raw_connect(server->port)};
    raw_wait_for(atomic_load(&server->accepted) == 1);
    fds[1] = raw_connect(server->port);
    struct http_client *client = raw_client(clock_system());
    struct http_port port = http_client_port(client);
    struct http_request request = {.method = STR("POST"),
                                   .url = raw_url(&a, server->port, ""),
                                   .connect_timeout_ms = 200,
                                   .timeout_ms = 3000};
    int64_t began_ms = raw_now_ms();
    assert_int_equal(http_send(&port, &request, &a, &response, &e), E_TIMEOUT);
    assert_true(raw_now_ms() - began_ms < 2000);
    struct clock clock = clock_system();
    request.connect_timeout_ms = 2000;
    request.not_after_ms = clock_wall_ms(&clock) + 200;
    assert_int_equal(http_send(&port, &request, &a, &response, &e), E_LATE);
    http_client_free(client);
    close(fds[0]);
    close(fds[1]);
    raw_server_stop(server);
    arena_release(&a);
}

TEST(http_client_ca_bundle_that_is_missing)
{
    struct http_client_options options = {.ca_bundle = "/nonexistent/ca.pem"};
    struct http_client *client = NULL;
    struct err e = {0};
    assert_int_equal(http_client_new(&options, &client, &e), E_CONFIG);
    assert_contains(str_from(e.text), "/nonexistent/ca.pem");
    assert_null(client);
    http_client_free(client);
}
