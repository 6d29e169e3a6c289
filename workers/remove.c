/* SPDX-License-Identifier: Apache-2.0
 * Stage remove: all that is said to the distributor. It takes a claimed task's address out, gives
 * it back when a drain is undone, and lets it go when the task is no more.
 *
 * Clauses:
 *  R1 only drains that stand where the distributor is concerned are touched; others are handed on,
 *     or left alone
 *  R2 what failed is not tried again before its backoff is over
 *  R3 first the task is protected until its deadline and a margin, so that nobody's scale-in takes
 *     it meanwhile
 *  R4 a task that is gone needs no removal: its drain ends
 *  R5 that the distributor is being told is durable before it is told
 *  R6 the removal is tried a few times; then the drain is undone and its slot given back
 *  R7 confirmed: the record is durable before the task's stage is told; Lambda's Event mode is
 *     marked unconfirmed
 *  R8 undoing: once the task accepts work again the distributor is asked to send it, for as long
 *     as it takes
 *  R9 releasing: the address is let go for its next owner, for as long as it takes; then the drain
 *     is final
 *  R10 an order that was not answered, or only taken, may take effect later: what contradicts it
 *     waits until it cannot any more, and no order is sent long after it was decided
 *  R11 a claimed drain that somebody cancels is undone, whatever is under way
 *  R12 a drain that somebody ends by hand is final, whether it is confirmed or not, and whether an
 *      entry matches its service or not
 */
#include "workers/stage.h"

#define PROTECTION_MARGIN_MS                                                                       \
    ((int64_t)15 * 60 * 1000) /* to scale in after the deadline, or to see that nobody does */
#define PROTECTION_MAX_MINUTES ((int64_t)2880) /* ECS UpdateTaskProtection */
#define MS_PER_MINUTE          ((int64_t)60 * 1000)
#define ORDER_MS               ((int64_t)30 * 1000) /* how late an order may be sent, and answered */
#define SETTLE_MS              ((int64_t)60 * 1000) /* how late one may take effect */

static int64_t protect_minutes(const struct view *v)
{
    int64_t ms = v->settings->drain_timeout_ms + PROTECTION_MARGIN_MS;
    int64_t minutes = (ms + MS_PER_MINUTE - 1) / MS_PER_MINUTE;
    return minutes < PROTECTION_MAX_MINUTES ? minutes : PROTECTION_MAX_MINUTES;
}

/* R2, R6: tried again after a while, and undone when that did not help. */
static struct step try_again_or_undo(const struct view *v, const struct drain *d,
                                     enum effect_kind tried, enum reason reason, int64_t now_ms)
{
    if (v->did[tried].throttled) return put_off(v, tried);
    if (d->attempts + 1 >= v->settings->attempts) return move_to_undo(d, reason, now_ms);
    return note_failure(d, now_ms);
}

/* R3, R4. */
static struct step protect(const struct view *v, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    struct step s;
    switch (v->did[EFFECT_PROTECT].outcome) {
    case OUTCOME_NONE:
        s = want_drain(EFFECT_PROTECT, d);
        s.effect.tasks[0] = d->task_arn;
        s.effect.tasks_n = 1;
        s.effect.protect_minutes = protect_minutes(v);
        return s;
    case OUTCOME_OK: {
        struct drain is_protected = *d;
        is_protected.protected_until = now_ms + protect_minutes(v) * MS_PER_MINUTE;
        is_protected.remove_sent_at = now_ms; /* R5 */
        is_protected.attempts = 0;
        return move(&is_protected);
    }
    case OUTCOME_REFUSED:
        if (!task_is_there(v, &v->drain, DRAIN_GONE, now_ms, &s)) return s;
        return try_again_or_undo(v, d, EFFECT_PROTECT, REASON_PROTECTION_REFUSED, now_ms);
    case OUTCOME_RETRY:
    case OUTCOME_UNKNOWN: return try_again_or_undo(v, d, EFFECT_PROTECT, REASON_BLOCKED, now_ms);
    }
    return finish(VERDICT_RETRY, REASON_UNREACHABLE);
}

/* R10. */
static struct step order(enum effect_kind kind, const struct drain *d, int64_t now_ms)
{
    struct step s = want_drain(kind, d);
    s.effect.not_after = now_ms + ORDER_MS;
    return s;
}

/* R10. The record after an order of this look. */
static struct drain after_order(const struct view *v, enum effect_kind kind, int64_t now_ms)
{
    struct drain d = v->drain.record;
    enum outcome outcome = v->did[kind].outcome;
    bool only_taken =
        outcome == OUTCOME_OK && v->settings->distributor.invocation == INVOCATION_EVENT;
    if (outcome == OUTCOME_UNKNOWN || only_taken) d.unclear_at = now_ms;
    return d;
}

/* R11. An order may be on its way, of this look or of another's. */
static struct step undo_cancelled(const struct drain *d, int64_t now_ms)
{
    struct drain ordered = *d;
    if (d->remove_sent_at) ordered.unclear_at = now_ms;
    return move_to_undo(&ordered, REASON_CANCELLED, now_ms);
}

