/* SPDX-License-Identifier: Apache-2.0
 * See inbox.h. Two lists: new messages in their order, where putting costs the same however many
 * wait, and those held back, by their time. One that is due goes before all new ones, which may
 * never end. */
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
    struct node *first, **end; /* new messages, and where the next one goes */
    struct node *held;         /* by due time; equal times keep their order */
    bool closed;
};

struct inbox *inbox_new(struct clock clock)
{
    struct inbox *q = calloc(1, sizeof(*q));
    if (!q) abort();
    q->clock = clock;
    q->end = &q->first;
    pause_condition_init(&q->changed);
    pthread_mutex_init(&q->mutex, NULL);
    return q;
}

void inbox_free(struct inbox *q)
{
    if (!q) return;
    EBB_ASSERT(!q->first && !q->held);
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
    if (due_mono_ms) {
        struct node **at = &q->held;
        while (*at && (*at)->due <= due_mono_ms)
            at = &(*at)->next;
        node->next = *at;
        *at = node;
    } else {
        *q->end = node;
        q->end = &node->next;
    }
    pthread_cond_signal(&q->changed);
    pthread_mutex_unlock(&q->mutex);
}

static void take_from(struct inbox *q, struct node **list, struct inbox_item *out)
{
    struct node *node = *list;
    *out = node->item;
    *list = node->next;
    if (!q->first) q->end = &q->first;
    free(node);
}

bool inbox_take(struct inbox *q, struct inbox_item *out)
{
    bool taken = false;
    pthread_mutex_lock(&q->mutex);
    while (!q->closed && !taken) {
        bool due = q->held && q->held->due <= clock_mono_ms(&q->clock);
        if (due || q->first) {
            take_from(q, due ? &q->held : &q->first, out);
            taken = true;
        } else if (q->held) {
            pause_wait_until(&q->changed, &q->mutex, q->held->due);
        } else {
            pthread_cond_wait(&q->changed, &q->mutex);
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
    bool some = q->first || q->held;
    if (some) take_from(q, q->first ? &q->first : &q->held, out);
    pthread_mutex_unlock(&q->mutex);
    return some;
}
