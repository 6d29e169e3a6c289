/* SPDX-License-Identifier: Apache-2.0
 * Stage select: an alarm says a service is idle, or an operator asks; this decides whether a task
 * may be drained and which, and claims it. It touches nothing outside.
 *
 * Clauses:
 *  S1  a service that no entry of the configuration matches is never touched
 *  S2  what is heard of an alarm is noted, and the alarm is watched from then on; one that is not
 *      in ALARM asks for nothing
 *  S3  an event older than allowed is not acted on
 *  S4  our own limits, and whether somebody paused it, are asked before AWS is asked anything; an
 *      event that began a drain begins no other
 *  S5  the service exists, is ACTIVE, keeps a desired count that is ours to lower, and is not
 *      being deployed
 *  S6  no floor known, no drain
 *  S7  the floor counts tasks that really run, less those already draining
 *  S8  the victim: the one the operator named, else of the running tasks without an open drain the
 *      newest, or the oldest (the setting victim)
 *  S9  a task without an address cannot be taken out of the distributor
 *  S10 in observe mode the decision is recorded and nothing is touched
 *  S11 all limits are checked once more, and the slot taken, in one script
 *  S12 the claim is durable before the next stage is told
 */
#include "lib/base/arn.h"
#include "workers/stage.h"

static struct step refuse(enum reason reason)
{
    return finish(VERDICT_REFUSED, reason);
}

static struct step refuse_numbers(enum reason reason, int64_t have, int64_t need)
{
    struct step s = refuse(reason);
    s.verdict.have = have;
    s.verdict.need = need;
    return s;
}

/* S4. Lost state is rebuilt within seconds: the event waits for that instead of being refused. */
static struct step refuse_limits(const struct limits_fact *limits)
{
    if (limits->refusal == REASON_STATE_LOST) return finish(VERDICT_RETRY, REASON_STATE_LOST);
    struct step s = refuse_numbers(limits->refusal, limits->have, limits->need);
    s.verdict.subject = limits->about;
    return s;
}

static bool is_draining(const struct view *v, struct str task_arn)
{
    for (size_t i = 0; i < v->limits.open_tasks_n; i++)
        if (str_eq(v->limits.open_tasks[i], task_arn)) return true;
    return false;
}

/* Tasks that run and are not on their way out: what would be left to serve. */
static int64_t serving(const struct view *v)
{
    int64_t n = 0;
    for (size_t i = 0; i < v->tasks.n; i++)
        n += v->tasks.tasks[i].running && !is_draining(v, v->tasks.tasks[i].arn);
    return n;
}

static bool is_named(const struct task_fact *t, struct str name)
{
    return str_eq(t->arn, name) || (!str_is_empty(name) && str_eq(arn_task_id(t->arn), name));
}

/* Whether a is to be drained rather than b. Equal start times are decided by the ARN, so that every
 * look agrees. */
static bool comes_before(const struct task_fact *a, const struct task_fact *b, int rule)
{
    if (a->started_at == b->started_at) return str_compare(a->arn, b->arn) < 0;
    return rule == VICTIM_OLDEST ? a->started_at < b->started_at : a->started_at > b->started_at;
}

static const struct task_fact *victim(const struct view *v)
{
    const struct task_fact *best = NULL;
    for (size_t i = 0; i < v->tasks.n; i++) {
        const struct task_fact *t = &v->tasks.tasks[i];
        if (!t->running || is_draining(v, t->arn)) continue;
        if (v->message->task.n && !is_named(t, v->message->task)) continue;
        if (!best || comes_before(t, best, v->settings->victim)) best = t;
    }
    return best;
}

static enum reason unfit(const struct service_fact *s)
{
    if (!s->exists) return REASON_SERVICE_NOT_FOUND;
    if (!s->active) return REASON_SERVICE_NOT_ACTIVE;
    if (s->daemon) return REASON_DAEMON_SERVICE;
    if (s->foreign_controller) return REASON_FOREIGN_CONTROLLER;
    if (s->deploying) return REASON_DEPLOYING;
    return REASON_NONE;
}

