/* SPDX-License-Identifier: Apache-2.0
 * k drained tasks lower their service's count by exactly k, by our hand and altogether.
 *
 * At no time more than was drained of the service until then. In the end, where nobody else moved
 * the count or deployed: as much as drains ended SCALED_OUT, and besides at most what had been given
 * to ECS and ended in another way (it died before ECS took it). Where others did, what they took away
 * may be what stopped drained tasks, and what they added between our reading and our writing is taken
 * away with it (docs/scale.md): then at least, SCALED_OUT is no more than all lowering together. */
#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"

struct sums {
    int64_t drained, scaled_out, given; /* given: to ECS, and ended otherwise */
};

static struct sums sums_of(const struct sim *sim, struct str service)
{
    const struct watch *w = &sim->invariants->watch;
    struct sums sums = {0};
    for (size_t i = 0; i < w->drains_n; i++) {
        const struct drain *d = &w->drains[i].newest;
        if (!str_ends(d->service, service)) continue;
        sums.drained += d->drained_at != 0;
        sums.scaled_out += d->state == DRAIN_SCALED_OUT;
        sums.given += d->unprotected_at && d->state != DRAIN_SCALED_OUT;
    }
    return sums;
}

void inv_count_entry(struct sim *sim, const struct log_entry *e)
{
    if (e->kind != LOG_DESIRED || !is_by_us(e)) return;
    const struct seen_service *s = seen_service_named(sim, e->service);
    int64_t drained = sums_of(sim, e->service).drained;
    if (!s->others_moved && s->lowered > drained)
        sim_violation(sim, "we lowered %.*s by %lld, %lld were drained", STR_ARG(e->service),
                      (long long)s->lowered, (long long)drained);
}

void inv_count_final(struct sim *sim)
{
    const struct watch *w = &sim->invariants->watch;
    for (size_t i = 0; i < w->services_n; i++) {
        const struct seen_service *s = &w->services[i];
        struct sums sums = sums_of(sim, s->key);
        if (s->others_deployed) continue;
        if (sums.scaled_out > s->lowered + s->others_lowered)
            sim_violation(sim, "%lld drains of %.*s are SCALED_OUT, its count was lowered by %lld",
                          (long long)sums.scaled_out, STR_ARG(s->key),
                          (long long)(s->lowered + s->others_lowered));
        if (!s->others_moved && s->lowered > sums.scaled_out + sums.given)
            sim_violation(sim, "we lowered %.*s by %lld, %lld drains are SCALED_OUT",
                          STR_ARG(s->key), (long long)s->lowered, (long long)sums.scaled_out);
    }
}
