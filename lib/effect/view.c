/* SPDX-License-Identifier: Apache-2.0
 * See view.h: which result fills which fact, and which facts an effect makes stale. */
#include "lib/effect/view.h"

static size_t drained_index(const struct view *v, struct str drain_id)
{
    size_t i = 0;
    while (i < v->drained_n && !str_eq(v->drained[i].record.drain_id, drain_id))
        i++;
    return i;
}

static struct held *held_of(struct view *v, struct str drain_id)
{
    size_t i = drained_index(v, drain_id);
    return i < v->drained_n ? &v->drained[i] : &v->drain;
}

const struct held *view_held(const struct view *v, struct str drain_id)
{
    size_t i = drained_index(v, drain_id);
    return i < v->drained_n ? &v->drained[i] : &v->drain;
}

static void learn_drained(struct view *v, const struct result *r)
{
    v->drained = r->drains;
    v->drained_n = r->drains_n;
    v->intent = r->intent;
    v->drained_known = true;
}

static void forget_status(struct view *v)
{
    v->status = (struct status_fact){0};
    v->did[EFFECT_READ_STATUS] = (struct attempt){0};
}

static void learn_move(struct view *v, const struct effect *effect, const struct result *r)
{
    if (r->outcome == OUTCOME_OK) {
        struct held *held = held_of(v, effect->drain.drain_id);
        /* In the state before it was asked for another reason. */
        if (held->record.state != r->drain.state) forget_status(v);
        v->call_is_noted |=
            r->drain.call_sent_at && r->drain.call_sent_at != held->record.call_sent_at;
        v->start_is_noted |= r->drain.unclear_starts > held->record.unclear_starts;
        *held = (struct held){.record = r->drain, .unsent = true};
        return;
    }
    /* Somebody else moved it: what we knew of it is stale, and what the task said of it as well. */
    v->drain_known = false;
    v->drained_known = false;
    forget_status(v);
}

static void forget_tasks(struct view *v)
{
    v->tasks = (struct tasks_fact){0};
    v->task = (struct task_state_fact){0};
}

static void learn_protection(struct view *v, const struct effect *effect, const struct result *r)
{
    for (size_t i = 0; i < v->tasks.n; i++)
        for (size_t k = 0; k < effect->tasks_n; k++)
            if (str_eq(v->tasks.tasks[i].arn, effect->tasks[k])) {
                v->tasks.tasks[i].is_protected = effect->kind == EFFECT_PROTECT;
                v->tasks.tasks[i].protected_until = r->protected_until;
            }
    v->is_stale = true;
}

/* What changes the outside makes what we knew of it stale, whether it went well or not. Protection
 * is the exception: it goes in batches, and reading everything again after each would cost more
 * than the batches. */
static void learn_outside(struct view *v, const struct effect *effect, const struct result *r)
{
    switch (effect->kind) {
    case EFFECT_PROTECT:
    case EFFECT_UNPROTECT:
        if (r->outcome == OUTCOME_OK) learn_protection(v, effect, r);
        v->protection = r->protection;
        v->protection.was_granted = effect->kind == EFFECT_PROTECT && v->protection.known;
        break;
    case EFFECT_LOWER:
    case EFFECT_STOP_TASK:
        v->service.known = false;
        forget_tasks(v);
        break;
    case EFFECT_START:
        v->start_is_noted = false;
        v->status.known = false;
        break;
    case EFFECT_CANCEL: v->status.known = false; break;
    case EFFECT_EXCLUDE:
    case EFFECT_RESTORE:
    case EFFECT_RELEASE: v->call_is_noted = false; break;
    case EFFECT_READ_LIMITS:
    case EFFECT_READ_DRAIN:
    case EFFECT_READ_DRAINED:
    case EFFECT_READ_SERVICE:
    case EFFECT_READ_FLOOR:
    case EFFECT_READ_TASKS:
    case EFFECT_READ_TASK:
    case EFFECT_READ_PROTECTION:
    case EFFECT_READ_TASK_PROTECTION:
    case EFFECT_READ_BUDGET:
    case EFFECT_READ_STATUS:
    case EFFECT_READ_ALARMS:
    case EFFECT_READ_TRIGGER:
    case EFFECT_NOTE_ALARM:
    case EFFECT_CLAIM:
    case EFFECT_MOVE:
    case EFFECT_TAKE_LEASE:
    case EFFECT_PUT_INTENT:
    case EFFECT_CLOSE_INTENT:
    case EFFECT_BRAKE:
    case EFFECT_RECORD:
    case EFFECT_ASK:
    case EFFECT_KINDS: break;
    }
}

