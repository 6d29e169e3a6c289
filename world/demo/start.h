/* SPDX-License-Identifier: Apache-2.0
 * Starting something: one line of progress, the processes it takes, and waiting until it is ready.
 */
#ifndef EBB_WORLD_DEMO_START_H
#define EBB_WORLD_DEMO_START_H

#include "world/demo/demo.h"

struct start {
    const char *name; /* of the process and its log */
    const char *const *arguments, *const *environment;
};

struct start_group {
    const char *what; /* for people: "Redis" */
    const struct start *all;
    size_t n;
    bool (*is_ready)(struct demo *d);
};

/* E_TIMEOUT when it is not ready in time; otherwise as demo_pause. */
int start_group(struct demo *d, const struct start_group *group, struct err *e) EBB_MUST_CHECK;

#endif
