/* SPDX-License-Identifier: Apache-2.0
 * See watch.h. One thread, which sleeps as long as nobody is connected. */
#include "lib/http/watch.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/base/clock.h"

#define LOOK_EVERY_MS ((int64_t)500)

struct http_watch {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct clock clock;
    int64_t step_max_ms;
    struct http_watched *first;
    bool ending;
    pthread_t thread;
};

/* shutdown, not close: the fd is libmicrohttpd's, which sees the end and closes it. */
static void end_overdue(struct http_watch *watch, int64_t now_ms)
{
    for (struct http_watched *w = watch->first; w; w = w->next)
        if (!w->exempt && now_ms - w->since_ms > watch->step_max_ms)
            (void)shutdown(w->fd, SHUT_RDWR); /* fails when the client was quicker */
}

static void *watch_loop(void *p)
{
    struct http_watch *watch = p;
    pthread_mutex_lock(&watch->mutex);
    while (!watch->ending) {
        if (!watch->first) {
            pthread_cond_wait(&watch->changed, &watch->mutex);
            continue;
        }
        int64_t until_ms = clock_mono_ms(&watch->clock) + LOOK_EVERY_MS;
        struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
        int timed_out = 0;
        while (!watch->ending && !timed_out)
            timed_out = pthread_cond_timedwait(&watch->changed, &watch->mutex, &until);
        end_overdue(watch, clock_mono_ms(&watch->clock));
    }
    pthread_mutex_unlock(&watch->mutex);
    return NULL;
}

struct http_watch *http_watch_new(int64_t step_max_ms)
{
    struct http_watch *watch = calloc(1, sizeof(*watch));
    if (!watch) abort();
    watch->clock = clock_system();
    watch->step_max_ms = step_max_ms;
    pthread_condattr_t steady;
    EBB_ASSERT(pthread_condattr_init(&steady) == 0);
    EBB_ASSERT(pthread_condattr_setclock(&steady, CLOCK_MONOTONIC) == 0);
    EBB_ASSERT(pthread_mutex_init(&watch->mutex, NULL) == 0);
    EBB_ASSERT(pthread_cond_init(&watch->changed, &steady) == 0);
    (void)pthread_condattr_destroy(&steady); /* cannot fail for a valid one */
    EBB_ASSERT(pthread_create(&watch->thread, NULL, watch_loop, watch) == 0);
    return watch;
}

void http_watch_free(struct http_watch *watch)
{
    pthread_mutex_lock(&watch->mutex);
    EBB_ASSERT(!watch->first);
    watch->ending = true;
    pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->mutex);
    EBB_ASSERT(pthread_join(watch->thread, NULL) == 0);
    (void)pthread_cond_destroy(&watch->changed); /* nobody waits any more, so these cannot fail */
    (void)pthread_mutex_destroy(&watch->mutex);
    free(watch);
}

struct http_watched *http_watch_add(struct http_watch *watch, int fd)
{
    struct http_watched *watched = calloc(1, sizeof(*watched));
    if (!watched) abort();
    watched->fd = fd;
    watched->since_ms = clock_mono_ms(&watch->clock);
    http_socket_ends(fd, watched->peer, watched->local);
    pthread_mutex_lock(&watch->mutex);
    bool was_empty = !watch->first;
    watched->next = watch->first;
    if (watched->next) watched->next->previous = watched;
    watch->first = watched;
    if (was_empty) pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->mutex);
    return watched;
}

void http_watch_remove(struct http_watch *watch, struct http_watched *take_watched)
{
    pthread_mutex_lock(&watch->mutex);
    if (take_watched->previous)
        take_watched->previous->next = take_watched->next;
    else
        watch->first = take_watched->next;
    if (take_watched->next) take_watched->next->previous = take_watched->previous;
    pthread_mutex_unlock(&watch->mutex);
    free(take_watched);
}

void http_watch_step(struct http_watch *watch, struct http_watched *watched, bool exempt)
{
    int64_t now_ms = clock_mono_ms(&watch->clock);
    pthread_mutex_lock(&watch->mutex);
    watched->since_ms = now_ms;
    watched->exempt = exempt;
    pthread_mutex_unlock(&watch->mutex);
}
