/* SPDX-License-Identifier: Apache-2.0
 * See alone.h. */
#include "lib/run/alone.h"

#include <pthread.h>
#include <stdlib.h>

struct alone {
    pthread_rwlock_t lock;
};

struct alone *alone_new(void)
{
    struct alone *alone = calloc(1, sizeof(*alone));
    pthread_rwlockattr_t first_who_waits;
    if (!alone || pthread_rwlockattr_init(&first_who_waits) ||
        pthread_rwlockattr_setkind_np(&first_who_waits,
                                      PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) ||
        pthread_rwlock_init(&alone->lock, &first_who_waits))
        abort();
    (void)pthread_rwlockattr_destroy(&first_who_waits); /* it cannot fail */
    return alone;
}

void alone_free(struct alone *alone)
{
    if (!alone) return;
    (void)pthread_rwlock_destroy(&alone->lock); /* nobody is in it any more */
    free(alone);
}

static void enter(void *ctx, bool alone)
{
    struct alone *a = ctx;
    if (alone ? pthread_rwlock_wrlock(&a->lock) : pthread_rwlock_rdlock(&a->lock)) abort();
}

static void leave(void *ctx)
{
    struct alone *a = ctx;
    if (pthread_rwlock_unlock(&a->lock)) abort();
}

struct alone_port alone_port_of(struct alone *alone)
{
    return (struct alone_port){alone, enter, leave};
}
