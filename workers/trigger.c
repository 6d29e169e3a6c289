/* SPDX-License-Identifier: Apache-2.0
 * Whether what asked for a drain still asks, for services with cancelWhenOk: shared by the stages
 * that are about to act because of it. Drains that somebody asked for have no alarm and go on. An
 * alarm that cannot be read, or is not found, is no reason to act, and none to undo. Pure. */
#include "workers/stage.h"

#define TRIGGER_AGAIN_MS ((int64_t)15 * 1000)

static bool depends_on_alarm(const struct view *v, const struct drain *d)
{
    return v->settings->cancel_when_ok && d->by_alarm;
}

bool still_asked_for(const struct view *v, const struct held *h, int64_t since_ms, int64_t now_ms,
                     struct step *out)
{
    const struct drain *d = &h->record;
    if (!depends_on_alarm(v, d)) return true;
    if (v->did[EFFECT_READ_TRIGGER].outcome == OUTCOME_NONE)
        *out = want_drain(EFFECT_READ_TRIGGER, d);
    else if (v->trigger.known && v->trigger.in_alarm)
        return true;
    else if (v->trigger.known)
        *out = move_to_undo(d, REASON_TRIGGER_OVER, now_ms);
    else if (now_ms - since_ms > BLOCKED_DEADLINE_MS)
        *out = move_to_undo(d, REASON_TRIGGER_UNKNOWN, now_ms);
    else if (!h->recorded)
        *out = want_drain(EFFECT_RECORD, d);
    else
        *out = wait_until(now_ms + TRIGGER_AGAIN_MS, REASON_TRIGGER_UNKNOWN);
    return false;
}

bool may_go_on(const struct view *v, const struct held *h, int64_t now_ms, struct step *out)
{
    const struct drain *d = &h->record;
    if (!depends_on_alarm(v, d)) return true;
    if (!v->noted.known) {
        *out = want_drain(EFFECT_READ_ALARMS, d);
        return false;
    }
    if (v->noted.in_alarm) return true;
    if (v->did[EFFECT_READ_TRIGGER].outcome == OUTCOME_NONE) {
        *out = want_drain(EFFECT_READ_TRIGGER, d);
        return false;
    }
    if (!v->trigger.known || v->trigger.in_alarm) return true;
    *out = move_to_undo(d, REASON_TRIGGER_OVER, now_ms);
    return false;
}
