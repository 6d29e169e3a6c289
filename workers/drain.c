/* SPDX-License-Identifier: Apache-2.0
 * Stage drain: all that is said to the task. It is told to finish its work, watched until it is
 * empty, and told to accept work again when the drain is undone.
 *
 * Clauses:
 *  D1  only drains that stand where the task is concerned are touched; others are handed on, or
 *      left alone
 *  D2  a call back from the task, proven by the secret, ends the draining, even before the
 *      start's answer came
 *  D3  what failed is not tried again before its backoff is over
 *  D4  that a start is being sent, and may arrive, is durable before each one is sent, soon after or
 *      not at all; nor is a cancel sent later than it would be waited for
 *  D5  accepted: the deadline counts from now
 *  D6  not known whether accepted: the task is asked, never assumed; a few times, then the drain
 *      is undone
 *  D7  refused, and no earlier start may have arrived: the drain, if the task is still there, is
 *      undone and the slot given back; given back it is, too, when the task says that it is not
 *      draining, once none can be on its way any more and before it is asked to accept work again
 *  D8  draining: empty ends it; the deadline ends it or undoes it, as configured; the task's death
 *      ends it
 *  D9  drained: the record is durable before the scale stage is told
 *  D10 undoing: a task that was told to drain must accept work again before the distributor is told;
 *      it is asked to once a start that may be on its way must have arrived
 *  D11 a task that says it is not draining needs no cancel; one that knows no cancel is stopped
 *      once it is empty, and ECS replaces it, also when it drains for an earlier drain that
 *      somebody ended by hand
 *  D12 with cancelWhenOk no start is sent unless an alarm of the service is in ALARM, and a draining
 *      task's drain is undone when none is any more; one that cannot be read holds back the start,
 *      for half an hour at most, and undoes nothing that drains
 *  D13 a drain that somebody cancelled before it was drained is undone, also when its task calls
 *      back meanwhile: whoever asked was told so
 *  D14 a drain that somebody ends by hand is final, as in stage remove
 *  D15 the task is kept protected for as long as it drains (keep.h)
 */
#include "workers/keep.h"
#include "workers/stage.h"

static struct step become(const struct view *v, enum drain_state state, int64_t now_ms)
{
    struct drain becomes = enter(&v->drain.record, state, now_ms);
    return move(&becomes);
}

/* The task itself says that it takes nothing new and has nothing left, whichever drain it was told of. */
static bool says_idle(const struct view *v)
{
    return v->status.known && v->status.draining && v->status.empty;
}

/* The same of this drain. */
static bool says_empty(const struct view *v)
{
    return says_idle(v) && str_eq(v->status.drain_id, v->drain.record.drain_id);
}

static bool says_draining(const struct view *v)
{
    return v->status.known && v->status.draining &&
           str_eq(v->status.drain_id, v->drain.record.drain_id);
}

/* D4. Whoever stood still since it was noted must not send it any more: others wait for what may be on
 * its way, and no longer. */
static struct step start(const struct view *v)
{
    struct step s = want_drain(EFFECT_START, &v->drain.record);
    s.effect.not_after = v->drain.record.start_sent_at + SEND_MS;
    return s;
}

static struct step begin_draining(const struct view *v, int64_t now_ms)
{
    struct drain draining = enter(&v->drain.record, DRAIN_DRAINING, now_ms);
    draining.deadline_at = now_ms + v->settings->drain_timeout_ms;
    draining.look_at = now_ms + v->settings->status_poll_ms;
    return move(&draining);
}

/* The record after this look's start: one that surely took no effect leaves nothing unclear. */
static struct drain after_start(const struct view *v)
{
    struct drain d = v->drain.record;
    enum outcome outcome = v->did[EFFECT_START].outcome;
    if ((outcome == OUTCOME_REFUSED || outcome == OUTCOME_RETRY) && d.unclear_starts)
        d.unclear_starts--;
    return d;
}

/* D6. Nothing answered, or not clearly: the task's own word decides, and without one it is tried
 * again. */
static struct step start_unclear(const struct view *v, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    struct step s;
    if (v->did[EFFECT_READ_STATUS].outcome == OUTCOME_NONE)
        return want_drain(EFFECT_READ_STATUS, d);
    if (says_draining(v)) return begin_draining(v, now_ms);
    if (!task_is_there(v, &v->drain, DRAIN_GONE, now_ms, &s)) return s;
    struct drain noted = after_start(v);
    if (d->attempts + 1 < v->settings->attempts) return note_failure(&noted, now_ms);
    /* That the task is not draining says nothing of a start that is still on its way. */
    noted.start_refused = !noted.unclear_starts;
    return move_to_undo(&noted, REASON_ASTERISK_FAILED, now_ms);
}

