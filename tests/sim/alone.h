/* SPDX-License-Identifier: Apache-2.0
 * What lib/run/alone.c does with threads, in fibers, for one life of a process. */
#ifndef EBB_TESTS_SIM_ALONE_H
#define EBB_TESTS_SIM_ALONE_H

#include "lib/run/alone.h"
#include "tests/sim/sim.h"

struct alone_port sim_alone_port(struct sim *sim);

#endif
