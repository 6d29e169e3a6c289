/* SPDX-License-Identifier: Apache-2.0
 * Goal: commands and scripts through the store behave as Redis's documentation says, from many
 * threads, within its limits. Method: a real redis-server per test. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/store/pool.h"
#include "lib/store/reply.h"
#include "lib/store/store.h"
#include "tests/support/redis.h"
#include "tests/support/test.h"

#define THREADS             8
#define COMMANDS_PER_THREAD 500

TEST(store_gives_every_kind_of_reply)
{
    struct test_redis *redis = test_redis_start(NULL);
    struct store *store = test_redis_open(redis);
    struct arena a;
    arena_init(&a);
    struct reply r = test_redis_command(store, &a, "SET k v");
    assert_true(reply_is_ok(&r));
    r = test_redis_command(store, &a, "GET k");
    assert_str(reply_text(&r), "v");
    r = test_redis_command(store, &a, "GET none");
    assert_true(reply_is_nil(&r));
    r = test_redis_command(store, &a, "INCRBY n -7");
    assert_int_equal(r.kind, REPLY_INT);
    assert_int_equal(r.integer, -7);
    r = test_redis_command(store, &a, "HSET h a 1 b 2");
    r = test_redis_command(store, &a, "HGETALL h");
    assert_int_equal(reply_pairs_n(&r), 2);
    assert_str(reply_pair_text(&r, STR("b")), "2");
    r = test_redis_command(store, &a, "LRANGE none 0 -1");
    assert_int_equal(r.kind, REPLY_LIST);
    assert_int_equal(r.n, 0);
    r = test_redis_command(store, &a, "INCR k");
    assert_int_equal(r.kind, REPLY_ERROR);
    assert_contains(r.text, "not an integer");
    r = test_redis_command(store, &a, "NONSENSE");
    assert_int_equal(r.kind, REPLY_ERROR);
    r = test_redis_command(store, &a, "EVAL return{1,{'x',{false}}} 0");
    assert_int_equal(reply_item(reply_item(reply_item(&r, 1), 1), 0)->kind, REPLY_NIL);
    assert_int_equal(r.items[1].items[1].n, 1);
    r = test_redis_command(store, &a, "CLIENT GETNAME");
    assert_str(reply_text(&r), "ebb");
    arena_release(&a);
    store_close(store);
    test_redis_stop(redis);
}

TEST(store_is_binary_safe_and_carries_large_values)
{
    struct test_redis *redis = test_redis_start(NULL);
    struct store *store = test_redis_open(redis);
    struct store_port port = store_port_of(store);
    struct arena a;
    arena_init(&a);
    static const size_t SIZES[] = {0, 1, 16 * 1024, 16 * 1024 + 1, (size_t)20 << 20};
    for (size_t i = 0; i < EBB_COUNT(SIZES); i++) {
        char *bytes = arena_alloc(&a, SIZES[i] + 1);
        for (size_t k = 0; k < SIZES[i]; k++)
            bytes[k] = (char)(k * 31 + (k >> 9));
        struct str value = {bytes, SIZES[i]}, key = {"k\0\r\n", 4};
        struct str set[] = {STR("SET"), key, value}, get[] = {STR("GET"), key};
        struct reply r;
        struct err e = {0};
        assert_ok(store_command(&port, set, 3, &a, &r, &e), e);
        assert_true(reply_is_ok(&r));
        assert_ok(store_command(&port, get, 2, &a, &r, &e), e);
        assert_true(str_eq(r.text, value));
    }
    arena_release(&a);
    store_close(store);
    test_redis_stop(redis);
}

TEST(store_refuses_replies_over_the_limit_and_goes_on)
{
    struct test_redis *redis = test_redis_start(NULL);
    struct store *store = test_redis_open(redis);
    struct store_port port = store_port_of(store);
    struct arena a;
    arena_init(&a);
    struct str large[] = {STR("EVAL"), STR("return string.rep('x', 65 * 1048576)"), STR("0")};
    struct str many[] = {STR("EVAL"),
                         STR("local t = {} for i = 1, 500001 do t[i] = i end return t"), STR("0")};
    struct reply r;
    struct err e = {0};
    assert_int_equal(store_command(&port, large, 3, &a, &r, &e), E_TOO_LARGE);
    assert_contains(str_from(e.text), "larger than the limit");
    assert_int_equal(store_command(&port, many, 3, &a, &r, &e), E_TOO_LARGE);
    assert_contains(str_from(e.text), "elements");
    r = test_redis_command(store, &a, "PING");
    assert_str(reply_text(&r), "PONG");
    arena_release(&a);
    store_close(store);
    test_redis_stop(redis);
}

struct worker {
    struct store *store;
    int number;
    atomic_int *failures;
    pthread_t thread;
};

/* Each thread increments its own key and echoes texts only it sends: a mixed-up reply shows. */
static void *work(void *ctx)
{
    struct worker *worker = ctx;
    struct store_port port = store_port_of(worker->store);
    struct arena a;
    arena_init(&a);
    for (int i = 1; i <= COMMANDS_PER_THREAD; i++) {
        struct reply r;
        struct err e;
        struct str key = arena_format(&a, "thread:%d", worker->number);
        struct str text = arena_format(&a, "%d.%d", worker->number, i);
        struct str incr[] = {STR("INCR"), key}, echo[] = {STR("ECHO"), text};
        if (store_command(&port, incr, 2, &a, &r, &e) || r.integer != i)
            atomic_fetch_add(worker->failures, 1);
        if (store_command(&port, echo, 2, &a, &r, &e) || !str_eq(r.text, text))
            atomic_fetch_add(worker->failures, 1);
        arena_clear(&a);
    }
    arena_release(&a);
    return NULL;
}