/* D7. */
static struct step start_refused(const struct view *v, int64_t now_ms)
{
    struct step s;
    struct drain refused = after_start(v);
    /* An earlier start may be what makes it refuse this one. */
    if (refused.unclear_starts) return start_unclear(v, now_ms);
    if (!task_is_there(v, &v->drain, DRAIN_GONE, now_ms, &s)) return s;
    refused.start_refused = true;
    return move_to_undo(&refused, REASON_ASTERISK_FAILED, now_ms);
}

static struct step removed(const struct view *v, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    switch (v->did[EFFECT_START].outcome) {
    case OUTCOME_NONE: break;
    case OUTCOME_OK: return begin_draining(v, now_ms); /* D5 */
    case OUTCOME_REFUSED: return start_refused(v, now_ms);
    case OUTCOME_RETRY:
    case OUTCOME_UNKNOWN: return start_unclear(v, now_ms);
    }
    /* D12. */
    struct step s;
    if (!still_asked_for(v, &v->drain, d->removed_at, now_ms, &s)) return s;
    /* D4. */
    if (!v->start_is_noted) {
        struct drain sent = *d;
        sent.start_sent_at = now_ms;
        sent.unclear_starts++;
        return move(&sent);
    }
    return v->drain.recorded ? start(v) : want_drain(EFFECT_RECORD, d);
}

/* D8. */
static struct step draining(const struct view *v, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    struct step s;
    if (v->did[EFFECT_READ_STATUS].outcome == OUTCOME_NONE)
        return want_drain(EFFECT_READ_STATUS, d);
    if (says_empty(v)) return become(v, DRAIN_DRAINED, now_ms);
    /* A task that does not answer, or is somebody else by now, may be gone. */
    if (!v->status.known && !task_is_there(v, &v->drain, DRAIN_GONE, now_ms, &s)) return s;
    /* D12. */
    if (!may_go_on(v, &v->drain, now_ms, &s)) return s;
    if (now_ms >= d->deadline_at) {
        if (v->settings->on_deadline == ON_DEADLINE_UNDO)
            return move_to_undo(d, REASON_DEADLINE, now_ms);
        struct drain ended = enter_because(d, DRAIN_DRAINED, REASON_DEADLINE, now_ms);
        ended.by_deadline = true;
        return move(&ended);
    }
    if (!v->drain.recorded) return want_drain(EFFECT_RECORD, d);
    int64_t next = now_ms + v->settings->status_poll_ms;
    s = wait_until(next < d->deadline_at ? next : d->deadline_at, REASON_DRAINING);
    s.verdict.have = v->status.known ? v->status.sessions : -1;
    return s;
}

static struct step cancelled(const struct view *v, int64_t now_ms)
{
    struct drain is_cancelled = v->drain.record;
    is_cancelled.cancelled_at = now_ms;
    is_cancelled.attempts = 0;
    return move(&is_cancelled);
}

/* The statuses of a task that knows no cancel (docs/task-contract.md). */
static bool knows_no_cancel(struct str code)
{
    return str_eq(code, STR("http_404")) || str_eq(code, STR("http_405")) ||
           str_eq(code, STR("http_501"));
}

/* D11. A task that is not draining has nothing to cancel: an earlier cancel arrived, or the start
 * never did. */
static struct step cancel_refused(const struct view *v, int64_t now_ms)
{
    struct step s;
    const struct drain *d = &v->drain.record;
    if (!task_is_there(v, &v->drain, DRAIN_GONE, now_ms, &s)) return s;
    if (v->did[EFFECT_READ_STATUS].outcome == OUTCOME_NONE)
        return want_drain(EFFECT_READ_STATUS, d);
    if (v->status.known && !v->status.draining) return cancelled(v, now_ms);
    if (knows_no_cancel(v->did[EFFECT_CANCEL].code) && says_idle(v) &&
        v->did[EFFECT_STOP_TASK].outcome == OUTCOME_NONE)
        return stop_task(&v->drain, DRAIN_REPLACED);
    if (v->did[EFFECT_STOP_TASK].throttled) return put_off(v, EFFECT_STOP_TASK);
    return note_failure(d, now_ms);
}

/* D7. Whether it ever began, as far as the task says; false when *out comes first. Whoever sent a start, it
 * cannot be on its way any more then; and what the task said is durable before a cancel, after which it
 * could not be told. */
