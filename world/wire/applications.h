/* SPDX-License-Identifier: Apache-2.0
 * What was last said of each service's application, so that one option can be changed without
 * repeating the others. The wire's mutex guards it. */
#ifndef EBB_WORLD_WIRE_APPLICATIONS_H
#define EBB_WORLD_WIRE_APPLICATIONS_H

#include "world/region/tasks.h"

struct application {
    struct arena memory; /* holds the strings of options */
    struct app_options options;
};

struct applications {
    struct application **items;
    size_t n, size;
};

void applications_release(struct applications *all);
/* A copy in the arena of what is known of it; zero but for its names when nothing is. */
struct app_options applications_find(const struct applications *all, struct str cluster,
                                     struct str service, struct arena *a);
/* Takes the options into the region, then remembers them. The region's error, or E_TOO_LARGE. */
int applications_set(struct applications *all, struct region *region,
                     const struct app_options *options, struct err *e) EBB_MUST_CHECK;

#endif
