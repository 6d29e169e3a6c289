/* SPDX-License-Identifier: Apache-2.0
 * See faults.h. */
#include "tests/sim/faults.h"

#include "tests/sim/bus_model.h"
#include "tests/sim/process.h"
#include "tests/sim/redis_model.h"
#include "tests/sim/scene.h"
#include "world/region/operations.h"
#include "world/region/tasks.h"

#include <stdio.h>
#include <stdlib.h>

#define SECOND_MS ((int64_t)1000)

static const int64_t CALL_MOST[CALL_FAULTS] = {
#define X(name, text, most) [FAULT_OF_##name] = most,
    SIM_CALL_FAULTS(X)
#undef X
};
static const char *const CALL_NAMES[CALL_FAULTS] = {
#define X(name, text, most) [FAULT_OF_##name] = #name,
    SIM_CALL_FAULTS(X)
#undef X
};
static const int64_t EVENT_SECONDS[EVENT_FAULTS] = {
#define X(name, text, seconds) [EVENT_OF_##name] = seconds,
    SIM_EVENT_FAULTS(X)
#undef X
};
static const char *const EVENT_NAMES[EVENT_FAULTS] = {
#define X(name, text, seconds) [EVENT_OF_##name] = #name,
    SIM_EVENT_FAULTS(X)
#undef X
};

enum call_fault fault_of_call(struct sim *sim, const enum call_fault *which, size_t n)
{
    if (sim->now_ms >= sim->quiet_from_ms) return FAULT_IS_NONE;
    for (size_t i = 0; i < n; i++)
        if (sim_chance(sim, sim->faults->per_million[which[i]])) {
            sim->faults->happened_call[which[i]]++;
            return which[i];
        }
    return FAULT_IS_NONE;
}

static struct process *some_process(struct sim *sim)
{
    struct process *p = &sim->processes[sim_random(sim, sim->processes_n)];
    return p->is_up ? p : NULL;
}

static void start_again(struct sim *sim, void *ctx, uint64_t unused)
{
    (void)sim;
    (void)unused;
    process_start(ctx);
}

static void crash(struct sim *sim)
{
    struct process *p = some_process(sim);
    if (!p) return;
    process_kill(p);
    sim_at(sim, sim->now_ms + 1 + (int64_t)sim_random(sim, 8000), start_again, p, 0);
}

static void freeze(struct sim *sim)
{
    struct process *p = some_process(sim);
    if (p) process_freeze(p, sim->now_ms + 1000 + (int64_t)sim_random(sim, 90000));
}

static void move_clock(struct sim *sim)
{
    struct process *p = some_process(sim);
    if (!p) return;
    p->drift_ms = (int64_t)sim_random(sim, 4000) - 2000;
    sim_trace(sim, "%s's clock is off by %lld ms", p->name, (long long)p->drift_ms);
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
    redis_model_restart(sim->redis, new_run_id(sim));
}

static void fail_over(struct sim *sim)
{
    struct faults *f = sim->faults;
    if (f->copy && sim_chance(sim, 700000)) {
        sim_trace(sim, "redis is what it was %lld ms ago", (long long)(sim->now_ms - f->copied_at));
        redis_model_become(sim->redis, f->copy, new_run_id(sim));
    }
    if (f->copy) redis_copy_free(f->copy);
    f->copy = redis_model_copy(sim->redis);
    f->copied_at = sim->now_ms;
}

static void happen(struct sim *sim, void *ctx, uint64_t number)
{
    struct faults *f = ctx;
    enum event_fault kind = (enum event_fault)number;
    if (sim->now_ms >= sim->quiet_from_ms) return;
    f->happened_event[kind]++;
    switch (kind) {
    case EVENT_OF_CRASH: crash(sim); break;
    case EVENT_OF_FREEZE: freeze(sim); break;
    case EVENT_OF_CLOCK: move_clock(sim); break;
    case EVENT_OF_REBALANCE: rejoin(sim); break;
    case EVENT_OF_WIPE: wipe(sim); break;
    case EVENT_OF_FAILOVER: fail_over(sim); break;
    case EVENT_OF_DEATH: scene_task_dies(sim); break;
    case EVENT_OF_DESIRED: scene_others_move_desired(sim); break;
    case EVENT_OF_DOUBLE: scene_repeat_event(sim); break;
    case EVENT_OF_STALE:
        region_set_consistency_delay_ms(sim->region, (int64_t)sim_random(sim, 5000));
        break;
    case EVENT_FAULTS: break;
    }
    int64_t next = 1 + (int64_t)sim_random(sim, (uint64_t)(2 * f->mean_ms[kind]));
    sim_at(sim, sim->now_ms + next, happen, f, number);
}

void faults_choose(struct sim *sim)
{
    struct faults *f = ARENA_NEW(&sim->arena, struct faults);
    sim->faults = f;
    /* One history in eight has none. */
    bool any = sim_random(sim, 8) != 0;
    for (int i = 1; i < CALL_FAULTS; i++)
        if (any && sim_random(sim, 3) == 0)
            f->per_million[i] = (int64_t)sim_random(sim, (uint64_t)CALL_MOST[i]);
    for (int i = 0; i < EVENT_FAULTS; i++) {
        if (!any || sim_random(sim, 3) != 0 || !(sim->options.events & (1u << i))) continue;
        f->mean_ms[i] = EVENT_SECONDS[i] * SECOND_MS * (1 + (int64_t)sim_random(sim, 4));
        sim_at(sim, sim->now_ms + (int64_t)sim_random(sim, (uint64_t)(2 * f->mean_ms[i])), happen,
               f, (uint64_t)i);
    }
}

void faults_free(struct sim *sim)
{
    if (sim->faults->copy) redis_copy_free(sim->faults->copy);
}

void faults_print(const struct sim *sim)
{
    const struct faults *f = sim->faults;
    for (int i = 1; i < CALL_FAULTS; i++)
        if (f->per_million[i])
            (void)printf("  %-16s %6.2f %% of calls, %llu times\n", CALL_NAMES[i],
                         (double)f->per_million[i] / 10000,
                         (unsigned long long)f->happened_call[i]);
    for (int i = 0; i < EVENT_FAULTS; i++)
        if (f->mean_ms[i])
            (void)printf("  %-16s every %lld s or so, %llu times\n", EVENT_NAMES[i],
                         (long long)(f->mean_ms[i] / SECOND_MS),
                         (unsigned long long)f->happened_event[i]);
}
