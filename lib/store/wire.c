/* SPDX-License-Identifier: Apache-2.0
 * See wire.h. */
#include "lib/store/wire.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#define KEEPALIVE_IDLE_S     30 /* a peer that vanished is noticed after a minute, not two hours */
#define KEEPALIVE_INTERVAL_S 10
#define KEEPALIVE_PROBES     3
#define BACKLOG_PAUSE_MS     10 /* a unix socket whose backlog is full is asked again after this */
#define ADDRESSES_MAX        16 /* of one name */

static int remaining_ms(const struct redis_wire *wire, int64_t deadline_ms)
{
    int64_t left = deadline_ms - clock_mono_ms(&wire->clock);
    return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

/* Until the events (POLLIN, POLLOUT) or an error of the socket, which the next call on it tells. */
static int wait_for(const struct redis_wire *wire, short events, int64_t deadline_ms, struct err *e)
{
    for (;;) {
        int left_ms = remaining_ms(wire, deadline_ms);
        struct pollfd p = {.fd = wire->fd, .events = events};
        int n = poll(&p, 1, left_ms);
        if (n > 0) return 0;
        if (n < 0 && errno != EINTR)
            return err_set(e, E_UNREACHABLE, "poll: %s", strerrordesc_np(errno));
        if (left_ms == 0) return err_set(e, E_TIMEOUT, "timed out");
    }
}

static int set_option(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof(value));
}

static void tune_tcp(int fd)
{
    /* All of these only improve matters, so a kernel that refuses one is not an error. */
    (void)set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    (void)set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    (void)set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
    (void)set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
    (void)set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES);
}

static int finish_connect(const struct redis_wire *wire, int64_t deadline_ms, struct err *e)
{
    int code = wait_for(wire, POLLOUT, deadline_ms, e);
    if (code) return code;
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(wire->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    if (error) return err_set(e, E_UNREACHABLE, "%s", strerrordesc_np(error));
    return 0;
}

/* Connects one address; closes the socket again when that fails. */
static int connect_one(struct redis_wire *wire, const struct sockaddr *to, socklen_t size,
                       int64_t deadline_ms, struct err *e)
{
    wire->fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (wire->fd < 0) return err_set(e, E_UNREACHABLE, "socket: %s", strerrordesc_np(errno));
    if (to->sa_family != AF_UNIX) tune_tcp(wire->fd);
    int code = 0;
    while (connect(wire->fd, to, size) != 0) {
        if (errno == EINPROGRESS || errno == EINTR) {
            code = finish_connect(wire, deadline_ms, e);
            break;
        }
        if (errno != EAGAIN) {
            code = err_set(e, E_UNREACHABLE, "%s", strerrordesc_np(errno));
            break;
        }
        /* EAGAIN: the backlog of a unix socket is full, and poll cannot tell when it is not. */
        if (remaining_ms(wire, deadline_ms) == 0) {
            code = err_set(e, E_TIMEOUT, "timed out: it accepts no connections");
            break;
        }
        clock_sleep_ms(BACKLOG_PAUSE_MS);
    }
    if (code) {
        (void)close(wire->fd); /* never carried a byte */
        wire->fd = -1;
    }
    return code;
}

static int connect_unix(struct redis_wire *wire, const char *path, int64_t deadline_ms,
                        struct err *e)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    EBB_ASSERT(strlen(path) < sizeof(to.sun_path));
    memcpy(to.sun_path, path, strlen(path));
    const void *any = &to;
    return connect_one(wire, any, sizeof(to), deadline_ms, e);
}

static int connect_tcp(struct redis_wire *wire, const struct redis_address *address,
                       int64_t deadline_ms, struct err *e)
{
    char port[8];
    (void)snprintf(port, sizeof(port), "%d", address->port); /* at most 5 digits */
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int error = getaddrinfo(address->host, port, &hints, &found);
    if (error)
        return err_set(e, E_UNREACHABLE, "its name cannot be resolved: %s",
                       error == EAI_SYSTEM ? strerrordesc_np(errno) : gai_strerror(error));
    int left = 0;
    for (const struct addrinfo *i = found; i && left < ADDRESSES_MAX; i = i->ai_next)
        left++;
    int code = err_set(e, E_UNREACHABLE, "its name has no address");
    for (const struct addrinfo *i = found; i && left > 0; i = i->ai_next, left--) {
        /* Each address gets its share of the time, so a silent one does not use up the others'. */
        int64_t share_ms = remaining_ms(wire, deadline_ms) / left;
        code =
            connect_one(wire, i->ai_addr, i->ai_addrlen, clock_mono_ms(&wire->clock) + share_ms, e);
        if (!code) break;
    }
    freeaddrinfo(found);
    return code;
}

