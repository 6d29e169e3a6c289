/* SPDX-License-Identifier: Apache-2.0
 * Stage remove: all that is said to the distributor. It takes a claimed task's address out, gives
 * it back when a drain is undone, and lets it go when the task is no more.
 *
 * Clauses:
 *  R1 only drains that stand where the distributor is concerned are touched; others are handed on,
 *     or left alone
 *  R2 what failed is not tried again before its backoff is over
 *  R3 first the task is protected until its deadline and a margin, so that nobody's scale-in takes
 *     it meanwhile, and kept so (keep.h)
 *  R4 a task that is gone needs no removal: its drain ends
 *  R5 that the distributor is being told, and since when, is durable before it is told
 *  R6 the removal is tried a few times; then the drain is undone and its slot given back
 *  R7 confirmed: the record is durable before the task's stage is told; Lambda's Event mode is
 *     marked unconfirmed
 *  R8 undoing: once the task accepts work again the distributor is asked to send it, for as long
 *     as it takes, and its protection is given back (keep.h)
 *  R9 releasing: the address is let go for its next owner, for as long as it takes; then the drain
 *     is final
 *  R10 a call of which nobody knows how it ended may take effect later, after what took it back:
 *     that is done at once, and once more when no such call can be under way, and only then is the
 *     drain final
 *  R11 a claimed drain that somebody cancels is undone, whatever is under way
 *  R12 a drain that somebody ends by hand is final, whether it is confirmed or not, and whether an
 *      entry matches its service or not
 */
#include "workers/keep.h"
#include "workers/stage.h"

/* R10. Until when some call of the distributor may take effect; 0: none can any more. */
static int64_t late_until(const struct view *v, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    int64_t latest = SEND_MS + CLOCKS_MS + v->settings->distributor.late_effect_ms;
    int64_t until = d->call_sent_at ? d->call_sent_at + latest : 0;
    if (until < d->late_until) until = d->late_until;
    return until > now_ms ? until : 0;
}

/* R5. */
static void note_call(const struct view *v, struct drain *becomes, int64_t now_ms)
{
    becomes->late_until = late_until(v, now_ms);
    becomes->call_sent_at = now_ms;
    becomes->given_back_at = 0;
    if (!becomes->remove_sent_at) becomes->remove_sent_at = now_ms;
}

/* R5. The distributor is told what its record already says. */
static struct step tell(const struct view *v, enum effect_kind kind, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    if (!v->call_is_noted || !d->call_sent_at) {
        struct drain sent = *d;
        note_call(v, &sent, now_ms);
        return move(&sent);
    }
    struct step s = want_drain(v->drain.recorded ? kind : EFFECT_RECORD, d);
    s.effect.not_after = d->call_sent_at + SEND_MS;
    return s;
}

/* The record after this look's call: one that has ended takes effect no more. An invocation by
 * event was only taken, so a removal by event may always be late. */
static struct drain after_call(const struct view *v, enum effect_kind kind)
{
    struct drain d = v->drain.record;
    const struct distributor_settings *s = &v->settings->distributor;
    bool only_taken = s->invocation == INVOCATION_EVENT && !str_is_empty(s->remove_action);
    enum outcome outcome = v->did[kind].outcome;
    bool has_ended = outcome == OUTCOME_OK && !(only_taken && kind == EFFECT_EXCLUDE);
    if (has_ended || outcome == OUTCOME_REFUSED || outcome == OUTCOME_RETRY) d.call_sent_at = 0;
    return d;
}

/* Throttled: nothing was sent, and the record must not say that something was. */
static struct step put_off_call(const struct view *v, enum effect_kind kind)
{
    struct drain unsent = after_call(v, kind);
    return v->drain.record.call_sent_at ? move(&unsent) : put_off(v, kind);
}

/* R2, R6: tried again after a while, and undone when that did not help. */
static struct step try_again_or_undo(const struct view *v, enum effect_kind tried,
                                     enum reason reason, int64_t now_ms)
{
    struct drain d = after_call(v, tried);
    if (v->did[tried].throttled) return put_off_call(v, tried);
    if (d.attempts + 1 >= v->settings->attempts) return move_to_undo(&d, reason, now_ms);
    return note_failure(&d, now_ms);
}

/* R3, R4: ECS does not protect the task. */
static struct step not_protected(const struct view *v, int64_t now_ms)
{
    struct step s;
    bool was_tried = v->did[EFFECT_PROTECT].outcome != OUTCOME_NONE;
    enum effect_kind tried = was_tried ? EFFECT_PROTECT : EFFECT_READ_TASK_PROTECTION;
    enum outcome did = v->did[tried].outcome;
    if (did == OUTCOME_RETRY || did == OUTCOME_UNKNOWN)
        return try_again_or_undo(v, tried, REASON_BLOCKED, now_ms);
    if (!task_is_there(v, &v->drain, DRAIN_GONE, now_ms, &s)) return s;
    return try_again_or_undo(v, tried, REASON_PROTECTION_REFUSED, now_ms);
}

/* R11. A call may be on its way: the record says so. */
static struct step undo_cancelled(const struct view *v, int64_t now_ms)
{
    struct drain told = after_call(v, EFFECT_EXCLUDE);
    return move_to_undo(&told, REASON_CANCELLED, now_ms);
}

