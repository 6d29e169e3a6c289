/* SPDX-License-Identifier: Apache-2.0
 * Stage scale: lowers a service's desired count so that exactly its drained tasks stop. It looks at
 * the whole service, at all its DRAINED tasks D together, under the service's lease; each look
 * reads the service, then its tasks. ECS has no compare-and-set and stops any unprotected task it
 * likes, so D is given to ECS and everything else protected before the count is lowered: from then
 * on nothing more has to be done for ECS to stop exactly D. surplus = tasks that ECS wants to run,
 * minus desired.
 *
 * Clauses, the first that applies:
 *  C1 only under the lease, and only with drained tasks or an intent to settle; nothing outside is
 *     done after the lease may have ended; the lease is not taken before the API budget has tokens
 *     for what is done under it
 *  C2 the service is gone: drains end with their tasks, and the intent with them
 *  C3 surplus > 0, whoever lowered desired, but for a deployment's (no intent, or desired is what it
 *     was then): give as many of D to ECS and watch them stop; StopTask when ECS does not take them
 *  C4 an intent is open and may still take effect: wait, nothing is final before it is closed;
 *     surely not sent, it is closed at once
 *  C5 none of D that was given is left: close the intent, before C3; what was drained since is no
 *     part of it
 *  C6 the intent is settled and desired is what it was: nothing of ours is under way, forget it;
 *     desired is another: it may have happened, so never lower twice: StopTask what was given, and
 *     ECS replaces it; another task stopped in its place when desired is what was asked for
 *  C7 a drained task that ECS itself says is gone is released: stopped by ECS's scheduler after it
 *     was given, it is SCALED_OUT, or REPLACED by a deployment; otherwise it died: GONE
 *  C8 D is given to ECS: durably marked, then unprotected; nothing is left on it that could be cut
 *  C9 tasks are missing or not running yet, or a deployment is in progress: wait, with the reason
 *  C10 at the floor: drains are undone, as many as are too many
 *  C11 a task that is not drained is unprotected: protect all of them, then look again
 *  C12 write the intent, then send UpdateService once, and not after not_after; refused, it is
 *     tried again after a while
 *  C13 what cannot be done for half an hour is undone
 *  C14 a task that was not drained and stopped meanwhile is reported, never counted as success; the
 *      third in an hour, each counted once before its intent is closed, pauses the account
 *  C15 with cancelWhenOk, just before C11: drains whose alarm is over are undone; while that cannot
 *     be read, nothing is lowered
 *  C16 what is not given yet is kept protected (keep.h). A new order: first in tests/sim. */
#include "workers/keep.h"
#include "workers/scale_facts.h"
#include "workers/stage.h"

#define INTENT_MS        ((int64_t)2 * 1000) /* how long after the reading the lowering may be sent */
#define LOOK_AGAIN_MS    ((int64_t)2 * 1000) /* while ECS is stopping, starting or deploying */
#define LEASE_AGAIN_MS   ((int64_t)1 * 1000)
#define REFUSED_AGAIN_MS ((int64_t)60 * 1000)
/* An expiry nearer than this counts as unprotected. */
#define PROTECT_LEAST_MS ((int64_t)15 * 60 * 1000)
/* ECS had so long to take an unprotected drained task. */
#define STOP_BACKSTOP_MS ((int64_t)60 * 1000)

static bool is_blocked_for_long(const struct view *v, int64_t now_ms)
{
    return now_ms - first_here(v)->record.drained_at > BLOCKED_DEADLINE_MS;
}

/* C13. */
static struct step undo_first(const struct view *v, enum reason reason, int64_t now_ms)
{
    return move_to_undo(&first_here(v)->record, reason, now_ms);
}

static struct step wait_or_undo(const struct view *v, int64_t again_ms, enum reason reason,
                                int64_t now_ms)
{
    if (is_blocked_for_long(v, now_ms)) return undo_first(v, REASON_BLOCKED, now_ms);
    return wait_until(now_ms + again_ms, reason);
}

