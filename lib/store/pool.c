/* SPDX-License-Identifier: Apache-2.0
 * See pool.h. Idle connections form a stack, so the warm ones are used and the rest stay quiet. A
 * generation number marks connections made before the last move. */
#include "lib/store/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ADDRESSES_TRIED_MAX 3 /* for one connection, while redirects move the pool under it */

struct redis_pool {
    struct redis_pool_options options;
    pthread_mutex_t mutex; /* guards everything below; nothing waits for the network under it */
    pthread_cond_t freed;
    struct redis_address address; /* where Redis is now */
    bool is_home;                 /* address is the configured one */
    uint64_t generation;
    struct redis_lease *idle; /* connections_max places */
    size_t idle_n, open_n;    /* open_n counts those in use and being made too */
};

static void lock(struct redis_pool *pool)
{
    EBB_ASSERT(pthread_mutex_lock(&pool->mutex) == 0);
}

static void unlock(struct redis_pool *pool)
{
    EBB_ASSERT(pthread_mutex_unlock(&pool->mutex) == 0);
}

struct redis_pool *redis_pool_new(const struct redis_pool_options *options)
{
    EBB_ASSERT(options->connections_max > 0);
    struct redis_pool *pool = calloc(1, sizeof(*pool));
    if (!pool) abort();
    pool->options = *options;
    pool->address = options->home;
    pool->is_home = true;
    pool->idle = calloc(options->connections_max, sizeof(*pool->idle));
    if (!pool->idle) abort();
    pthread_condattr_t attributes;
    EBB_ASSERT(pthread_condattr_init(&attributes) == 0);
    EBB_ASSERT(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    EBB_ASSERT(pthread_cond_init(&pool->freed, &attributes) == 0);
    EBB_ASSERT(pthread_condattr_destroy(&attributes) == 0);
    EBB_ASSERT(pthread_mutex_init(&pool->mutex, NULL) == 0);
    return pool;
}

/* Takes the idle connections out under the lock and closes them outside of it. */
static void close_idle(struct redis_pool *pool)
{
    for (;;) {
        lock(pool);
        struct redis_connection *c = NULL;
        if (pool->idle_n > 0) {
            c = pool->idle[--pool->idle_n].connection;
            pool->open_n--;
            EBB_ASSERT(pthread_cond_signal(&pool->freed) == 0);
        }
        unlock(pool);
        if (!c) return;
        redis_connection_close(c);
    }
}

void redis_pool_free(struct redis_pool *pool)
{
    if (!pool) return;
    close_idle(pool);
    EBB_ASSERT(pool->open_n == 0);
    EBB_ASSERT(pthread_cond_destroy(&pool->freed) == 0);
    EBB_ASSERT(pthread_mutex_destroy(&pool->mutex) == 0);
    free(pool->idle);
    free(pool);
}

/* Under the lock, until a connection is idle or may be made. A condition variable knows only the
 * system's clock, so that one is read here even where the store was given another. */
static int wait_for_place(struct redis_pool *pool, struct err *e)
{
    struct clock clock = clock_system();
    int64_t timeout_ms = pool->options.connection.command_timeout_ms;
    int64_t deadline_ms = clock_mono_ms(&clock) + timeout_ms;
    struct timespec deadline = {.tv_sec = deadline_ms / 1000,
                                .tv_nsec = (deadline_ms % 1000) * 1000000};
    while (pool->idle_n == 0 && pool->open_n == pool->options.connections_max) {
        int error = pthread_cond_timedwait(&pool->freed, &pool->mutex, &deadline);
        EBB_ASSERT(error == 0 || error == ETIMEDOUT);
        if (error == ETIMEDOUT && pool->idle_n == 0 &&
            pool->open_n == pool->options.connections_max)
            return err_set(e, E_BUSY,
                           "all %zu connections to redis were in use for %lld ms; allow more",
                           pool->options.connections_max, (long long)timeout_ms);
    }
    return 0;
}

static void free_place(struct redis_pool *pool)
{
    lock(pool);
    pool->open_n--;
    EBB_ASSERT(pthread_cond_signal(&pool->freed) == 0);
    unlock(pool);
}

/* A new connection in a place already counted: where Redis is now, or else where it was configured
 * to be. */
static int connect_in_place(struct redis_pool *pool, struct redis_lease *out, struct err *e)
{
    for (int tried = 1;; tried++) {
        lock(pool);
        struct redis_address address = pool->address;
        bool is_home = pool->is_home;
        out->generation = pool->generation;
        unlock(pool);
        int code = redis_connection_open(&pool->options.connection, &address, &out->connection, e);
        if (!code || is_home || tried == ADDRESSES_TRIED_MAX) return code;
        /* A node that a redirect named and that cannot be reached is left again. */
        redis_pool_move(pool, out, NULL);
    }
}

int redis_pool_take(struct redis_pool *pool, struct redis_lease *out, struct err *e)
{
    *out = (struct redis_lease){0};
    lock(pool);
    int code = wait_for_place(pool, e);
    if (code) {
        unlock(pool);
        return code;
    }
    uint64_t generation = pool->generation;
    if (pool->idle_n > 0)
        *out = pool->idle[--pool->idle_n];
    else
        pool->open_n++;
    unlock(pool);
    if (out->connection) {
        if (out->generation == generation && redis_connection_is_usable(out->connection)) return 0;
        /* Found dead before anything was sent on it: its place goes to a new one. */
        redis_connection_close(out->connection);
        out->connection = NULL;
    }
    code = connect_in_place(pool, out, e);
    if (code) free_place(pool);
    return code;
}

void redis_pool_give(struct redis_pool *pool, struct redis_lease *lease)
{
    if (!lease->connection) return;
    /* Whether the server closed it meanwhile is asked when it is taken, not here. */
    bool usable = !redis_connection_is_broken(lease->connection);
    lock(pool);
    bool keep = usable && lease->generation == pool->generation;
    if (keep) {
        pool->idle[pool->idle_n++] = *lease;
        EBB_ASSERT(pthread_cond_signal(&pool->freed) == 0);
    }
    unlock(pool);
    if (!keep) {
        redis_connection_close(lease->connection);
        free_place(pool);
    }
    *lease = (struct redis_lease){0};
}

void redis_pool_move(struct redis_pool *pool, const struct redis_lease *lease,
                     const struct redis_address *address)
{
    lock(pool);
    bool moves = lease->generation == pool->generation;
    if (moves) {
        pool->address = address ? *address : pool->options.home;
        pool->is_home = !address;
        pool->generation++;
    }
    unlock(pool);
    if (moves) close_idle(pool);
}
