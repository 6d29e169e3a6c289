/* SPDX-License-Identifier: Apache-2.0
 * See keep.h. */
#include "workers/keep.h"

#include "workers/scale_facts.h"
#include "workers/stage.h"

#define MINUTE_MS   ((int64_t)60 * 1000)
#define MINUTES_MAX ((int64_t)2880) /* ECS UpdateTaskProtection */
/* To scale in after the deadline, or to see that nobody does. */
#define MARGIN_MS (15 * MINUTE_MS)
/* Once the time it was meant for is over, and on the way back to service. */
#define LEAST_MS (60 * MINUTE_MS)
/* A protection that lasts as long as it may need to is renewed only if it is about to end; one
 * that cannot, because ECS has no longer one, well before: Ebb may be away for some hours then. */
#define ABOUT_TO_END_MS   (10 * MINUTE_MS)
#define MUCH_TOO_SHORT_MS (30 * MINUTE_MS)
#define WELL_BEFORE_MS    (12 * 60 * MINUTE_MS)
/* Clocks differ, and ECS counts in minutes. */
#define SLACK_MS (2 * MINUTE_MS)
/* What was read of a protection is good for so long. */
#define AS_READ_MS ((int64_t)10 * 1000)

static int64_t later_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t minutes_until(int64_t at, int64_t now_ms)
{
    int64_t minutes = (at - now_ms + MINUTE_MS - 1) / MINUTE_MS;
    if (minutes < 1) return 1;
    return minutes < MINUTES_MAX ? minutes : MINUTES_MAX;
}

/* K1. Whether the drain needs its task to be protected. */
static bool needs_it(const struct drain *d)
{
    switch ((enum drain_state)d->state) {
    case DRAIN_CLAIMED:
    case DRAIN_REMOVED:
    case DRAIN_DRAINING: return true;
    case DRAIN_DRAINED: return !d->unprotected_at;
    case DRAIN_UNDOING: return must_cancel_first(d);
    case DRAIN_RELEASING:
    case DRAIN_SCALED_OUT:
    case DRAIN_RESTORED:
    case DRAIN_REPLACED:
    case DRAIN_GONE:
    case DRAIN_OTHER: break;
    }
    return false;
}

/* What it was protected for is done, or is being taken back. */
static bool is_over(const struct drain *d)
{
    return d->state == DRAIN_DRAINED || d->state == DRAIN_UNDOING;
}

/* K1. Until when, as far as anybody can say now. */
static int64_t needed_until(const struct view *v, const struct drain *d, int64_t now_ms)
{
    int64_t end = d->deadline_at ? d->deadline_at : now_ms + v->settings->drain_timeout_ms;
    return is_over(d) ? now_ms + LEAST_MS : later_of(end + MARGIN_MS, now_ms + MARGIN_MS);
}

/* K1. */
static bool is_due(const struct view *v, const struct drain *d, int64_t now_ms)
{
    if (!needs_it(d)) return false;
    int64_t left = d->protected_until - now_ms;
    if (left < ABOUT_TO_END_MS) return true;
    bool is_short = needed_until(v, d, now_ms) - d->protected_until > MUCH_TOO_SHORT_MS;
    return is_short && left < WELL_BEFORE_MS && !is_over(d);
}

/* The end of a protection as it can be asked for now. */
static int64_t wanted_until(const struct view *v, const struct drain *d, int64_t now_ms)
{
    int64_t most = now_ms + MINUTES_MAX * MINUTE_MS, needed = needed_until(v, d, now_ms);
    return needed < most ? needed : most;
}

static bool is_near(int64_t a, int64_t b)
{
    return a <= b + SLACK_MS && b <= a + SLACK_MS;
}

/* Whether what ECS says of the task is ours: near to what was asked last, or to what ECS granted before
 * and a renewal that failed left; but not what another had, which K2 left. That two answers say the
 * same to the millisecond is promised nowhere. */
static bool is_ours(const struct drain *d, const struct protection_fact *p)
{
    if (!p->is_protected || !d->protection_asked) return false;
    bool was_theirs = is_near(d->protected_until, d->protected_before);
    return is_near(p->until, d->protection_asked) ||
           (is_near(p->until, d->protected_until) && !was_theirs);
}

/* K3. What there was before ours; what we took off, or could not see, is as it was noted. */
static int64_t before_ours(const struct drain *d, const struct protection_fact *p)
{
    bool was_taken_off = !p->is_protected && d->unprotected_at;
    if (is_ours(d, p) || was_taken_off) return d->protected_before;
    return p->is_protected ? p->until : 0;
}

/* K2. What is known of the protection is of this task, and of now. */
static bool is_read(const struct view *v, const struct drain *d, int64_t now_ms)
{
    const struct protection_fact *p = &v->protection;
    return p->known && str_eq(p->arn, d->task_arn) && now_ms - p->as_of <= AS_READ_MS / 2;
}

static struct step set_protection(const struct view *v, const struct drain *d, int64_t minutes)
{
    struct step s = want_drain(EFFECT_PROTECT, d);
    s.effect.tasks[0] = d->task_arn;
    s.effect.tasks_n = 1;
    s.effect.protect_minutes = minutes;
    s.effect.not_after = v->protection.as_of + AS_READ_MS;
    int64_t leased = v->lease_until - LEASE_MARGIN_MS;
    if (v->lease_until && leased < s.effect.not_after) s.effect.not_after = leased;
    return s;
}

