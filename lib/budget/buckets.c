/* SPDX-License-Identifier: Apache-2.0
 * See buckets.h. */
#include "lib/budget/buckets.h"

#include "lib/aws/shapes/autoscaling.h"
#include "lib/aws/shapes/cloudwatch.h"
#include "lib/aws/shapes/ecs.h"
#include "lib/aws/shapes/lambda.h"

const struct bucket_facts BUCKET_FACTS[BUCKETS] = {
#define X(name, word, burst, rate, calls) [BUCKET_##name] = {word, burst, rate},
    EBB_BUCKETS(X)
#undef X
};

const int64_t PRIORITY_RESERVES[PRIORITIES] = {
#define X(name, word, reserve, what) [PRIORITY_##name] = reserve,
    EBB_PRIORITIES(X)
#undef X
};

struct row {
    const struct aws_operation *operation;
    enum bucket bucket;
};

static const struct row ROWS[] = {
    {&ECS_DESCRIBE_SERVICES, BUCKET_SERVICE_READ},
    {&ECS_LIST_SERVICES, BUCKET_SERVICE_READ},
    {&ECS_UPDATE_SERVICE, BUCKET_SERVICE_MODIFY},
    {&ECS_LIST_TASKS, BUCKET_RESOURCE_READ},
    {&ECS_DESCRIBE_TASKS, BUCKET_RESOURCE_READ},
    {&ECS_STOP_TASK, BUCKET_RESOURCE_MODIFY},
    {&ECS_UPDATE_TASK_PROTECTION, BUCKET_PROTECTION},
    {&ECS_GET_TASK_PROTECTION, BUCKET_PROTECTION},
    {&AUTOSCALING_DESCRIBE_SCALABLE_TARGETS, BUCKET_AUTOSCALING_READ},
    {&CLOUDWATCH_DESCRIBE_ALARMS, BUCKET_ALARM_READ},
    {&LAMBDA_INVOKE, BUCKET_INVOKE},
};

enum bucket bucket_of(const struct aws_operation *operation)
{
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++)
        if (ROWS[i].operation == operation) return ROWS[i].bucket;
    return BUCKET_NONE;
}