static struct step claimed(const struct view *v, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    struct drain told = after_call(v, EFFECT_EXCLUDE);
    struct step s;
    /* R3. */
    if (!is_kept(v, &v->drain, now_ms, &s)) return s;
    if (!d->protected_until) return not_protected(v, now_ms);
    switch (v->did[EFFECT_EXCLUDE].outcome) {
    case OUTCOME_NONE: return tell(v, EFFECT_EXCLUDE, now_ms);
    case OUTCOME_OK: {
        /* R7. */
        struct drain removed = enter(&told, DRAIN_REMOVED, now_ms);
        bool only_taken = v->settings->distributor.invocation == INVOCATION_EVENT;
        removed.confirmation = only_taken ? CONFIRMATION_UNCONFIRMED : CONFIRMATION_CONFIRMED;
        return move(&removed);
    }
    case OUTCOME_REFUSED: return move_to_undo(&told, REASON_KAMAILIO_FAILED, now_ms);
    case OUTCOME_RETRY:
    case OUTCOME_UNKNOWN: break;
    }
    /* R6. */
    return try_again_or_undo(v, EFFECT_EXCLUDE, REASON_KAMAILIO_FAILED, now_ms);
}

/* The drain ends; a task that serves again, with the protection it would have without us. */
static struct step ended(const struct view *v, const struct drain *d, enum drain_state final,
                         int64_t now_ms)
{
    struct drain becomes = enter(d, final, now_ms);
    struct step s;
    if (final == DRAIN_RESTORED && !is_given_back(v, &v->drain, now_ms, &s)) return s;
    return move(&becomes);
}

/* R8. That the call has ended is written before what may fail, or be put off: it would count as one
 * that may take effect later. */
static struct step note_given_back(const struct drain *told, int64_t now_ms)
{
    struct drain given_back = *told;
    given_back.given_back_at = now_ms;
    given_back.attempts = 0;
    return move(&given_back);
}

/* R8 to R10: one call that must succeed in the end, then the final state. */
static struct step until_confirmed(const struct view *v, enum effect_kind kind,
                                   enum drain_state final, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    struct drain told = after_call(v, kind);
    struct step s;
    int64_t late = late_until(v, now_ms);
    bool gives_back = final == DRAIN_RESTORED && owes_protection(d, now_ms);
    /* The last call was confirmed, and none was late: only the protection is left. */
    if (d->given_back_at && !d->call_sent_at && !d->late_until) return ended(v, d, final, now_ms);
    switch (v->did[kind].outcome) {
    case OUTCOME_NONE:
        if (!late || !d->given_back_at) return tell(v, kind, now_ms);
        if (!v->drain.recorded) return want_drain(EFFECT_RECORD, d);
        return wait_until(late, REASON_LATE_REMOVAL);
    case OUTCOME_OK:
        if (!told.late_until && gives_back) return note_given_back(&told, now_ms);
        if (!told.late_until) return ended(v, &told, final, now_ms);
        if (d->given_back_at) return wait_for_due(&v->drain, REASON_LATE_REMOVAL);
        if (final == DRAIN_RESTORED && !is_given_back(v, &v->drain, now_ms, &s)) return s;
        told.protection_asked = told.protected_before = 0;
        told.given_back_at = now_ms;
        told.attempts = 0;
        told.look_at = told.late_until;
        return move(&told);
    case OUTCOME_REFUSED:
    case OUTCOME_RETRY:
    case OUTCOME_UNKNOWN: break;
    }
    if (v->did[kind].throttled) return put_off_call(v, kind);
    return note_failure(&told, now_ms);
}

/* R8. What the distributor was never told need not be taken back. The address of a task that died
 * meanwhile is not given work: it may be somebody else's by now. */
static struct step undoing(const struct view *v, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    struct step s;
    if (must_cancel_first(d)) return hand_on(&v->drain, TOPIC_DRAIN, VERDICT_DONE, REASON_UNDOING);
    if (!d->remove_sent_at) return ended(v, d, DRAIN_RESTORED, now_ms);
    bool asked = v->did[EFFECT_RESTORE].outcome != OUTCOME_NONE;
    if (!asked && !task_is_there(v, &v->drain, DRAIN_GONE, now_ms, &s)) return s;
    return until_confirmed(v, EFFECT_RESTORE, DRAIN_RESTORED, now_ms);
}

/* R9. */
static struct step releasing(const struct view *v, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    enum drain_state final = d->becomes ? (enum drain_state)d->becomes : DRAIN_GONE;
    if (!d->remove_sent_at) return ended(v, d, final, now_ms);
    return until_confirmed(v, EFFECT_RELEASE, final, now_ms);
}

struct step remove_next(const struct view *v, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    if (!v->drain_known) return want(EFFECT_READ_DRAIN);
    /* R1. */
    if (!v->drain_exists) return finish(VERDICT_REFUSED, REASON_NO_SUCH_DRAIN);
    if (drain_is_newer(d)) return finish(VERDICT_REFUSED, REASON_NEWER_STATE);
    /* R12. */
    struct step s;
    if (was_closed(&v->drain, now_ms, &s)) return s;
    if (!v->settings) return finish(VERDICT_REFUSED, REASON_NOT_MANAGED);
    /* R11. */
    if (d->state == DRAIN_CLAIMED && d->cancel_asked_at) return undo_cancelled(v, now_ms);
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
