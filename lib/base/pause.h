/* SPDX-License-Identifier: Apache-2.0
 * A pause that can be ended: how a thread that has nothing to do waits, and how it learns that it
 * shall stop. */
#ifndef EBB_BASE_PAUSE_H
#define EBB_BASE_PAUSE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct pause {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool stopping;
};

void pause_init(struct pause *p);
void pause_release(struct pause *p);
/* Waits up to ms (0: not at all). True when it is time to stop. */
bool pause_for(struct pause *p, int64_t ms);
bool pause_is_stopping(struct pause *p);
/* Ends every pause, now and later. */
void pause_stop(struct pause *p);

/* A condition variable whose timed waits count on the monotonic clock, and such a wait until a time
 * of it. */
void pause_condition_init(pthread_cond_t *condition);
void pause_wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t mono_ms);

#endif
