/* SPDX-License-Identifier: Apache-2.0
 * Operators: what they order at random moments, by the same code as their commands, from a process
 * whose calls fail and which may die like any other. */
#ifndef EBB_TESTS_SIM_OPERATORS_H
#define EBB_TESTS_SIM_OPERATORS_H

#include "tests/sim/sim.h"

/* One orders something. */
void operator_orders(struct sim *sim);

#endif
