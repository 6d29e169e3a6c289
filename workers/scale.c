/* SPDX-License-Identifier: Apache-2.0
 * Stage scale: lowers a service's desired count so that exactly its drained tasks stop. It looks at
 * the whole service, at all its DRAINED tasks D together, under the service's lease; each look
 * reads the service, then its tasks. ECS has no compare-and-set and stops any unprotected task it
 * likes, so everything is protected before the count is lowered, and only what is drained is
 * unprotected after. surplus = tasks that ECS wants to run, minus desired.
 *
 * Clauses, the first that applies:
 *  C1 only under the lease, and only with drained tasks or an intent to settle
 *  C2 surplus > 0, whoever lowered desired: unprotect as many of D and watch them stop;
 *     StopTask when ECS does not take them
 *  C3 an intent is open and may still take effect: wait, nothing is final before it is closed
 *  C4 no D is left: close the intent
 *  C5 the intent is settled and desired is what it was: it had no effect, forget it; desired is
 *     another: it may have happened, so never lower twice: StopTask(D), and ECS replaces it
 *  C6 a drained task that is gone is released: unprotected by us it is SCALED_OUT, stopped to be
 *     replaced it is REPLACED, otherwise it died: GONE
 *  C7 tasks are missing or a deployment is in progress: wait, with the reason
 *  C8 at the floor: drains are undone, as many as are too many
 *  C9 a running task is unprotected: protect all of them, then look again
 *  C10 write the intent, then send UpdateService once, and not after not_after: all are
 *     protected, so nothing dies of it
 *  C11 a task that was not drained and stopped meanwhile is reported, never counted as success
 * Order and clauses are explored exhaustively by a model; a change is tried there first
 * (docs/scale.md).
 */
#include "workers/stage.h"

#define INTENT_MS       ((int64_t)2 * 1000) /* how long after the reading the lowering may be sent */
#define LOOK_AGAIN_MS   ((int64_t)2 * 1000) /* while ECS is stopping, starting or deploying */
#define LEASE_AGAIN_MS  ((int64_t)1 * 1000)
#define PROTECT_MINUTES ((int64_t)20) /* of all tasks while the count is lowered */
#define PROTECT_LEAST_MS                                                                           \
    ((int64_t)15 * 60 * 1000) /* an expiry nearer than this counts as unprotected */
#define STOP_BACKSTOP_MS                                                                           \
    ((int64_t)60 * 1000) /* ECS had so long to take an unprotected drained task */
#define UNPROTECT_ROUNDS_MAX 20
#define BLOCKED_DEADLINE_MS                                                                        \
    ((int64_t)30 * 60 * 1000) /* drained, and no way to scale in for so long: undo */

static const struct task_fact *task_of(const struct view *v, struct str arn)
{
    for (size_t i = 0; i < v->tasks.n; i++)
        if (str_eq(v->tasks.tasks[i].arn, arn)) return &v->tasks.tasks[i];
    return NULL;
}

static bool is_drained_here(const struct view *v, const struct held *h)
{
    const struct task_fact *t = task_of(v, h->record.task_arn);
    return h->record.state == DRAIN_DRAINED && t && t->wanted;
}

/* |D|: drained tasks that ECS still wants to run. */
static int64_t drained_here(const struct view *v)
{
    int64_t n = 0;
    for (size_t i = 0; i < v->drained_n; i++)
        n += is_drained_here(v, &v->drained[i]);
    return n;
}

static int64_t wanted(const struct view *v)
{
    int64_t n = 0;
    for (size_t i = 0; i < v->tasks.n; i++)
        n += v->tasks.tasks[i].wanted;
    return n;
}

/* C2: of the first `most` of D, those that are still protected, ten at a time. */
static struct step unprotect(const struct view *v, int64_t most)
{
    struct step s = want(EFFECT_UNPROTECT);
    for (size_t i = 0; i < v->drained_n && most > 0; i++) {
        if (!is_drained_here(v, &v->drained[i])) continue;
        const struct task_fact *t = task_of(v, v->drained[i].record.task_arn);
        most--;
        if (!t->is_protected || s.effect.tasks_n == EFFECT_TASKS_MAX) continue;
        s.effect.tasks[s.effect.tasks_n++] = t->arn;
    }
    return s;
}

/* C2: that a drained task is being given to ECS is durable before it is given, so that its end can
 * be told from a death. The first of D, at most `most`, of which that is not written yet. */
static const struct held *first_unmarked(const struct view *v, int64_t most)
{
    for (size_t i = 0; i < v->drained_n && most > 0; i++) {
        const struct held *h = &v->drained[i];
        if (!is_drained_here(v, h)) continue;
        most--;
        if (!h->record.unprotected_at || !h->recorded) return h;
    }
    return NULL;
}

