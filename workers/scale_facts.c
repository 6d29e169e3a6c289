/* SPDX-License-Identifier: Apache-2.0
 * See scale_facts.h. */
#include "workers/scale_facts.h"

const struct task_fact *task_of(const struct view *v, struct str arn)
{
    for (size_t i = 0; i < v->tasks.n; i++)
        if (str_eq(v->tasks.tasks[i].arn, arn)) return &v->tasks.tasks[i];
    return NULL;
}

bool is_drained_here(const struct view *v, const struct held *h)
{
    const struct task_fact *t = task_of(v, h->record.task_arn);
    return h->record.state == DRAIN_DRAINED && t && t->wanted;
}

bool is_drained_task(const struct view *v, struct str arn)
{
    for (size_t i = 0; i < v->drained_n; i++)
        if (is_drained_here(v, &v->drained[i]) && str_eq(v->drained[i].record.task_arn, arn))
            return true;
    return false;
}

int64_t drained_here(const struct view *v)
{
    int64_t n = 0;
    for (size_t i = 0; i < v->drained_n; i++)
        n += is_drained_here(v, &v->drained[i]);
    return n;
}

const struct held *first_here(const struct view *v)
{
    for (size_t i = 0; i < v->drained_n; i++)
        if (is_drained_here(v, &v->drained[i])) return &v->drained[i];
    return NULL;
}

static bool is_given_here(const struct view *v, const struct held *h)
{
    return h->record.unprotected_at && is_drained_here(v, h);
}

int64_t given_here(const struct view *v)
{
    int64_t n = 0;
    for (size_t i = 0; i < v->drained_n; i++)
        n += is_given_here(v, &v->drained[i]);
    return n;
}

const struct held *first_given(const struct view *v)
{
    for (size_t i = 0; i < v->drained_n; i++)
        if (is_given_here(v, &v->drained[i])) return &v->drained[i];
    return NULL;
}

size_t read_last(const struct view *v)
{
    for (size_t i = 0; i < v->drained_n && v->task.known; i++)
        if (str_eq(v->drained[i].record.task_arn, v->task.arn)) return i;
    return 0;
}

static enum reason how_it_ended(const struct drain *d)
{
    switch (d->state == DRAIN_RELEASING ? d->becomes : d->state) {
    case DRAIN_SCALED_OUT: return REASON_SCALED_OUT;
    case DRAIN_REPLACED: return REASON_REPLACED;
    case DRAIN_UNDOING:
    case DRAIN_RESTORED: return REASON_UNDOING;
    default: return REASON_TASK_GONE;
    }
}

enum reason how_they_ended(const struct view *v)
{
    enum reason reason = REASON_NOTHING_DRAINED;
    for (size_t i = 0; i < v->drained_n && reason != REASON_SCALED_OUT; i++)
        if (v->drained[i].record.state != DRAIN_DRAINED)
            reason = how_it_ended(&v->drained[i].record);
    return reason;
}

bool is_intent_of_nobody(const struct view *v, int64_t now_ms)
{
    return v->intent.open && now_ms > v->intent.not_after && !given_here(v);
}

bool is_surplus_of_deployment(const struct view *v)
{
    bool may_be_lowered = v->intent.open && v->service.desired != v->intent.base;
    return v->service.deploying && !may_be_lowered;
}

int64_t wanted(const struct view *v)
{
    int64_t n = 0;
    for (size_t i = 0; i < v->tasks.n; i++)
        n += v->tasks.tasks[i].wanted;
    return n;
}

bool all_run(const struct view *v)
{
    for (size_t i = 0; i < v->tasks.n; i++)
        if (v->tasks.tasks[i].wanted && !v->tasks.tasks[i].running) return false;
    return true;
}

bool may_change_protection(const struct view *v, enum effect_kind kind)
{
    const struct attempt *did = &v->did[kind];
    size_t batches = (v->tasks.n + EFFECT_TASKS_MAX - 1) / EFFECT_TASKS_MAX;
    if (did->outcome != OUTCOME_NONE && did->outcome != OUTCOME_OK) return false;
    return (size_t)did->times < 2 * batches;
}
