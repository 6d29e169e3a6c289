/* SPDX-License-Identifier: Apache-2.0
 * The calls a history makes, by kind and how often: the places where something can be made to fail
 * (nth.h). */
#ifndef EBB_TESTS_SIM_POINTS_H
#define EBB_TESTS_SIM_POINTS_H

#include "tests/sim/faults.h"

#define POINTS_MAX       256
#define POINT_NAME_BYTES 80

struct point {
    enum call_port port;
    char name[POINT_NAME_BYTES], role[POINT_NAME_BYTES];
    int64_t times;
};

struct points {
    struct point kinds[POINTS_MAX];
    size_t n;
};

/* Nothing when nobody counts. */
void points_count(struct sim *sim, const struct call *call);

#endif
