/* SPDX-License-Identifier: Apache-2.0
 * See play.h. */
#include "tests/sim/play.h"

#include "tests/sim/bus_internal.h"
#include "tests/sim/callbacks.h"
#include "tests/sim/courses.h"
#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"
#include "tests/sim/story.h"

#include <stdlib.h>
#include <string.h>

#define FNV_OFFSET 1469598103934665603ULL

static void after_region(struct sim *sim)
{
    callbacks_take(sim);
    invariants_region(sim);
}

static bool is_over(struct sim *sim)
{
    return invariants_all_is_final(sim);
}

void play(struct sim *sim, const struct sim_options *options, struct points *points)
{
    *sim = (struct sim){.options = options, .points = points, .trace = FNV_OFFSET};
    arena_init(&sim->arena);
    sim->random = sim_stream(sim, "times", options->chance);
    if (options->tells) story_begin(sim);
    sim->fibers = fiber_set_new();
    sim->after_region = after_region;
    sim->is_over = is_over;
    invariants_begin(sim);
    scene_make(sim);
    sim->bus->on_append = invariants_record;
    sim_run(sim);
    if (!sim_is_violated(sim)) invariants_final(sim);
}

void play_clear(struct sim *sim)
{
    scene_free(sim);
    invariants_end(sim);
    fiber_set_free(sim->fibers);
    free(sim->queue);
    arena_release(&sim->arena);
}

void play_through(const struct sim_options *options, struct played *out)
{
    struct sim sim;
    play(&sim, options, NULL);
    *out = (struct played){
        .violation = sim.violation,
        .trace = sim.trace,
        .effects = sim.effects,
        .drains = sim.invariants->watch.drains_n,
        .virtual_ms = sim.now_ms - sim.began_ms,
    };
    play_clear(&sim);
}

static bool fails_for_good(const struct sim_options *o)
{
    for (size_t i = 0; i < o->directed_n; i++)
        if (strchr(o->directed[i], '+')) return true;
    return false;
}

void play_in_course(const struct sim_options *options, struct violation *out)
{
    const struct course *course = options->course ? course_named(options->course) : NULL;
    struct sim sim;
    play(&sim, options, NULL);
    if (course && !fails_for_good(options) && !sim_is_violated(&sim) &&
        !course_is_at_its_end(&sim, course))
        sim_violation(&sim, "%s did not come to its end, %.*s", course->name,
                      STR_ARG(enum_word(&DRAIN_STATES, (int)course->end)));
    *out = sim.violation;
    play_clear(&sim);
}

struct str violation_name(const struct violation *violation)
{
    struct str name = str_from(violation->file);
    for (size_t i = name.n; i > 0; i--)
        if (name.p[i - 1] == '/') {
            name = (struct str){name.p + i, name.n - i};
            break;
        }
    return str_cut(&name, '.');
}
