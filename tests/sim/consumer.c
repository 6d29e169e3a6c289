/* SPDX-License-Identifier: Apache-2.0
 * See bus_model.h: one member of a group, with its handlers. What lib/run/worker.c does with
 * threads, in fibers; a message is handled by the very same code. */
#include "lib/run/handle.h"
#include "lib/run/taken.h"
#include "tests/sim/bus_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All that may come again: what is in work, and what is finished between two commits. */
#define AGAIN_MAX (4 * SIM_WINDOW)

static struct partition *partition_of(struct consumer *c, int number)
{
    return &c->topic->partitions[number];
}

/* What is finished below everything unfinished is the group's from now on. */
static void commit(struct consumer *c, int number)
{
    struct partition *p = partition_of(c, number);
    int64_t storable = window_storable(&c->windows[number]);
    if (storable <= p->committed) return;
    for (int64_t i = p->committed; i < storable; i++)
        if (!p->items[i].is_finished)
            sim_violation(c->sim, "offset %lld of %.*s/%d is passed, unfinished", (long long)i,
                          STR_ARG(c->topic->name), number);
    p->committed = storable;
}

static void commit_all(struct sim *sim, void *ctx, uint64_t unused)
{
    struct consumer *c = ctx;
    (void)sim;
    (void)unused;
    c->commits = false;
    if (!c->process) return; /* it died before it did */
    for (int p = 0; p < SIM_PARTITIONS; p++)
        if (c->owned[p]) commit(c, p);
}

static void message_done(struct consumer *c, const struct queued *q)
{
    int number = q->message.partition;
    struct partition *p = partition_of(c, number);
    p->items[q->message.offset].is_finished = true;
    if (!c->owned[number] || p->generation != q->generation) return;
    (void)window_finish(&c->windows[number], q->message.offset);
    if (!c->commits) {
        c->commits = true;
        sim_at(c->sim, process_awake_at(c->process, c->sim->now_ms + SIM_COMMIT_MS), commit_all, c,
               0);
    }
    consumer_pump(c);
}

static void put(struct handler *h, struct queued *q)
{
    q->next = NULL;
    *h->last = q;
    h->last = &q->next;
}

static struct queued *take(struct handler *h)
{
    struct queued *q = h->first;
    h->first = q->next;
    if (!h->first) h->last = &h->first;
    return q;
}

static void work(struct task *task, void *ctx);

static void begin_work(struct handler *h)
{
    if (h->is_busy || !h->first || !h->consumer->process) return;
    h->is_busy = true;
    (void)sim_start_task(h->consumer->process, h->role, work, h);
}

/* A message that was held is due again. */
static void put_again(struct sim *sim, void *ctx, uint64_t unused)
{
    struct queued *q = ctx;
    struct handler *h = q->handler;
    (void)sim;
    (void)unused;
    if (!h->consumer->process) return;
    put(h, q);
    begin_work(h);
}

static struct stored *stored_of(struct consumer *c, const struct queued *q)
{
    return &partition_of(c, q->message.partition)->items[q->message.offset];
}

/* What is in hand is lost with whoever has it. */
static void lose_in_hand(struct consumer *c)
{
    for (int i = 0; i < SIM_HANDLERS; i++) {
        const struct handler *h = &c->handlers[i];
        if (!h->in_hand && h->works_on) stored_of(c, h->works_on)->late++;
        if (!h->in_hand) continue;
        struct stored *s = stored_of(c, h->in_hand);
        s->losses++;
        s->near += c->process && c->process->dies_of_poison && !s->is_poison;
    }
}

/* What lib/run/worker.c does once its poll has told it so. */
static void give_back(struct task *task, void *ctx)
{
    struct handler *h = ctx;
    if (!sim_wait(task, 1) || !h->in_hand) return;
    struct bus_message message = h->in_hand->message;
    h->in_hand = NULL;
    (void)taken_give_back(&h->ports, &h->consumer->options.log, &message);
}

/* One handler: message after message, until there is none, or its process dies. */
static void work(struct task *task, void *ctx)
{
    struct handler *h = ctx;
    struct sim *sim = task->sim;
    while (h->first && !task->is_dead) {
        struct queued *q = take(h);
        task->about = q->message.key;
        task->saw_in_alarm = 0;
        memset(task->calls, 0, sizeof(task->calls));
        handle_wait_turn(&h->consumer->options, &h->ports, &q->message, &q->handling);
        h->in_hand = h->works_on = q;
        task->kills = stored_of(h->consumer, q)->is_poison;
        enum handled done = handle(&h->consumer->options, &h->ports, &q->message, &q->handling);
        task->kills = false;
        if (task->is_dead) break;
        h->in_hand = h->works_on = NULL;
        if (done == HANDLED_DONE) {
            message_done(h->consumer, q);
        } else {
            int64_t at_ms = process_awake_at(task->process, sim->now_ms + q->handling.hold_ms);
            sim_at(sim, at_ms, put_again, q, 0);
        }
    }
    h->is_busy = false;
}

