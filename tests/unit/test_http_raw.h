/* SPDX-License-Identifier: Apache-2.0
 * Plain sockets for the HTTP tests: a server that misbehaves as a script says, a client that sends
 * exactly the bytes given, and a client of ours with short time-outs. */
#ifndef EBB_TESTS_UNIT_TEST_HTTP_RAW_H
#define EBB_TESTS_UNIT_TEST_HTTP_RAW_H

#include <pthread.h>
#include <stdatomic.h>

#include "lib/http/http.h"

#define RAW_BYTES_MAX 65536
#define RAW_WAIT_MS   10000 /* no test waits longer for anything */

struct raw_server;
/* One connection, the nth from 0; closed when it returns. */
typedef void raw_script(struct raw_server *server, int fd, int nth);

struct raw_server {
    int listen_fd, port;
    int stop_pipe[2]; /* readable when the server is to stop */
    raw_script *script;
    pthread_t thread;
    atomic_int accepted, requests; /* requests: heads that raw_read_request saw */
    atomic_bool saw_reset;
    char
        last[RAW_BYTES_MAX]; /* the last request read; look only after raw_server_stop or a reply */
    size_t last_n;
};

/* Connections are served one after the other, on 127.0.0.1. */
struct raw_server *raw_server_start(raw_script *script);
void raw_server_stop(struct raw_server *server);
/* "http://127.0.0.1:PORT/rest" */
struct str raw_url(struct arena *a, int port, const char *rest);

/* Reads a head and the body its Content-Length announces; false when the client closed first. */
bool raw_read_request(struct raw_server *server, int fd);
void raw_write(int fd, const char *text);
/* Until the client closes or the server is to stop. */
void raw_hang(struct raw_server *server, int fd);

int raw_connect(int port);
/* Sends text, then reads until the server closes; NUL-terminated in the arena. */
struct str raw_exchange(struct arena *a, int port, const char *text);
/* Reads until the server closes, or `part` has come. */
struct str raw_read_until(struct arena *a, int fd, const char *part);

int64_t raw_now_ms(void);
/* Waits for it to become true. */
#define raw_wait_for(condition)                                                                    \
    do {                                                                                           \
        int64_t until = raw_now_ms() + RAW_WAIT_MS;                                                \
        while (!(condition) && raw_now_ms() < until)                                               \
            clock_sleep_ms(2);                                                                     \
        assert_true(condition);                                                                    \
    } while (0)

struct http_client *raw_client(struct clock clock);
/* One request without headers by a new client; the code it came to. */
int raw_send(struct http_client *client, const char *method, struct str url, struct arena *a,
             struct http_response *out, struct err *e);

#endif