static struct step claim(const struct view *v, const struct task_fact *t, int64_t now_ms)
{
    struct drain d = {
        .format = DRAIN_FORMAT,
        .drain_id = drain_id_for(v->arena, t->arn, now_ms),
        .service = v->message->service,
        .task_arn = t->arn,
        .cluster_arn = v->service.cluster_arn,
        .service_arn = v->service.arn,
        .address = t->address,
        .cause = v->message->cause,
        .trigger = v->message->alarm.n ? v->message->alarm : v->message->asked_by,
        .by_alarm = v->message->alarm.n > 0,
        .claimed_at = now_ms,
    };
    d = enter(&d, DRAIN_CLAIMED, now_ms);
    struct step s = want_drain(EFFECT_CLAIM, &d);
    s.effect.serving = serving(v);
    s.effect.floor = v->floor.min;
    return s;
}

/* S8 to S12, once the service is known to be fit and above its floor. */
static struct step take(const struct view *v, int64_t now_ms)
{
    /* S8. */
    const struct task_fact *t = victim(v);
    if (!t && v->message->task.n && is_draining(v, v->message->task))
        return refuse(REASON_ALREADY_DRAINING);
    if (!t && v->message->task.n) return refuse(REASON_TASK_NOT_FOUND);
    if (!t) return refuse(REASON_NO_CANDIDATE);
    /* S9. */
    if (str_is_empty(t->address)) return refuse(REASON_NO_IP);
    /* S10. */
    if (v->settings->mode != MODE_ACT) {
        struct step s = finish(VERDICT_WOULD, REASON_CLAIMED);
        s.verdict.subject = t->arn;
        return s;
    }
    /* S11. */
    return claim(v, t, now_ms);
}

/* S4, S12. The event began a drain already. Whoever claimed it may have died before telling the
 * next stage, so as long as the drain has not moved on it is handed on again. */
static struct step seen_before(const struct view *v)
{
    if (str_is_empty(v->limits.seen_drain_id)) return refuse(REASON_EVENT_SEEN);
    if (!v->drain_known)
        return want_drain(EFFECT_READ_DRAIN, &(struct drain){.drain_id = v->limits.seen_drain_id});
    if (!v->drain_exists || v->drain.record.state != DRAIN_CLAIMED)
        return refuse(REASON_EVENT_SEEN);
    return hand_on(&v->drain, TOPIC_REMOVE, VERDICT_REFUSED, REASON_EVENT_SEEN);
}

struct step select_next(const struct view *v, int64_t now_ms)
{
    /* S12. */
    if (v->did[EFFECT_CLAIM].outcome == OUTCOME_OK)
        return hand_on(&v->drain, TOPIC_REMOVE, VERDICT_DONE, REASON_CLAIMED);
    if (v->claim.known) return refuse_limits(&v->claim);

    /* S1. */
    if (!v->settings) return refuse(REASON_NOT_MANAGED);
    /* S2. */
    if (v->message->alarm.n && v->did[EFFECT_NOTE_ALARM].outcome == OUTCOME_NONE)
        return want(EFFECT_NOTE_ALARM);
    if (v->message->alarm.n && v->message->alarm_state != ALARM_ALARM)
        return refuse(REASON_NOT_IN_ALARM);
    /* S3. */
    if (now_ms - v->message->time > v->settings->event_age_max_ms)
        return refuse(REASON_EVENT_TOO_OLD);
    /* S4. */
    if (!v->limits.known) return want(EFFECT_READ_LIMITS);
    if (v->limits.refusal == REASON_EVENT_SEEN) return seen_before(v);
    if (v->limits.refusal) return refuse_limits(&v->limits);
    /* S5. */
    if (!v->service.known) return want(EFFECT_READ_SERVICE);
    if (unfit(&v->service)) return refuse(unfit(&v->service));
    /* S6. */
    if (!v->floor.known) return want(EFFECT_READ_FLOOR);
    if (!v->floor.exists) return refuse(REASON_NO_FLOOR);
    /* S7. Desired counts too: a task that is only being started is nothing to fall back on, but one
     * that ECS does not want any more is none either. */
    if (!v->tasks.known) return want(EFFECT_READ_TASKS);
    int64_t left = serving(v) < v->service.desired ? serving(v) : v->service.desired;
    if (left - 1 < v->floor.min) return refuse_numbers(REASON_AT_MIN_CAPACITY, left, v->floor.min);
    return take(v, now_ms);
}
