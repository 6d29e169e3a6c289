/* SPDX-License-Identifier: Apache-2.0
 * Timers: when a drain is due, its stage is told to look at it. A timer comes again after a while
 * unless the drain has moved, so a lost message costs time, never a drain. The leader also makes
 * state whole after Redis lost it: until then claims are refused.
 *
 * Clauses:
 *  T1 only the holder of the lease acts
 *  T2 the epoch is not of this run of Redis: ebb.state is merged first, and an intent of a service of
 *     which no drain is DRAINED forgotten, which is one of an older copy; then the epoch begins
 *  T3 a due timer is set to come again, only if it is still the one that fired, and then published
 *     to the topic of its drain's state; an unknown drain's timer goes, and a final one's once
 *     ebb.state has it: it is written there, no stage looks at it any more
 *  T4 a timer that cannot be worked on holds up no other; a drain in a state of a newer version is
 *     left alone, and the epoch does not begin without it
 *  T5 what was said in a control record and did not get into ebb.state is written there
 *  T6 a drain that has been final for as long as Redis knows it is removed from ebb.state */
#include "producers/timers.h"
#include "lib/effect/durable.h"
#include "lib/effect/publish.h"
#include "lib/record/walkers.h"
#include "lib/store/state_control.h"
#include "producers/merge.h"
#include "producers/tidy.h"

#define LEADER_PAUSE_MS ((int64_t)100)
#define OTHERS_PAUSE_MS ((int64_t)1000)
#define INTENTS_MAX     ((size_t)10000)
#define AGAIN_MS                                                                                   \
    ((int64_t)60 * 1000) /* the sweep: nobody moved the drain for so long after its timer */
#define BATCH_MAX ((size_t)200)

/* What is no record of ours cannot be put back, and must not keep the others from it. */
static int pass_over(const struct timers_pass *t, const struct bus_message *m, const struct err *e)
{
    LOG(t->log, LOG_ERROR, "state_record_unreadable", LOG_STR("why", str_from(e->text)),
        LOG_NUM("offset", m->offset));
    return E_OK;
}

static int merge_drain(struct timers_pass *t, const struct bus_message *m, struct arena *a,
                       struct err *e)
{
    struct drain d = {0};
    if (msgpack_decode(&DRAIN_RECORD, m->value, a, &d, e)) return pass_over(t, m, e);
    if (drain_is_newer(&d)) {
        t->newer_count++;
        return E_OK;
    }
    t->merged_count++;
    return state_merge(&t->ports->store, &d, true, a, e);
}

static int merge_control(struct timers_pass *t, const struct bus_message *m, struct arena *a,
                         struct err *e)
{
    struct control c = {0};
    if (msgpack_decode(&CONTROL_RECORD, m->value, a, &c, e)) return pass_over(t, m, e);
    if (control_is_newer(&c)) {
        t->newer_count++;
        return E_OK;
    }
    return state_merge_control(&t->ports->store, &c, a, e);
}

static int merge_one(void *ctx, const struct bus_message *m, struct err *e)
{
    struct arena a;
    if (!m->value.p) return E_OK;
    arena_init(&a);
    int code = str_starts(m->key, STR(CONTROL_KEY_PREFIX)) ? merge_control(ctx, m, &a, e)
                                                           : merge_drain(ctx, m, &a, e);
    arena_release(&a);
    return code;
}

/* T2. An older copy of Redis has intents that were settled since: nothing goes on from DRAINED before
 * its intent is, and all that is open has been merged. */
static int forget_old_intents(struct timers_pass *t, struct arena *a, struct err *e)
{
    const struct store_port *store = &t->ports->store;
    struct str_list services;
    int code = state_intents(store, INTENTS_MAX, a, &services, e);
    for (size_t i = 0; i < services.n && !code; i++) {
        bool was_old = false;
        code = state_forget_old_intent(store, services.items[i], a, &was_old, e);
        if (!code && was_old)
            LOG(t->log, LOG_INFO, "old_intent_forgotten", LOG_STR("service", services.items[i]));
    }
    if (!code && services.n == INTENTS_MAX)
        LOG(t->log, LOG_WARN, "intents_left",
            LOG_STR("why", STR("there are more than are looked at in one merge")));
    return code;
}

/* T2. */
static int see_to_epoch(struct timers_pass *t, struct arena *a, struct err *e)
{
    struct str run_id, epoch;
    int code = state_run_id(&t->ports->store, a, &run_id, &epoch, e);
    if (code || str_eq(run_id, epoch)) return code;
    LOG(t->log, LOG_WARN, "state_merge",
        LOG_STR("why", STR("this run of Redis has no whole state yet")));
    t->merged_count = t->newer_count = 0;
    /* Redis may lose what is merged while the rest is: only the merge that it still knows of counts. */
    struct str merge = arena_format(a, "%.*s/%lld", STR_ARG(t->holder),
                                    (long long)clock_wall_ms(&t->ports->clock));
    code = state_begin_merge(&t->ports->store, merge, a, e);
    if (!code) code = merge_state(t, merge_one, e);
    if (!code && t->newer_count)
        code =
            err_set(e, E_UNAVAILABLE,
                    "ebb.state has %lld records of a newer version of Ebb, which this one cannot "
                    "put back; run `ebb timers` of the newer version",
                    (long long)t->newer_count);
    if (!code) code = forget_old_intents(t, a, e);
    if (!code) code = state_begin_epoch(&t->ports->store, run_id, merge, a, e);
    if (!code)
        LOG(t->log, LOG_INFO, "epoch_begun", LOG_NUM("drains", t->merged_count),
            LOG_STR("epoch", run_id));
    return code;
}

