/* SPDX-License-Identifier: Apache-2.0
 * The n-th failure: every course is played once without faults, and its calls are counted; then, for
 * each call and each way it can fail, the course is played again with exactly that. It must come to
 * the same end; where a kind of call fails from then on until the quiet time, to a right one. */
#ifndef EBB_TESTS_SIM_NTH_H
#define EBB_TESTS_SIM_NTH_H

#include "tests/sim/options.h"

/* All courses, or the one the options name. Prints what was covered, by stage and call. */
bool nth_play(const struct sim_options *options);

#endif