TEST(store_serves_more_threads_than_connections)
{
    struct test_redis *redis = test_redis_start(NULL);
    struct store *store = test_redis_open(redis);
    struct worker workers[THREADS];
    atomic_int failures = 0;
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.store = store, .number = i, .failures = &failures};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    assert_int_equal(failures, 0);
    struct arena a;
    arena_init(&a);
    struct reply r = test_redis_command(store, &a, "INFO clients");
    assert_contains(r.text, "connected_clients:");
    struct str rest = r.text;
    int64_t clients = 0;
    for (struct str line = str_cut(&rest, '\n'); rest.p; line = str_cut(&rest, '\n')) {
        struct str value = line;
        if (str_eq(str_cut(&value, ':'), STR("connected_clients")))
            assert_true(str_to_int(str_trim(value), &clients));
    }
    assert_in_range(clients, 1, 4);
    arena_release(&a);
    store_close(store);
    test_redis_stop(redis);
}

TEST(store_says_busy_when_no_connection_comes_back)
{
    struct test_redis *redis = test_redis_start(NULL);
    struct redis_login login = {0};
    struct redis_pool_options options = {.connection = {.login = &login,
                                                        .clock = clock_system(),
                                                        .connect_timeout_ms = 10000,
                                                        .command_timeout_ms = 30},
                                         .connections_max = 2};
    (void)snprintf(options.home.path, sizeof(options.home.path), "%s", redis->socket);
    struct redis_pool *pool = redis_pool_new(&options);
    struct redis_lease first, second, third;
    struct err e = {0};
    assert_ok(redis_pool_take(pool, &first, &e), e);
    assert_ok(redis_pool_take(pool, &second, &e), e);
    assert_int_equal(redis_pool_take(pool, &third, &e), E_BUSY);
    assert_contains(str_from(e.text), "all 2 connections to redis were in use for 30 ms");
    const struct redis_connection *connection = second.connection;
    redis_pool_give(pool, &second);
    assert_ok(redis_pool_take(pool, &third, &e), e);
    assert_ptr_equal(third.connection, connection);
    redis_pool_give(pool, &third);
    redis_pool_give(pool, &first);
    redis_pool_free(pool);
    test_redis_stop(redis);
}
