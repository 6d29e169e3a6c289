/* SPDX-License-Identifier: Apache-2.0
 * A document that sets a world up: what a file given at start and POST /world/scenario hold. Its
 * AWS sections are lists of inputs exactly as AWS's own operations take them, so what is tried here
 * can be made in an account with the same words. */
#ifndef EBB_WORLD_WIRE_SCENARIO_H
#define EBB_WORLD_WIRE_SCENARIO_H

#include "world/wire/wire.h"

#define SCENARIO_CALLS_MAX 12

struct scenario {
    struct region_options region; /* most of it only at birth */
    bool has_region;
    struct list keys;                      /* of struct key */
    struct list functions;                 /* of struct function_options */
    struct list applications;              /* of struct app_options */
    struct list faults;                    /* of struct fault_rule */
    struct list departures;                /* of struct str: where ECS is not as AWS says */
    struct list calls[SCENARIO_CALLS_MAX]; /* inputs, one list for each row of scenario.c's table */
};

/* The error begins with the place of the wrong field. */
int scenario_decode(struct str text, struct arena *a, struct scenario *out,
                    struct err *e) EBB_MUST_CHECK;
/* Everything but `region`, in an order in which what is named first exists; stops at the first part
 * that is refused, with its place. Under the wire's lock. */
int scenario_apply(struct wire *wire, const struct scenario *scenario, struct arena *a,
                   struct err *e) EBB_MUST_CHECK;
/* The part of `region` that can change while the world runs; E_REFUSED naming a field of the rest.
 * Under the wire's lock. */
int scenario_change_region(struct wire *wire, const struct region_options *change,
                           struct err *e) EBB_MUST_CHECK;

#endif