static bool has_failed(const struct attempt *did)
{
    return did->outcome != OUTCOME_NONE && did->outcome != OUTCOME_OK;
}

/* It was given to ECS, and is undone now. */
static bool is_given(const struct drain *d)
{
    return d->state == DRAIN_UNDOING && d->unprotected_at;
}

bool is_kept(const struct view *v, const struct held *h, int64_t now_ms, struct step *out)
{
    const struct drain *d = &h->record;
    const struct protection_fact *p = &v->protection;
    const struct attempt *did = &v->did[EFFECT_PROTECT];
    if (!is_due(v, d, now_ms)) return true;
    /* K4. */
    if (has_failed(did) || has_failed(&v->did[EFFECT_READ_TASK_PROTECTION])) return true;
    /* ECS granted less than was asked: that is what there is. */
    bool was_set = p->was_granted && str_eq(p->arn, d->task_arn);
    if (was_set && p->until == d->protected_until) return true;
    if (!is_read(v, d, now_ms)) {
        *out = want_drain(EFFECT_READ_TASK_PROTECTION, d);
        return false;
    }
    if (!p->exists) return true;
    int64_t wanted = wanted_until(v, d, now_ms);
    struct drain becomes = *d;
    if (p->is_protected && (was_set || p->until >= wanted - SLACK_MS)) {
        /* K2. */
        becomes.protected_until = p->until;
        if (was_set)
            becomes.protection_asked = p->until; /* by ECS's clock, as it will be read */
        else
            becomes.protected_before = before_ours(d, p);
        becomes.attempts = 0;
        *out = move(&becomes);
    } else if (d->protection_asked < wanted - SLACK_MS || is_given(d)) {
        /* K3. */
        becomes.protected_before = before_ours(d, p);
        becomes.protection_asked = wanted;
        if (is_given(d)) becomes.unprotected_at = 0;
        *out = move(&becomes);
    } else if (!h->recorded) {
        *out = want_drain(EFFECT_RECORD, d);
    } else {
        *out = set_protection(v, d, minutes_until(d->protection_asked, now_ms));
    }
    return false;
}

/* One in a look: what was read of one task's protection is forgotten with the next one's. */
bool are_all_kept(const struct view *v, int64_t now_ms, struct step *out)
{
    for (size_t i = 0; i < v->drained_n; i++)
        if (is_drained_here(v, &v->drained[i]) && is_due(v, &v->drained[i].record, now_ms))
            return is_kept(v, &v->drained[i], now_ms, out);
    return true;
}

/* K5. Failed: it is tried again, unless ECS will not have it, or not have it read, or sets none, not
 * even a shorter one, as long as more tasks are protected than desired: that may last for as long as
 * another's protections do, and such a service needs the drain's slot. False while it is to be tried
 * again: *out. */
static bool cannot_be_given_back(const struct view *v, enum effect_kind tried,
                                 const struct drain *d, int64_t now_ms, struct step *out)
{
    const struct attempt *did = &v->did[tried];
    if (did->outcome == OUTCOME_REFUSED || str_eq(did->code, STR("DEPLOYMENT_BLOCKED")))
        return true;
    *out = did->throttled ? put_off(v, tried) : note_failure(d, now_ms);
    return false;
}

static int64_t short_until(int64_t now_ms)
{
    return now_ms + OTHERS_MINUTES * MINUTE_MS;
}

/* What another had lasts longer than what is left of ours. */
static bool is_theirs_longer(const struct drain *d, int64_t now_ms)
{
    return d->protected_before > short_until(now_ms);
}

bool owes_protection(const struct drain *d, int64_t now_ms)
{
    return d->protection_asked || (d->unprotected_at && is_theirs_longer(d, now_ms));
}

bool is_given_back(const struct view *v, const struct held *h, int64_t now_ms, struct step *out)
{
    const struct drain *d = &h->record;
    const struct protection_fact *p = &v->protection;
    bool theirs = is_theirs_longer(d, now_ms);
    int64_t until = theirs ? d->protected_before : short_until(now_ms);
    const struct attempt *did = &v->did[EFFECT_PROTECT];
    if (!owes_protection(d, now_ms) || did->outcome == OUTCOME_OK) return true;
    if (has_failed(did)) return cannot_be_given_back(v, EFFECT_PROTECT, d, now_ms, out);
    if (has_failed(&v->did[EFFECT_READ_TASK_PROTECTION]))
        return cannot_be_given_back(v, EFFECT_READ_TASK_PROTECTION, d, now_ms, out);
    if (!is_read(v, d, now_ms)) {
        *out = want_drain(EFFECT_READ_TASK_PROTECTION, d);
        return false;
    }
    bool is_anothers = p->is_protected && !is_ours(d, p) && p->until != d->protected_before;
    bool is_off = !p->is_protected && d->unprotected_at;
    bool is_short = p->is_protected ? p->until <= short_until(now_ms) : is_off;
    if (!p->exists || is_anothers || (is_short && !theirs)) return true;
    if (!h->recorded) {
        *out = want_drain(EFFECT_RECORD, d);
        return false;
    }
    *out = set_protection(v, d, minutes_until(until, now_ms));
    return false;
}
