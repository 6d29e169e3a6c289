/* SPDX-License-Identifier: Apache-2.0
 * Fixed, fault-free scenes, one for each way a drain can go: where faults are then put by hand
 * (directed.h), or at every call in turn (nth.h). */
#ifndef EBB_TESTS_SIM_COURSES_H
#define EBB_TESTS_SIM_COURSES_H

#include "schemas/drain.h"
#include "tests/sim/plan.h"

struct course {
    const char *name, *text;
    void (*plan)(struct plan *plan);
    enum drain_state end; /* of its drains, when nothing fails */
    int64_t lowered;      /* by how much the count is lower then */
};

extern const struct course COURSES[];
extern const size_t COURSES_N;
/* NULL when there is none of that name. */
const struct course *course_named(const char *name);
/* Its drains ended so, and the count is lower by that. */
bool course_is_at_its_end(struct sim *sim, const struct course *course);

#endif
