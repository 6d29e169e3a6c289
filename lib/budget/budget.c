/* SPDX-License-Identifier: Apache-2.0
 * See budget.h. The buckets are in Redis (scripts/spend.lua). While Redis does not answer a process
 * has a small rate of its own: enough for what must not wait, too little to be felt by AWS. */
#include "lib/budget/budget.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/store/keys.h"
#include "lib/store/numbers.h"
#include "scripts.h"

#define LIFE_MS     ((int64_t)3600 * 1000) /* the emptiest bucket is full again long before */
#define BURST_LEAST ((int64_t)4)           /* or reads would never get past their reserve */
#define ALONE_PART  ((int64_t)20)          /* of the share's burst and rate, without Redis */
/* Those who were put off come back one by one: within so long after there is a token again. */
#define SPREAD_MS     ((int64_t)2000)
#define SPEND_ARGS(n) (2 + 5 * (n))

/* A bucket of this process alone; tokens in thousandths. */
struct alone {
    int64_t tokens, at_ms;
};

struct budget {
    struct budget_options options;
    pthread_mutex_t mutex; /* of all below */
    struct alone alone[BUCKETS];
    struct budget_counts counts;
    uint64_t put_off_n;
};

struct budget *budget_new(const struct budget_options *options)
{
    struct budget *b = calloc(1, sizeof(*b));
    if (!b) abort();
    b->options = *options;
    pthread_mutex_init(&b->mutex, NULL);
    return b;
}

void budget_free(struct budget *b)
{
    if (!b) return;
    pthread_mutex_destroy(&b->mutex);
    free(b);
}

int64_t budget_burst(int64_t share, enum bucket bucket)
{
    int64_t burst = BUCKET_FACTS[bucket].burst * share / 100;
    return (burst > BURST_LEAST ? burst : BURST_LEAST) * 1000;
}

int64_t budget_rate(int64_t share, enum bucket bucket)
{
    return BUCKET_FACTS[bucket].rate * share * 10;
}

/* FNV-1a. */
static uint64_t mix(uint64_t hash, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        hash = (hash ^ (value >> (8 * i) & 0xFF)) * 1099511628211ULL;
    return hash;
}

/* Many may be put off at once, and must not all come back at once. */
static int64_t spread(struct budget *b, int64_t wait_ms)
{
    uint64_t hash = mix(14695981039346656037ULL, (uint64_t)clock_wall_ms(&b->options.clock));
    return wait_ms + (int64_t)(mix(hash, b->put_off_n++) % (uint64_t)(wait_ms + SPREAD_MS));
}

/* Without Redis. */
static int64_t spend_alone(struct budget *b, enum bucket bucket, bool owes)
{
    struct alone *own = &b->alone[bucket];
    int64_t now_ms = clock_mono_ms(&b->options.clock);
    int64_t rate = budget_rate(b->options.share, bucket) / ALONE_PART;
    int64_t full = budget_burst(b->options.share, bucket) / ALONE_PART;
    if (full < 1000) full = 1000;
    if (rate < 1) rate = 1;
    if (!own->at_ms) *own = (struct alone){full, now_ms};
    int64_t passed_ms = now_ms - own->at_ms;
    own->tokens += passed_ms > full * 1000 / rate ? full : passed_ms * rate / 1000;
    if (own->tokens > full) own->tokens = full;
    own->at_ms = now_ms;
    b->counts.alone++;
    if (!owes && own->tokens < 1000) return (1000 - own->tokens) * 1000 / rate + 1;
    own->tokens -= 1000;
    return 0;
}

/* What the script is told of one bucket. */
static void add_bucket(const struct budget *b, enum bucket bucket, enum priority priority,
                       int64_t tokens, struct arena *a, struct str *args)
{
    int64_t burst = budget_burst(b->options.share, bucket);
    int64_t rate = budget_rate(b->options.share, bucket);
    args[0] = str_from(BUCKET_FACTS[bucket].word);
    args[1] = number_text(a, burst / 1000);
    args[2] = arena_format(a, "%lld.%03lld", (long long)(rate / 1000), (long long)(rate % 1000));
    args[3] = number_text(a, burst / 1000 * PRIORITY_RESERVES[priority] / 100);
    args[4] = number_text(a, tokens);
}

static int run(const struct budget *b, struct str account, struct str region, struct str mode,
               struct str *args, size_t n, struct arena *a, int64_t *wait_ms)
{
    struct str keys[] = {key_budget(a, account, region)};
    struct reply r;
    struct err e = {0};
    args[0] = mode;
    args[1] = number_text(a, LIFE_MS);
    int code = store_script(&b->options.store, &SCRIPT_SPEND, keys, args, SPEND_ARGS(n), a, &r, &e);
    if (code) return code;
    if (r.kind != REPLY_INT || r.integer < 0) return E_BUG;
    *wait_ms = r.integer;
    return E_OK;
}

/* Less urgent ones leave so many that they do not take themselves. */
static int64_t most_ahead(const struct budget *b, enum bucket bucket, enum priority priority)
{
    int64_t burst = budget_burst(b->options.share, bucket) / 1000;
    int64_t next = priority + 1 < PRIORITIES ? PRIORITY_RESERVES[priority + 1] : 100;
    int64_t own = burst * next / 100 - burst * PRIORITY_RESERVES[priority] / 100;
    return own > 1 ? own : 1;
}