/* A timer that was set to come again, and what is to be published for it. */
struct firing {
    const struct timer *timer;
    struct str service;
    struct bus_record record; /* without a topic: nothing */
};

/* What was not published is due as before; should that fail as well, the sweep finds it. */
static void be_due_again(struct timers_pass *t, const struct firing *f, struct arena *a)
{
    struct err e = {0};
    struct str id = f->timer->drain_id;
    if (state_wake(&t->ports->store, f->service, id, f->timer->at, a, &e))
        LOG(t->log, LOG_WARN, "timer_not_set_back", LOG_STR("drainId", id),
            LOG_STR("why", str_from(e.text)));
}

/* T3. Set first: a look that ends between the two sets it nearer, and is not overwritten. */
static int fire(struct timers_pass *t, struct firing *f, struct arena *a, struct err *e)
{
    const struct ports *ports = t->ports;
    const struct drain *d;
    struct drain_held held;
    int code = state_read_drain(&ports->store, f->timer->drain_id, a, &held, e);
    if (code) return code;
    d = &held.record;
    int64_t now_ms = clock_wall_ms(&ports->clock);
    bool is_final = held.exists && drain_is_final(d->state);
    if (!held.exists || (is_final && held.recorded))
        return state_timer_fired(&ports->store, f->timer, 0, a, e);
    code = state_timer_fired(&ports->store, f->timer, now_ms + AGAIN_MS, a, e);
    if (!code && is_final && d->format <= DRAIN_FORMAT) return durable_drain(ports, d, a, e);
    const char *topic = topic_of_state(d->state);
    if (code || !topic) return code;
    struct message m = message_about(ports, d, a);
    f->service = d->service;
    return message_record(str_from(topic), &m, STR_NONE, a, &f->record, e);
}

/* T4. */
static void give_up(const struct timers_pass *t, const struct firing *f, const struct err *e)
{
    LOG(t->log, LOG_ERROR, "timer_passed_over", LOG_STR("drainId", f->timer->drain_id),
        LOG_STR("why", str_from(e->text)));
}

static int fire_or_pass(struct timers_pass *t, struct firing *f, struct arena *a, struct err *e)
{
    int64_t now_ms = clock_wall_ms(&t->ports->clock);
    int code = fire(t, f, a, e);
    if (!code || err_class_of(code) == ERR_CLASS_RETRY) return code;
    give_up(t, f, e);
    f->record = (struct bus_record){0};
    return state_timer_fired(&t->ports->store, f->timer, now_ms + AGAIN_MS, a, e);
}

/* Handed over together, so that one acknowledgement is waited for and not one each. */
static int publish_all(struct timers_pass *t, const struct firing *firings, size_t n,
                       struct arena *a, struct err *e)
{
    struct bus_record *records = ARENA_ARRAY(a, n + 1, struct bus_record);
    int *results = ARENA_ARRAY(a, n + 1, int), again = E_OK;
    for (size_t i = 0; i < n; i++)
        records[i] = firings[i].record;
    if (!n || !bus_publish_many(&t->ports->bus, records, results, n, e)) return E_OK;
    for (size_t i = 0; i < n; i++) {
        if (results[i] && err_class_of(results[i]) != ERR_CLASS_RETRY) {
            give_up(t, &firings[i], e);
        } else if (results[i]) {
            be_due_again(t, &firings[i], a);
            again = results[i];
        }
    }
    return again;
}

/* T3, of all that are due; what does not answer ends it, after what was begun. */
static int fire_all(struct timers_pass *t, const struct timer_list *due, struct arena *a,
                    struct err *e)
{
    struct firing *firings = ARENA_ARRAY(a, due->n + 1, struct firing);
    struct err unpublished = {0};
    size_t n = 0;
    int code = E_OK;
    for (size_t i = 0; i < due->n && !code; i++) {
        firings[n] = (struct firing){.timer = &due->items[i]};
        code = fire_or_pass(t, &firings[n], a, e);
        n += !code && firings[n].record.topic.n;
    }
    int published = publish_all(t, firings, n, a, &unpublished);
    if (code || !published) return code;
    *e = unpublished;
    return published;
}

static int lead(struct timers_pass *t, struct arena *a, bool *more, struct err *e)
{
    const struct ports *ports = t->ports;
    struct timer_list due;
    *more = false;
    /* T1. */
    int code = state_take_lease(&ports->store, TIMERS_LEASE, t->holder, TIMERS_LEASE_MS, a, e);
    t->leads = code == E_OK;
    if (code == E_BUSY) return E_OK;
    if (!code) code = see_to_epoch(t, a, e);
    if (!code)
        code = state_timers_due(&ports->store, clock_wall_ms(&ports->clock), BATCH_MAX, a, &due, e);
    if (code) return code;
    code = fire_all(t, &due, a, e);
    *more = due.n == BATCH_MAX;
    return code ? code : tidy(t, a, e);
}

int timers_pass(struct timers_pass *t, int64_t *pause_ms, struct err *e)
{
    struct arena a;
    bool more = false;
    arena_init(&a);
    int code = lead(t, &a, &more, e);
    arena_release(&a);
    *pause_ms = code || !t->leads ? OTHERS_PAUSE_MS : more ? 0 : LEADER_PAUSE_MS;
    return code;
}

int timers_resign(struct timers_pass *t, struct err *e)
{
    struct arena a;
    if (!t->leads) return E_OK;
    arena_init(&a);
    int code = state_release_lease(&t->ports->store, TIMERS_LEASE, t->holder, &a, e);
    arena_release(&a);
    t->leads = false;
    return code;
}
