/* SPDX-License-Identifier: Apache-2.0
 * What ebb.state must have before anything outside is done, and what holds of what is done:
 *   the distributor is told to shut an address out only when the drain's record says that it is
 *     being told, and its task is protected until after the time it may take; that protection does
 *     not end while the task drains;
 *   a task hears a start only when its drain's record says that one is being sent, and a start's
 *     deadline counts from the start; a drain is DRAINING only when its task heard of it, and ends
 *     by its deadline only where that is configured;
 *   protection is taken away, and a task stopped, only when the record says that it is given to ECS,
 *     or how its drain ends by it;
 *   a count is lowered, and the distributor ordered, by calls that have a latest time. */
#include "lib/aws/shapes/ecs.h"
#include "lib/aws/shapes/lambda.h"
#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"

/* What comes when its caller has given up is judged by nobody. */
static bool may_come_late(const struct sim *sim, struct str service)
{
    const struct plan_service *p = planned_service(sim, service);
    return sim->faults->happened_call[FAULT_OF_DISTRIBUTOR_LATE] > 0 ||
           (p && p->settings.distributor.invocation == INVOCATION_EVENT);
}

static void look_at_removal(struct sim *sim, const struct log_entry *e)
{
    const struct seen_drain *d = seen_drain_named(sim, e->detail);
    if (!d || !d->newest.remove_sent_at) {
        sim_violation(sim, "address %.*s is shut out, and no record says so", STR_ARG(e->subject));
        return;
    }
    const struct plan_service *p = planned_service(sim, d->newest.service);
    const struct seen_task *t = seen_task_named(sim, d->newest.task_arn);
    if (!p || !t || t->is_stopping || may_come_late(sim, d->newest.service)) return;
    if (drain_is_final(d->newest.state) || d->newest.state == DRAIN_UNDOING) return;
    /* Two did it, and one took its time: the task is drained and given to ECS by now. */
    if (d->newest.unprotected_at) return;
    if (t->protected_until_ms < e->at_ms + p->settings.drain_timeout_ms)
        sim_violation(sim, "task %.*s is shut out, and not protected for as long as it may drain",
                      STR_ARG(t->arn));
}

static void look_at_protection(struct sim *sim, const struct log_entry *e)
{
    const struct drain *d = seen_drain_of(sim, e->subject);
    if (!d) return;
    /* Given to ECS, or taken back from a task that serves again (workers/keep.h). */
    bool says_so = d->unprotected_at || d->undoing_at;
    if (str_eq(e->reason, STR("unset")) && is_by_us(e) && !says_so)
        sim_violation(sim, "task %.*s is not protected any more, and no record says so",
                      STR_ARG(e->subject));
    if (str_eq(e->reason, STR("expired")) &&
        (d->state == DRAIN_REMOVED || d->state == DRAIN_DRAINING))
        sim_violation(sim, "the protection of %.*s ends while it drains", STR_ARG(e->subject));
}

void inv_outside_entry(struct sim *sim, const struct log_entry *e)
{
    const struct seen_drain *d;
    if (e->kind == LOG_DISTRIBUTOR && str_eq(e->reason, STR("comment_out_ip")))
        look_at_removal(sim, e);
    if (e->kind == LOG_PROTECTION) look_at_protection(sim, e);
    if (e->kind == LOG_DRAIN && str_starts(e->reason, STR("start"))) {
        d = seen_drain_named(sim, e->detail);
        if (!d || !d->newest.start_sent_at)
            sim_violation(sim, "task %.*s hears a start, and no record says so",
                          STR_ARG(e->subject));
    }
    if (e->kind == LOG_TASK_STOPPING && e->cause == STOP_USER && is_by_us(e)) {
        const struct drain *of = seen_drain_of(sim, e->subject);
        if (!of || !of->becomes)
            sim_violation(sim, "we stopped %.*s, and no record says how its drain ends",
                          STR_ARG(e->subject));
    }
}

void inv_outside_record(struct sim *sim, const struct seen_drain *seen)
{
    const struct drain *d = &seen->newest;
    const struct plan_service *p = planned_service(sim, d->service);
    if (!p) return;
    /* A task that answers 200 and does nothing is believed. */
    const struct seen_task *t = seen_task_named(sim, d->task_arn);
    if (d->state == DRAIN_DRAINING && !p->app.start_status && t &&
        !str_eq(t->drain_id, d->drain_id))
        sim_violation(sim, "drain %.*s is DRAINING, and its task never heard of it",
                      STR_ARG(d->drain_id));
    if (d->by_deadline && p->settings.on_deadline == ON_DEADLINE_UNDO)
        sim_violation(sim, "drain %.*s is ended by a deadline that should undo it",
                      STR_ARG(d->drain_id));
    if (d->started_at && d->deadline_at != d->started_at + p->settings.drain_timeout_ms)
        sim_violation(sim, "the deadline of drain %.*s does not count from its start",
                      STR_ARG(d->drain_id));
}

void inv_outside_call(struct sim *sim, const struct aws_operation *operation, int64_t not_after_ms)
{
    bool needs_end = operation == &ECS_UPDATE_SERVICE || operation == &LAMBDA_INVOKE;
    if (needs_end && !not_after_ms) sim_violation(sim, "%s has no latest time", operation->name);
}

void inv_outside_request(struct sim *sim, struct str method, struct str path, int64_t not_after_ms)
{
    if (str_eq(method, STR("POST")) && !not_after_ms)
        sim_violation(sim, "%.*s has no latest time", STR_ARG(path));
}
