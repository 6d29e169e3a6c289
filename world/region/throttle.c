/* SPDX-License-Identifier: Apache-2.0
 * See throttle.h. */
#include "world/region/throttle.h"

struct rate {
    int64_t burst, per_second;
};

static const struct rate rates[THROTTLE_BUCKETS_N] = {
#define X(name, burst, per_second) [THROTTLE_##name] = {burst, per_second},
    THROTTLE_BUCKETS(X)
#undef X
};

void throttle_init(struct throttle *t, int64_t now_ms)
{
    for (size_t i = 0; i < THROTTLE_BUCKETS_N; i++) {
        t->milli_tokens[i] = rates[i].burst * 1000;
        t->at_ms[i] = now_ms;
    }
}

bool throttle_take(struct throttle *t, enum throttle_bucket bucket, int64_t now_ms)
{
    if (bucket == THROTTLE_NONE) return true;
    const struct rate *rate = &rates[bucket];
    /* A token a second is a thousandth of a token a millisecond. */
    int64_t full = rate->burst * 1000;
    int64_t passed_ms = now_ms - t->at_ms[bucket];
    int64_t enough_ms = full / rate->per_second + 1;
    if (passed_ms > enough_ms) passed_ms = enough_ms;
    int64_t tokens = t->milli_tokens[bucket] + passed_ms * rate->per_second;
    if (tokens > full) tokens = full;
    t->at_ms[bucket] = now_ms;
    t->milli_tokens[bucket] = tokens < 1000 ? tokens : tokens - 1000;
    return tokens >= 1000;
}