static const struct held *first_here(const struct view *v)
{
    for (size_t i = 0; i < v->drained_n; i++)
        if (is_drained_here(v, &v->drained[i])) return &v->drained[i];
    return NULL;
}

static struct step stop(const struct view *v, const struct held *h)
{
    struct step s = want_drain(EFFECT_STOP_TASK, &h->record);
    s.effect.tasks[0] = task_of(v, h->record.task_arn)->arn;
    s.effect.tasks_n = 1;
    return s;
}

static struct step surplus_taken(const struct view *v, int64_t surplus, int64_t now_ms)
{
    const struct held *h = first_unmarked(v, surplus);
    if (h && !h->record.unprotected_at) {
        struct drain given = h->record;
        given.unprotected_at = now_ms;
        return move(&given);
    }
    if (h) return want_drain(EFFECT_RECORD, &h->record);
    if (!v->tasks.protection_known) return want(EFFECT_READ_PROTECTION);
    struct step s = unprotect(v, surplus);
    if (s.effect.tasks_n && v->did[EFFECT_UNPROTECT].times < UNPROTECT_ROUNDS_MAX) return s;
    h = first_here(v);
    bool had_its_time = now_ms - h->record.unprotected_at > STOP_BACKSTOP_MS;
    if (had_its_time && v->did[EFFECT_STOP_TASK].outcome == OUTCOME_NONE) return stop(v, h);
    return wait_until(now_ms + LOOK_AGAIN_MS, REASON_STOPPING);
}

/* C9: the running tasks whose protection is missing or about to end, ten at a time. */
static struct step unprotected_ones(const struct view *v, int64_t now_ms)
{
    struct step s = want(EFFECT_PROTECT);
    s.effect.protect_minutes = PROTECT_MINUTES;
    for (size_t i = 0; i < v->tasks.n && s.effect.tasks_n < EFFECT_TASKS_MAX; i++) {
        const struct task_fact *t = &v->tasks.tasks[i];
        if (t->wanted && (!t->is_protected || t->protected_until < now_ms + PROTECT_LEAST_MS))
            s.effect.tasks[s.effect.tasks_n++] = t->arn;
    }
    return s;
}

static struct step undo_first(const struct view *v, enum reason reason, int64_t now_ms)
{
    return move_to_undo(&first_here(v)->record, reason, now_ms);
}

/* C7 to C10: no intent, no surplus, D not empty. */
static struct step lower(const struct view *v, int64_t surplus, int64_t now_ms)
{
    int64_t k = drained_here(v);
    const struct held *h = first_here(v);
    bool too_long = now_ms - h->record.drained_at > BLOCKED_DEADLINE_MS;
    /* C7. */
    if (v->service.deploying || surplus < 0) {
        if (too_long) return undo_first(v, REASON_BLOCKED, now_ms);
        return wait_until(now_ms + LOOK_AGAIN_MS,
                          v->service.deploying ? REASON_DEPLOYING : REASON_TASKS_PENDING);
    }
    /* C8. */
    if (!v->floor.known) return want(EFFECT_READ_FLOOR);
    if (!v->floor.exists) return undo_first(v, REASON_NO_FLOOR, now_ms);
    if (v->service.desired - k < v->floor.min) return undo_first(v, REASON_AT_MIN_CAPACITY, now_ms);
    /* C9. */
    if (!v->tasks.protection_known) return want(EFFECT_READ_PROTECTION);
    struct step s = unprotected_ones(v, now_ms);
    if (s.effect.tasks_n) {
        bool refused = v->did[EFFECT_PROTECT].times && v->did[EFFECT_PROTECT].outcome != OUTCOME_OK;
        if (!refused) return s;
        if (too_long) return undo_first(v, REASON_BLOCKED, now_ms);
        return wait_until(now_ms + LOOK_AGAIN_MS, REASON_BLOCKED);
    }
    /* The protections were set one batch after another: ECS is asked once more what holds now. */
    if (v->is_stale) return want(EFFECT_READ_SERVICE);
    /* C10. */
    s = want(EFFECT_PUT_INTENT);
    s.effect.others = wanted(v) - k;
    s.effect.base = v->service.desired;
    s.effect.desired = v->service.desired - k;
    s.effect.not_after = now_ms + INTENT_MS;
    return s;
}

/* C10: the intent of this look is written; what it says is sent, once. */
static struct step send_intent(const struct view *v)
{
    struct step s = want(EFFECT_LOWER);
    s.effect.base = v->intent.base;
    s.effect.desired = v->intent.to;
    s.effect.not_after = v->intent.not_after;
    return s;
}

