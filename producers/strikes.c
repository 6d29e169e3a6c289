/* SPDX-License-Identifier: Apache-2.0
 * See strikes.h. */
#include "producers/strikes.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PEERS_MAX   256
#define PEER_BYTES  64
#define STRIKES_MAX 20
#define WINDOW_MS   ((int64_t)60 * 1000)

struct peer {
    char name[PEER_BYTES];
    int64_t since_ms;
    int count;
};

struct strikes {
    pthread_mutex_t mutex;
    struct peer peers[PEERS_MAX];
};

struct strikes *strikes_new(void)
{
    struct strikes *s = calloc(1, sizeof(*s));
    if (!s) abort();
    pthread_mutex_init(&s->mutex, NULL);
    return s;
}

void strikes_free(struct strikes *s)
{
    if (!s) return;
    pthread_mutex_destroy(&s->mutex);
    free(s);
}

static struct peer *find(struct strikes *s, struct str name)
{
    for (size_t i = 0; i < PEERS_MAX; i++)
        if (s->peers[i].count && str_eq(str_from(s->peers[i].name), name)) return &s->peers[i];
    return NULL;
}

static struct peer *oldest(struct strikes *s)
{
    struct peer *found = &s->peers[0];
    for (size_t i = 0; i < PEERS_MAX; i++) {
        if (!s->peers[i].count) return &s->peers[i];
        if (s->peers[i].since_ms < found->since_ms) found = &s->peers[i];
    }
    return found;
}

void strikes_add(struct strikes *s, struct str name, int64_t now_ms)
{
    if (name.n >= PEER_BYTES) name.n = PEER_BYTES - 1;
    pthread_mutex_lock(&s->mutex);
    struct peer *p = find(s, name);
    if (!p || now_ms - p->since_ms > WINDOW_MS) {
        if (!p) p = oldest(s);
        *p = (struct peer){.since_ms = now_ms};
        if (name.n) memcpy(p->name, name.p, name.n);
    }
    p->count++;
    pthread_mutex_unlock(&s->mutex);
}

bool strikes_are_too_many(struct strikes *s, struct str name, int64_t now_ms)
{
    pthread_mutex_lock(&s->mutex);
    const struct peer *p = find(s, name);
    bool too_many = p && p->count >= STRIKES_MAX && now_ms - p->since_ms <= WINDOW_MS;
    pthread_mutex_unlock(&s->mutex);
    return too_many;
}
