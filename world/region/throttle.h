/* SPDX-License-Identifier: Apache-2.0
 * AWS's token buckets, per account and region (reference facts: API rates). */
#ifndef EBB_WORLD_REGION_THROTTLE_H
#define EBB_WORLD_REGION_THROTTLE_H

#include "lib/base/str.h"

/*    bucket                  burst  per second */
#define THROTTLE_BUCKETS(X)                                                                        \
    X(NONE, 0, 0)                                                                                  \
    X(ECS_CLUSTER_MODIFY, 20, 1)                                                                   \
    X(ECS_CLUSTER_READ, 50, 20)                                                                    \
    X(ECS_DEFINITION_MODIFY, 20, 1)                                                                \
    X(ECS_DEFINITION_READ, 50, 20)                                                                 \
    X(ECS_RESOURCE_MODIFY, 100, 40)                                                                \
    X(ECS_RESOURCE_READ, 100, 20)                                                                  \
    X(ECS_SERVICE_MODIFY, 50, 5)                                                                   \
    X(ECS_SERVICE_READ, 100, 20)                                                                   \
    X(ECS_PROTECTION, 200, 80)                                                                     \
    X(AUTOSCALING_MODIFY, 20, 5)                                                                   \
    X(AUTOSCALING_READ, 50, 10)                                                                    \
    X(ALARM_PUT, 3, 3)                                                                             \
    X(ALARM_DESCRIBE, 9, 9)                                                                        \
    X(ALARM_SET, 3, 3)                                                                             \
    X(EVENTS_MODIFY, 50, 5)                                                                        \
    X(EVENTS_PUT, 400, 400)

enum throttle_bucket {
#define X(name, burst, per_second) THROTTLE_##name,
    THROTTLE_BUCKETS(X)
#undef X
        THROTTLE_BUCKETS_N
};

/* Tokens in thousandths, so that all of it is integers. */
struct throttle {
    int64_t milli_tokens[THROTTLE_BUCKETS_N];
    int64_t at_ms[THROTTLE_BUCKETS_N];
};

/* All buckets full. */
void throttle_init(struct throttle *t, int64_t now_ms);
/* Takes one token; false when there is none. NONE always has one. */
bool throttle_take(struct throttle *t, enum throttle_bucket bucket, int64_t now_ms);

#endif