/* C5. That the task is stopped to be replaced is durable before it is stopped. */
static struct step stop_for_replacement(const struct view *v)
{
    const struct held *h = first_here(v);
    if (h->record.becomes != DRAIN_REPLACED) {
        struct drain replaced = h->record;
        replaced.becomes = DRAIN_REPLACED;
        return move(&replaced);
    }
    if (!h->recorded) return want_drain(EFFECT_RECORD, &h->record);
    return stop(v, h);
}

/* C3 to C5. */
static struct step settle(const struct view *v, int64_t surplus, int64_t now_ms)
{
    if (now_ms <= v->intent.not_after)
        return wait_until(v->intent.not_after + 1, REASON_INTENT_OPEN);
    if (!drained_here(v)) return want(EFFECT_CLOSE_INTENT);
    if (surplus == 0 && v->service.desired == v->intent.base) return want(EFFECT_CLOSE_INTENT);
    if (surplus == 0 && v->did[EFFECT_STOP_TASK].outcome == OUTCOME_NONE)
        return stop_for_replacement(v);
    return wait_until(now_ms + LOOK_AGAIN_MS, surplus < 0 ? REASON_TASKS_PENDING : REASON_STOPPING);
}

/* C6, and the order of every move for the drains this look moved on. A verdict when none is left to
 * see to. */
static struct step see_to_gone(const struct view *v, int64_t now_ms)
{
    for (size_t i = 0; i < v->drained_n; i++) {
        const struct held *h = &v->drained[i];
        const struct drain *d = &h->record;
        if (d->state == DRAIN_RELEASING || d->state == DRAIN_UNDOING) {
            struct step s = hand_on(h, topic_of_state(d->state), VERDICT_DONE, REASON_SCALED_OUT);
            if (!s.is_verdict) return s;
        } else if (d->state == DRAIN_DRAINED && !is_drained_here(v, h)) {
            if (d->becomes == DRAIN_REPLACED)
                return move_to_release(d, DRAIN_REPLACED, REASON_REPLACED, now_ms);
            if (d->unprotected_at)
                return move_to_release(d, DRAIN_SCALED_OUT, REASON_SCALED_OUT, now_ms);
            return move_to_release(d, DRAIN_GONE, REASON_TASK_GONE, now_ms);
        }
    }
    return finish(VERDICT_DONE, REASON_SCALED_OUT);
}

/* C11. */
static struct step over(const struct view *v)
{
    int64_t others = wanted(v) - drained_here(v);
    if (v->settled.open && others < v->settled.others && v->service.desired == v->settled.to) {
        struct step s = finish(VERDICT_DONE, REASON_WRONG_TASK_STOPPED);
        s.verdict.have = others;
        s.verdict.need = v->settled.others;
        return s;
    }
    return finish(VERDICT_DONE, REASON_SCALED_OUT);
}

struct step scale_next(const struct view *v, int64_t now_ms)
{
    /* C1. */
    if (!v->settings) return finish(VERDICT_REFUSED, REASON_NOT_MANAGED);
    if (v->did[EFFECT_TAKE_LEASE].outcome == OUTCOME_NONE) return want(EFFECT_TAKE_LEASE);
    if (v->did[EFFECT_TAKE_LEASE].outcome != OUTCOME_OK)
        return wait_until(now_ms + LEASE_AGAIN_MS, REASON_LEASE_HELD);
    if (!v->drained_known) return want(EFFECT_READ_DRAINED);
    if (!v->drained_n && !v->intent.open) return finish(VERDICT_DONE, REASON_NOTHING_DRAINED);
    bool intended_now = v->did[EFFECT_PUT_INTENT].outcome == OUTCOME_OK;
    if (v->intent.open && intended_now && v->did[EFFECT_LOWER].outcome == OUTCOME_NONE)
        return send_intent(v);
    if (!v->service.known) return want(EFFECT_READ_SERVICE);
    if (!v->service.exists) return finish(VERDICT_REFUSED, REASON_SERVICE_NOT_FOUND);
    if (!v->tasks.known) return want(EFFECT_READ_TASKS);

    int64_t surplus = wanted(v) - v->service.desired;
    /* C2. */
    if (surplus > 0 && drained_here(v)) return surplus_taken(v, surplus, now_ms);
    /* C3 to C5. */
    if (v->intent.open) return settle(v, surplus, now_ms);
    /* C6. */
    struct step s = see_to_gone(v, now_ms);
    if (!s.is_verdict) return s;
    if (!drained_here(v)) return over(v);
    /* C7 to C10. */
    return lower(v, surplus, now_ms);
}
