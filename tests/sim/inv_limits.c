/* SPDX-License-Identifier: Apache-2.0
 * A claim keeps cooldown, hour and number at once, as configured, against every other claim that
 * counts. Time is Redis's own, as the claim's answer gave it.
 *
 * While Redis keeps its state, a claim counts from the script that granted it to the script that gave
 * it back (the refund of a drain that never began), and is open until it is RELEASING or final.
 * What Redis lost counts by what ebb.state has of it: a drain whose record was there before the
 * leader of the present epoch began to read, and which has not never begun, or ended. Its time may
 * then be its worker's (claimedAt) instead of Redis's: the earlier one is taken. A claim that Redis
 * lost before any record of it was stored is nothing: nothing outside was touched for it. */
#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"

#define HOUR_MS ((int64_t)3600 * 1000)

struct standing {
    bool counts, is_open;
    int64_t at_ms;
};

static bool is_open_state(int state)
{
    return !drain_is_final(state) && state != DRAIN_RELEASING;
}

static struct standing standing_of(const struct sim *sim, const struct claim *c)
{
    struct standing s = {.at_ms = c->at_ms};
    /* The same drain, claimed once more after Redis had lost it, counts once. */
    if (c->was_lost && ledger_claim(&sim->invariants->ledger, c->id) != c) return s;
    if (c->was_lost && c->claimed_ms < s.at_ms) s.at_ms = c->claimed_ms;
    if (c->now.is_there) {
        s.counts = !c->now.refunded;
        s.is_open = is_open_state(c->now.state);
        return s;
    }
    const struct seen_drain *seen = seen_drain_named(sim, c->id);
    if (!seen || seen->first_ms >= sim->invariants->ledger.epoch_read_ms) return s;
    s.counts = !drain_never_began(&seen->newest);
    s.is_open = is_open_state(seen->newest.state);
    return s;
}

void inv_limits_claim(struct sim *sim, const struct claim *claim)
{
    const struct ledger *l = &sim->invariants->ledger;
    const struct plan_service *planned = planned_service(sim, claim->service);
    int64_t hour = 0, open = 0, latest = 0;
    for (size_t i = 0; i < l->n; i++) {
        const struct claim *c = &l->claims[i];
        if (c == claim || !str_eq(c->service, claim->service)) continue;
        struct standing s = standing_of(sim, c);
        open += s.is_open;
        hour += s.counts && s.at_ms >= claim->at_ms - HOUR_MS;
        if (s.counts && s.at_ms > latest) latest = s.at_ms;
    }
    if (!planned) {
        sim_violation(sim, "a drain of %.*s was claimed, which nobody configured",
                      STR_ARG(claim->service));
        return;
    }
    const struct service_settings *settings = &planned->settings;
    if (settings->cooldown_ms && latest && claim->at_ms - latest <= settings->cooldown_ms)
        sim_violation(sim, "drain %.*s was claimed %lld ms after another; the cooldown is %lld",
                      STR_ARG(claim->id), (long long)(claim->at_ms - latest),
                      (long long)settings->cooldown_ms);
    if (hour >= settings->drains_per_hour)
        sim_violation(sim, "drain %.*s was claimed, %lld others within the hour; %lld are allowed",
                      STR_ARG(claim->id), (long long)hour, (long long)settings->drains_per_hour);
    if (open >= settings->drains_at_once)
        sim_violation(sim, "drain %.*s was claimed, %lld others are open; %lld are allowed",
                      STR_ARG(claim->id), (long long)open, (long long)settings->drains_at_once);
}
