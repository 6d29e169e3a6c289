/* SPDX-License-Identifier: Apache-2.0
 * See operators.h. */
#include "tests/sim/operators.h"

#include "producers/operator.h"
#include "tests/sim/invariants.h"
#include "tests/sim/process.h"
#include "tests/sim/scene.h"
#include "tests/sim/story.h"

#define MINUTE_MS ((int64_t)60 * 1000)

enum kind { ORDER_PAUSE, ORDER_RESUME, ORDER_CANCEL, ORDER_CLOSE };

struct ordered {
    enum kind kind;
    struct str about; /* a scope, or a drain's id */
    int64_t for_ms;
};

static void carry_out(struct task *task, void *ctx)
{
    static const char *const WORDS[] = {"pauses", "resumes", "cancels", "closes"};
    struct ordered *o = ctx;
    struct sim *sim = task->sim;
    struct process *p = task->process;
    struct order order = {.by = str_from(p->name), .why = STR("a whim"), .log = &p->log};
    struct arena a;
    struct err e = {0};
    struct drain d = {0};
    enum order_answer answer = ORDER_GIVEN;
    bool was_paused;
    int code = E_OK;
    arena_init(&a);
    sim_trace(sim, "operator at %s %s %.*s", p->name, WORDS[o->kind], STR_ARG(o->about));
    tell(sim, STR_NONE, "operator", "%s %.*s", WORDS[o->kind], STR_ARG(o->about));
    int64_t until;
    switch (o->kind) {
    case ORDER_PAUSE:
        code = operator_pause(&p->ports, o->about, o->for_ms, &order, &a, &until, &e);
        break;
    case ORDER_RESUME:
        code = operator_resume(&p->ports, o->about, &order, &a, &was_paused, &e);
        break;
    case ORDER_CANCEL:
        code = operator_cancel(&p->ports, o->about, &order, &a, &d, &answer, &e);
        if (!code && answer == ORDER_GIVEN) inv_control_told(sim, o->about, false);
        break;
    case ORDER_CLOSE:
        code = operator_close(&p->ports, o->about, &order, &a, &d, &answer, &e);
        if (!code && answer == ORDER_GIVEN) inv_control_told(sim, o->about, true);
        break;
    }
    if (!task->is_dead)
        sim_trace(sim, "operator at %s is told %d %s", p->name, (int)answer, code ? e.text : "");
    arena_release(&a);
}

static struct str some_scope(struct sim *sim)
{
    struct scene *s = sim->scene;
    if (sim_random(sim, 8) == 0) return STR(CONTROL_EVERYTHING);
    if (sim_random(sim, 4) == 0) return STR(CONTROL_ACCOUNT_PREFIX SIM_ACCOUNT);
    return s->keys[sim_random(sim, s->services_n)];
}

/* A drain that is not final, most likely; sometimes any. */
static struct str some_drain(struct sim *sim, bool ending)
{
    const struct watch *w = &sim->invariants->watch;
    size_t n = 0;
    struct str found = STR_NONE;
    for (size_t i = 0; i < w->drains_n; i++) {
        const struct drain *d = &w->drains[i].newest;
        bool is_ending = d->state == DRAIN_UNDOING || d->state == DRAIN_RELEASING;
        if (drain_is_final(d->state) || (ending && !is_ending)) continue;
        if (sim_random(sim, ++n) == 0) found = d->drain_id;
    }
    if (!found.n && w->drains_n) found = w->drains[sim_random(sim, w->drains_n)].newest.drain_id;
    return found;
}

void operator_orders(struct sim *sim)
{
    struct process *p = &sim->processes[sim_random(sim, sim->processes_n)];
    struct ordered *o = ARENA_NEW(&sim->arena, struct ordered);
    uint64_t chance = sim_random(sim, 10);
    if (!p->is_up) return;
    o->kind = chance < 2   ? ORDER_PAUSE
              : chance < 5 ? ORDER_RESUME
              : chance < 9 ? ORDER_CANCEL
                           : ORDER_CLOSE;
    bool is_about_drain = o->kind == ORDER_CANCEL || o->kind == ORDER_CLOSE;
    o->about = is_about_drain ? some_drain(sim, o->kind == ORDER_CLOSE) : some_scope(sim);
    if (sim_random(sim, 2)) o->for_ms = (int64_t)sim_random(sim, 3 * (uint64_t)MINUTE_MS) + 1;
    if (o->about.n) (void)sim_start_task(p, "operator", carry_out, o);
}
