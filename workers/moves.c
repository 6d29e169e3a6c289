/* SPDX-License-Identifier: Apache-2.0
 * How drains move, wait and end: shared by the stages, so that each state is entered in one way.
 * Pure. */
#include "workers/stage.h"

/* A drain that nobody spoke of for so long is looked at again; what is waited for longer has timers
 * of its own. */
#define SWEEP_MS          ((int64_t)60 * 1000)
#define BACKOFF_FIRST_MS  ((int64_t)1000)
#define BACKOFF_MAX_MS    ((int64_t)60 * 1000)
#define BACKOFF_DOUBLINGS 6
/* ECS is eventually consistent: a task it does not know may be known a moment later. */
#define MISSING_AGAIN_MS ((int64_t)5 * 1000)
/* A task that ECS stops has up to two minutes to end; until then its process may run. */
#define STOPPING_AGAIN_MS ((int64_t)2 * 1000)
/* After a drain that never began, the service is left alone so long, or refunds would go round in a
 * circle. */
#define UNDONE_BACKOFF_MS ((int64_t)60 * 1000)

struct drain enter(const struct drain *d, enum drain_state state, int64_t now_ms)
{
    struct drain becomes = *d;
    becomes.state = (int)state;
    becomes.look_at = now_ms + SWEEP_MS;
    if ((int)state != d->state) becomes.attempts = becomes.missing = becomes.given_back_at = 0;
    switch (state) {
    case DRAIN_REMOVED: becomes.removed_at = now_ms; break;
    case DRAIN_DRAINING: becomes.started_at = now_ms; break;
    case DRAIN_DRAINED: becomes.drained_at = now_ms; break;
    case DRAIN_UNDOING: becomes.undoing_at = now_ms; break;
    case DRAIN_RELEASING: becomes.stopped_at = now_ms; break;
    case DRAIN_SCALED_OUT:
    case DRAIN_RESTORED:
    case DRAIN_REPLACED:
    case DRAIN_GONE:
        becomes.finished_at = now_ms;
        becomes.look_at = 0;
        break;
    case DRAIN_CLAIMED:
    case DRAIN_OTHER: break;
    }
    return becomes;
}

struct drain enter_because(const struct drain *d, enum drain_state state, enum reason reason,
                           int64_t now_ms)
{
    struct drain becomes = enter(d, state, now_ms);
    becomes.reason = reason_word(reason);
    return becomes;
}

struct step move(const struct drain *becomes)
{
    return want_drain(EFFECT_MOVE, becomes);
}

struct step move_unless_begun(const struct drain *becomes, int64_t now_ms)
{
    struct step s = move(becomes);
    s.effect.refund = drain_never_began(becomes);
    if (s.effect.refund) s.effect.backoff_until = now_ms + UNDONE_BACKOFF_MS;
    return s;
}

struct step move_to_release(const struct drain *d, enum drain_state becomes, enum reason reason,
                            int64_t now_ms)
{
    struct drain released = enter_because(d, DRAIN_RELEASING, reason, now_ms);
    released.becomes = (int)becomes;
    return move_unless_begun(&released, now_ms);
}

struct step move_to_undo(const struct drain *d, enum reason reason, int64_t now_ms)
{
    struct drain undoing = enter_because(d, DRAIN_UNDOING, reason, now_ms);
    /* What was given to ECS is protected no more (keep.h, K1). */
    if (undoing.unprotected_at) undoing.protected_until = 0;
    return move_unless_begun(&undoing, now_ms);
}

struct step move_to_give(const struct drain *d, bool is_protected, int64_t now_ms)
{
    struct drain given = *d;
    given.unprotected_at = now_ms;
    if (!is_protected) given.protected_before = 0;
    return move(&given);
}

bool must_cancel_first(const struct drain *d)
{
    return d->start_sent_at && !d->start_refused && !d->cancelled_at;
}