static struct step claimed(const struct view *v, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    /* R3. */
    if (!d->protected_until) return protect(v, now_ms);
    /* R5. */
    if (!v->drain.recorded) return want_drain(EFFECT_RECORD, d);
    struct drain ordered = after_order(v, EFFECT_EXCLUDE, now_ms);
    switch (v->did[EFFECT_EXCLUDE].outcome) {
    case OUTCOME_NONE: return order(EFFECT_EXCLUDE, d, now_ms);
    case OUTCOME_OK: {
        /* R7. */
        struct drain removed = enter(&ordered, DRAIN_REMOVED, now_ms);
        bool only_taken = v->settings->distributor.invocation == INVOCATION_EVENT;
        removed.confirmation = only_taken ? CONFIRMATION_UNCONFIRMED : CONFIRMATION_CONFIRMED;
        return move(&removed);
    }
    case OUTCOME_REFUSED: return move_to_undo(d, REASON_KAMAILIO_FAILED, now_ms);
    case OUTCOME_RETRY:
    case OUTCOME_UNKNOWN: break;
    }
    /* R6. */
    return try_again_or_undo(v, &ordered, EFFECT_EXCLUDE, REASON_KAMAILIO_FAILED, now_ms);
}

static struct step ended(const struct drain *d, enum drain_state final, int64_t now_ms)
{
    struct drain becomes = enter(d, final, now_ms);
    return move(&becomes);
}

/* R8, R9: one call that must succeed in the end, then the final state. */
static struct step until_confirmed(const struct view *v, enum effect_kind kind,
                                   enum drain_state final, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    struct drain ordered = after_order(v, kind, now_ms);
    if (!v->drain.recorded) return want_drain(EFFECT_RECORD, d);
    switch (v->did[kind].outcome) {
    case OUTCOME_NONE:
        /* R10. */
        if (d->unclear_at && now_ms < d->unclear_at + SETTLE_MS)
            return wait_until(d->unclear_at + SETTLE_MS,
                              kind == EFFECT_RESTORE ? REASON_UNDOING : REASON_RELEASING);
        return order(kind, d, now_ms);
    case OUTCOME_OK: return ended(d, final, now_ms);
    case OUTCOME_REFUSED:
    case OUTCOME_RETRY:
    case OUTCOME_UNKNOWN: break;
    }
    if (v->did[kind].throttled) return put_off(v, kind);
    return note_failure(&ordered, now_ms);
}

/* R8. What the distributor was never told need not be taken back. The address of a task that died
 * meanwhile is not given work: it may be somebody else's by now. */
static struct step undoing(const struct view *v, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    struct step s;
    if (must_cancel_first(d)) return hand_on(&v->drain, TOPIC_DRAIN, VERDICT_DONE, REASON_UNDOING);
    if (!d->remove_sent_at) return ended(d, DRAIN_RESTORED, now_ms);
    bool asked = v->did[EFFECT_RESTORE].outcome != OUTCOME_NONE;
    if (!asked && !task_is_there(v, &v->drain, DRAIN_GONE, now_ms, &s)) return s;
    return until_confirmed(v, EFFECT_RESTORE, DRAIN_RESTORED, now_ms);
}

/* R9. */
static struct step releasing(const struct view *v, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    enum drain_state final = d->becomes ? (enum drain_state)d->becomes : DRAIN_GONE;
    if (!d->remove_sent_at) return ended(d, final, now_ms);
    return until_confirmed(v, EFFECT_RELEASE, final, now_ms);
}

struct step remove_next(const struct view *v, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    if (!v->drain_known) return want(EFFECT_READ_DRAIN);
    /* R1. */
    if (!v->drain_exists) return finish(VERDICT_REFUSED, REASON_NO_SUCH_DRAIN);
    if (d->state == DRAIN_OTHER || d->format > DRAIN_FORMAT)
        return finish(VERDICT_REFUSED, REASON_NEWER_STATE);
    /* R12. */
    struct step s;
    if (was_closed(&v->drain, now_ms, &s)) return s;
    if (!v->settings) return finish(VERDICT_REFUSED, REASON_NOT_MANAGED);
    /* R11. */
    if (d->state == DRAIN_CLAIMED && d->cancel_asked_at) return undo_cancelled(d, now_ms);
    /* R2. */
    if (is_backing_off(d, now_ms)) return wait_for_due(&v->drain, why_again(v));

    switch ((enum drain_state)d->state) {
    case DRAIN_CLAIMED: return claimed(v, now_ms);
    case DRAIN_UNDOING: return undoing(v, now_ms);
    case DRAIN_RELEASING: return releasing(v, now_ms);
    case DRAIN_REMOVED: return hand_on(&v->drain, TOPIC_DRAIN, VERDICT_DONE, REASON_REMOVED);
    case DRAIN_RESTORED: return hand_on(&v->drain, NULL, VERDICT_DONE, REASON_RESTORED);
    case DRAIN_SCALED_OUT: return hand_on(&v->drain, NULL, VERDICT_DONE, REASON_SCALED_OUT);
    case DRAIN_REPLACED: return hand_on(&v->drain, NULL, VERDICT_DONE, REASON_REPLACED);
    case DRAIN_GONE: return hand_on(&v->drain, NULL, VERDICT_DONE, REASON_TASK_GONE);
    case DRAIN_DRAINING:
    case DRAIN_DRAINED:
    case DRAIN_OTHER: break;
    }
    return finish(VERDICT_REFUSED, REASON_NOT_OURS);
}