/* Messages of one key meet the same handler. */
static struct handler *handler_of(struct consumer *c, struct str key)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < key.n; i++)
        sum = sum * 31 + (unsigned char)key.p[i];
    return &c->handlers[sum % SIM_HANDLERS];
}

void consumer_pump(struct consumer *c)
{
    if (!c->process) return;
    for (int number = 0; number < SIM_PARTITIONS; number++) {
        struct partition *p = partition_of(c, number);
        struct window *w = &c->windows[number];
        while (c->owned[number] && (size_t)c->next[number] < p->n && !window_is_full(w)) {
            const struct bus_message *m = &p->items[c->next[number]++].message;
            EBB_ASSERT(window_take(w, m->offset));
            if (c->topic->bus->on_handed) c->topic->bus->on_handed(c->process, m);
            struct queued *q = ARENA_NEW(&c->sim->arena, struct queued);
            q->handler = handler_of(c, m->key);
            q->message = *m;
            q->message.may_be_again = c->taken[number]++ < AGAIN_MAX;
            q->generation = p->generation;
            put(q->handler, q);
            begin_work(q->handler);
        }
    }
}

void consumer_assigned(struct consumer *c, int number)
{
    c->owned[number] = true;
    c->next[number] = partition_of(c, number)->committed;
    c->taken[number] = 0;
    window_init(&c->windows[number], SIM_WINDOW);
    consumer_pump(c);
}

void consumer_revoked(struct consumer *c, int number)
{
    /* One that stands still, or is dead, has nothing to say any more. */
    bool answers = c->process && process_awake_at(c->process, c->sim->now_ms) == c->sim->now_ms;
    if (answers) commit(c, number);
    if (answers && c->topic->bus->on_revoked) c->topic->bus->on_revoked(c->process, number);
    c->owned[number] = false;
    window_release(&c->windows[number]);
    if (!answers) lose_in_hand(c);
    for (int i = 0; c->process && i < SIM_HANDLERS; i++) {
        struct handler *h = &c->handlers[i];
        if (h->in_hand) (void)sim_start_task(c->process, h->role, give_back, h);
    }
}

struct consumer *consumer_join(struct process *process, const struct worker_options *options)
{
    struct sim *sim = process->sim;
    struct topic *t = topic_named(sim->bus, str_from(options->topic));
    struct consumer *c = calloc(1, sizeof(*c));
    if (!c) abort();
    *c = (struct consumer){.sim = sim,
                           .topic = t,
                           .process = process,
                           .options = *options,
                           .next_of_all = t->consumers,
                           .is_member = true};
    t->consumers = c;
    for (int i = 0; i < SIM_HANDLERS; i++) {
        struct handler *h = &c->handlers[i];
        h->consumer = c;
        h->last = &h->first;
        h->ports = options->ports;
        h->role = arena_cstr(&sim->arena, options->stage);
        (void)snprintf(h->holder, sizeof(h->holder), "%s/%.*s/%d", process->name,
                       STR_ARG(options->stage), i);
        h->ports.holder = str_from(h->holder);
    }
    topic_rebalance(t);
    return c;
}

static void end_membership(struct sim *sim, void *ctx, uint64_t unused)
{
    struct consumer *c = ctx;
    (void)sim;
    (void)unused;
    c->is_member = false;
    topic_rebalance(c->topic);
}

/* The process stood still for longer than its session, and has come back. */
static void join_again(struct sim *sim, void *ctx, uint64_t unused)
{
    struct consumer *c = ctx;
    (void)sim;
    (void)unused;
    if (!c->process || c->is_member) return;
    c->is_member = true;
    topic_rebalance(c->topic);
}

void consumer_stands_still(struct consumer *c, int64_t until_ms)
{
    struct sim *sim = c->sim;
    if (until_ms - sim->now_ms <= SIM_SESSION_MS) return;
    sim_at(sim, sim->now_ms + SIM_SESSION_MS, end_membership, c, 0);
    sim_at(sim, until_ms, join_again, c, 0);
}

void consumer_leave(struct consumer *c, bool in_order)
{
    struct sim *sim = c->sim;
    if (in_order) {
        end_membership(sim, c, 0);
        sim_at(sim, sim->now_ms + SIM_COMMIT_MS, join_again, c, 0);
        return;
    }
    lose_in_hand(c);
    for (int i = 0; i < SIM_HANDLERS; i++)
        c->handlers[i].in_hand = NULL;
    c->process = NULL;
    sim_at(sim, sim->now_ms + SIM_SESSION_MS, end_membership, c, 0);
}

void consumer_free(struct consumer *c)
{
    struct consumer **place = &c->topic->consumers;
    while (*place != c)
        place = &(*place)->next_of_all;
    *place = c->next_of_all;
    for (int p = 0; p < SIM_PARTITIONS; p++)
        if (c->owned[p]) window_release(&c->windows[p]);
    free(c);
}
