/* SPDX-License-Identifier: Apache-2.0
 * Ebb's calls to AWS, of all its processes together, stay within the share of AWS's own buckets
 * that the configuration gives it: a bucket of that size, from which every call that reaches AWS
 * takes a token, is never emptier than what may be owed. Nobody begins while a bucket is in debt,
 * so owed is at most what looks call that were under way when it became empty. One of a service has
 * the lease, and may owe all of its calls: where the share is least, it could take no more than one
 * ahead. The others owe a page or two, within that. That a look calls no more is judged with it. */
#include "lib/budget/budget.h"
#include "tests/sim/faults.h"
#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"

/* Without Redis each process has a little of its own, and again after each crash. */
#define OWED_ALONE ((int64_t)40)
/* A look changes protections so often for each ten tasks: twice on, twice off, as what ECS says of
 * them may be old. */
#define CHANGES ((int64_t)4)
/* Others start some. */
#define MORE_TASKS ((int64_t)5)

/* What one look calls at most: as such, of each drain to see what has become of its task and to
 * protect it, of each ten tasks, and at each reading of the service, of it and of each hundred
 * tasks. It reads at its beginning, after each change, and when the count is lowered. */
struct most {
    int64_t calls, drain, ten, reading, hundred;
};

static const struct most LOOK_MOST[BUCKETS] = {
    [BUCKET_SERVICE_READ] = {.reading = 1},
    [BUCKET_SERVICE_MODIFY] = {.calls = 1},
    [BUCKET_RESOURCE_READ] = {.drain = 1, .hundred = 2},
    [BUCKET_RESOURCE_MODIFY] = {.calls = 1},
    [BUCKET_PROTECTION] = {.drain = 1, .ten = CHANGES, .hundred = 1},
    [BUCKET_AUTOSCALING_READ] = {.calls = 1},
    [BUCKET_ALARM_READ] = {.calls = 1},
    [BUCKET_INVOKE] = {.calls = 2},
};

static int64_t most_of(const struct plan_service *of, enum bucket bucket)
{
    const struct most *most = &LOOK_MOST[bucket];
    int64_t tasks = of->tasks + MORE_TASKS, tens = tasks / 10 + 1, hundreds = tasks / 100 + 1;
    int64_t readings = 2 + CHANGES * tens;
    return most->calls + most->drain * of->settings.drains_at_once + most->ten * tens +
           readings * (most->reading + most->hundred * hundreds);
}

static int64_t owed_most(const struct sim *sim, enum bucket bucket)
{
    int64_t owed = faults_of_redis(sim->faults) ? (int64_t)sim->processes_n * OWED_ALONE : 0;
    for (size_t i = 0; i < sim->scene->services_n; i++)
        owed += most_of(&sim->scene->plan.services[i], bucket);
    return owed * 1000;
}

static void count_of_look(struct sim *sim, const struct aws_operation *operation,
                          enum bucket bucket)
{
    struct task *look = sim->running;
    if (!look->about.n) return;
    const struct service_settings *settings = config_service(sim->config, look->about);
    if (!settings) return;
    ptrdiff_t i = settings - LIST_AT(sim->config->services, struct service_settings, 0);
    if (++look->calls[bucket] > most_of(&sim->scene->plan.services[i], bucket))
        sim_violation(sim, "%s is call %lld of one look for %s", operation->name,
                      (long long)look->calls[bucket], BUCKET_FACTS[bucket].word);
}

void inv_budget_call(struct sim *sim, const struct aws_operation *operation)
{
    enum bucket bucket = bucket_of(operation);
    if (bucket == BUCKET_NONE) return;
    struct seen_bucket *b = &sim->invariants->buckets[bucket];
    int64_t share = sim->config->budget.share;
    int64_t burst = budget_burst(share, bucket), rate = budget_rate(share, bucket);
    if (faults_of_redis(sim->faults)) rate += (int64_t)sim->processes_n * rate / 20;
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
    if (b->tokens < -owed_most(sim, bucket))
        sim_violation(sim, "%s is the call that is %lld too many for %s", operation->name,
                      (long long)(-b->tokens / 1000), BUCKET_FACTS[bucket].word);
    count_of_look(sim, operation, bucket);
}
