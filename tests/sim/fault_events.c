/* SPDX-License-Identifier: Apache-2.0
 * See faults.h. Here: what happens by itself. */
#include "tests/sim/bus_model.h"
#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"
#include "tests/sim/operators.h"
#include "tests/sim/poison.h"
#include "tests/sim/process.h"
#include "tests/sim/redis_model.h"
#include "tests/sim/scene.h"
#include "tests/sim/story.h"
#include "world/region/region.h"

#include <string.h>

#define STEP_MS         ((int64_t)2000)   /* clocks that are looked after are off by less */
#define STEP_FAR_MS     ((int64_t)600000) /* and some are not */
#define FAST_PPM        500
#define FREEZE_MAX_MS   90000
#define DENIAL_MAX_MS   60000
#define OVERTAKE_MAX_MS 60000
#define STALE_MAX_MS    5000

static struct process *some_process(struct sim *sim)
{
    struct process *p = &sim->processes[sim_random(sim, sim->processes_n)];
    return p->is_up ? p : NULL;
}

static void crash(struct sim *sim)
{
    struct process *p = some_process(sim);
    if (!p) return;
    process_kill(p);
    process_start_later(p);
}

static void freeze(struct sim *sim)
{
    struct process *p = some_process(sim);
    if (p) process_freeze(p, sim->now_ms + 1000 + (int64_t)sim_random(sim, FREEZE_MAX_MS));
}

/* Either way, by so much at most; now and then far. */
static int64_t some_step(struct sim *sim)
{
    int64_t most = sim_random(sim, 8) ? STEP_MS : STEP_FAR_MS;
    return (int64_t)sim_random(sim, (uint64_t)(2 * most)) - most;
}

static void move_clock(struct sim *sim)
{
    struct process *p = some_process(sim);
    if (!p) return;
    p->clock = (struct process_clock){.off_ms = some_step(sim), .since_ms = sim->now_ms};
    if (p->clock.off_ms > sim->clocks_ahead_ms) sim->clocks_ahead_ms = p->clock.off_ms;
    if (-p->clock.off_ms > sim->clocks_behind_ms) sim->clocks_behind_ms = -p->clock.off_ms;
    if (sim_random(sim, 2)) p->clock.fast_ppm = (int64_t)sim_random(sim, 2 * FAST_PPM) - FAST_PPM;
    sim_trace(sim, "%s's clock is off by %lld ms", p->name, (long long)p->clock.off_ms);
    tell(sim, STR_NONE, p->name, "its clock steps and is off by %lld ms",
         (long long)p->clock.off_ms);
}

static void move_redis_clock(struct sim *sim)
{
    sim->redis_off_ms = some_step(sim);
    sim_trace(sim, "redis's clock is off by %lld ms", (long long)sim->redis_off_ms);
    tell(sim, STR_NONE, "redis", "its clock steps and is off by %lld ms",
         (long long)sim->redis_off_ms);
}

static void rejoin(struct sim *sim)
{
    struct process *p = some_process(sim);
    if (p) consumer_leave(p->consumers[sim_random(sim, SIM_STAGES)], true);
}

static struct str new_run_id(struct sim *sim)
{
    return arena_format(&sim->arena, "%016llx%024d", (unsigned long long)sim_random(sim, ~0ULL), 0);
}

static void wipe(struct sim *sim)
{
    sim_trace(sim, "redis begins anew, empty");
    tell(sim, STR_NONE, "redis", "begins anew, empty");
    redis_model_restart(sim->redis, new_run_id(sim));
    invariants_redis_lost(sim, false);
}

static void fail_over(struct sim *sim)
{
    struct faults *f = sim->faults;
    if (f->copy && sim_chance(sim, 700000)) {
        sim_trace(sim, "redis is what it was %lld ms ago", (long long)(sim->now_ms - f->copied_at));
        tell(sim, STR_NONE, "redis", "is what it was %lld ms ago",
             (long long)(sim->now_ms - f->copied_at));
        redis_model_become(sim->redis, f->copy, new_run_id(sim));
        invariants_redis_lost(sim, true);
    }
    if (f->copy) redis_copy_free(f->copy);
    f->copy = redis_model_copy(sim->redis);
    f->copied_at = sim->now_ms;
    invariants_redis_copied(sim);
}

/* What an operator's mistake in a policy looks like: one operation, for a while. */
static void deny(struct sim *sim)
{
    static const char *const OPERATIONS[] = {
        "ecs:UpdateService",      "ecs:UpdateTaskProtection",
        "ecs:DescribeTasks",      "ecs:StopTask",
        "lambda:Invoke",          "sqs:ReceiveMessage",
        "ecs:ListTasks",          "ecs:DescribeServices",
        "sqs:DeleteMessageBatch",
    };
    struct faults *f = sim->faults;
    f->denied = OPERATIONS[sim_random(sim, EBB_COUNT(OPERATIONS))];
    f->denied_until_ms = sim->now_ms + 1000 + (int64_t)sim_random(sim, DENIAL_MAX_MS);
    sim_trace(sim, "AWS refuses %s", f->denied);
    tell(sim, STR_NONE, "AWS", "refuses %s for %lld s", f->denied,
         (long long)(f->denied_until_ms - sim->now_ms) / 1000);
}

void event_happens(struct sim *sim, enum event_fault kind)
{
    sim->faults->happened_event[kind]++;
    if (sim->options->planted && strcmp(sim->options->planted, event_fault_name(kind)) == 0)
        sim_violation(sim, "planted: %s", event_fault_name(kind));
    switch (kind) {
    case EVENT_OF_CRASH: crash(sim); break;
    case EVENT_OF_FREEZE: freeze(sim); break;
    case EVENT_OF_CLOCK: move_clock(sim); break;
    case EVENT_OF_REDIS_CLOCK: move_redis_clock(sim); break;
    case EVENT_OF_REBALANCE: rejoin(sim); break;
    case EVENT_OF_WIPE: wipe(sim); break;
    case EVENT_OF_FAILOVER: fail_over(sim); break;
    case EVENT_OF_COMPACTION: bus_model_compact(sim->bus); break;
    case EVENT_OF_DENIAL: deny(sim); break;
    case EVENT_OF_DEATH: others_kill_a_task(sim, false); break;
    case EVENT_OF_RECLAIM: others_kill_a_task(sim, true); break;
    case EVENT_OF_DESIRED: others_move_desired(sim); break;
    case EVENT_OF_DEPLOY: others_deploy(sim); break;
    case EVENT_OF_PROTECT: others_protect_a_task(sim); break;
    case EVENT_OF_STOP: others_stop_a_task(sim); break;
    case EVENT_OF_OPERATOR: operator_orders(sim); break;
    case EVENT_OF_POISON: poison_next_message(sim); break;
    case EVENT_OF_DOUBLE: others_repeat_event(sim); break;
    case EVENT_OF_OVERTAKEN:
        sim->scene->held_until_ms = sim->now_ms + (int64_t)sim_random(sim, OVERTAKE_MAX_MS);
        break;
    case EVENT_OF_STALE:
        region_set_consistency_delay_ms(sim->region, (int64_t)sim_random(sim, STALE_MAX_MS));
        break;
    case EVENT_OF_ECHO: others_echo(sim); break;
    case EVENT_OF_NEWER: others_write_newer(sim); break;
    case EVENT_OF_NONSENSE: others_write_nonsense(sim); break;
    case EVENT_FAULTS: break;
    }
}
