/* SPDX-License-Identifier: Apache-2.0
 * See pool.h. Nothing is released under the mutex, because closing TLS writes to the network. */
#include "lib/http/pool.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"

/* After a burst the pool shrinks by one with every request, as far as nobody used them this long.
 */
#define IDLE_MAX_MS ((int64_t)2 * 60 * 1000)

void http_pool_init(struct http_pool *pool, size_t max, void (*release)(void *connection))
{
    *pool = (struct http_pool){.max = max, .release = release};
    EBB_ASSERT(pthread_mutex_init(&pool->mutex, NULL) == 0);
    pool->idle = calloc(max ? max : 1, sizeof(*pool->idle));
    if (!pool->idle) abort();
}

void http_pool_release(struct http_pool *pool)
{
    for (size_t i = 0; i < pool->n; i++)
        pool->release(pool->idle[i].connection);
    free(pool->idle);
    pool->idle = NULL;
    (void)pthread_mutex_destroy(&pool->mutex); /* fails only while locked, and nobody is left */
}

static void *remove_at(struct http_pool *pool, size_t i)
{
    void *connection = pool->idle[i].connection;
    pool->n--;
    memmove(pool->idle + i, pool->idle + i + 1, (pool->n - i) * sizeof(*pool->idle));
    return connection;
}

static struct str cut(struct str origin)
{
    size_t max = HTTP_POOL_ORIGIN_BYTES - 1;
    return (struct str){origin.p, origin.n < max ? origin.n : max};
}

void *http_pool_take(struct http_pool *pool, struct str origin)
{
    void *connection = NULL;
    pthread_mutex_lock(&pool->mutex);
    for (size_t i = pool->n; i-- > 0 && !connection;)
        if (str_eq(str_from(pool->idle[i].origin), cut(origin))) connection = remove_at(pool, i);
    if (!connection && pool->n && pool->n == pool->max) connection = remove_at(pool, 0);
    pthread_mutex_unlock(&pool->mutex);
    return connection;
}

void http_pool_give(struct http_pool *pool, struct str origin, void *take_connection,
                    int64_t now_ms)
{
    void *surplus = NULL;
    pthread_mutex_lock(&pool->mutex);
    if (!pool->max) {
        surplus = take_connection;
    } else {
        bool old = pool->n && now_ms - pool->idle[0].idle_since_ms > IDLE_MAX_MS;
        if (pool->n == pool->max || old) surplus = remove_at(pool, 0);
        struct http_pooled *entry = &pool->idle[pool->n++];
        *entry = (struct http_pooled){.connection = take_connection, .idle_since_ms = now_ms};
        memcpy(entry->origin, origin.p, cut(origin).n);
    }
    pthread_mutex_unlock(&pool->mutex);
    if (surplus) pool->release(surplus);
}
