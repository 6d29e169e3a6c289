/* SPDX-License-Identifier: Apache-2.0
 * See sim.h. Here: time, chance, tasks and the trace. */
#include "tests/sim/sim.h"

#include "tests/sim/process.h"
#include "world/region/region.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FNV_PRIME 1099511628211ULL

#define FNV_OFFSET 1469598103934665603ULL

/* splitmix64 (public domain, S. Vigna). */
static uint64_t next_random(uint64_t *stream)
{
    uint64_t z = *stream += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

uint64_t sim_random(struct sim *sim, uint64_t n)
{
    return sim_draw(&sim->random, n);
}

uint64_t sim_draw(uint64_t *stream, uint64_t n)
{
    return n ? next_random(stream) % n : 0;
}

uint64_t sim_stream(const struct sim *sim, const char *name, uint64_t number)
{
    uint64_t stream = sim->options->seed * FNV_PRIME + number;
    for (const char *c = name; *c; c++)
        stream = (stream ^ (unsigned char)*c) * FNV_PRIME;
    return stream;
}

bool sim_chance(struct sim *sim, int64_t per_million)
{
    return per_million > 0 && sim_random(sim, 1000000) < (uint64_t)per_million;
}

static bool is_before(const struct due *a, const struct due *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

void sim_at(struct sim *sim, int64_t at_ms, void (*run)(struct sim *, void *, uint64_t), void *ctx,
            uint64_t number)
{
    if (sim->queue_n == sim->queue_max) {
        sim->queue_max = sim->queue_max ? 2 * sim->queue_max : 256;
        sim->queue = realloc(sim->queue, sim->queue_max * sizeof(*sim->queue));
        if (!sim->queue) abort();
    }
    struct due due = {
        .at_ms = at_ms < sim->now_ms ? sim->now_ms : at_ms,
        .order = (next_random(&sim->random) & 0xFFFF) << 48 | (++sim->asked & 0xFFFFFFFFFFFFULL),
        .run = run,
        .ctx = ctx,
        .number = number,
    };
    size_t i = sim->queue_n++;
    for (; i > 0 && is_before(&due, &sim->queue[(i - 1) / 2]); i = (i - 1) / 2)
        sim->queue[i] = sim->queue[(i - 1) / 2];
    sim->queue[i] = due;
}

static struct due take_first(struct sim *sim)
{
    struct due first = sim->queue[0], last = sim->queue[--sim->queue_n];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= sim->queue_n) break;
        if (child + 1 < sim->queue_n && is_before(&sim->queue[child + 1], &sim->queue[child]))
            child++;
        if (!is_before(&sim->queue[child], &last)) break;
        sim->queue[i] = sim->queue[child];
        i = child;
    }
    sim->queue[i] = last;
    return first;
}

static void run_task(void *ctx)
{
    struct task *task = ctx;
    task->main(task, task->ctx);
}

static void forget(struct task *task)
{
    if (task->previous)
        task->previous->next = task->next;
    else
        task->process->tasks = task->next;
    if (task->next) task->next->previous = task->previous;
    free(task);
}

static void go_on(struct task *task)
{
    struct sim *sim = task->sim;
    struct task *outer = sim->running;
    sim->running = task;
    bool ended = fiber_resume(task->fiber);
    sim->running = outer;
    if (ended) forget(task);
}

/* A task may have been ended, and its memory be another's: only the wake it waits for counts. */
static void wake(struct sim *sim, void *ctx, uint64_t number)
{
    struct process *process = ctx;
    (void)sim;
    for (struct task *t = process->tasks; t; t = t->next)
        if (t->wake == number) {
            go_on(t);
            return;
        }
}

struct task *sim_start_task(struct process *process, const char *role,
                            void (*main)(struct task *, void *), void *ctx)
{
    struct sim *sim = process->sim;
    struct task *task = calloc(1, sizeof(*task));
    if (!task) abort();
    *task = (struct task){.sim = sim,
                          .process = process,
                          .next = process->tasks,
                          .role = role,
                          .main = main,
                          .ctx = ctx};
    if (task->next) task->next->previous = task;
    process->tasks = task;
    task->fiber = fiber_new(sim->fibers, run_task, task);
    task->wake = ++sim->wakes;
    sim_at(sim, sim->now_ms, wake, process, task->wake);
    return task;
}

bool sim_wait(struct task *task, int64_t ms)
{
    struct sim *sim = task->sim;
    if (task->is_dead) return false;
    task->wake = ++sim->wakes;
    sim_at(sim, process_awake_at(task->process, sim->now_ms + ms), wake, task->process, task->wake);
    fiber_pause(task->fiber);
    return !task->is_dead;
}

void sim_end_task(struct task *task)
{
    task->is_dead = true;
    go_on(task);
}

void sim_trace(struct sim *sim, const char *format, ...)
{
    char line[400];
    va_list args;
    if (!sim->options->hashes && !sim->options->prints && !sim->on_trace) return;
    va_start(args, format);
    int n = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    sim->trace = (sim->trace ^ (uint64_t)sim->now_ms) * FNV_PRIME;
    for (int i = 0; i < n && line[i]; i++)
        sim->trace = (sim->trace ^ (unsigned char)line[i]) * FNV_PRIME;
    if (sim->on_trace) sim->on_trace(sim, line);
    if (sim->options->prints)
        (void)printf("%10.3f  %s\n", (double)(sim->now_ms - sim->began_ms) / 1000, line);
}

void sim_violation_in(struct sim *sim, const char *file, const char *format, ...)
{
    va_list args;
    if (sim_is_violated(sim)) return;
    sim->violation.file = file;
    sim->violation.format = format;
    va_start(args, format);
    (void)vsnprintf(sim->violation.text, sizeof(sim->violation.text), format, args);
    va_end(args);
    sim_trace(sim, "VIOLATION %s", sim->violation.text);
}

void sim_run(struct sim *sim)
{
    while (!sim_is_violated(sim) && sim->now_ms < sim->end_ms && !sim->is_over(sim)) {
        int64_t next = region_next_due_ms(sim->region);
        if (sim->queue_n && sim->queue[0].at_ms < next) next = sim->queue[0].at_ms;
        if (next > sim->end_ms) next = sim->end_ms;
        if (next > sim->now_ms) sim->now_ms = next;
        region_advance(sim->region, sim->now_ms);
        sim->after_region(sim);
        while (sim->queue_n && sim->queue[0].at_ms <= sim->now_ms && !sim_is_violated(sim)) {
            struct due due = take_first(sim);
            due.run(sim, due.ctx, due.number);
        }
    }
}