static bool knows_whether_begun(const struct view *v, int64_t now_ms, struct step *out)
{
    struct drain known = v->drain.record;
    int64_t over_at = known.undoing_at + SEND_MS + v->settings->task.timeout_ms + CLOCKS_MS;
    if (!known.unclear_starts || known.started_at || known.drained_at) return true;
    if (now_ms < over_at) {
        *out = wait_until(over_at, REASON_UNDOING);
    } else if (v->did[EFFECT_READ_STATUS].outcome == OUTCOME_NONE) {
        *out = want_drain(EFFECT_READ_STATUS, &known);
    } else {
        known.unclear_starts = 0;
        known.never_began = v->status.known && !v->status.draining;
        *out = move_unless_begun(&known, now_ms);
    }
    return false;
}

/* D4. Whoever stood still meanwhile must not say what holds no more. */
static struct step cancel(const struct view *v, int64_t now_ms)
{
    struct step s = want_drain(EFFECT_CANCEL, &v->drain.record);
    s.effect.not_after = now_ms + v->settings->task.timeout_ms;
    return s;
}

/* D10. */
static struct step undoing(const struct view *v, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    struct step s;
    if (!must_cancel_first(d))
        return hand_on(&v->drain, TOPIC_REMOVE, VERDICT_DONE, REASON_UNDOING);
    if (!v->drain.recorded) return want_drain(EFFECT_RECORD, d);
    if (!knows_whether_begun(v, now_ms, &s)) return s;
    switch (v->did[EFFECT_CANCEL].outcome) {
    case OUTCOME_NONE: return cancel(v, now_ms);
    case OUTCOME_OK: return cancelled(v, now_ms);
    case OUTCOME_REFUSED: return cancel_refused(v, now_ms);
    case OUTCOME_RETRY:
    case OUTCOME_UNKNOWN: break;
    }
    if (!task_is_there(v, &v->drain, DRAIN_GONE, now_ms, &s)) return s;
    return note_failure(d, now_ms);
}

struct step drain_next(const struct view *v, int64_t now_ms)
{
    const struct drain *d = &v->drain.record;
    if (!v->drain_known) return want(EFFECT_READ_DRAIN);
    /* D1. */
    if (!v->drain_exists) return finish(VERDICT_REFUSED, REASON_NO_SUCH_DRAIN);
    if (drain_is_newer(d)) return finish(VERDICT_REFUSED, REASON_NEWER_STATE);
    /* D14. */
    struct step s;
    if (was_closed(&v->drain, now_ms, &s)) return s;
    if (!v->settings) return finish(VERDICT_REFUSED, REASON_NOT_MANAGED);
    bool is_with_task = d->state == DRAIN_REMOVED || d->state == DRAIN_DRAINING;
    /* D13. */
    if (is_with_task && d->cancel_asked_at) return move_to_undo(d, REASON_CANCELLED, now_ms);
    /* D2. */
    bool called_back = v->proven && d->start_sent_at;
    if (called_back && is_with_task) return become(v, DRAIN_DRAINED, now_ms);
    /* D3. */
    if (is_backing_off(d, now_ms)) return wait_for_due(&v->drain, why_again(v));
    /* D15. */
    bool keeps = is_with_task || d->state == DRAIN_UNDOING;
    if (keeps && !is_kept(v, &v->drain, now_ms, &s)) return s;

    switch ((enum drain_state)d->state) {
    case DRAIN_REMOVED: return removed(v, now_ms);
    case DRAIN_DRAINING: return draining(v, now_ms);
    case DRAIN_DRAINED:
        return hand_on(&v->drain, TOPIC_SCALE, VERDICT_DONE, REASON_DRAINED); /* D9 */
    case DRAIN_UNDOING: return undoing(v, now_ms);
    case DRAIN_CLAIMED: return hand_on(&v->drain, TOPIC_REMOVE, VERDICT_REFUSED, REASON_NOT_OURS);
    case DRAIN_RELEASING: return hand_on(&v->drain, TOPIC_REMOVE, VERDICT_DONE, REASON_RELEASING);
    case DRAIN_SCALED_OUT:
    case DRAIN_RESTORED:
    case DRAIN_REPLACED:
    case DRAIN_GONE: return hand_on(&v->drain, NULL, VERDICT_REFUSED, REASON_NOT_OURS);
    case DRAIN_OTHER: break;
    }
    return finish(VERDICT_REFUSED, REASON_NEWER_STATE);
}