bool was_closed(const struct held *h, int64_t now_ms, struct step *out)
{
    const struct drain *d = &h->record;
    if (!d->closed_at) return false;
    if (drain_is_final(d->state)) {
        *out = hand_on(h, NULL, VERDICT_DONE, REASON_CLOSED);
        return true;
    }
    enum drain_state final = DRAIN_RESTORED;
    if (d->state == DRAIN_RELEASING) final = d->becomes ? (enum drain_state)d->becomes : DRAIN_GONE;
    struct drain ended = enter(d, final, now_ms);
    *out = move(&ended);
    return true;
}

struct step note_failure(const struct drain *d, int64_t now_ms)
{
    struct drain again = *d;
    again.attempts++;
    again.look_at = now_ms + backoff_ms(again.attempts);
    return move(&again);
}

bool is_backing_off(const struct drain *d, int64_t now_ms)
{
    return d->attempts > 0 && now_ms < d->look_at;
}

struct step put_off(const struct view *v, enum effect_kind tried)
{
    int64_t again_at = v->did[tried].again_at;
    struct step s = finish(VERDICT_RETRY, again_at ? REASON_API_BUDGET : REASON_UNREACHABLE);
    s.verdict.at = again_at;
    s.verdict.subject = v->did[tried].code;
    return s;
}

enum reason why_again(const struct view *v)
{
    for (int kind = 0; kind < EFFECT_KINDS; kind++)
        if (v->did[kind].answered) return REASON_ANSWERED_ERROR;
    return REASON_UNREACHABLE;
}

struct step wait_for_due(const struct held *h, enum reason reason)
{
    if (!h->recorded) return want_drain(EFFECT_RECORD, &h->record);
    return wait_until(h->record.look_at, reason);
}

static enum reason reason_of_end(enum drain_state becomes)
{
    if (becomes == DRAIN_SCALED_OUT) return REASON_SCALED_OUT;
    return becomes == DRAIN_REPLACED ? REASON_REPLACED : REASON_TASK_GONE;
}

bool task_is_there(const struct view *v, const struct held *h, enum drain_state becomes,
                   int64_t now_ms, struct step *out)
{
    const struct drain *d = &h->record;
    if (d->becomes) becomes = (enum drain_state)d->becomes;
    if (!v->task.known || !str_eq(v->task.arn, d->task_arn)) {
        *out = want_drain(EFFECT_READ_TASK, d);
    } else if (v->task.stopped || (!v->task.exists && d->missing && now_ms >= d->look_at)) {
        *out = move_to_release(d, becomes, reason_of_end(becomes), now_ms);
    } else if (v->task.stopping) {
        *out = h->recorded ? wait_until(now_ms + STOPPING_AGAIN_MS, REASON_STOPPING)
                           : want_drain(EFFECT_RECORD, d);
    } else if (!v->task.exists && d->missing) {
        *out = wait_for_due(h, REASON_TASK_NOT_FOUND);
    } else if (!v->task.exists || d->missing) {
        /* Seen again means "in a row" begins anew. */
        struct drain noted = *d;
        noted.missing = v->task.exists ? 0 : 1;
        noted.look_at = now_ms + MISSING_AGAIN_MS;
        *out = move(&noted);
    } else {
        return true;
    }
    return false;
}

struct step stop_task(const struct held *h, enum drain_state becomes)
{
    const struct drain *d = &h->record;
    if (d->becomes != (int)becomes) {
        struct drain marked = *d;
        marked.becomes = (int)becomes;
        return move(&marked);
    }
    if (!h->recorded) return want_drain(EFFECT_RECORD, d);
    struct step s = want_drain(EFFECT_STOP_TASK, d);
    s.effect.tasks[0] = d->task_arn;
    s.effect.tasks_n = 1;
    return s;
}

int64_t backoff_ms(int64_t attempts)
{
    int64_t doublings = attempts < 1 ? 0 : attempts - 1;
    if (doublings > BACKOFF_DOUBLINGS) doublings = BACKOFF_DOUBLINGS;
    int64_t ms = BACKOFF_FIRST_MS << doublings;
    return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}
