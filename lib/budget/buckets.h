/* SPDX-License-Identifier: Apache-2.0
 * AWS's own token buckets, per account and region, as far as Ebb calls what they are for: how many
 * calls at once, how many a second, and which operation takes from which. One token a call. */
#ifndef EBB_BUDGET_BUCKETS_H
#define EBB_BUDGET_BUCKETS_H

#include "lib/aws/aws.h"

/*    name              word                   burst rate   calls */
#define EBB_BUCKETS(X)                                                                             \
    X(SERVICE_READ, "ecs_service_read", 100, 20, "ECS DescribeServices, ListServices")             \
    X(SERVICE_MODIFY, "ecs_service_modify", 50, 5, "ECS UpdateService")                            \
    X(RESOURCE_READ, "ecs_resource_read", 100, 20, "ECS ListTasks, DescribeTasks")                 \
    X(RESOURCE_MODIFY, "ecs_resource_modify", 100, 40, "ECS StopTask")                             \
    X(PROTECTION, "ecs_protection", 200, 80, "ECS UpdateTaskProtection, GetTaskProtection")        \
    X(AUTOSCALING_READ, "autoscaling_read", 50, 10, "DescribeScalableTargets")                     \
    X(ALARM_READ, "alarm_read", 9, 9, "CloudWatch DescribeAlarms")                                 \
    X(INVOKE, "lambda_invoke", 100, 100, "Lambda Invoke, of the smallest account")

enum bucket {
#define X(name, word, burst, rate, calls) BUCKET_##name,
    EBB_BUCKETS(X)
#undef X
        BUCKETS,
    BUCKET_NONE = BUCKETS /* what no bucket of ours is for: not limited */
};

/* Who goes first. A priority takes a bucket down only to its own reserve, in percent of what the
 * bucket holds; so what is more urgent always finds something. */
/*    name     word       reserve  what */
#define EBB_PRIORITIES(X)                                                                          \
    X(RENEW, "renew", 0, "a task stays protected")                                                 \
    X(RESTORE, "restore", 10, "what was taken is given back")                                      \
    X(SCALE, "scale", 25, "a drain goes on to its end")                                            \
    X(READ, "read", 50, "everything else")

enum priority {
#define X(name, word, reserve, what) PRIORITY_##name,
    EBB_PRIORITIES(X)
#undef X
        PRIORITIES
};

struct bucket_facts {
    const char *word;
    int64_t burst, rate; /* tokens; tokens a second */
};

extern const struct bucket_facts BUCKET_FACTS[BUCKETS];
extern const int64_t PRIORITY_RESERVES[PRIORITIES]; /* percent */

enum bucket bucket_of(const struct aws_operation *operation);

#endif
