/* SPDX-License-Identifier: Apache-2.0
 * Goal: a handler sees a request exactly as it was sent, and its reply arrives as it was meant.
 * Method: bytes written to a socket by hand, and our own client, against an echoing server. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/http/server.h"
#include "tests/support/test.h"
#include "tests/unit/test_http_raw.h"

/* Echoes what it saw; some paths do something else. */
static void echo(void *ctx, const struct http_incoming *request, struct arena *a,
                 struct http_reply *reply)
{
    static const struct http_header more[] = {{STR("X-More"), STR("yes")}};
    static const struct http_header split[] = {{STR("X-More"), STR("yes\r\nX-Evil: 1")}};
    atomic_int *handled = ctx;
    if (handled) atomic_fetch_add(handled, 1);
    struct str custom = http_incoming_header(request, STR("x-custom"));
    reply->status = 200;
    reply->content_type = STR("text/plain");
    reply->headers = more;
    reply->headers_n = 1;
    reply->body = arena_format(a, "%.*s|%.*s|%s%.*s|%.*s|%.*s|%.*s|%.*s", STR_ARG(request->method),
                               STR_ARG(request->path), request->query.p ? "?" : "none",
                               STR_ARG(request->query), STR_ARG(request->body), STR_ARG(custom),
                               STR_ARG(request->peer), STR_ARG(request->local));
    if (str_eq(request->path, STR("/drop"))) reply->drop = true;
    if (str_eq(request->path, STR("/none"))) *reply = (struct http_reply){.status = 204};
    if (str_eq(request->path, STR("/forgot"))) *reply = (struct http_reply){0};
    if (str_eq(request->path, STR("/split"))) reply->headers = split;
    if (str_eq(request->path, STR("/binary"))) reply->body = (struct str){"a\0b", 3};
}

static struct http_server *start(atomic_int *handled)
{
    struct http_server_options options = {.address = "127.0.0.1",
                                          .listen_fd = -1,
                                          .body_max = 1000,
                                          .server_name = "ebb",
                                          .handler = echo,
                                          .ctx = handled};
    struct http_server *server = NULL;
    struct err e = {0};
    assert_ok(http_server_start(&options, &server, &e), e);
    assert_true(http_server_port(server) > 0);
    return server;
}

/* What the echo says to these bytes. */
static void expect_echo(const char *bytes, const char *body)
{
    struct arena a;
    arena_init(&a);
    struct http_server *server = start(NULL);
    struct str reply = raw_exchange(&a, http_server_port(server), bytes);
    assert_contains(reply, "HTTP/1.1 200 OK\r\n");
    const char *end = strstr(reply.p, "\r\n\r\n");
    assert_non_null(end);
    assert_str(str_from(end + 4), body);
    http_server_stop(server);
    arena_release(&a);
}

#define END "Host: h\r\nConnection: close\r\n\r\n"

TEST(http_server_target_is_kept_byte_for_byte)
{
    expect_echo("GET /a%2Fb/%e2%82%AC//../c?x&y=%20+&&=z&a%3Db=%ZZ&x?y HTTP/1.1\r\n" END,
                "GET|/a%2Fb/%e2%82%AC//../c|?x&y=%20+&&=z&a%3Db=%ZZ&x?y|||127.0.0.1|127.0.0.1");
    expect_echo("GET / HTTP/1.1\r\n" END, "GET|/|none|||127.0.0.1|127.0.0.1");
    expect_echo("GET /? HTTP/1.1\r\n" END, "GET|/|?|||127.0.0.1|127.0.0.1");
    expect_echo("GET http://h:80/x?y HTTP/1.1\r\n" END, "GET|/x|?y|||127.0.0.1|127.0.0.1");
    expect_echo("GET http://h HTTP/1.1\r\n" END, "GET|/|none|||127.0.0.1|127.0.0.1");
    expect_echo("OPTIONS * HTTP/1.1\r\n" END, "OPTIONS|*|none|||127.0.0.1|127.0.0.1");
    expect_echo("PURGE /x HTTP/1.1\r\n" END, "PURGE|/x|none|||127.0.0.1|127.0.0.1");
}

TEST(http_server_bodies_and_headers)
{
    expect_echo("POST /x HTTP/1.1\r\nX-CUSTOM:   some value  \r\nContent-Length: 5\r\n" END "hello",
                "POST|/x|none|hello|some value|127.0.0.1|127.0.0.1");
    expect_echo("POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END
                "3\r\nhel\r\n2;e=1\r\nlo\r\n0\r\n\r\n",
                "POST|/x|none|hello||127.0.0.1|127.0.0.1");
    expect_echo("DELETE /x HTTP/1.1\r\nx-custom:\r\nContent-Length: 2\r\n" END "by",
                "DELETE|/x|none|by||127.0.0.1|127.0.0.1");
}

static void expect_status(const char *bytes, const char *status)
{
    struct arena a;
    arena_init(&a);
    struct http_server *server = start(NULL);
    struct str reply = raw_exchange(&a, http_server_port(server), bytes);
    assert_contains(reply, status);
    assert_null(strstr(reply.p, "X-Evil"));
    http_server_stop(server);
    arena_release(&a);
}

