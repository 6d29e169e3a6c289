/* SPDX-License-Identifier: Apache-2.0
 * See bus_model.h. Here: what is stored, and who has which partition. */
#include "tests/sim/bus_internal.h"

#include "tests/sim/story.h"

#include <stdlib.h>

#define FNV_OFFSET  14695981039346656037ULL
#define FNV_PRIME   1099511628211ULL
#define DELIVERY_MS 20

struct bus_model *bus_model_new(struct sim *sim)
{
    static const char *const NAMES[] = {
#define X(topic) topic,
        EBB_TOPICS(X)
#undef X
    };
    struct bus_model *bus = calloc(1, sizeof(*bus));
    if (!bus) abort();
    bus->sim = sim;
    for (size_t i = 0; i < EBB_COUNT(NAMES); i++) {
        struct topic *t = &bus->topics[bus->topics_n++];
        t->bus = bus;
        t->name = str_from(NAMES[i]);
    }
    return bus;
}

void bus_model_free(struct bus_model *bus)
{
    for (size_t i = 0; i < bus->topics_n; i++) {
        for (int p = 0; p < SIM_PARTITIONS; p++)
            free(bus->topics[i].partitions[p].items);
        while (bus->topics[i].consumers)
            consumer_free(bus->topics[i].consumers);
    }
    free(bus);
}

struct topic *topic_named(struct bus_model *bus, struct str name)
{
    for (size_t i = 0; i < bus->topics_n; i++)
        if (str_eq(bus->topics[i].name, name)) return &bus->topics[i];
    return NULL;
}

static struct str keep(struct bus_model *bus, struct str s)
{
    return s.p ? arena_copy(&bus->sim->arena, s) : STR_NONE;
}

static void deliver(struct sim *sim, void *ctx, uint64_t partition)
{
    struct topic *t = ctx;
    (void)sim;
    if (t->partitions[partition].owner) consumer_pump(t->partitions[partition].owner);
}

void bus_model_append(struct bus_model *bus, const struct bus_record *record)
{
    struct topic *t = topic_named(bus, record->topic);
    uint64_t hash = FNV_OFFSET;
    EBB_ASSERT(t != NULL);
    for (size_t i = 0; i < record->key.n; i++)
        hash = (hash ^ (unsigned char)record->key.p[i]) * FNV_PRIME;
    uint64_t number = hash % SIM_PARTITIONS;
    struct partition *p = &t->partitions[number];
    if (p->n == p->max) {
        p->max = p->max ? 2 * p->max : 64;
        p->items = realloc(p->items, p->max * sizeof(*p->items));
        if (!p->items) abort();
    }
    struct stored *s = &p->items[p->n];
    *s = (struct stored){.message = {
                             .topic = t->name,
                             .key = keep(bus, record->key),
                             .value = keep(bus, record->value),
                             .headers_n = record->headers_n,
                             .partition = (int32_t)number,
                             .offset = (int64_t)p->n,
                             .time_ms = bus->sim->now_ms,
                         }};
    for (size_t i = 0; i < record->headers_n && i < BUS_HEADERS_MAX; i++)
        s->message.headers[i] = (struct bus_header){keep(bus, record->headers[i].name),
                                                    keep(bus, record->headers[i].value)};
    if (bus->poisons_next && t < &bus->topics[SIM_STAGES]) {
        s->is_poison = true;
        bus->poisons_next = false;
        sim_trace(bus->sim, "message %zu of %.*s/%llu kills", p->n, STR_ARG(t->name),
                  (unsigned long long)number);
    }
    p->n++;
    if (bus->on_append) bus->on_append(bus->sim, &s->message);
    sim_at(bus->sim, bus->sim->now_ms + 1 + (int64_t)sim_random(bus->sim, DELIVERY_MS), deliver, t,
           number);
}

void bus_model_compact(struct bus_model *bus)
{
    struct topic *t = topic_named(bus, STR(TOPIC_STATE));
    sim_trace(bus->sim, "kafka compacts " TOPIC_STATE);
    tell(bus->sim, STR_NONE, "kafka", "compacts " TOPIC_STATE);
    for (int p = 0; p < SIM_PARTITIONS; p++)
        t->partitions[p].compacted = t->partitions[p].n;
}

/* A newer record of its key is below the point up to which the partition is compacted. */
static bool is_compacted_away(const struct partition *p, size_t i)
{
    for (size_t k = i + 1; k < p->compacted; k++)
        if (str_eq(p->items[k].message.key, p->items[i].message.key)) return true;
    return false;
}

int bus_model_read(struct bus_model *bus, struct str topic, bus_read_callback *callback, void *ctx,
                   struct err *e)
{
    struct topic *t = topic_named(bus, topic);
    size_t ends[SIM_PARTITIONS];
    for (int p = 0; p < SIM_PARTITIONS; p++)
        ends[p] = t->partitions[p].n;
    for (int p = 0; p < SIM_PARTITIONS; p++)
        for (size_t i = 0; i < ends[p]; i++) {
            if (is_compacted_away(&t->partitions[p], i)) continue;
            /* The callback lets time pass, in which the items may be moved. */
            struct bus_message m = t->partitions[p].items[i].message;
            int code = callback(ctx, &m, e);
            if (code) return code;
        }
    return E_OK;
}

size_t bus_model_unfinished(const struct bus_model *bus)
{
    size_t n = 0;
    for (size_t i = 0; i < SIM_STAGES; i++)
        for (int p = 0; p < SIM_PARTITIONS; p++) {
            const struct partition *q = &bus->topics[i].partitions[p];
            n += q->n - (size_t)q->committed;
        }
    return n;
}

/* ---------------------------------------------------------------- groups */

static void give(struct partition *p, struct consumer *to, int number)
{
    if (p->owner == to) return;
    if (p->owner) consumer_revoked(p->owner, number);
    p->owner = to;
    p->generation++;
    if (to) consumer_assigned(to, number);
}

static void rebalance(struct sim *sim, void *ctx, uint64_t unused)
{
    struct topic *t = ctx;
    struct consumer *members[SIM_MEMBERS_MAX];
    size_t n = 0;
    (void)unused;
    t->rebalances = false;
    for (struct consumer *c = t->consumers; c && n < SIM_MEMBERS_MAX; c = c->next_of_all)
        if (c->is_member) members[n++] = c;
    sim_trace(sim, "kafka rebalances %.*s: %zu members", STR_ARG(t->name), n);
    size_t first = n ? sim_random(sim, n) : 0;
    for (int p = 0; p < SIM_PARTITIONS; p++)
        give(&t->partitions[p], n ? members[(first + (size_t)p) % n] : NULL, p);
}

void topic_rebalance(struct topic *t)
{
    struct sim *sim = t->bus->sim;
    if (t->rebalances) return;
    t->rebalances = true;
    sim_at(sim, sim->now_ms + 1 + (int64_t)sim_random(sim, SIM_REBALANCE_MS), rebalance, t, 0);
}
