/* SPDX-License-Identifier: Apache-2.0
 * See merge.h. ebb.state holds each move of each drain until Kafka compacts it, ten records a drain
 * and more, and each that is put costs a call of Redis while nothing may begin. So it is read twice:
 * once for the newest version of each drain, sixteen bytes each, and once to put those. */
#include "producers/merge.h"

#include "lib/record/walkers.h"
#include "lib/store/state.h"
#include "schemas/message.h"

#include <stdlib.h>

#define READ_MS     ((int64_t)120 * 1000)
#define KEEP_MS     (TIMERS_LEASE_MS / 4) /* how often the lease is renewed */
#define SLOTS_LEAST ((size_t)1024)
#define HEX_DIGITS  16

struct newest {
    uint64_t id; /* 0: free */
    int64_t version;
};

struct merge {
    struct timers_pass *t;
    bus_read_callback *put;
    struct newest *slots;
    size_t slots_n, used;
    int64_t keep_at;
};

/* A drain's id is sixteen hex digits; of any other key, and of the one that is zero, every record
 * is put. */
static uint64_t number_of(struct str key)
{
    uint64_t number = 0;
    if (key.n != HEX_DIGITS) return 0;
    for (size_t i = 0; i < key.n; i++) {
        char c = key.p[i];
        bool digit = c >= '0' && c <= '9', letter = c >= 'a' && c <= 'f';
        if (!digit && !letter) return 0;
        number = number << 4 | (uint64_t)(digit ? c - '0' : c - 'a' + 10);
    }
    return number;
}

/* Ids are digits of a hash, so their lowest bits place them. */
static struct newest *slot_of(const struct merge *m, uint64_t id)
{
    size_t at = (size_t)id & (m->slots_n - 1);
    while (m->slots[at].id && m->slots[at].id != id)
        at = (at + 1) & (m->slots_n - 1);
    return &m->slots[at];
}

static void grow(struct merge *m)
{
    struct merge old = *m;
    m->slots_n = old.slots_n ? 2 * old.slots_n : SLOTS_LEAST;
    m->slots = calloc(m->slots_n, sizeof(*m->slots));
    if (!m->slots) abort();
    for (size_t i = 0; i < old.slots_n; i++)
        if (old.slots[i].id) *slot_of(m, old.slots[i].id) = old.slots[i];
    free(old.slots);
}

/* The version of a drain's record; 0 of anything else. */
static int64_t version_of(const struct bus_message *message)
{
    struct arena a;
    struct err e;
    struct drain d = {0};
    arena_init(&a);
    bool is_drain = message->value.p && !msgpack_decode(&DRAIN_RECORD, message->value, &a, &d, &e);
    arena_release(&a);
    return is_drain ? d.version : 0;
}

/* Another leader would begin the same work anew. */
static int keep_lease(struct merge *m, struct err *e)
{
    struct arena a;
    int64_t now_ms = clock_mono_ms(&m->t->ports->clock);
    if (now_ms < m->keep_at) return E_OK;
    m->keep_at = now_ms + KEEP_MS;
    arena_init(&a);
    int code =
        state_take_lease(&m->t->ports->store, TIMERS_LEASE, m->t->holder, TIMERS_LEASE_MS, &a, e);
    arena_release(&a);
    return code;
}

static int note(void *ctx, const struct bus_message *message, struct err *e)
{
    struct merge *m = ctx;
    uint64_t id = number_of(message->key);
    int64_t version = id ? version_of(message) : 0;
    if (version) {
        if (2 * (m->used + 1) > m->slots_n) grow(m);
        struct newest *slot = slot_of(m, id);
        m->used += !slot->id;
        slot->id = id;
        if (version > slot->version) slot->version = version;
    }
    return keep_lease(m, e);
}

static int put_newest(void *ctx, const struct bus_message *message, struct err *e)
{
    struct merge *m = ctx;
    uint64_t id = m->slots_n ? number_of(message->key) : 0;
    int64_t version = id ? version_of(message) : 0;
    /* What was written since the first reading is newer. */
    if (version && version < slot_of(m, id)->version) return E_OK;
    int code = keep_lease(m, e);
    return code ? code : m->put(m->t, message, e);
}

int merge_state(struct timers_pass *t, bus_read_callback *put, struct err *e)
{
    struct merge m = {.t = t, .put = put};
    int code = bus_read(&t->ports->bus, STR(TOPIC_STATE), READ_MS, note, &m, e);
    if (!code) code = bus_read(&t->ports->bus, STR(TOPIC_STATE), READ_MS, put_newest, &m, e);
    free(m.slots);
    return code;
}
