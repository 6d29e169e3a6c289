/* SPDX-License-Identifier: Apache-2.0
 * See start.h. */
#include "world/demo/start.h"

#include <stdio.h>

#define GLANCE_MS    50 /* between looks whether it is ready */
#define READY_MS_MAX ((int64_t)15 * 1000)

static int wait_until_ready(struct demo *d, const struct start_group *group, struct err *e)
{
    int64_t until_ms = demo_now_ms(d) + READY_MS_MAX;
    while (!group->is_ready(d)) {
        int rc = demo_pause(d, GLANCE_MS, e);
        if (rc) return rc;
        if (demo_now_ms(d) > until_ms)
            return err_set(e, E_TIMEOUT, "%s was not ready after %lld s", group->what,
                           (long long)(READY_MS_MAX / 1000));
    }
    return E_OK;
}

/* With the processes' ids, so that a person can look at them while they run. */
static void say_end(const struct demo *d, int64_t began_ms, size_t first)
{
    (void)printf(" %.1f s (pid", (double)(demo_now_ms(d) - began_ms) / 1000);
    for (size_t i = first; i < d->children.n; i++)
        (void)printf(" %d", (int)d->children.all[i].pid);
    (void)printf(")\n");
}

int start_group(struct demo *d, const struct start_group *group, struct err *e)
{
    int64_t began_ms = demo_now_ms(d);
    size_t first = d->children.n;
    int rc = E_OK;
    (void)printf("%6.1f s  starting %s ...", (double)began_ms / 1000, group->what);
    (void)fflush(stdout); /* whoever looks sees what it waits for */
    for (size_t i = 0; i < group->n && !rc; i++)
        rc = children_start(&d->children, group->all[i].name, group->all[i].arguments,
                            group->all[i].environment, e);
    if (!rc) rc = wait_until_ready(d, group, e);
    if (!rc)
        say_end(d, began_ms, first);
    else
        (void)printf("\n");
    (void)fflush(stdout);
    return rc;
}
