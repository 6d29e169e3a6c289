/* SPDX-License-Identifier: Apache-2.0
 * See alone.h. */
#include "tests/sim/alone.h"

#define TURN_MS ((int64_t)5)

struct turns {
    struct sim *sim;
    int in, waiting; /* to be alone */
    bool is_alone;
};

/* A wait that ends because the process dies lets its task through to its end. */
static void enter(void *ctx, bool alone)
{
    struct turns *t = ctx;
    struct task *task = t->sim->running;
    if (alone) {
        t->waiting++;
        while (t->in && sim_wait(task, TURN_MS))
            continue;
        t->waiting--;
    } else {
        while ((t->is_alone || t->waiting) && sim_wait(task, TURN_MS))
            continue;
    }
    t->in++;
    t->is_alone = alone;
}

static void leave(void *ctx)
{
    struct turns *t = ctx;
    t->in--;
    t->is_alone = false;
}

struct alone_port sim_alone_port(struct sim *sim)
{
    struct turns *t = ARENA_NEW(&sim->arena, struct turns);
    *t = (struct turns){.sim = sim};
    return (struct alone_port){t, enter, leave};
}