TEST(http_server_refuses_what_is_not_http)
{
    expect_status("GET /a b HTTP/1.1\r\n" END, "HTTP/1.1 400 ");
    expect_status("GET /a HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ");
    expect_status("GET a/b HTTP/1.1\r\n" END, "HTTP/1.1 400 ");
    expect_status("GET /\x80 HTTP/1.1\r\n" END, "HTTP/1.1 400 ");
    expect_status("POST / HTTP/1.1\r\nContent-Length: -1\r\n" END, "HTTP/1.1 400 ");
    expect_status("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END "zz\r\n",
                  "HTTP/1.1 400 ");
}

TEST(http_server_replies)
{
    expect_status("GET /none HTTP/1.1\r\n" END, "HTTP/1.1 204 ");
    expect_status("GET /forgot HTTP/1.1\r\n" END, "HTTP/1.1 500 ");
    expect_status("GET /split HTTP/1.1\r\n" END, "HTTP/1.1 500 ");
    expect_status("GET /x HTTP/1.1\r\n" END, "X-More: yes\r\n");
    expect_status("GET /x HTTP/1.1\r\n" END, "Server: ebb\r\n");
    expect_status("GET /x HTTP/1.0\r\n\r\n", " 200 OK\r\n");
}

TEST(http_server_drop_closes_without_a_word)
{
    struct arena a;
    struct err e = {0};
    struct http_response response;
    arena_init(&a);
    struct http_server *server = start(NULL);
    int port = http_server_port(server);
    assert_str(raw_exchange(&a, port, "GET /drop HTTP/1.1\r\n" END), "");
    struct http_client *client = raw_client(clock_system());
    int code = raw_send(client, "POST", raw_url(&a, port, "drop"), &a, &response, &e);
    assert_int_equal(code, E_UNKNOWN_OUTCOME);
    http_client_free(client);
    http_server_stop(server);
    arena_release(&a);
}

TEST(http_server_keeps_connections_and_answers_head)
{
    struct arena a;
    arena_init(&a);
    struct http_server *server = start(NULL);
    int fd = raw_connect(http_server_port(server));
    raw_write(fd, "HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n");
    struct str head = raw_read_until(&a, fd, "\r\n\r\n");
    assert_contains(head, "HTTP/1.1 200 OK\r\n");
    assert_contains(head, "Content-Length: 34\r\n");
    assert_true(str_ends(head, STR("\r\n\r\n")));
    raw_write(fd, "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n1");
    assert_contains(raw_read_until(&a, fd, "|POST|/1|" + 1), "HTTP/1.1 200 OK\r\n");
    raw_write(fd, "GET /2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
    struct str both = raw_read_until(&a, fd, "GET|/3|");
    assert_contains(both, "GET|/2|");
    close(fd);
    http_server_stop(server);
    arena_release(&a);
}

TEST(http_server_and_client_bytes_of_any_value)
{
    struct arena a;
    struct err e = {0};
    struct http_response response;
    arena_init(&a);
    struct http_server *server = start(NULL);
    struct http_client *client = raw_client(clock_system());
    struct str url = raw_url(&a, http_server_port(server), "binary");
    assert_ok(raw_send(client, "GET", url, &a, &response, &e), e);
    assert_int_equal(response.body.n, 3);
    assert_memory_equal(response.body.p, "a\0b", 3);
    assert_str(http_response_header(&response, STR("content-type")), "text/plain");
    assert_str(http_response_header(&response, STR("x-more")), "yes");
    assert_null(http_response_header(&response, STR("x-less")).p);
    assert_ok(raw_send(client, "HEAD", url, &a, &response, &e), e);
    assert_int_equal(response.body.n, 0);
    http_client_free(client);
    http_server_stop(server);
    arena_release(&a);
}

#define THREADS  8
#define REQUESTS 200

struct crowd {
    struct http_client *client;
    int port;
    atomic_int wrong;
};

static void *send_many(void *p)
{
    struct crowd *crowd = p;
    struct arena a;
    arena_init(&a);
    for (int i = 0; i < REQUESTS; i++) {
        struct err e = {0};
        struct http_response response;
        struct str url = raw_url(&a, crowd->port, arena_format(&a, "n%d?q", i).p);
        int code = raw_send(crowd->client, i % 2 ? "POST" : "GET", url, &a, &response, &e);
        struct str want = arena_format(&a, "%s|/n%d|?q|%s||127.0.0.1|127.0.0.1",
                                       i % 2 ? "POST" : "GET", i, i % 2 ? "one body" : "");
        if (code || response.status != 200 || !str_eq(response.body, want))
            atomic_fetch_add(&crowd->wrong, 1);
        arena_clear(&a);
    }
    arena_release(&a);
    return NULL;
}

TEST(http_many_threads_share_a_client)
{
    atomic_int handled = 0;
    struct http_server *server = start(&handled);
    struct crowd crowd = {.client = raw_client(clock_system()), .port = http_server_port(server)};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, send_many, &crowd), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&crowd.wrong), 0);
    assert_int_equal(atomic_load(&handled), THREADS * REQUESTS);
    http_client_free(crowd.client);
    http_server_stop(server);
}
