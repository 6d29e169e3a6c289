/* SPDX-License-Identifier: Apache-2.0
 * The order of what is said to tasks and distributors:
 *   a start reaches the task only while the distributor shuts its address out for that drain (in
 *     Lambda's Event mode nobody confirms that, and it is not asked);
 *   the distributor is told to send work again only when the task accepts it, or is no more;
 *   an address is let go only when its task is no more.
 * A task whose drain an operator closed by hand may still drain when the next one finds it: that is
 * what was answered for. An order of ours that took effect when its caller had long given up
 * (DISTRIBUTOR_LATE) is nobody's order any more: it may find the address in another drain. */
#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"

static bool is_unconfirmed(const struct sim *sim, struct str service)
{
    const struct plan_service *p = planned_service(sim, service);
    return p && p->settings.distributor.invocation == INVOCATION_EVENT;
}

/* Also what was only taken of an address's owners before: it may come as late as it likes. */
static bool was_unconfirmed(const struct sim *sim, struct str address)
{
    const struct watch *w = &sim->invariants->watch;
    for (size_t i = 0; i < w->drains_n; i++) {
        const struct drain *d = &w->drains[i].newest;
        if (str_eq(d->address, address) && is_unconfirmed(sim, d->service)) return true;
    }
    return false;
}

static void look_at_start(struct sim *sim, const struct log_entry *e)
{
    const struct seen_task *t = seen_task_named(sim, e->subject);
    if (!t || is_unconfirmed(sim, e->service) || was_unconfirmed(sim, t->address)) return;
    const struct seen_exclusion *x = seen_exclusion_of(sim, t->address);
    if (!x)
        sim_violation(sim, "task %.*s was told to drain while the distributor sends it work",
                      STR_ARG(e->subject));
    else if (!str_eq(x->drain_id, e->detail))
        sim_violation(sim, "task %.*s was told to drain; its address is shut out for drain %.*s",
                      STR_ARG(e->subject), STR_ARG(x->drain_id));
}

static void look_at_distributor(struct sim *sim, const struct log_entry *e)
{
    const struct seen_drain *d = seen_drain_named(sim, e->detail);
    const struct seen_task *t = d ? seen_task_named(sim, d->newest.task_arn) : NULL;
    if (!t || !is_by_us(e)) return;
    bool is_excused = inv_control_excuses(sim, STR_NONE, t->arn, STR_NONE);
    if (str_eq(e->reason, STR("restore_ip")) && t->is_draining && !t->is_gone && !is_excused)
        sim_violation(sim, "task %.*s gets work again while it drains", STR_ARG(t->arn));
    if (str_eq(e->reason, STR("release_ip")) && !t->is_gone)
        sim_violation(sim, "the address of task %.*s is let go while it is there", STR_ARG(t->arn));
}

void inv_order_entry(struct sim *sim, const struct log_entry *e)
{
    if (e->kind == LOG_DRAIN && str_starts(e->reason, STR("start"))) look_at_start(sim, e);
    if (e->kind == LOG_DISTRIBUTOR) look_at_distributor(sim, e);
}
