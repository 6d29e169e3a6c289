/* SPDX-License-Identifier: Apache-2.0
 * Messages that kill whoever works on them: the process dies at the first call that the work on one
 * makes, each time. */
#ifndef EBB_TESTS_SIM_POISON_H
#define EBB_TESTS_SIM_POISON_H

#include "lib/store/script.h"
#include "tests/sim/sim.h"

/* The next message of a stage will be one. */
void poison_next_message(struct sim *sim);
/* Whether the task dies as it calls that: a script, a command, a topic. What only counts, or
 * buries, does not kill. */
bool poison_strikes(const struct task *task, struct str what);
/* Whether that call says that a living one has let a message go. */
bool poison_is_given_back(const struct script *script, const struct str *args);

#endif
