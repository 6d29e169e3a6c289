/* SPDX-License-Identifier: Apache-2.0
 * ebb.state is what Redis is rebuilt from. So one version of a drain is one record, but for a claim
 * that Redis lost while its record was in flight: the task may be claimed once more, as the same drain
 * (docs/drains.md); an epoch begins only when Redis has every drain at least as new as ebb.state had it
 * when its leader began to read; and what a compaction leaves of a drain, the record stored last, is in
 * the end its newest. */
#include "lib/store/keys.h"
#include "tests/sim/invariants.h"
#include "tests/sim/process.h"
#include "tests/sim/redis_model.h"

void inv_records_record(struct sim *sim, const struct seen_drain *seen,
                        const struct bus_message *message)
{
    bool is_claim = seen->newest.version == 1 && seen->newest.state == DRAIN_CLAIMED;
    if (is_claim && ledger_was_claimed_anew(&sim->invariants->ledger, seen->id)) return;
    if (seen->last_version == seen->newest.version && !str_eq(seen->bytes, message->value))
        sim_violation(sim, "version %lld of drain %.*s is two different records",
                      (long long)seen->last_version, STR_ARG(seen->id));
}

static int64_t version_in_redis(struct sim *sim, struct str id, struct arena *a)
{
    struct str args[] = {STR("HGET"), key_drain(a, id), STR("version")};
    struct reply reply;
    int64_t version = 0;
    redis_model_command(sim->redis, args, EBB_COUNT(args), a, &reply);
    if (reply.kind == REPLY_STR && !str_to_int(reply.text, &version)) return 0;
    return version;
}

void inv_records_epoch(struct process *p)
{
    struct sim *sim = p->sim;
    const struct watch *w = &sim->invariants->watch;
    struct arena a;
    arena_init(&a);
    sim->invariants->ledger.epoch_read_ms = p->state_read_ms;
    sim->invariants->epoch_of = sim->invariants->redis_anew;
    for (size_t i = 0; i < w->drains_n; i++) {
        const struct seen_drain *s = &w->drains[i];
        int64_t version = version_in_redis(sim, s->id, &a);
        if (s->stored_ms < p->state_read_ms && version < s->newest.version)
            sim_violation(sim, "an epoch began with drain %.*s at version %lld; ebb.state has %lld",
                          STR_ARG(s->id), (long long)version, (long long)s->newest.version);
    }
    arena_release(&a);
}

void inv_records_final(struct sim *sim)
{
    const struct watch *w = &sim->invariants->watch;
    for (size_t i = 0; i < w->drains_n; i++) {
        const struct seen_drain *s = &w->drains[i];
        if (s->last_version != s->newest.version)
            sim_violation(sim, "what ebb.state has last of drain %.*s is version %lld, not %lld",
                          STR_ARG(s->id), (long long)s->last_version, (long long)s->newest.version);
    }
}
