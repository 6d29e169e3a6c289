/* SPDX-License-Identifier: Apache-2.0
 * One look of a stage at one message: asks `next`, performs what it wants, hands the result to the
 * view, until there is a verdict. Whoever drives this loop owns every interleaving: the worker with
 * real ports, tests with simulated ones. */
#ifndef EBB_RUN_LOOK_H
#define EBB_RUN_LOOK_H

#include "lib/effect/ports.h"

/* Effects of one look; a stage that wants more goes round in a circle. */
#define LOOK_STEPS_MAX 400

typedef struct step stage_next(const struct view *v, int64_t now_ms);

struct look_report {
    struct verdict verdict;
    struct step_note *steps; /* memory of the view's arena */
    size_t steps_n;
    bool unpublished; /* it ended because Kafka did not take something: nothing durable speaks for
                         the move made */
    bool acted;       /* some effect was more than reading, or taking a lease */
};

/* The caller has filled the view's message, settings and arena. */
void look(const struct ports *ports, stage_next *next, struct view *v, struct look_report *out);

/* The rule for failures that stages need not think about: nothing is decided on what could not be
 * read, and nothing goes on after a state or a publication that did not arrive. True and *out when
 * the look is over. */
bool look_is_over(const struct effect *effect, const struct result *result, struct verdict *out);

#endif
