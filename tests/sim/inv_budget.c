/* SPDX-License-Identifier: Apache-2.0
 * Ebb's calls to AWS, of all its processes together, stay within the share of AWS's own buckets
 * that the configuration gives it: a bucket of that size, from which every call that reaches AWS
 * takes a token, is never emptier than what may be owed. Owed is what looks have begun: under a
 * service's lease, or pages of one answer. */
#include "lib/budget/budget.h"
#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"

/* Of each service at once: its looks of all stages, and those that a rebalance let begin twice. */
#define OWED_OF_SERVICE ((int64_t)4)
/* Without Redis each process has a little of its own, and again after each crash. */
#define OWED_ALONE ((int64_t)40)

void inv_budget_call(struct sim *sim, const struct aws_operation *operation)
{
    enum bucket bucket = bucket_of(operation);
    if (bucket == BUCKET_NONE) return;
    struct seen_bucket *b = &sim->invariants->buckets[bucket];
    int64_t share = sim->config->budget.share;
    int64_t burst = budget_burst(share, bucket), rate = budget_rate(share, bucket);
    int64_t owed = (int64_t)sim->scene->services_n * OWED_OF_SERVICE * 1000;
    if (faults_of_redis(sim->faults)) {
        owed += (int64_t)sim->processes_n * OWED_ALONE * 1000;
        rate += (int64_t)sim->processes_n * rate / 20;
    }
    bool is_another = sim->invariants->redis_anew > b->anew || sim->redis_off_ms != b->redis_off_ms;
    if (!b->at_ms || is_another) {
        /* A Redis that lost its state, or whose clock stepped, gives a full bucket once more. */
        b->tokens = b->at_ms && b->tokens < 0 ? b->tokens + burst : burst;
        b->anew = sim->invariants->redis_anew;
        b->redis_off_ms = sim->redis_off_ms;
    } else {
        b->tokens += (sim->now_ms - b->at_ms) * rate / 1000;
        if (b->tokens > burst) b->tokens = burst;
    }
    b->at_ms = sim->now_ms;
    b->tokens -= 1000;
    if (b->tokens < -owed)
        sim_violation(sim, "%s is the call that is %lld too many for %s", operation->name,
                      (long long)(-b->tokens / 1000), BUCKET_FACTS[bucket].word);
}
