/* SPDX-License-Identifier: Apache-2.0
 * What is said of a history that failed. */
#ifndef EBB_TESTS_SIM_REPORT_H
#define EBB_TESTS_SIM_REPORT_H

#include "tests/sim/play.h"

/* The rule that is violated (NULL: none is), what went wrong in it, the story if it tells, and the
 * command that repeats exactly that. */
void report_print(const struct sim_options *options, const struct violation *violation, bool tells);

#endif
