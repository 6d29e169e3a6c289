/* SPDX-License-Identifier: Apache-2.0
 * Goal: a server that takes no connection, takes no bytes, goes away or answers by bytes now and then
 * costs no more than the time there is, and is told for what it is. Method: sockets of the test's own,
 * and a clock that leaps at each look. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <netinet/in.h>

#include "lib/store/connection.h"
#include "tests/support/fake_redis.h"
#include "tests/support/test.h"

#define TIMEOUT_MS ((int64_t)60000)
#define SHORT_MS   100

struct listening {
    struct redis_address address;
    char directory[32];
    int fd;
};

/* A unix socket that may have one connection waiting to be accepted. */
static struct listening listen_here(void)
{
    struct listening l = {.directory = "/tmp/ebb-test-wire-XXXXXX"};
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const void *any = &at;
    assert_non_null(mkdtemp(l.directory));
    (void)snprintf(l.address.path, sizeof(l.address.path), "%s/socket", l.directory);
    memcpy(at.sun_path, l.address.path, strlen(l.address.path));
    l.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(l.fd, any, sizeof(at)), 0);
    assert_int_equal(listen(l.fd, 0), 0);
    return l;
}

static void stop_listening(struct listening *l)
{
    assert_int_equal(close(l->fd), 0);
    assert_int_equal(unlink(l->address.path), 0);
    assert_int_equal(rmdir(l->directory), 0);
}

static int open_within(const struct listening *l, int64_t ms, struct redis_wire *out, struct err *e)
{
    struct clock clock = clock_system();
    return redis_wire_open(&l->address, NULL, clock, clock_mono_ms(&clock) + ms, out, e);
}

TEST(wire_to_a_server_that_accepts_nobody_is_given_up_in_time)
{
    struct listening l = listen_here();
    struct redis_wire wires[8];
    struct err e = {0};
    size_t n = 0;
    int code = 0;
    while (n < EBB_COUNT(wires) && !code)
        code = open_within(&l, SHORT_MS, &wires[n++], &e);
    assert_int_equal(code, E_TIMEOUT);
    assert_contains(str_from(e.text), "it accepts no connections");
    while (--n)
        redis_wire_close(&wires[n - 1]);
    stop_listening(&l);
}

TEST(wire_to_a_server_that_is_gone_is_unreachable)
{
    struct listening l = listen_here();
    struct redis_wire wire;
    struct err e = {0};
    assert_ok(open_within(&l, TIMEOUT_MS, &wire, &e), e);
    assert_int_equal(close(accept(l.fd, NULL, NULL)), 0);
    assert_int_equal(
        redis_wire_send(&wire, STR("PING\r\n"), clock_mono_ms(&wire.clock) + TIMEOUT_MS, &e),
        E_UNREACHABLE);
    assert_contains(str_from(e.text), "Broken pipe");
    assert_int_equal(wire.sent_bytes, 0);
    redis_wire_close(&wire);
    stop_listening(&l);
}

struct leaping {
    int64_t ms, by_ms; /* by how much it goes on at each look */
};

static int64_t leap(void *ctx)
{
    struct leaping *l = ctx;
    l->ms += l->by_ms;
    return l->ms;
}

/* What was sent by then may have been understood: sent_bytes says so. */
TEST(wire_to_a_server_that_takes_bytes_slowly_ends_at_the_deadline)
{
    struct listening l = listen_here();
    struct redis_wire wire;
    struct leaping time = {0};
    struct err e = {0};
    size_t n = (size_t)16 * 1024 * 1024;
    char *bytes = calloc(1, n);
    assert_ok(open_within(&l, TIMEOUT_MS, &wire, &e), e);
    wire.clock = (struct clock){&time, leap, leap};
    time.by_ms = TIMEOUT_MS;
    assert_int_equal(redis_wire_send(&wire, (struct str){bytes, n}, TIMEOUT_MS, &e), E_TIMEOUT);
    assert_in_range(wire.sent_bytes, 1, n - 1);
    free(bytes);
    redis_wire_close(&wire);
    stop_listening(&l);
}

TEST(connection_to_a_server_that_answers_slowly_ends_at_the_deadline)
{
    struct fake_redis_rule rules[] = {{"INCR", "+half", FAKE_REDIS_GO_ON, 0}, {0}};
    struct fake_redis *fake = fake_redis_start(rules);
    struct leaping time = {0};
    struct redis_login nobody = {0};
    struct redis_connection_options options = {.login = &nobody,
                                               .clock = {&time, leap, leap},
                                               .connect_timeout_ms = TIMEOUT_MS,
                                               .command_timeout_ms = TIMEOUT_MS};
    struct redis_address address = {.host = "127.0.0.1", .port = fake_redis_port(fake)};
    struct redis_connection *c;
    struct str args[] = {STR("INCR"), STR("n")};
    struct reply r;
    struct arena a;
    struct err e = {0};
    arena_init(&a);
    assert_ok(redis_connection_open(&options, &address, &c, &e), e);
    /* Once to know the deadline, once before it waits, and then it is over. */
    time.by_ms = TIMEOUT_MS * 6 / 10;
    assert_int_equal(redis_connection_command(c, args, EBB_COUNT(args), &a, &r, &e),
                     E_UNKNOWN_OUTCOME);
    assert_contains(str_from(e.text), "no answer within 60000 ms");
    assert_false(redis_connection_is_usable(c));
    redis_connection_close(c);
    arena_release(&a);
    fake_redis_stop(fake);
}

/* Reads the beginning of a handshake and goes away. */
static void *hear_and_close(void *arg)
{
    char bytes[8192];
    int fd = accept(*(const int *)arg, NULL, NULL);
    ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
    (void)close(fd); /* nothing was written */
    return n > 0 ? arg : NULL;
}

TEST(wire_says_who_closed_it_in_the_handshake)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    void *any = &at, *heard;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pthread_t thread;
    struct redis_tls_context *tls;
    struct redis_wire wire;
    struct clock clock = clock_system();
    struct err e = {0};
    assert_int_equal(bind(fd, any, size), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, any, &size), 0);
    assert_ok(redis_tls_context_new(NULL, &tls, &e), e);
    assert_int_equal(pthread_create(&thread, NULL, hear_and_close, &fd), 0);
    struct redis_address address = {.tls = true, .host = "127.0.0.1", .port = ntohs(at.sin_port)};
    assert_int_equal(
        redis_wire_open(&address, tls, clock, clock_mono_ms(&clock) + TIMEOUT_MS, &wire, &e),
        E_UNREACHABLE);
    assert_contains(str_from(e.text), "in the handshake: it closed the connection");
    assert_int_equal(pthread_join(thread, &heard), 0);
    assert_non_null(heard);
    redis_tls_context_free(tls);
    assert_int_equal(close(fd), 0);
}