/* C1. */
static struct step under_lease(const struct view *v, struct step s)
{
    s.effect.not_after = v->lease_until - LEASE_MARGIN_MS;
    return s;
}

/* C8: at most so many of D are given. False while something is left to do, which is *out. */
static bool is_given(const struct view *v, int64_t most, int64_t now_ms, struct step *out)
{
    struct step s = under_lease(v, want(EFFECT_UNPROTECT));
    bool gives_more = given_here(v) < most;
    for (size_t i = 0; i < v->drained_n; i++) {
        const struct held *h = &v->drained[i];
        if (!is_drained_here(v, h)) continue;
        if (!h->record.unprotected_at && !gives_more) continue;
        const struct task_fact *t = task_of(v, h->record.task_arn);
        if (!h->record.unprotected_at) {
            *out = v->tasks.protection_known ? move_to_give(&h->record, t->is_protected, now_ms)
                                             : want(EFFECT_READ_PROTECTION);
            return false;
        }
        if (!h->recorded) {
            *out = want_drain(EFFECT_RECORD, &h->record);
            return false;
        }
        if (t->is_protected && s.effect.tasks_n < EFFECT_TASKS_MAX)
            s.effect.tasks[s.effect.tasks_n++] = t->arn;
    }
    if (!v->tasks.protection_known)
        *out = want(EFFECT_READ_PROTECTION);
    else if (s.effect.tasks_n && !may_change_protection(v, EFFECT_UNPROTECT))
        *out = wait_or_undo(v, LOOK_AGAIN_MS, REASON_BLOCKED, now_ms);
    else
        *out = s;
    return v->tasks.protection_known && !s.effect.tasks_n;
}

/* C3. */
static struct step watch_surplus(const struct view *v, int64_t surplus, int64_t now_ms)
{
    struct step s;
    if (!is_given(v, surplus, now_ms, &s)) return s;
    const struct held *h = first_given(v);
    int64_t since = v->intent.open ? v->intent.not_after : h->record.unprotected_at;
    bool had_its_time = now_ms - since > STOP_BACKSTOP_MS;
    if (had_its_time && v->did[EFFECT_STOP_TASK].outcome == OUTCOME_NONE)
        return under_lease(v, stop_task(h, DRAIN_SCALED_OUT));
    return wait_until(now_ms + LOOK_AGAIN_MS, REASON_STOPPING);
}

/* C7. What it means that this drain's task is gone. */
static enum drain_state end_of(const struct view *v, const struct drain *d)
{
    bool by_ecs = v->task.by_scheduler || !v->task.exists;
    if (!d->unprotected_at || !by_ecs) return DRAIN_GONE;
    bool lowered = v->intent.open || v->settled.open;
    return v->service.deploying && !lowered ? DRAIN_REPLACED : DRAIN_SCALED_OUT;
}

/* C7, and the order of every move for the drains this look moved on. DONE when none is left to see
 * to. */
static struct step see_to_gone(const struct view *v, int64_t now_ms)
{
    bool is_there = false;
    size_t unread = read_last(v);
    struct step s;
    for (size_t i = 0; i < v->drained_n; i++) {
        const struct held *h = &v->drained[i];
        const struct drain *d = &h->record;
        if (d->state == DRAIN_RELEASING || d->state == DRAIN_UNDOING) {
            s = hand_on(h, topic_of_state(d->state), VERDICT_DONE, REASON_SCALED_OUT);
            if (!s.is_verdict) return s;
        } else if (d->state == DRAIN_DRAINED && !is_drained_here(v, h)) {
            if (i >= unread && !task_is_there(v, h, end_of(v, d), now_ms, &s)) return s;
            /* C13. */
            if (now_ms - d->drained_at > BLOCKED_DEADLINE_MS)
                return move_to_undo(d, REASON_BLOCKED, now_ms);
            is_there = true;
        }
    }
    /* ECS knows it, and did not list it: lists may be old. */
    if (is_there) return wait_until(now_ms + LOOK_AGAIN_MS, REASON_STOPPING);
    return finish(VERDICT_DONE, how_they_ended(v));
}

