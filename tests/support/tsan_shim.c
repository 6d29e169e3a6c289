/* SPDX-License-Identifier: Apache-2.0
 * Only in the ThreadSanitizer build. librdkafka uses the threads, mutexes and conditions of C11,
 * which ThreadSanitizer does not know: it sees threads it was never told of and crashes. Here they
 * are made of the pthread functions it does know; glibc's types are the same underneath. */
#if defined(__SANITIZE_THREAD__)

#include <errno.h>
#include <pthread.h>
#include <sanitizer/tsan_interface.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

_Static_assert(sizeof(mtx_t) >= sizeof(pthread_mutex_t), "a C11 mutex holds a pthread mutex");
_Static_assert(sizeof(cnd_t) >= sizeof(pthread_cond_t), "a C11 condition holds a pthread one");
_Static_assert(sizeof(thrd_t) == sizeof(pthread_t), "a C11 thread is a pthread");

struct start {
    thrd_start_t run;
    void *argument;
};

static int result_of(int error)
{
    if (error == 0) return thrd_success;
    if (error == ETIMEDOUT) return thrd_timedout;
    if (error == EBUSY) return thrd_busy;
    return error == ENOMEM ? thrd_nomem : thrd_error;
}

/* rule 26: these types are glibc's names for the same bytes. */
static pthread_mutex_t *mutex(mtx_t *m)
{
    void *same = m;
    return same;
}

/* A mutex was made before it is locked. How one thread of librdkafka hands it to another is not seen;
 * it is told at this address inside of it. */
static void *told_at(mtx_t *m)
{
    return (char *)m + sizeof(void *);
}

static pthread_cond_t *condition(cnd_t *c)
{
    void *same = c;
    return same;
}

static void *run(void *argument)
{
    struct start start = *(struct start *)argument;
    free(argument);
    return (void *)(intptr_t)start.run(start.argument);
}

int thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
    struct start *start = malloc(sizeof(*start));
    if (!start) return thrd_nomem;
    *start = (struct start){function, argument};
    int error = pthread_create(thread, NULL, run, start);
    if (error) free(start);
    return result_of(error);
}

int thrd_join(thrd_t thread, int *result)
{
    void *value;
    int error = pthread_join(thread, &value);
    if (!error && result) *result = (int)(intptr_t)value;
    return result_of(error);
}

int thrd_detach(thrd_t thread)
{
    return result_of(pthread_detach(thread));
}

int mtx_init(mtx_t *m, int type)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    if (type & mtx_recursive) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    int error = pthread_mutex_init(mutex(m), &attributes);
    pthread_mutexattr_destroy(&attributes);
    __tsan_release(told_at(m));
    return result_of(error);
}

int mtx_lock(mtx_t *m)
{
    __tsan_acquire(told_at(m));
    return result_of(pthread_mutex_lock(mutex(m)));
}

int mtx_trylock(mtx_t *m)
{
    __tsan_acquire(told_at(m));
    return result_of(pthread_mutex_trylock(mutex(m)));
}

int mtx_unlock(mtx_t *m)
{
    return result_of(pthread_mutex_unlock(mutex(m)));
}

void mtx_destroy(mtx_t *m)
{
    pthread_mutex_destroy(mutex(m));
}

int cnd_init(cnd_t *c)
{
    return result_of(pthread_cond_init(condition(c), NULL));
}

int cnd_signal(cnd_t *c)
{
    return result_of(pthread_cond_signal(condition(c)));
}

int cnd_broadcast(cnd_t *c)
{
    return result_of(pthread_cond_broadcast(condition(c)));
}

int cnd_wait(cnd_t *c, mtx_t *m)
{
    return result_of(pthread_cond_wait(condition(c), mutex(m)));
}

int cnd_timedwait(cnd_t *c, mtx_t *m, const struct timespec *until)
{
    return result_of(pthread_cond_timedwait(condition(c), mutex(m), until));
}

void cnd_destroy(cnd_t *c)
{
    pthread_cond_destroy(condition(c));
}

#else

/* So that a build without the sanitizer has something to compile. */
_Static_assert(sizeof(int) > 0, "nothing to do");

#endif
