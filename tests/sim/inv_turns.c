/* SPDX-License-Identifier: Apache-2.0
 * Services that wait for the account's limit take turns: none gets one slot after the other while
 * another, of which an alarm stays in ALARM, gets none. */
#include "tests/sim/alarms.h"
#include "tests/sim/invariants.h"
#include "world/region/snapshot.h"

/* Who asks first is in turn; which of their messages is worked on first is chance. */
#define TURNS_MAX 8
/* Backoffs, cooldowns and drains of a moment ago are over by then. */
#define WAITED_MS ((int64_t)30 * 60 * 1000)

static int64_t open_drains(const struct sim *sim, size_t service)
{
    const struct watch *w = &sim->invariants->watch;
    int64_t n = 0;
    for (size_t i = 0; i < w->drains_n; i++) {
        const struct drain *d = &w->drains[i].newest;
        bool counts =
            service == sim->scene->services_n || planned_service_number(sim, d->service) == service;
        n += counts && !drain_is_final(d->state);
    }
    return n;
}

static bool is_deploying(struct sim *sim, size_t service)
{
    struct snapshot_counts shown;
    return !region_snapshot_counts(sim->region, sim->scene->paths[service], &shown) &&
           shown.deployments > 1;
}

static bool waits(struct sim *sim, size_t service)
{
    return sim->now_ms >= sim->quiet_from_ms && !open_drains(sim, service) &&
           inv_level_is_on_its_way(sim, service) && !is_deploying(sim, service);
}

static void passes_over(struct sim *sim, size_t service, size_t other)
{
    struct turns *turns = &sim->invariants->turns;
    int64_t *missed = turns->missed[service];
    if (service == other || !waits(sim, service)) {
        turns->waits_since[service] = 0;
        for (size_t i = 0; i < SIM_SERVICES_MAX; i++)
            missed[i] = 0;
        return;
    }
    if (!turns->waits_since[service]) turns->waits_since[service] = sim->now_ms;
    if (++missed[other] > TURNS_MAX && sim->now_ms - turns->waits_since[service] > WAITED_MS)
        sim_violation(sim, "%.*s waits for a slot of its account, and %.*s got %lld meanwhile",
                      STR_ARG(sim->scene->services[service]), STR_ARG(sim->scene->services[other]),
                      (long long)missed[other]);
}

void inv_turns_claim(struct sim *sim, const struct claim *claim)
{
    size_t other = planned_service_number(sim, claim->service), all = sim->scene->services_n;
    /* Its record is not there yet. */
    bool is_last = open_drains(sim, all) + 1 >= sim->config->limits.open_per_account;
    for (size_t i = 0; i < all && other < all && is_last; i++)
        passes_over(sim, i, other);
}
