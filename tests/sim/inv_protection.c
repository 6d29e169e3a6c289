/* SPDX-License-Identifier: Apache-2.0
 * From its claim until it is given to ECS the task of an open drain is protected, as far as it is in
 * our hand; nobody's longer protection is shortened by our hand; and once a drain is RESTORED none of
 * ours is left on its task for longer than the 20 minutes that stage scale gives to all others, and
 * another's that was there before it is there again. As the region's log has it. */
#include "lib/aws/shapes/ecs.h"
#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"

#include <stdlib.h>

/* ECS has no compare-and-set: what another sets between our reading and our setting is lost. */
#define BETWEEN_MS ((int64_t)75 * 1000)
/* Ours is renewed ten minutes before its end: who puts a look off by a clock that is nearly as far
 * ahead, and then set back, comes too late. */
#define AHEAD_MS ((int64_t)5 * 60 * 1000)
/* ECS counts in minutes. */
#define MINUTE_MS ((int64_t)60 * 1000)
/* As long as stage scale protects all others, and a restored task: 20 minutes, as two clocks that are
 * not quite the same count them. */
#define SHORT_MS (22 * MINUTE_MS)

static struct seen_protection *protection_of(struct sim *sim, struct str arn)
{
    struct protections *all = &sim->invariants->protections;
    for (size_t i = 0; i < all->n; i++)
        if (str_eq(all->items[i].arn, arn)) return &all->items[i];
    if (all->n == all->max) {
        all->max = all->max ? 2 * all->max : 64;
        all->items = realloc(all->items, all->max * sizeof(*all->items));
        if (!all->items) abort();
    }
    all->items[all->n] = (struct seen_protection){.arn = arena_copy(&sim->arena, arn)};
    return &all->items[all->n++];
}

/* The task's drain was decided to be over for it: it is empty, and ECS may have it. */
static bool is_given(const struct drain *d)
{
    return d && d->drained_at;
}

static void shortened(struct sim *sim, const struct seen_protection *p, int64_t until_ms)
{
    bool is_theirs_alive = p->theirs_until_ms > sim->now_ms + MINUTE_MS;
    bool is_race = sim->now_ms - p->theirs_at_ms < BETWEEN_MS;
    if (!is_theirs_alive || is_race || until_ms >= p->theirs_until_ms - 1000) return;
    /* Who sets it by a clock that is ahead takes it to end so much sooner than it does. */
    if (until_ms && p->theirs_until_ms - until_ms < sim->clocks_ahead_ms) return;
    const struct drain *d = seen_drain_of(sim, p->arn);
    if (!until_ms && is_given(d)) return;
    /* It was off while ECS could have the task: what is set since is better than nothing, and theirs
     * comes back at the end. */
    if (until_ms && p->theirs_is_off) return;
    sim_violation(sim, "we shortened another's protection of task %.*s by %lld s", STR_ARG(p->arn),
                  (long long)(p->theirs_until_ms - (until_ms ? until_ms : sim->now_ms)) / 1000);
}

/* What another set after the drain that gives its task to ECS began was not there to be noted: it is
 * lost for good. */
static void forget_unseen(struct sim *sim, struct seen_protection *p, int64_t until_ms)
{
    const struct drain *d = seen_drain_of(sim, p->arn);
    const struct seen_drain *seen = d ? seen_drain_named(sim, d->drain_id) : NULL;
    bool was_seen = seen && p->theirs_at_ms < seen->first_ms;
    if (until_ms < p->theirs_until_ms - 1000 && !was_seen) p->theirs_until_ms = 0;
}

/* What is durable says that the task is in a drain that needs its protection. */
static bool is_needed(const struct drain *d)
{
    if (!d || !d->protected_until || d->unprotected_at || d->closed_at) return false;
    if (d->state == DRAIN_UNDOING) return d->start_sent_at && !d->start_refused && !d->cancelled_at;
    return d->state == DRAIN_CLAIMED || d->state == DRAIN_REMOVED || d->state == DRAIN_DRAINING ||
           d->state == DRAIN_DRAINED;
}