/* Of each bucket so many tokens, times a sign: to take, or to give back. */
static int run_ahead(const struct budget_use *use, struct str mode, int64_t sign, struct arena *a,
                     int64_t *wait_ms)
{
    struct str args[SPEND_ARGS(BUCKETS)];
    size_t n = 0;
    for (int i = 0; i < BUCKETS; i++)
        if (use->ahead[i])
            add_bucket(use->budget, (enum bucket)i, use->priority, sign * use->ahead[i], a,
                       args + SPEND_ARGS(n++));
    return n ? run(use->budget, use->account, use->region, mode, args, n, a, wait_ms) : E_OK;
}

void budget_take_ahead(struct budget_use *use, struct str region, const int64_t calls[BUCKETS],
                       struct arena *a, int64_t *wait_ms)
{
    struct budget *b = use->budget;
    *wait_ms = 0;
    if (!b) return;
    use->region = region;
    for (int i = 0; i < BUCKETS; i++) {
        int64_t most = most_ahead(b, (enum bucket)i, use->priority);
        use->ahead[i] = calls[i] < most ? calls[i] : most;
    }
    if (run_ahead(use, STR("ask"), 1, a, wait_ms) || *wait_ms)
        memset(use->ahead, 0, sizeof(use->ahead));
    if (!*wait_ms) return;
    pthread_mutex_lock(&b->mutex);
    *wait_ms = spread(b, *wait_ms);
    pthread_mutex_unlock(&b->mutex);
}

void budget_give_back(struct budget_use *use, struct arena *a)
{
    int64_t unused;
    if (use->budget) (void)run_ahead(use, STR("owe"), -1, a, &unused);
    memset(use->ahead, 0, sizeof(use->ahead));
}

/* One that was taken ahead is spent first. */
static bool is_ahead(const struct budget_use *use, enum bucket bucket, struct str region)
{
    return use->ahead[bucket] && str_eq(use->region, region);
}

/* 0 when the call may be made, else how long to wait. */
static int64_t spend(struct budget_use *use, enum bucket bucket, bool owes, struct str region,
                     struct arena *a)
{
    struct budget *b = use->budget;
    struct str args[SPEND_ARGS(1)], mode = owes ? STR("owe") : STR("ask");
    int64_t wait_ms = 0;
    bool ahead = is_ahead(use, bucket, region);
    add_bucket(b, bucket, use->priority, 1, a, args + SPEND_ARGS(0));
    bool alone = !ahead && run(b, use->account, region, mode, args, 1, a, &wait_ms) != 0;
    use->ahead[bucket] -= ahead;
    pthread_mutex_lock(&b->mutex);
    if (alone) wait_ms = spend_alone(b, bucket, owes);
    if (wait_ms) {
        wait_ms = spread(b, wait_ms);
        b->counts.put_off[bucket][use->priority]++;
        b->counts.put_off_ms[bucket] += wait_ms;
    } else {
        b->counts.taken[bucket]++;
    }
    pthread_mutex_unlock(&b->mutex);
    return wait_ms;
}

/* What the call cost besides: attempts that were repeated, and AWS's word that it is too much. A
 * budget that cannot be told of it learns it from the next call that is throttled. */
static void settle(const struct budget_use *use, enum bucket bucket, struct str region,
                   const struct aws_failure *failure, struct arena *a)
{
    struct budget *b = use->budget;
    struct str args[SPEND_ARGS(1)];
    int64_t unused;
    if (failure->repeats) {
        add_bucket(b, bucket, use->priority, failure->repeats, a, args + SPEND_ARGS(0));
        (void)run(b, use->account, region, STR("owe"), args, 1, a, &unused);
    }
    if (failure->was_throttled) {
        add_bucket(b, bucket, use->priority, 0, a, args + SPEND_ARGS(0));
        (void)run(b, use->account, region, STR("slow"), args, 1, a, &unused);
    }
    pthread_mutex_lock(&b->mutex);
    b->counts.taken[bucket] += failure->repeats;
    b->counts.throttled[bucket] += failure->was_throttled;
    pthread_mutex_unlock(&b->mutex);
}

static int call(void *ctx, const struct aws_operation *operation, struct str region,
                const void *input, struct arena *a, void *output, int64_t not_after_ms,
                struct aws_failure *failure)
{
    struct budget_use *use = ctx;
    enum bucket bucket = use->budget ? bucket_of(operation) : BUCKET_NONE;
    use->wait_ms = 0;
    if (bucket == BUCKET_NONE)
        return aws_call(&use->aws, operation, region, input, a, output, not_after_ms, failure);
    bool owes = use->owes || use->begun & 1U << bucket;
    use->wait_ms = spend(use, bucket, owes, region, a);
    if (use->wait_ms) {
        (void)snprintf(failure->code, sizeof(failure->code), "%s", BUDGET_CODE);
        return err_set(&failure->err, E_THROTTLED, "%s waits for the API budget of %s",
                       operation->name, BUCKET_FACTS[bucket].word);
    }
    use->begun |= 1U << bucket;
    int code = aws_call(&use->aws, operation, region, input, a, output, not_after_ms, failure);
    failure->was_throttled |= code == E_THROTTLED;
    if (failure->repeats || failure->was_throttled) settle(use, bucket, region, failure, a);
    return code;
}

struct aws_port budget_port(struct budget_use *use)
{
    return (struct aws_port){.ctx = use, .call = call};
}

void budget_count(struct budget *b, struct budget_counts *out)
{
    pthread_mutex_lock(&b->mutex);
    *out = b->counts;
    pthread_mutex_unlock(&b->mutex);
}