/* C2. */
static struct step service_gone(const struct view *v, int64_t now_ms)
{
    struct step s = see_to_gone(v, now_ms);
    if (!s.is_verdict || s.verdict.kind != VERDICT_DONE) return s;
    if (v->intent.open) return want(EFFECT_CLOSE_INTENT);
    return finish(VERDICT_DONE, REASON_SERVICE_NOT_FOUND);
}

/* C11: the running tasks whose protection is missing or about to end, ten at a time. D has none. */
static struct step unprotected_ones(const struct view *v, int64_t now_ms)
{
    struct step s = under_lease(v, want(EFFECT_PROTECT));
    s.effect.protect_minutes = OTHERS_MINUTES;
    for (size_t i = 0; i < v->tasks.n && s.effect.tasks_n < EFFECT_TASKS_MAX; i++) {
        const struct task_fact *t = &v->tasks.tasks[i];
        bool is_safe = t->is_protected && t->protected_until >= now_ms + PROTECT_LEAST_MS;
        if (t->wanted && !is_safe && !is_drained_task(v, t->arn))
            s.effect.tasks[s.effect.tasks_n++] = t->arn;
    }
    return s;
}

/* C8 to C12: no intent, no surplus, D not empty. */
static struct step lower(const struct view *v, int64_t surplus, int64_t now_ms)
{
    int64_t k = drained_here(v);
    struct step s;
    if (!is_given(v, k, now_ms, &s)) return s;
    /* C9. */
    if (v->service.deploying) return wait_or_undo(v, LOOK_AGAIN_MS, REASON_DEPLOYING, now_ms);
    if (surplus < 0 || !all_run(v))
        return wait_or_undo(v, LOOK_AGAIN_MS, REASON_TASKS_PENDING, now_ms);
    /* C10. */
    if (!v->floor.known) return want(EFFECT_READ_FLOOR);
    if (!v->floor.exists) return undo_first(v, REASON_NO_FLOOR, now_ms);
    if (v->service.desired - k < v->floor.min) return undo_first(v, REASON_AT_MIN_CAPACITY, now_ms);
    /* C15. */
    for (size_t i = 0; i < v->drained_n; i++)
        if (is_drained_here(v, &v->drained[i]) &&
            !still_asked_for(v, &v->drained[i], v->drained[i].record.drained_at, now_ms, &s))
            return s;
    /* C11. */
    s = unprotected_ones(v, now_ms);
    if (s.effect.tasks_n) {
        if (may_change_protection(v, EFFECT_PROTECT)) return s;
        return wait_or_undo(v, LOOK_AGAIN_MS, REASON_BLOCKED, now_ms);
    }
    /* Protections were set one batch after another, or CloudWatch was asked: ECS is asked once more
     * what holds now. */
    if (v->is_stale) return want(EFFECT_READ_SERVICE);
    /* C12. */
    if (v->did[EFFECT_LOWER].outcome == OUTCOME_REFUSED)
        return wait_or_undo(v, REFUSED_AGAIN_MS, REASON_BLOCKED, now_ms);
    if (v->did[EFFECT_LOWER].outcome != OUTCOME_NONE)
        return wait_until(now_ms + LOOK_AGAIN_MS, REASON_UNREACHABLE);
    s = want(EFFECT_PUT_INTENT);
    s.effect.others = wanted(v) - k;
    s.effect.base = v->service.desired;
    s.effect.desired = v->service.desired - k;
    s.effect.not_after = now_ms + INTENT_MS;
    return s;
}

/* C12: the intent of this look is written; what it says is sent, once. */
static struct step send_intent(const struct view *v)
{
    struct step s = want(EFFECT_LOWER);
    s.effect.base = v->intent.base;
    s.effect.desired = v->intent.to;
    s.effect.not_after = v->intent.not_after;
    return s;
}

