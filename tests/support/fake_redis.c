/* SPDX-License-Identifier: Apache-2.0
 * See fake_redis.h. One thread serves all connections; commands are read with a small parser of
 * their own, so that the code under test is not used to check itself. */
#include "tests/support/fake_redis.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "tests/support/test.h"

#define CLIENTS_MAX   16
#define INPUT_BYTES   (64 * 1024)
#define COMMANDS_MAX  256
#define COMMAND_BYTES 32

struct client {
    int fd; /* -1: free place */
    bool is_silent, floods;
    const char *flood;
    char input[INPUT_BYTES];
    size_t n;
};

struct fake_redis {
    struct fake_redis_rule *rules;
    int listener, wake, port;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards the two below */
    char received[COMMANDS_MAX][COMMAND_BYTES];
    int received_n, connections;
    struct client clients[CLIENTS_MAX];
};

static void drop(struct client *client)
{
    (void)close(client->fd); /* a test's socket */
    client->fd = -1;
}

/* Sends what fits; a client that reads nothing is the test's intention. */
static void answer(struct client *client, const char *bytes, size_t n)
{
    ssize_t sent = send(client->fd, bytes, n, MSG_NOSIGNAL | (client->floods ? MSG_DONTWAIT : 0));
    if (sent < 0 && !client->floods) drop(client);
}

static void answer_healthy(struct client *client, const char *command)
{
    char bytes[512];
    const char *info = FAKE_REDIS_HEALTHY_INFO;
    if (strcmp(command, "PING") == 0)
        (void)snprintf(bytes, sizeof(bytes), "+PONG\r\n");
    else if (strcmp(command, "INFO") == 0)
        (void)snprintf(bytes, sizeof(bytes), "$%zu\r\n%s\r\n", strlen(info), info);
    else
        (void)snprintf(bytes, sizeof(bytes), "+OK\r\n");
    answer(client, bytes, strlen(bytes));
}

static struct fake_redis_rule *rule_for(struct fake_redis *fake, const char *command)
{
    for (struct fake_redis_rule *r = fake->rules; r && r->command; r++) {
        if (r->times < 0) continue;
        if (strcmp(r->command, "*") == 0 || strcmp(r->command, command) == 0) {
            if (r->times > 0 && --r->times == 0) r->times = -1;
            return r;
        }
    }
    return NULL;
}

static void serve_command(struct fake_redis *fake, struct client *client, const char *command)
{
    pthread_mutex_lock(&fake->mutex);
    if (fake->received_n < COMMANDS_MAX)
        (void)snprintf(fake->received[fake->received_n++], COMMAND_BYTES, "%s", command);
    pthread_mutex_unlock(&fake->mutex);
    const struct fake_redis_rule *rule = rule_for(fake, command);
    if (!rule || !rule->answer) {
        answer_healthy(client, command);
        return;
    }
    client->is_silent = rule->then == FAKE_REDIS_SILENT;
    client->floods = rule->then == FAKE_REDIS_FLOOD;
    client->flood = rule->answer;
    if (!client->is_silent) answer(client, rule->answer, strlen(rule->answer));
    if (rule->then == FAKE_REDIS_CLOSE && client->fd >= 0) drop(client);
}

/* The length of the first whole command in the input, 0 when there is none; its first argument. */
static size_t parse_command(const char *p, size_t n, char command[COMMAND_BYTES])
{
    size_t at = 0;
    long args = 0, length = 0;
    for (long i = -1; i < args; i++) {
        const char *end = memmem(p + at, n - at, "\r\n", 2);
        if (!end) return 0;
        length = strtol(p + at + 1, NULL, 10);
        at = (size_t)(end - p) + 2;
        if (i < 0) {
            args = length;
            continue;
        }
        if (n - at < (size_t)length + 2) return 0;
        if (i == 0) (void)snprintf(command, COMMAND_BYTES, "%.*s", (int)length, p + at);
        at += (size_t)length + 2;
    }
    return at;
}

