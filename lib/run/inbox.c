/* SPDX-License-Identifier: Apache-2.0
 * See inbox.h. One list sorted by due time; those due at once keep their order. */
#include "lib/run/inbox.h"

#include "lib/base/pause.h"

#include <stdlib.h>

struct node {
    struct node *next;
    struct inbox_item item;
    int64_t due;
};

struct inbox {
    struct clock clock;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct node *first;
    bool closed;
};

struct inbox *inbox_new(struct clock clock)
{
    struct inbox *q = calloc(1, sizeof(*q));
    if (!q) abort();
    q->clock = clock;
    pause_condition_init(&q->changed);
    pthread_mutex_init(&q->mutex, NULL);
    return q;
}

void inbox_free(struct inbox *q)
{
    if (!q) return;
    EBB_ASSERT(!q->first);
    pthread_cond_destroy(&q->changed);
    pthread_mutex_destroy(&q->mutex);
    free(q);
}

void inbox_put(struct inbox *q, struct inbox_item item, int64_t due_mono_ms)
{
    struct node *node = calloc(1, sizeof(*node));
    if (!node) abort();
    node->item = item;
    node->due = due_mono_ms;
    pthread_mutex_lock(&q->mutex);
    struct node **at = &q->first;
    while (*at && (*at)->due <= due_mono_ms)
        at = &(*at)->next;
    node->next = *at;
    *at = node;
    pthread_cond_signal(&q->changed);
    pthread_mutex_unlock(&q->mutex);
}

static void take_first(struct inbox *q, struct inbox_item *out)
{
    struct node *node = q->first;
    *out = node->item;
    q->first = node->next;
    free(node);
}

bool inbox_take(struct inbox *q, struct inbox_item *out)
{
    bool taken = false;
    pthread_mutex_lock(&q->mutex);
    while (!q->closed && !taken) {
        if (!q->first) {
            pthread_cond_wait(&q->changed, &q->mutex);
        } else if (q->first->due > clock_mono_ms(&q->clock)) {
            pause_wait_until(&q->changed, &q->mutex, q->first->due);
        } else {
            take_first(q, out);
            taken = true;
        }
    }
    pthread_mutex_unlock(&q->mutex);
    return taken;
}

void inbox_close(struct inbox *q)
{
    pthread_mutex_lock(&q->mutex);
    q->closed = true;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->mutex);
}

bool inbox_drain(struct inbox *q, struct inbox_item *out)
{
    pthread_mutex_lock(&q->mutex);
    bool some = q->first != NULL;
    if (some) take_first(q, out);
    pthread_mutex_unlock(&q->mutex);
    return some;
}
