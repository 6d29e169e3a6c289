/* SPDX-License-Identifier: Apache-2.0
 * Functions from inside. */
#ifndef EBB_WORLD_REGION_FUNCTIONS_H
#define EBB_WORLD_REGION_FUNCTIONS_H

#include "world/region/distributor.h"
#include "world/region/event_model.h"

#define FUNCTION_NAME_MAX 140
#define TEXT_BYTES        256

struct exclusion {
    char address[TEXT_BYTES], drain_id[TEXT_BYTES];
};

/* An Event invocation whose effect is still to come. */
struct invocation {
    uint64_t number;
    char *payload;
    size_t payload_n;
};

struct function {
    char name[FUNCTION_NAME_MAX + 1];
    struct function_options options; /* without its strings */
    struct vector exclusions, waiting;
};

struct function *function_at(const struct region *region, size_t i);
struct function *function_find(const struct region *region, struct str name);
/* The function's own work: its answer, and whether that is an error. */
struct str function_perform(struct region *region, struct function *function, struct str payload,
                            struct arena *a, bool *failed);

#endif
