/* SPDX-License-Identifier: Apache-2.0
 * Makes a history that fails small, as long as it violates the same rule: faults are switched off
 * one after another, services, processes, events and time are taken away. Each smaller one is tried
 * in several orders of things, because what is left of a race may need another. Then it is told. */
#ifndef EBB_TESTS_SIM_SHRINK_H
#define EBB_TESTS_SIM_SHRINK_H

#include "tests/sim/play.h"

/* The smallest found; its violation in *played. */
void shrink_find(struct sim_options *options, struct played *played);
void shrink_and_tell(const struct sim_options *options, const struct played *played);

/* Faults are planted as violations, and what remains must be just what was planted. */
bool shrink_selftest(void);

#endif
