/* SPDX-License-Identifier: Apache-2.0
 * One history, from its beginning to its end. */
#ifndef EBB_TESTS_SIM_PLAY_H
#define EBB_TESTS_SIM_PLAY_H

#include "tests/sim/sim.h"

/* Plays it; its violation, if there is one, stands in the sim, and what it was made of until
 * play_clear. The options are borrowed. points, if not NULL, counts the calls. */
void play(struct sim *sim, const struct sim_options *options, struct points *points);
void play_clear(struct sim *sim);

/* What is left of a history when it is over. */
struct played {
    struct violation violation;
    uint64_t trace, effects, drains;
    int64_t virtual_ms;
};
void play_through(const struct sim_options *options, struct played *out);

/* The same for a course: that it comes to another end is a violation too, unless something in it
 * fails for good ("+", directed.h). */
void play_in_course(const struct sim_options *options, struct violation *out);

/* "inv_cut": the file whose rule is violated. */
struct str violation_name(const struct violation *violation);

#endif