static void serve_input(struct fake_redis *fake, struct client *client)
{
    ssize_t n = recv(client->fd, client->input + client->n, INPUT_BYTES - client->n, MSG_DONTWAIT);
    if (n <= 0) {
        drop(client);
        return;
    }
    client->n += (size_t)n;
    char command[COMMAND_BYTES];
    size_t used;
    while (client->fd >= 0 && !client->is_silent && !client->floods &&
           (used = parse_command(client->input, client->n, command)) > 0) {
        memmove(client->input, client->input + used, client->n - used);
        client->n -= used;
        serve_command(fake, client, command);
    }
    if (client->is_silent) client->n = 0;
}

static void take_client(struct fake_redis *fake)
{
    int fd = accept4(fake->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) return;
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        if (fake->clients[i].fd >= 0) continue;
        memset(&fake->clients[i], 0, sizeof(fake->clients[i]));
        fake->clients[i].fd = fd;
        pthread_mutex_lock(&fake->mutex);
        fake->connections++;
        pthread_mutex_unlock(&fake->mutex);
        return;
    }
    (void)close(fd); /* more clients than any test has */
}

static void *serve(void *ctx)
{
    struct fake_redis *fake = ctx;
    for (;;) {
        struct pollfd p[CLIENTS_MAX + 2] = {{.fd = fake->wake, .events = POLLIN},
                                            {.fd = fake->listener, .events = POLLIN}};
        for (size_t i = 0; i < CLIENTS_MAX; i++) {
            p[i + 2].fd = fake->clients[i].fd;
            p[i + 2].events = (short)(fake->clients[i].floods ? POLLIN | POLLOUT : POLLIN);
        }
        if (poll(p, EBB_COUNT(p), -1) < 0) continue;
        if (p[0].revents) return NULL;
        for (size_t i = 0; i < CLIENTS_MAX; i++) {
            struct client *client = &fake->clients[i];
            if (client->fd >= 0 && (p[i + 2].revents & (POLLIN | POLLHUP | POLLERR)))
                serve_input(fake, client);
            if (client->fd >= 0 && client->floods)
                answer(client, client->flood, strlen(client->flood));
        }
        if (p[1].revents) take_client(fake);
    }
}

struct fake_redis *fake_redis_start(struct fake_redis_rule *rules)
{
    struct fake_redis *fake = calloc(1, sizeof(*fake));
    if (!fake) abort();
    fake->rules = rules;
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        fake->clients[i].fd = -1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    fake->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    fake->wake = eventfd(0, EFD_CLOEXEC);
    assert_true(fake->listener >= 0 && fake->wake >= 0);
    assert_int_equal(bind(fake->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fake->listener, CLIENTS_MAX), 0);
    assert_int_equal(getsockname(fake->listener, (struct sockaddr *)&address, &size), 0);
    fake->port = ntohs(address.sin_port);
    assert_int_equal(pthread_mutex_init(&fake->mutex, NULL), 0);
    assert_int_equal(pthread_create(&fake->thread, NULL, serve, fake), 0);
    return fake;
}

void fake_redis_stop(struct fake_redis *fake)
{
    if (!fake) return;
    assert_int_equal(eventfd_write(fake->wake, 1), 0);
    assert_int_equal(pthread_join(fake->thread, NULL), 0);
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (fake->clients[i].fd >= 0) drop(&fake->clients[i]);
    (void)close(fake->listener); /* a test's socket */
    (void)close(fake->wake);     /* likewise */
    pthread_mutex_destroy(&fake->mutex);
    free(fake);
}

int fake_redis_port(const struct fake_redis *fake)
{
    return fake->port;
}

int fake_redis_count(struct fake_redis *fake, const char *command)
{
    int count = 0;
    pthread_mutex_lock(&fake->mutex);
    for (int i = 0; i < fake->received_n; i++)
        if (strcmp(fake->received[i], command) == 0) count++;
    pthread_mutex_unlock(&fake->mutex);
    return count;
}

int fake_redis_connections(struct fake_redis *fake)
{
    pthread_mutex_lock(&fake->mutex);
    int connections = fake->connections;
    pthread_mutex_unlock(&fake->mutex);
    return connections;
}