/* C14. The count is what the intent made it, and of those that were not given some are missing. */
static bool took_another(const struct view *v, const struct intent_fact *intent)
{
    return wanted(v) - given_here(v) < intent->others && v->service.desired == intent->to;
}

/* C4 to C6, C14. */
static struct step settle(const struct view *v, int64_t now_ms)
{
    if (now_ms <= v->intent.not_after)
        return wait_until(v->intent.not_after + 1, REASON_INTENT_OPEN);
    if (!given_here(v) && took_another(v, &v->intent) &&
        v->did[EFFECT_BRAKE].outcome == OUTCOME_NONE)
        return want(EFFECT_BRAKE);
    if (!given_here(v) || v->service.desired == v->intent.base) return want(EFFECT_CLOSE_INTENT);
    if (v->did[EFFECT_STOP_TASK].outcome == OUTCOME_NONE)
        return under_lease(v, stop_task(first_given(v), DRAIN_REPLACED));
    bool another = v->service.desired == v->intent.to;
    return wait_or_undo(v, LOOK_AGAIN_MS, another ? REASON_WRONG_TASK_STOPPED : REASON_STOPPING,
                        now_ms);
}

/* C14. Whatever else the look came to. */
static struct step report_wrong(const struct view *v, struct step s)
{
    if (!s.is_verdict || s.verdict.kind == VERDICT_RETRY) return s;
    if (!v->settled.open || !took_another(v, &v->settled)) return s;
    s.verdict.reason = REASON_WRONG_TASK_STOPPED;
    s.verdict.have = wanted(v) - given_here(v);
    s.verdict.need = v->settled.others;
    return s;
}

struct step scale_next(const struct view *v, int64_t now_ms)
{
    /* C1. */
    if (!v->settings) return finish(VERDICT_REFUSED, REASON_NOT_MANAGED);
    if (v->did[EFFECT_TAKE_LEASE].outcome == OUTCOME_NONE)
        return want(v->did[EFFECT_READ_BUDGET].outcome == OUTCOME_OK ? EFFECT_TAKE_LEASE
                                                                     : EFFECT_READ_BUDGET);
    if (v->did[EFFECT_TAKE_LEASE].outcome != OUTCOME_OK)
        return wait_until(now_ms + LEASE_AGAIN_MS, REASON_LEASE_HELD);
    if (!v->drained_known) return want(EFFECT_READ_DRAINED);
    if (!v->drained_n && !v->intent.open) return finish(VERDICT_DONE, REASON_NOTHING_DRAINED);
    bool intended_now = v->intent.open && v->did[EFFECT_PUT_INTENT].outcome == OUTCOME_OK;
    enum outcome lowered = v->did[EFFECT_LOWER].outcome;
    if (intended_now && lowered == OUTCOME_NONE) return send_intent(v);
    /* C4. */
    if (intended_now && (lowered == OUTCOME_REFUSED || lowered == OUTCOME_RETRY))
        return want(EFFECT_CLOSE_INTENT);
    if (!v->service.known) return want(EFFECT_READ_SERVICE);
    /* C2. */
    if (!v->service.exists || !v->service.active) return service_gone(v, now_ms);
    if (!v->tasks.known) return want(EFFECT_READ_TASKS);

    struct step s;
    /* C16. */
    if (!are_all_kept(v, now_ms, &s)) return s;
    int64_t surplus = wanted(v) - v->service.desired;
    /* C3. */
    bool is_not_ours = is_intent_of_nobody(v, now_ms) || is_surplus_of_deployment(v);
    if (surplus > 0 && drained_here(v) && !is_not_ours) return watch_surplus(v, surplus, now_ms);
    /* C4 to C6. */
    if (v->intent.open) return settle(v, now_ms);
    /* C7. */
    s = see_to_gone(v, now_ms);
    bool is_over = s.is_verdict && s.verdict.kind == VERDICT_DONE;
    if (!is_over || !drained_here(v)) return report_wrong(v, s);
    /* C8 to C12. */
    return report_wrong(v, lower(v, surplus, now_ms));
}
