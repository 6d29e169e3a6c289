/* SPDX-License-Identifier: Apache-2.0
 * A task has at most one open drain, by ebb.state and by Redis, and in the end all are final. */
#include "lib/store/keys.h"
#include "tests/sim/invariants.h"
#include "tests/sim/redis_model.h"
#include "tests/sim/scene.h"

void inv_drains_record(struct sim *sim, const struct seen_drain *seen)
{
    const struct watch *w = &sim->invariants->watch;
    const struct drain *d = &seen->newest;
    if (drain_is_final(d->state)) return;
    for (size_t i = 0; i < w->drains_n; i++) {
        const struct drain *other = &w->drains[i].newest;
        if (!drain_is_final(other->state) && str_eq(other->task_arn, d->task_arn) &&
            !str_eq(other->drain_id, d->drain_id))
            sim_violation(sim, "task %.*s has two open drains: %.*s and %.*s", STR_ARG(d->task_arn),
                          STR_ARG(other->drain_id), STR_ARG(d->drain_id));
    }
}

/* The service's open drains, each "STATE taskArn". */
void inv_drains_redis(struct sim *sim, const struct drain *drain)
{
    struct arena a;
    struct reply open;
    int64_t n = 0;
    arena_init(&a);
    struct str args[] = {STR("HGETALL"), key_open(&a, drain->service)};
    redis_model_command(sim->redis, args, EBB_COUNT(args), &a, &open);
    for (size_t i = 1; open.kind == REPLY_LIST && i < open.n; i += 2) {
        struct str arn = open.items[i].text;
        (void)str_cut(&arn, ' ');
        n += str_eq(arn, drain->task_arn);
    }
    if (n > 1)
        sim_violation(sim, "Redis has %lld open drains of task %.*s", (long long)n,
                      STR_ARG(drain->task_arn));
    arena_release(&a);
}

void inv_drains_final(struct sim *sim)
{
    const struct watch *w = &sim->invariants->watch;
    for (size_t i = 0; i < w->drains_n; i++) {
        const struct drain *d = &w->drains[i].newest;
        if (!drain_is_final(d->state))
            sim_violation(sim, "drain %.*s is still %.*s", STR_ARG(d->drain_id),
                          STR_ARG(enum_word(&DRAIN_STATES, d->state)));
    }
}
