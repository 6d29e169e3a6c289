/* SPDX-License-Identifier: Apache-2.0
 * See points.h. */
#include "tests/sim/points.h"

#include <stdio.h>
#include <string.h>

void points_count(struct sim *sim, const struct call *call)
{
    struct points *all = sim->points;
    if (!all) return;
    for (size_t i = 0; i < all->n; i++) {
        struct point *p = &all->kinds[i];
        if (p->port != call->port || strcmp(p->role, call->role) != 0) continue;
        if (!str_eq(call->name, str_from(p->name))) continue;
        p->times++;
        return;
    }
    EBB_ASSERT(all->n < POINTS_MAX && call->name.n < POINT_NAME_BYTES);
    struct point *p = &all->kinds[all->n++];
    *p = (struct point){.port = call->port, .times = 1};
    (void)snprintf(p->role, sizeof(p->role), "%s", call->role);
    (void)snprintf(p->name, sizeof(p->name), "%.*s", STR_ARG(call->name));
}
