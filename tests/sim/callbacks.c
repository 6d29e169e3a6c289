/* SPDX-License-Identifier: Apache-2.0
 * The tasks' calls to the outside, taken to whichever process answers. */
#include "tests/sim/callbacks.h"

#include "tests/sim/faults.h"
#include "tests/sim/process.h"
#include "world/region/tasks.h"

#define CALL_MS 30

struct call {
    struct region_outgoing outgoing;
};

static void done(struct sim *sim, const struct call *call, int status)
{
    sim_trace(sim, "task's callback is answered %d", status);
    region_outgoing_done(sim->region, call->outgoing.id, status);
}

static void answer(struct task *task, void *ctx)
{
    struct call *call = ctx;
    struct process *p = task->process;
    struct arena a;
    struct http_reply reply = {0};
    arena_init(&a);
    struct http_header headers[] = {
        {STR("authorization"), arena_format(&a, "Bearer %.*s", STR_ARG(call->outgoing.token))}};
    struct http_incoming incoming = {
        .method = STR("POST"),
        .path = STR("/"),
        .headers = headers,
        .headers_n = EBB_COUNT(headers),
        .body = call->outgoing.body,
        .peer = STR("10.0.0.1"),
    };
    callback_take(&p->desk, &incoming, &a, &reply);
    static const enum call_fault LOST[] = {FAULT_OF_CALLBACK_AFTER};
    bool lost = fault_of_call(task->sim, LOST, 1) != FAULT_IS_NONE;
    done(task->sim, call, task->is_dead || lost ? 0 : reply.status);
    arena_release(&a);
}

static void arrive(struct sim *sim, void *ctx, uint64_t unused)
{
    static const enum call_fault LOST[] = {FAULT_OF_CALLBACK_BEFORE};
    struct call *call = ctx;
    (void)unused;
    struct process *p = &sim->processes[sim_random(sim, sim->processes_n)];
    bool answers = p->is_up && process_awake_at(p, sim->now_ms) == sim->now_ms;
    if (!answers || fault_of_call(sim, LOST, 1) != FAULT_IS_NONE)
        done(sim, call, 0);
    else
        sim_start_task(p, answer, call);
}

void callbacks_take(struct sim *sim)
{
    struct call taken;
    while (region_take_outgoing(sim->region, &sim->arena, &taken.outgoing)) {
        struct call *call = ARENA_NEW(&sim->arena, struct call);
        *call = taken;
        sim_at(sim, sim->now_ms + 1 + (int64_t)sim_random(sim, CALL_MS), arrive, call, 0);
    }
}
