/* SPDX-License-Identifier: Apache-2.0
 * The tasks' calls to the outside. */
#ifndef EBB_TESTS_SIM_CALLBACKS_H
#define EBB_TESTS_SIM_CALLBACKS_H

#include "tests/sim/sim.h"

/* Takes all that the region has ready; each arrives a moment later, or not. */
void callbacks_take(struct sim *sim);

#endif
