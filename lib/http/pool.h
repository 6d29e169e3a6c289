/* SPDX-License-Identifier: Apache-2.0
 * Idle connections, each remembered with the origin it leads to. Thread-safe. */
#ifndef EBB_HTTP_POOL_H
#define EBB_HTTP_POOL_H

#include <pthread.h>

#include "lib/base/str.h"

#define HTTP_POOL_ORIGIN_BYTES 300

struct http_pooled {
    void *connection;
    char origin[HTTP_POOL_ORIGIN_BYTES]; /* cut if longer: a wrong guess costs a new connection */
    int64_t idle_since_ms;
};

struct http_pool {
    pthread_mutex_t mutex;
    struct http_pooled *idle; /* the one idle longest first */
    size_t n, max;
    void (*release)(void *connection);
};

void http_pool_init(struct http_pool *pool, size_t max, void (*release)(void *connection));
/* Releases everything idle; nothing may be taken. */
void http_pool_release(struct http_pool *pool);

/* One that leads to origin; else, with the pool full, the one idle longest; else NULL, and the
 * caller makes a new one. */
void *http_pool_take(struct http_pool *pool, struct str origin);
void http_pool_give(struct http_pool *pool, struct str origin, void *take_connection,
                    int64_t now_ms);

#endif
