/* SPDX-License-Identifier: Apache-2.0
 * Goal: a server starts or says clearly why not, and stops without losing an answer. Method: ports
 * that are taken, sockets handed over, and stops while handlers wait and clients are connected. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/http/server.h"
#include "lib/http/socket.h"
#include "tests/support/test.h"
#include "tests/unit/test_http_raw.h"

struct hall {
    atomic_int entered;
    atomic_bool leave;
};

static void wait_to_leave(void *ctx, const struct http_incoming *request, struct arena *a,
                          struct http_reply *reply)
{
    struct hall *hall = ctx;
    *reply = (struct http_reply){.status = 200, .body = arena_copy(a, STR("finished"))};
    if (str_eq(request->path, STR("/now"))) return;
    atomic_fetch_add(&hall->entered, 1);
    while (!atomic_load(&hall->leave))
        clock_sleep_ms(1);
}

static struct http_server_options options_for(struct hall *hall)
{
    return (struct http_server_options){.address = "127.0.0.1",
                                        .listen_fd = -1,
                                        .body_max = 100,
                                        .threads = 5,
                                        .handler = wait_to_leave,
                                        .ctx = hall};
}

static struct http_server *start(const struct http_server_options *options)
{
    struct http_server *server = NULL;
    struct err e = {0};
    assert_ok(http_server_start(options, &server, &e), e);
    return server;
}

static void *stop(void *server)
{
    http_server_stop(server);
    return NULL;
}

TEST(http_server_stop_answers_what_came_in)
{
    struct arena a;
    struct hall hall = {0};
    pthread_t stopper;
    arena_init(&a);
    struct http_server_options options = options_for(&hall);
    struct http_server *server = start(&options);
    int port = http_server_port(server), fds[4], idle = raw_connect(port);
    int late = raw_connect(port);
    raw_write(late, "GET /now HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_contains(raw_read_until(&a, late, "finished"), "HTTP/1.1 200 OK");
    for (int i = 0; i < 4; i++) { /* which leaves one thread for the others */
        fds[i] = raw_connect(port);
        raw_write(fds[i], "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    raw_wait_for(atomic_load(&hall.entered) == 4);
    raw_write(late, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n");
    assert_int_equal(pthread_create(&stopper, NULL, stop, server), 0);
    /* Whoever is new is turned away, and a request that becomes whole only now. */
    raw_wait_for(str_contains(raw_exchange(&a, port,
                                           "GET /now HTTP/1.1\r\nHost: h\r\n"
                                           "Connection: close\r\n\r\n"),
                              STR("HTTP/1.1 503 ")));
    raw_write(late, "x");
    assert_contains(raw_read_until(&a, late, NULL), "HTTP/1.1 503 ");
    atomic_store(&hall.leave, true);
    for (int i = 0; i < 4; i++) {
        struct str reply = raw_read_until(&a, fds[i], NULL);
        assert_contains(reply, "HTTP/1.1 200 OK");
        assert_contains(reply, "Connection: close");
        assert_contains(reply, "finished");
        close(fds[i]);
    }
    assert_int_equal(pthread_join(stopper, NULL), 0);
    assert_str(raw_read_until(&a, idle, NULL), "");
    close(idle);
    close(late);
    assert_int_equal(atomic_load(&hall.entered), 4);
    arena_release(&a);
}

TEST(http_server_stop_answers_what_is_queued)
{
    struct arena a;
    struct hall hall = {0};
    pthread_t stopper;
    int fds[5];
    arena_init(&a);
    struct http_server_options options = options_for(&hall);
    options.threads = 1;
    struct http_server *server = start(&options);
    for (int i = 0; i < 5; i++) {
        fds[i] = raw_connect(http_server_port(server));
        raw_write(fds[i], "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    raw_wait_for(atomic_load(&hall.entered) == 1);
    /* Refused without a handler: when this answer is there, all that came before it was read. */
    struct str refusal = raw_exchange(&a, http_server_port(server), "GET x HTTP/1.1\r\n\r\n");
    assert_contains(refusal, "HTTP/1.1 400 ");
    assert_int_equal(pthread_create(&stopper, NULL, stop, server), 0);
    atomic_store(&hall.leave, true);
    for (int i = 0; i < 5; i++) {
        assert_contains(raw_read_until(&a, fds[i], "finished"), "HTTP/1.1 200 OK");
        close(fds[i]);
    }
    assert_int_equal(pthread_join(stopper, NULL), 0);
    assert_int_equal(atomic_load(&hall.entered), 5);
    arena_release(&a);
}

TEST(http_server_starts_and_stops_many_times)
{
    struct arena a;
    struct hall hall = {.leave = true};
    arena_init(&a);
    struct http_server_options options = options_for(&hall);
    for (int i = 0; i < 30; i++) {
        struct http_server *server = start(&options);
        options.port = http_server_port(server); /* the same one again at once */
        struct str reply = raw_exchange(&a, options.port,
                                        "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        assert_contains(reply, "finished");
        http_server_stop(server);
    }
    http_server_stop(NULL);
    arena_release(&a);
}

static void expect_refusal(const char *address, int port, int code, const char *words,
                           const char *remedy)
{
    struct hall hall = {0};
    struct http_server_options options = options_for(&hall);
    struct http_server *server = NULL;
    struct err e = {0};
    options.address = address;
    options.port = port;
    assert_int_equal(http_server_start(&options, &server, &e), code);
    assert_null(server);
    assert_contains(str_from(e.text), words);
    assert_contains(str_from(e.text), remedy);
}

TEST(http_server_says_why_it_cannot_listen)
{
    struct arena a;
    struct hall hall = {0};
    arena_init(&a);
    struct http_server_options options = options_for(&hall);
    struct http_server *server = start(&options);
    int port = http_server_port(server);
    expect_refusal("127.0.0.1", port, E_MISSING, arena_format(&a, "127.0.0.1:%d", port).p,
                   "is already in use; stop the program that listens there or choose another");
    http_server_stop(server);
    expect_refusal("192.0.2.1", 0, E_MISSING, "192.0.2.1:0", "not an address of this machine");
    expect_refusal("here", 0, E_CONFIG, "\"here\"", "not an IP address");
    expect_refusal("127.0.0.1", 70000, E_CONFIG, "70000", "not a port");
    arena_release(&a);
}

TEST(http_server_takes_a_socket_over)
{
    struct arena a;
    struct err e = {0};
    struct hall hall = {.leave = true};
    arena_init(&a);
    struct http_server_options options = options_for(&hall);
    assert_ok(http_socket_listen("127.0.0.1", 0, &options.listen_fd, &e), e);
    int port = http_socket_port(options.listen_fd);
    struct http_server *server = start(&options);
    assert_int_equal(http_server_port(server), port);
    assert_contains(raw_exchange(&a, port, "GET / HTTP/1.0\r\n\r\n"), "finished");
    http_server_stop(server);
    options.listen_fd = STDIN_FILENO;
    assert_int_equal(http_server_start(&options, &server, &e), E_CONFIG);
    assert_contains(str_from(e.text), "not a listening socket");
    arena_release(&a);
}

static void tell_ends(void *ctx, const struct http_incoming *request, struct arena *a,
                      struct http_reply *reply)
{
    (void)ctx;
    reply->status = 200;
    reply->body = arena_format(a, "<%.*s %.*s>", STR_ARG(request->peer), STR_ARG(request->local));
}

TEST(http_server_tells_both_ends)
{
    struct arena a;
    struct http_server_options options = {
        .address = "::", .listen_fd = -1, .handler = tell_ends, .threads = 1};
    struct http_server *server = NULL;
    struct err e = {0};
    int code = http_server_start(&options, &server, &e);
    if (code == E_MISSING) skip(); /* a machine without IPv6 */
    assert_ok(code, e);
    arena_init(&a);
    struct str reply = raw_exchange(&a, http_server_port(server), "GET / HTTP/1.0\r\n\r\n");
    assert_contains(reply, "<127.0.0.1 127.0.0.1>"); /* IPv4 as IPv4 */
    http_server_stop(server);
    arena_release(&a);
}
