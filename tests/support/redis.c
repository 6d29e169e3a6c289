/* SPDX-License-Identifier: Apache-2.0
 * See redis.h. The server dies with the thread that started it, so a failed test leaves none. */
#include "tests/support/redis.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "lib/base/clock.h"
#include "tests/support/test.h"

#define START_TIMEOUT_MS 20000
#define PAUSE_MS         2
#define LOG_BYTES        4000
#define OPEN_FILES_MAX   4
#define WORDS_MAX        ((size_t)32)
#define PORTS_FIRST      12000
#define PORTS_N          8000

static void write_config(const struct test_redis *redis)
{
    char path[TEST_REDIS_PATH_BYTES + 16];
    (void)snprintf(path, sizeof(path), "%s/redis.conf", redis->directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file,
            "port 0\nunixsocket %s\ndir %s\nlogfile %s/redis.log\nsave \"\"\nappendonly no\n"
            "databases 4\n%s\n",
            redis->socket, redis->directory, redis->directory, redis->config);
    assert_int_equal(fclose(file), 0);
}

static void fail_with_log(const struct test_redis *redis, const char *why)
{
    char path[TEST_REDIS_PATH_BYTES + 16], log[LOG_BYTES] = "";
    (void)snprintf(path, sizeof(path), "%s/redis.log", redis->directory);
    FILE *file = fopen(path, "r");
    if (file) {
        log[fread(log, 1, sizeof(log) - 1, file)] = 0;
        (void)fclose(file); /* only read */
    }
    fail_msg("redis-server %s (package redis-server)\n%s", why, log);
}

/* True when something at the socket answers PING, a refusal for want of a password included. */
static bool answers(const struct test_redis *redis)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    memcpy(to.sun_path, redis->socket, strlen(redis->socket));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    char reply[64] = "";
    bool asked = connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0 &&
                 send(fd, "PING\r\n", 6, MSG_NOSIGNAL) == 6;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (asked && poll(&p, 1, START_TIMEOUT_MS) == 1)
        (void)!read(fd, reply, sizeof(reply) - 1); /* nothing read is no answer */
    (void)close(fd);                               /* nothing to lose */
    return strncmp(reply, "+PONG", 5) == 0 || strncmp(reply, "-NOAUTH", 7) == 0;
}

static void run_server(const struct test_redis *redis, pid_t parent)
{
    char path[TEST_REDIS_PATH_BYTES + 16];
    (void)snprintf(path, sizeof(path), "%s/redis.conf", redis->directory);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    execlp("redis-server", "redis-server", path, (char *)NULL);
    _exit(127);
}

void test_redis_restart(struct test_redis *redis)
{
    assert_int_equal(redis->pid, 0);
    (void)unlink(redis->socket); /* left by a killed one, or not there */
    pid_t parent = getpid();
    redis->pid = fork();
    assert_true(redis->pid >= 0);
    if (redis->pid == 0) run_server(redis, parent);
    struct clock clock = clock_system();
    int64_t deadline_ms = clock_mono_ms(&clock) + START_TIMEOUT_MS;
    while (!answers(redis)) {
        int status;
        if (waitpid(redis->pid, &status, WNOHANG) == redis->pid) {
            redis->pid = 0;
            fail_with_log(redis, "cannot be started");
        }
        if (clock_mono_ms(&clock) > deadline_ms) fail_with_log(redis, "does not answer");
        clock_sleep_ms(PAUSE_MS);
    }
}

struct test_redis *test_redis_start(const char *config)
{
    struct test_redis *redis = calloc(1, sizeof(*redis));
    if (!redis) abort();
    (void)snprintf(redis->directory, sizeof(redis->directory), "/tmp/ebb-test-redis-XXXXXX");
    assert_non_null(mkdtemp(redis->directory));
    (void)snprintf(redis->socket, sizeof(redis->socket), "%s/sock", redis->directory);
    (void)snprintf(redis->url, sizeof(redis->url), "unix://%s", redis->socket);
    int n = snprintf(redis->config, sizeof(redis->config), "%s", config ? config : "");
    assert_true(n >= 0 && (size_t)n < sizeof(redis->config));
    write_config(redis);
    test_redis_restart(redis);
    return redis;
}

void test_redis_kill(struct test_redis *redis)
{
    if (redis->pid <= 0) return;
    assert_int_equal(kill(redis->pid, SIGKILL), 0);
    int status;
    while (waitpid(redis->pid, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    redis->pid = 0;
}

void test_redis_freeze(struct test_redis *redis)
{
    assert_true(redis->pid > 0);
    assert_int_equal(kill(redis->pid, SIGSTOP), 0);
    int status;
    assert_int_equal(waitpid(redis->pid, &status, WUNTRACED), redis->pid);
}

void test_redis_thaw(struct test_redis *redis)
{
    assert_true(redis->pid > 0);
    assert_int_equal(kill(redis->pid, SIGCONT), 0);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
    (void)status;
    (void)kind;
    (void)at;
    return remove(path);
}

void test_redis_stop(struct test_redis *redis)
{
    if (!redis) return;
    test_redis_kill(redis);
    assert_int_equal(nftw(redis->directory, remove_one, OPEN_FILES_MAX, FTW_DEPTH | FTW_PHYS), 0);
    free(redis);
}

struct store_options test_redis_options(const char *url)
{
    return (struct store_options){.url = str_from(url),
                                  .connect_timeout_ms = 10000,
                                  .command_timeout_ms = 10000,
                                  .connections_max = 4,
                                  .clock = clock_system()};
}

struct store *test_redis_open(const struct test_redis *redis)
{
    struct store_options options = test_redis_options(redis->url);
    struct store *store;
    struct err e = {0};
    assert_ok(store_open(&options, &store, &e), e);
    return store;
}

struct reply test_redis_command(struct store *store, struct arena *a, const char *text)
{
    struct str words[WORDS_MAX], rest = str_from(text);
    size_t n = 0;
    while (rest.p) {
        assert_true(n < WORDS_MAX);
        words[n++] = str_cut(&rest, ' ');
    }
    struct store_port port = store_port_of(store);
    struct reply reply;
    struct err e = {0};
    assert_ok(store_command(&port, words, n, a, &reply, &e), e);
    return reply;
}

/* Below the ports that the kernel gives to outgoing connections (ip_local_port_range), or anybody's
 * might take it before the server that it is for. Processes begin at different ones, and none gets one twice. */
int test_redis_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    static _Atomic int asked;
    for (int i = 0; i < PORTS_N; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(fd >= 0);
        address.sin_port = htons((uint16_t)(PORTS_FIRST + (getpid() * 7 + asked++) % PORTS_N));
        bool is_free = !bind(fd, (struct sockaddr *)&address, sizeof(address));
        assert_int_equal(close(fd), 0);
        if (is_free) return ntohs(address.sin_port);
    }
    fail_msg("no port from %d on is free", PORTS_FIRST);
    return 0;
}