static void learn_read(struct view *v, const struct effect *effect, const struct result *r)
{
    switch (effect->kind) {
    case EFFECT_READ_LIMITS: v->limits = r->limits; break;
    case EFFECT_READ_DRAIN:
        v->drain_known = true;
        v->drain_exists = r->drain_exists;
        v->drain = (struct held){.record = r->drain, .recorded = r->recorded};
        break;
    case EFFECT_READ_DRAINED: learn_drained(v, r); break;
    case EFFECT_READ_SERVICE:
        /* Service first, then its tasks: tasks read before it say nothing about a surplus. */
        v->service = r->service;
        forget_tasks(v);
        v->is_stale = false;
        break;
    case EFFECT_READ_FLOOR: v->floor = r->floor; break;
    case EFFECT_READ_TASKS:
    case EFFECT_READ_PROTECTION: v->tasks = r->tasks; break;
    case EFFECT_READ_TASK: v->task = r->task; break;
    case EFFECT_READ_TASK_PROTECTION: v->protection = r->protection; break;
    case EFFECT_READ_STATUS: v->status = r->status; break;
    case EFFECT_READ_ALARMS: v->noted = r->alarms; break;
    case EFFECT_READ_TRIGGER: v->trigger = r->alarms; break;
    case EFFECT_NOTE_ALARM:
    case EFFECT_READ_BUDGET:
    case EFFECT_CLAIM:
    case EFFECT_MOVE:
    case EFFECT_TAKE_LEASE:
    case EFFECT_PUT_INTENT:
    case EFFECT_CLOSE_INTENT:
    case EFFECT_BRAKE:
    case EFFECT_PROTECT:
    case EFFECT_UNPROTECT:
    case EFFECT_EXCLUDE:
    case EFFECT_RESTORE:
    case EFFECT_RELEASE:
    case EFFECT_START:
    case EFFECT_CANCEL:
    case EFFECT_LOWER:
    case EFFECT_STOP_TASK:
    case EFFECT_RECORD:
    case EFFECT_ASK:
    case EFFECT_KINDS: break;
    }
}

void view_learn(struct view *v, const struct effect *effect, const struct result *r)
{
    struct attempt *did = &v->did[effect->kind];
    did->outcome = r->outcome;
    did->code = r->code;
    did->throttled = r->throttled;
    did->answered = r->answered;
    did->again_at = r->again_at;
    did->times++;
    if (effect_class_of(effect->kind) == EFFECT_CLASS_READ && r->outcome == OUTCOME_OK)
        learn_read(v, effect, r);

    /* CloudWatch may take its time, and what ECS said meanwhile grows old. */
    if (effect->kind == EFFECT_READ_TRIGGER) v->is_stale = true;
    if (effect_class_of(effect->kind) == EFFECT_CLASS_OUTSIDE) learn_outside(v, effect, r);
    if (effect->kind == EFFECT_CLAIM) {
        v->claim = r->limits;
        v->drain_known = v->drain_exists = r->outcome == OUTCOME_OK;
        v->drain = (struct held){.record = r->drain, .unsent = true};
    }
    if (effect->kind == EFFECT_TAKE_LEASE && r->outcome == OUTCOME_OK)
        v->lease_until = r->lease_until;
    if (effect->kind == EFFECT_MOVE) learn_move(v, effect, r);
    if (effect->kind == EFFECT_RECORD) {
        struct held *held = held_of(v, effect->drain.drain_id);
        held->recorded |= r->outcome == OUTCOME_OK;
        held->unsent = false;
    }
    if (effect->kind == EFFECT_ASK && r->outcome == OUTCOME_OK)
        held_of(v, effect->drain.drain_id)->asked = true;
    if (effect->kind == EFFECT_CLOSE_INTENT && r->outcome == OUTCOME_OK) v->settled = v->intent;
    if (effect->kind == EFFECT_PUT_INTENT || effect->kind == EFFECT_CLOSE_INTENT) {
        if (r->outcome == OUTCOME_OK)
            v->intent = r->intent;
        else
            v->drained_known = false;
    }
}

struct step hand_on(const struct held *h, const char *topic, enum verdict_kind kind,
                    enum reason reason)
{
    if (!h->recorded) return want_drain(EFFECT_RECORD, &h->record);
    if (topic && !h->asked) return want_ask(topic, &h->record);
    return finish(kind, reason);
}

const char *topic_of_state(int state)
{
    switch ((enum drain_state)state) {
    case DRAIN_CLAIMED:
    case DRAIN_RELEASING: return TOPIC_REMOVE;
    case DRAIN_REMOVED:
    case DRAIN_DRAINING:
    case DRAIN_UNDOING: return TOPIC_DRAIN;
    case DRAIN_DRAINED: return TOPIC_SCALE;
    case DRAIN_OTHER:
    case DRAIN_SCALED_OUT:
    case DRAIN_RESTORED:
    case DRAIN_REPLACED:
    case DRAIN_GONE: return NULL;
    }
    return NULL;
}
