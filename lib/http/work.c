/* SPDX-License-Identifier: Apache-2.0
 * See work.h. */
#include "lib/http/work.h"

#include <pthread.h>
#include <stdlib.h>

#include "lib/base/err.h"

#define THREADS_MAX 256

struct http_work {
    pthread_mutex_t mutex;
    pthread_cond_t queued;
    struct http_job *first, *last;
    bool ending;
    unsigned threads_n;
    pthread_t threads[THREADS_MAX];
};

static void *work_loop(void *p)
{
    struct http_work *work = p;
    pthread_mutex_lock(&work->mutex);
    for (;;) {
        while (!work->first && !work->ending)
            pthread_cond_wait(&work->queued, &work->mutex);
        struct http_job *job = work->first;
        if (!job) break;
        work->first = job->next;
        if (!work->first) work->last = NULL;
        pthread_mutex_unlock(&work->mutex);
        job->run(job->ctx);
        pthread_mutex_lock(&work->mutex);
    }
    pthread_mutex_unlock(&work->mutex);
    return NULL;
}

struct http_work *http_work_new(unsigned threads)
{
    EBB_ASSERT(threads > 0 && threads <= THREADS_MAX);
    struct http_work *work = calloc(1, sizeof(*work));
    if (!work) abort();
    EBB_ASSERT(pthread_mutex_init(&work->mutex, NULL) == 0);
    EBB_ASSERT(pthread_cond_init(&work->queued, NULL) == 0);
    for (; work->threads_n < threads; work->threads_n++)
        EBB_ASSERT(pthread_create(&work->threads[work->threads_n], NULL, work_loop, work) == 0);
    return work;
}

void http_work_push(struct http_work *work, struct http_job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&work->mutex);
    EBB_ASSERT(!work->ending);
    if (work->last)
        work->last->next = job;
    else
        work->first = job;
    work->last = job;
    pthread_cond_signal(&work->queued);
    pthread_mutex_unlock(&work->mutex);
}

void http_work_free(struct http_work *work)
{
    pthread_mutex_lock(&work->mutex);
    work->ending = true;
    pthread_cond_broadcast(&work->queued);
    pthread_mutex_unlock(&work->mutex);
    for (unsigned i = 0; i < work->threads_n; i++)
        EBB_ASSERT(pthread_join(work->threads[i], NULL) == 0);
    EBB_ASSERT(!work->first);
    (void)pthread_cond_destroy(&work->queued); /* nobody waits any more, so these cannot fail */
    (void)pthread_mutex_destroy(&work->mutex);
    free(work);
}
