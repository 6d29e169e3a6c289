/* SPDX-License-Identifier: Apache-2.0
 * See pause.h. */
#include "lib/base/pause.h"

#include "lib/base/clock.h"

#include <time.h>

void pause_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

void pause_wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t mono_ms)
{
    struct timespec at = {.tv_sec = mono_ms / 1000, .tv_nsec = mono_ms % 1000 * 1000000};
    (void)pthread_cond_timedwait(condition, mutex,
                                 &at); /* woken early or late, the caller looks again */
}

void pause_init(struct pause *p)
{
    p->stopping = false;
    pthread_mutex_init(&p->mutex, NULL);
    pause_condition_init(&p->changed);
}

void pause_release(struct pause *p)
{
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->mutex);
}

bool pause_for(struct pause *p, int64_t ms)
{
    struct clock clock = clock_system();
    int64_t until = clock_mono_ms(&clock) + ms;
    pthread_mutex_lock(&p->mutex);
    while (!p->stopping && clock_mono_ms(&clock) < until)
        pause_wait_until(&p->changed, &p->mutex, until);
    bool stopping = p->stopping;
    pthread_mutex_unlock(&p->mutex);
    return stopping;
}

bool pause_is_stopping(struct pause *p)
{
    return pause_for(p, 0);
}

void pause_stop(struct pause *p)
{
    pthread_mutex_lock(&p->mutex);
    p->stopping = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->mutex);
}
