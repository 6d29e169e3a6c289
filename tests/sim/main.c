/* SPDX-License-Identifier: Apache-2.0
 * ebb-sim: histories of Ebb, by their seeds. */
#include "tests/sim/bus_internal.h"
#include "tests/sim/callbacks.h"
#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define SIZES 3

static const char USAGE[] = "ebb-sim [--seed S] [--n N] [--size 0..2] [--trace] [--repeat]\n"
                            "  --seed S    the first history (1)\n"
                            "  --n N       so many, one seed after another (1)\n"
                            "  --size      how large the scenes are; without it all sizes in turn\n"
                            "  --trace     prints everything that happens\n"
                            "  --repeat    plays each history twice and compares the traces\n";

static void after_region(struct sim *sim)
{
    callbacks_take(sim);
    invariants_region(sim);
}

static bool is_over(struct sim *sim)
{
    return invariants_all_is_final(sim);
}

/* Plays one history; its violation, if there is one, stands in the sim. */
static void play(struct sim *sim, const struct sim_options *options)
{
    *sim =
        (struct sim){.options = *options, .random = options->seed, .trace = 1469598103934665603ULL};
    arena_init(&sim->arena);
    sim->fibers = fiber_set_new();
    sim->after_region = after_region;
    sim->is_over = is_over;
    invariants_begin(sim);
    scene_make(sim);
    sim->bus->on_append = invariants_record;
    sim_run(sim);
    if (!sim->violation[0]) invariants_final(sim);
}

static void clear(struct sim *sim)
{
    scene_free(sim);
    invariants_end(sim);
    fiber_set_free(sim->fibers);
    free(sim->queue);
    arena_release(&sim->arena);
}

struct totals {
    uint64_t histories, effects, drains, violations;
    int64_t virtual_ms;
};

static bool play_and_tell(const struct sim_options *options, struct totals *totals)
{
    struct sim sim;
    play(&sim, options);
    totals->histories++;
    totals->effects += sim.effects;
    totals->drains += sim.invariants->drains_n;
    totals->virtual_ms += sim.now_ms - sim.began_ms;
    bool holds = !sim.violation[0];
    if (!holds) {
        totals->violations++;
        (void)printf("seed %llu, size %d: %s\n", (unsigned long long)options->seed, options->size,
                     sim.violation);
        faults_print(&sim);
        (void)printf("  again: ebb-sim --seed %llu --size %d --trace\n",
                     (unsigned long long)options->seed, options->size);
    }
    uint64_t trace = sim.trace;
    clear(&sim);
    if (holds && options->repeats) {
        play(&sim, options);
        holds = sim.trace == trace;
        if (!holds)
            (void)printf("seed %llu, size %d: played twice, not the same\n",
                         (unsigned long long)options->seed, options->size);
        clear(&sim);
    }
    return holds;
}

int main(int argc, char **argv)
{
    static const struct option LONG[] = {
        {"seed", required_argument, NULL, 's'},
        {"n", required_argument, NULL, 'n'},
        {"size", required_argument, NULL, 'z'},
        {"trace", no_argument, NULL, 't'},
        {"repeat", no_argument, NULL, 'r'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct sim_options options = {.events = ~0U};
    struct totals totals = {0};
    int64_t seed = 1, n = 1, size = -1;
    int option;
    bool is_right = true;
    while ((option = getopt_long(argc, argv, "", LONG, NULL)) != -1) {
        switch (option) {
        case 's': is_right = str_to_int(str_from(optarg), &seed) && seed > 0; break;
        case 'n': is_right = str_to_int(str_from(optarg), &n) && n > 0; break;
        case 'z':
            is_right = str_to_int(str_from(optarg), &size) && size >= 0 && size < SIZES;
            break;
        case 't': options.prints = true; break;
        case 'r': options.repeats = true; break;
        case 'h': (void)fputs(USAGE, stdout); return 0;
        default: is_right = false; break;
        }
        if (!is_right) {
            (void)fputs(USAGE, stderr);
            return 2;
        }
    }
    struct clock clock = clock_system();
    int64_t began_ms = clock_mono_ms(&clock);
    bool all_hold = true;
    for (int64_t i = 0; i < n; i++) {
        options.seed = (uint64_t)(seed + i);
        options.size = (int)(size >= 0 ? size : (seed + i) % SIZES);
        all_hold = play_and_tell(&options, &totals) && all_hold;
    }
    double seconds = (double)(clock_mono_ms(&clock) - began_ms) / 1000;
    (void)printf("%llu histories, %llu drains, %.1f virtual hours, %llu calls of ports; "
                 "%.1f s, %.0f calls a second; %llu violations\n",
                 (unsigned long long)totals.histories, (unsigned long long)totals.drains,
                 (double)totals.virtual_ms / 3600000, (unsigned long long)totals.effects, seconds,
                 (double)totals.effects / (seconds > 0 ? seconds : 1),
                 (unsigned long long)totals.violations);
    return all_hold ? 0 : 1;
}
