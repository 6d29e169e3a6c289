/* SPDX-License-Identifier: Apache-2.0
 * See process.h: the life of one process, and the loops its threads would run. */
#include "tests/sim/process.h"

#include "tests/sim/alone.h"
#include "tests/sim/bus_model.h"
#include "tests/sim/scene.h"
#include "tests/sim/story.h"
#include "workers/stage.h"

#include <stdio.h>

#define PPM             ((int64_t)1000000)
#define COURSE_IDLE_MS  ((int64_t)700)
#define OWN_PACE_ONE_IN 16
#define HOUR_MS         ((int64_t)3600 * 1000)
#define DOWN_MAX_MS     8000

int64_t process_awake_at(const struct process *p, int64_t at_ms)
{
    return at_ms > p->asleep_until ? at_ms : p->asleep_until;
}

int64_t process_wall_ms(const struct process *p)
{
    const struct process_clock *c = &p->clock;
    int64_t now_ms = p->sim->now_ms;
    return now_ms + c->off_ms + (now_ms - c->since_ms) * c->fast_ppm / PPM;
}

/* Who is slower changes little but how long playing takes: nearly all calls of a history would be
 * looks at timers that are not due, leases that others have, and queues that are empty. One history
 * in sixteen has the product's own pace, until nothing goes wrong any more. */
static int64_t rest_ms(const struct sim *sim, int64_t pause_ms)
{
    const struct sim_options *o = sim->options;
    bool is_own = o->seed % OWN_PACE_ONE_IN == 0 && !o->course && sim->now_ms < sim->quiet_from_ms;
    int64_t idle_ms = o->course || !o->idle_ms ? COURSE_IDLE_MS : o->idle_ms;
    return is_own || pause_ms > idle_ms ? pause_ms + 1 : idle_ms;
}

static void run_timers(struct task *task, void *ctx)
{
    struct process *p = ctx;
    int64_t pause_ms = 0;
    while (sim_wait(task, rest_ms(p->sim, pause_ms))) {
        struct err e = {0};
        /* What fails is tried again after the pause. */
        if (timers_pass(&p->timers, &pause_ms, &e))
            sim_trace(p->sim, "%s timers: %s", p->name, e.text);
    }
}

static void run_alarms(struct task *task, void *ctx)
{
    struct process *p = ctx;
    int64_t pause_ms = 0;
    while (sim_wait(task, rest_ms(p->sim, pause_ms))) {
        struct err e = {0};
        if (alarms_pass(&p->alarms, p->timers.leads, &pause_ms, &e))
            sim_trace(p->sim, "%s alarms: %s", p->name, e.text);
    }
}

static bool wait_or_stop(void *ctx, int64_t ms)
{
    struct process *p = ctx;
    return !sim_wait(p->sim->running, ms + 1);
}

static void run_receiver(struct task *task, void *ctx)
{
    struct process *p = ctx;
    int64_t pause_ms = 0;
    /* The region answers a long poll at once. */
    while (sim_wait(task, pause_ms + rest_ms(p->sim, SIM_POLL_MS))) {
        struct err e = {0};
        pause_ms = receiver_pause_ms(receiver_pass(&p->receiver, &e), pause_ms);
    }
}

void process_start(struct process *p)
{
    struct sim *sim = p->sim;
    p->life++;
    p->is_up = true;
    p->asleep_until = 0;
    (void)snprintf(p->name, sizeof(p->name), "p%d.%llu", p->number, (unsigned long long)p->life);
    sim_trace(sim, "%s starts", p->name);
    if (p->life > 1) tell(sim, STR_NONE, p->name, "starts");
    process_make_ports(p);
    p->log = (struct log){.clock = p->ports.clock, .least = LOG_ERROR + 1};
    p->dies_of_poison = false;
    struct alone_port alone = sim_alone_port(sim);
    for (size_t i = 0; i < STAGES_N; i++) {
        struct worker_options options = {
            .stage = STAGES[i].name,
            .topic = STAGES[i].topic,
            .next = STAGES[i].next,
            .ports = p->ports,
            .process = str_from(p->name),
            .config = sim->config,
            .log = p->log,
            .alone = alone,
        };
        p->consumers[i] = consumer_join(p, &options);
    }
    p->timers =
        (struct timers_pass){.ports = &p->ports, .log = &p->log, .holder = str_from(p->name)};
    (void)sim_start_task(p, "timers", run_timers, p);
    p->alarms = (struct alarms_pass){.ports = &p->ports,
                                     .log = &p->log,
                                     .config = sim->config,
                                     .region = STR(SIM_REGION),
                                     .wait = wait_or_stop,
                                     .wait_ctx = p};
    if (sim->config->alarms.poll_ms) (void)sim_start_task(p, "alarms", run_alarms, p);
    p->context = (struct role_context){
        .ports = p->ports, .config = sim->config, .process = str_from(p->name), .log = p->log};
    p->receiver = (struct receiver){.context = &p->context,
                                    .log = &p->log,
                                    .queue = sim->queue_url,
                                    .wait = wait_or_stop,
                                    .wait_ctx = p,
                                    .one_until_ms = &p->one_until_ms,
                                    .ready = true};
    (void)sim_start_task(p, "relay", run_receiver, p);
    p->desk = (struct callback_desk){
        .ports = &p->ports, .config = sim->config, .log = &p->log, .strikes = strikes_new()};
}

void process_kill(struct process *p)
{
    if (!p->is_up) return;
    sim_trace(p->sim, "%s dies", p->name);
    tell(p->sim, STR_NONE, p->name, "dies");
    p->is_up = false;
    for (size_t i = 0; i < STAGES_N; i++)
        consumer_leave(p->consumers[i], false);
    while (p->tasks)
        sim_end_task(p->tasks);
    strikes_free(p->desk.strikes);
    budget_free(p->budget);
}

void process_freeze(struct process *p, int64_t until_ms)
{
    sim_trace(p->sim, "%s stands still for %lld ms", p->name,
              (long long)(until_ms - p->sim->now_ms));
    tell(p->sim, STR_NONE, p->name, "stands still for %lld ms",
         (long long)(until_ms - p->sim->now_ms));
    p->asleep_until = until_ms;
    for (size_t i = 0; i < STAGES_N; i++)
        consumer_stands_still(p->consumers[i], until_ms);
}

static void start_again(struct sim *sim, void *ctx, uint64_t unused)
{
    (void)sim;
    (void)unused;
    process_start(ctx);
}

void process_start_later(struct process *p)
{
    struct sim *sim = p->sim;
    sim_at(sim, sim->now_ms + 1 + (int64_t)sim_random(sim, DOWN_MAX_MS), start_again, p, 0);
}

static void die_now(struct sim *sim, void *ctx, uint64_t life)
{
    struct process *p = ctx;
    (void)sim;
    if (!p->is_up || p->life != life) return;
    process_kill(p);
    process_start_later(p);
}

void process_dies_here(struct process *p)
{
    struct sim *sim = p->sim;
    sim_at(sim, sim->now_ms, die_now, p, p->life);
    while (sim_wait(sim->running, HOUR_MS))
        continue;
}
