/* SPDX-License-Identifier: Apache-2.0
 * The simulator: Ebb's own stages, runner and producers, in virtual time, on a bus, a Redis and an
 * AWS region in memory. One seed is one history: who is started, what is asked, what fails and when,
 * and in which order everything happens. The same seed and commit give the same trace.
 *
 * Code runs in fibers. Every call of a port is a point where a fiber is put aside for as long as the
 * call takes, so that any other may come between, and where its process may die: a process that died
 * gets no further call out.
 *
 * Injected (faults.h): see the table there. Checked (invariants.h): see the table there.
 *
 * Reading order: sim.h, bus_model.h, redis_model.h, process.h, plan.h, scene.h, faults.h,
 * invariants.h, play.h, main.c. */
#ifndef EBB_TESTS_SIM_SIM_H
#define EBB_TESTS_SIM_SIM_H

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/budget/buckets.h"
#include "schemas/config.h"
#include "tests/sim/fiber.h"
#include "tests/sim/options.h"

struct region;
struct redis_model;
struct bus_model;
struct process;
struct faults;
struct invariants;
struct scene;
struct task;
struct points;
struct story;

#define SIM_EBB_KEY "AKIASIMULATEDEBB"

struct sim;
struct due {
    int64_t at_ms;
    uint64_t order; /* among those of one millisecond: by chance, then as asked for */
    void (*run)(struct sim *sim, void *ctx, uint64_t number);
    void *ctx;
    uint64_t number;
};

/* The first violation. Two are of the same rule when file and format are the same. */
struct violation {
    const char *file, *format; /* NULL: none */
    char text[1024];
};

struct sim {
    const struct sim_options *options;
    struct arena arena; /* of what lives as long as the history */
    uint64_t random;    /* of when everything happens; scene and faults have their own */
    int64_t began_ms, now_ms, quiet_from_ms, end_ms;
    int64_t over_from_ms; /* it may end when everything is final */
    struct due *queue;    /* heap */
    size_t queue_n, queue_max;
    uint64_t asked, wakes;
    struct fiber_set *fibers;
    struct task *running; /* whose fiber runs now; NULL outside of any */
    struct region *region;
    struct redis_model *redis;
    struct bus_model *bus;
    struct faults *faults;
    struct invariants *invariants;
    struct config *config;
    struct scene *scene;
    struct str queue_url;
    void (*after_region)(struct sim *sim); /* something may have happened there */
    bool (*is_over)(struct sim *sim);
    void (*on_trace)(struct sim *sim, const char *line); /* may be NULL */
    int64_t clocks_ahead_ms, clocks_behind_ms;           /* as far as a process's was at most */
    int64_t redis_off_ms;                                /* its clock's */
    struct process *processes;
    size_t processes_n;
    uint64_t trace; /* FNV-1a of everything that happened */
    uint64_t effects;
    int64_t late_calls;    /* that will take effect when nobody waits any more */
    struct points *points; /* how often each call was made; NULL: nobody counts */
    struct story *story;   /* what is told of it in the end; NULL: nothing */
    struct violation violation;
};

/* A fiber with its process: one handler's message, one role's loop. */
struct task {
    struct sim *sim;
    struct fiber *fiber;
    struct process *process;
    struct task *previous, *next; /* of the process */
    const char *role;             /* a stage's name, "timers", "relay", "callback" */
    struct str about;             /* the service it works on; absent: none */
    bool is_dead;                 /* its process is: no call gets out any more */
    bool kills;                   /* what it works on kills it (poison.h) */
    uint64_t wake;                /* of the wake that counts */
    int64_t calls[BUCKETS];       /* of AWS that this look has made */
    unsigned saw_in_alarm; /* services one of whose alarms this look read as ALARM: a bit each */
    void (*main)(struct task *task, void *ctx);
    void *ctx;
};

/* Numbers below n, and true in so many of a million cases. */
uint64_t sim_random(struct sim *sim, uint64_t n);
bool sim_chance(struct sim *sim, int64_t per_million);
/* A stream of one's own, so that what others draw changes nothing in it: its beginning, from the
 * seed and a name, and its next number below n. */
uint64_t sim_stream(const struct sim *sim, const char *name, uint64_t number);
uint64_t sim_draw(uint64_t *stream, uint64_t n);

/* Runs it at that time, from the loop. */
void sim_at(struct sim *sim, int64_t at_ms, void (*run)(struct sim *, void *, uint64_t), void *ctx,
            uint64_t number);

/* Begins a fiber of the process at the next turn. */
struct task *sim_start_task(struct process *process, const char *role,
                            void (*main)(struct task *, void *), void *ctx);
/* From within a task: lets the others run for so long. False when its process died meanwhile. */
bool sim_wait(struct task *task, int64_t ms);
/* Its process died: everything it still does ends at once, and nothing of it gets out. */
void sim_end_task(struct task *task);

/* A line of the trace; part of the hash and printed, when that is asked for. */
void sim_trace(struct sim *sim, const char *format, ...) EBB_PRINTF(2, 3);
/* The first one is kept; the history ends. A rule is named by its file and its format. */
#define sim_violation(sim, ...) sim_violation_in((sim), __FILE__, __VA_ARGS__)
void sim_violation_in(struct sim *sim, const char *file, const char *format, ...) EBB_PRINTF(3, 4);
static inline bool sim_is_violated(const struct sim *sim)
{
    return sim->violation.format != NULL;
}

/* Until end_ms, or a violation. */
void sim_run(struct sim *sim);

#endif