/* Waits for what a TLS step wants; DONE is the caller's to see before. */
static int wait_for_tls(const struct redis_wire *wire, enum redis_tls_step step,
                        int64_t deadline_ms, struct err *e)
{
    switch (step) {
    case REDIS_TLS_WANT_READ: return wait_for(wire, POLLIN, deadline_ms, e);
    case REDIS_TLS_WANT_WRITE: return wait_for(wire, POLLOUT, deadline_ms, e);
    case REDIS_TLS_END: return err_set(e, E_UNREACHABLE, "it closed the connection");
    case REDIS_TLS_FAILED: return E_UNREACHABLE;
    case REDIS_TLS_DONE: return 0;
    }
    return E_BUG;
}

static int shake_hands(struct redis_wire *wire, struct redis_tls_context *tls, const char *host,
                       int64_t deadline_ms, struct err *e)
{
    wire->tls = redis_tls_new(tls, wire->fd, host);
    for (;;) {
        enum redis_tls_step step = redis_tls_handshake(wire->tls, e);
        if (step == REDIS_TLS_DONE) return 0;
        int code = wait_for_tls(wire, step, deadline_ms, e);
        if (code) return code;
    }
}

int redis_wire_open(const struct redis_address *address, struct redis_tls_context *tls,
                    struct clock clock, int64_t deadline_ms, struct redis_wire *out, struct err *e)
{
    *out = (struct redis_wire){.clock = clock, .fd = -1};
    int code = address->path[0] ? connect_unix(out, address->path, deadline_ms, e)
                                : connect_tcp(out, address, deadline_ms, e);
    if (!code && address->tls) {
        EBB_ASSERT(tls);
        code = shake_hands(out, tls, address->host, deadline_ms, e);
        if (code) (void)err_prefix(e, "in the handshake");
    }
    if (code) redis_wire_close(out);
    return code;
}

void redis_wire_close(struct redis_wire *wire)
{
    if (wire->tls) {
        redis_tls_say_goodbye(wire->tls);
        redis_tls_free(wire->tls);
        wire->tls = NULL;
    }
    if (wire->fd >= 0) (void)close(wire->fd); /* whatever was unread is not wanted */
    wire->fd = -1;
}

/* One attempt to send; *code says whether the stream is still good. Returns the bytes taken. */
static size_t send_some(struct redis_wire *wire, struct str bytes, int64_t deadline_ms, int *code,
                        struct err *e)
{
    size_t taken = 0;
    *code = 0;
    if (wire->tls) {
        enum redis_tls_step step = redis_tls_write(wire->tls, bytes, &taken, e);
        wire->sent_bytes = redis_tls_sent_bytes(wire->tls);
        if (step == REDIS_TLS_DONE) return taken;
        *code = wait_for_tls(wire, step, deadline_ms, e);
        return 0;
    }
    ssize_t n = send(wire->fd, bytes.p, bytes.n, MSG_NOSIGNAL);
    if (n >= 0) {
        wire->sent_bytes += (uint64_t)n;
        return (size_t)n;
    }
    if (errno == EAGAIN)
        *code = wait_for(wire, POLLOUT, deadline_ms, e);
    else if (errno != EINTR)
        *code = err_set(e, E_UNREACHABLE, "%s", strerrordesc_np(errno));
    return 0;
}

int redis_wire_send(struct redis_wire *wire, struct str bytes, int64_t deadline_ms, struct err *e)
{
    size_t done = 0;
    while (done < bytes.n) {
        int code;
        done +=
            send_some(wire, (struct str){bytes.p + done, bytes.n - done}, deadline_ms, &code, e);
        if (code) return code;
        /* A server that takes a byte now and then never makes us wait, but the deadline holds. */
        if (done < bytes.n && remaining_ms(wire, deadline_ms) == 0)
            return err_set(e, E_TIMEOUT, "timed out");
    }
    return 0;
}

int redis_wire_receive(struct redis_wire *wire, char *p, size_t size, int64_t deadline_ms,
                       size_t *got, struct err *e)
{
    for (;;) {
        int code;
        if (wire->tls) {
            enum redis_tls_step step = redis_tls_read(wire->tls, p, size, got, e);
            if (step == REDIS_TLS_DONE) return 0;
            code = wait_for_tls(wire, step, deadline_ms, e);
        } else {
            ssize_t n = recv(wire->fd, p, size, 0);
            *got = n > 0 ? (size_t)n : 0;
            if (n > 0) return 0;
            if (n == 0) return err_set(e, E_UNREACHABLE, "it closed the connection");
            if (errno != EAGAIN && errno != EINTR)
                return err_set(e, E_UNREACHABLE, "%s", strerrordesc_np(errno));
            code = wait_for(wire, POLLIN, deadline_ms, e);
        }
        if (code) return code;
    }
}

bool redis_wire_is_quiet(struct redis_wire *wire)
{
    if (wire->tls) return redis_tls_is_quiet(wire->tls);
    char byte;
    ssize_t n = recv(wire->fd, &byte, sizeof(byte), MSG_PEEK | MSG_DONTWAIT);
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}
