/* SPDX-License-Identifier: Apache-2.0
 * The tasks' calls to the outside, taken to whichever process answers. */
#include "tests/sim/callbacks.h"

#include "tests/sim/faults.h"
#include "tests/sim/process.h"
#include "world/region/tasks.h"

#define CALL_MS 30

struct outgoing {
    struct region_outgoing outgoing;
    enum call_fault fault; /* what becomes of it */
};

static void done(struct sim *sim, const struct outgoing *call, int status)
{
    sim_trace(sim, "task's callback is answered %d", status);
    region_outgoing_done(sim->region, call->outgoing.id, status);
}

static struct call call_of(void)
{
    return (struct call){.port = CALL_CALLBACK, .name = STR("/"), .role = "callback"};
}

static void answer(struct task *task, void *ctx)
{
    struct outgoing *call = ctx;
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
    if (call->fault == FAULT_OF_ANY_DIES_BEFORE) process_dies_here(p);
    if (!task->is_dead) callback_take(&p->desk, &incoming, &a, &reply);
    if (call->fault == FAULT_OF_ANY_DIES_AFTER && !task->is_dead) process_dies_here(p);
    bool lost = call->fault == FAULT_OF_CALLBACK_AFTER;
    done(task->sim, call, task->is_dead || lost ? 0 : reply.status);
    arena_release(&a);
}

static void arrive(struct sim *sim, void *ctx, uint64_t unused)
{
    struct outgoing *call = ctx;
    struct call made = call_of();
    (void)unused;
    struct process *p = &sim->processes[sim_random(sim, sim->processes_n)];
    bool answers = p->is_up && process_awake_at(p, sim->now_ms) == sim->now_ms;
    call->fault = answers ? fault_of_call(sim, &made) : FAULT_OF_CALLBACK_BEFORE;
    if (call->fault == FAULT_OF_CALLBACK_BEFORE)
        done(sim, call, 0);
    else
        (void)sim_start_task(p, made.role, answer, call);
}

void callbacks_take(struct sim *sim)
{
    struct outgoing taken = {0};
    while (region_take_outgoing(sim->region, &sim->arena, &taken.outgoing)) {
        struct outgoing *call = ARENA_NEW(&sim->arena, struct outgoing);
        *call = taken;
        sim_at(sim, sim->now_ms + 1 + (int64_t)sim_random(sim, CALL_MS), arrive, call, 0);
    }
}