void inv_protection_entry(struct sim *sim, const struct log_entry *entry)
{
    if (entry->kind != LOG_PROTECTION) return;
    struct seen_protection *p = protection_of(sim, entry->subject);
    const struct drain *d = seen_drain_of(sim, entry->subject);
    bool has_expired = str_eq(entry->reason, STR("expired"));
    const struct seen_task *task = seen_task_named(sim, entry->subject);
    bool runs = task && !task->is_stopping && !task->is_gone;
    if (!has_expired && is_by_us(entry)) shortened(sim, p, entry->after);
    if (has_expired && p->is_ours && runs && is_needed(d) && sim->clocks_ahead_ms < AHEAD_MS)
        sim_violation(sim, "the protection of task %.*s ended, and its drain %.*s is open",
                      STR_ARG(entry->subject), STR_ARG(d->drain_id));
    if (!has_expired && is_by_us(entry)) forget_unseen(sim, p, entry->after);
    p->theirs_is_off = is_by_us(entry) && p->theirs_until_ms && entry->after < p->theirs_until_ms &&
                       (p->theirs_is_off || (!entry->after && is_given(d)));
    p->until_ms = entry->after;
    p->at_ms = sim->now_ms;
    p->is_ours = !has_expired && is_by_us(entry);
    if (has_expired || is_by_us(entry)) return;
    p->theirs_until_ms = entry->after;
    p->theirs_at_ms = sim->now_ms;
}

/* AWS may refuse to take it back. */
static bool may_be_refused(const struct sim *sim)
{
    return sim->faults->per_million[FAULT_OF_AWS_DENIED] || sim->faults->mean_ms[EVENT_OF_DENIAL];
}

/* Whether all that Ebb asks of AWS is answered: what it could not read it cannot give back. */
static bool aws_answers(const struct sim *sim)
{
    const int64_t *of = sim->faults->per_million;
    return !of[FAULT_OF_AWS_BEFORE] && !of[FAULT_OF_AWS_LOST] && !of[FAULT_OF_AWS_ERROR] &&
           !of[FAULT_OF_AWS_THROTTLED] && !of[FAULT_OF_AWS_AFTER] && !of[FAULT_OF_AWS_ERROR_AFTER];
}

/* While others' protections are more than the count wants, ECS sets none anew, not even a shorter one
 * (world/README.md): what is there when it says so to who undoes the drain is left to its end. Of a
 * refusal that nobody was told nothing follows. */
void inv_protection_knows(struct sim *sim, const struct aws_operation *shape, const void *output)
{
    const struct ecs_task_protection_output *out = output;
    if (shape != &ECS_UPDATE_TASK_PROTECTION) return;
    for (size_t i = 0; i < out->failures.n; i++) {
        const struct ecs_failure *f = LIST_AT(out->failures, struct ecs_failure, i);
        const struct drain *d = seen_drain_of(sim, f->arn);
        if (d && d->state == DRAIN_UNDOING && str_eq(f->reason, STR("DEPLOYMENT_BLOCKED")))
            protection_of(sim, f->arn)->blocked_ms = sim->now_ms;
    }
}

static bool is_left_to_its_end(const struct seen_protection *p)
{
    return p->blocked_ms && p->blocked_ms >= p->at_ms;
}

/* What another had set before the drain began is there again, or still. */
static void is_theirs_again(struct sim *sim, const struct seen_drain *seen,
                            const struct seen_protection *p)
{
    bool was_before = p->theirs_at_ms && p->theirs_at_ms < seen->first_ms;
    bool is_long = p->theirs_until_ms > sim->now_ms + SHORT_MS;
    if (!was_before || !is_long || !aws_answers(sim)) return;
    if (p->until_ms < p->theirs_until_ms - 2 * MINUTE_MS - sim->clocks_ahead_ms)
        sim_violation(
            sim, "drain %.*s is RESTORED, and another's protection of its task is %lld s shorter",
            STR_ARG(seen->newest.drain_id), (long long)(p->theirs_until_ms - p->until_ms) / 1000);
}

void inv_protection_record(struct sim *sim, const struct seen_drain *seen)
{
    const struct drain *d = &seen->newest;
    /* In an answer that lags behind, ours looks like another's. */
    bool may_lag = sim->faults->mean_ms[EVENT_OF_STALE] != 0;
    if (d->state != DRAIN_RESTORED || d->closed_at || may_be_refused(sim) || may_lag) return;
    const struct seen_protection *p = protection_of(sim, d->task_arn);
    const struct seen_task *task = seen_task_named(sim, d->task_arn);
    bool runs = task && !task->is_stopping && !task->is_gone;
    if (is_left_to_its_end(p)) return;
    if (runs) is_theirs_again(sim, seen, p);
    if (runs && p->is_ours && p->at_ms > seen->first_ms && p->until_ms > sim->now_ms + SHORT_MS &&
        p->until_ms == d->protected_until && p->until_ms > p->theirs_until_ms + MINUTE_MS + 1000)
        sim_violation(sim,
                      "drain %.*s is RESTORED, and its task is protected by us for %lld s more",
                      STR_ARG(d->drain_id), (long long)(p->until_ms - sim->now_ms) / 1000);
}
