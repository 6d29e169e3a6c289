/* SPDX-License-Identifier: Apache-2.0
 * A real redis-server of a test's own: on a unix socket in a temporary directory, nothing saved,
 * killed with the test. Every failure to start fails the test with the server's log. */
#ifndef EBB_TESTS_SUPPORT_REDIS_H
#define EBB_TESTS_SUPPORT_REDIS_H

#include <sys/types.h>

#include "lib/store/store.h"

#define TEST_REDIS_PATH_BYTES   80
#define TEST_REDIS_CONFIG_BYTES 2048

struct test_redis {
    char directory[TEST_REDIS_PATH_BYTES];
    char socket[TEST_REDIS_PATH_BYTES + 16]; /* the path: "unix://" before it makes the URL */
    char url[TEST_REDIS_PATH_BYTES + 32];
    char config[TEST_REDIS_CONFIG_BYTES];
    pid_t pid; /* 0 while it is not running */
};

/* Starts one that answers. config has further lines of redis.conf; NULL or "" for none. */
struct test_redis *test_redis_start(const char *config);
/* Starts it again on the same socket, empty; it must not be running. */
void test_redis_restart(struct test_redis *redis);
/* SIGKILL, and waits until it is gone. */
void test_redis_kill(struct test_redis *redis);
/* SIGSTOP and SIGCONT: alive, but it answers nothing. */
void test_redis_freeze(struct test_redis *redis);
void test_redis_thaw(struct test_redis *redis);
/* Kills it and removes its directory. NULL is fine. */
void test_redis_stop(struct test_redis *redis);

/* A store on it, four connections, generous time-outs; fails the test when it cannot be opened. */
struct store *test_redis_open(const struct test_redis *redis);
/* The options that store is opened with, for tests that change some. */
struct store_options test_redis_options(const char *url);
/* One command whose arguments are the words of text; its reply lives in a. Fails the test when the
 * store cannot say what happened. */
struct reply test_redis_command(struct store *store, struct arena *a, const char *text);

/* A TCP port that nobody listens on, and that this process has not been given before. */
int test_redis_free_port(void);

#endif
