/* SPDX-License-Identifier: Apache-2.0
 * The one list of all operations. */
#include "lib/aws/shapes/operations.h"

#include "lib/aws/shapes/autoscaling.h"
#include "lib/aws/shapes/cloudwatch.h"
#include "lib/aws/shapes/ecs_setup.h"
#include "lib/aws/shapes/events.h"
#include "lib/aws/shapes/lambda.h"
#include "lib/aws/shapes/sqs.h"
#include "lib/aws/shapes/sts.h"

const struct aws_operation *const AWS_OPERATIONS[] = {
    &AUTOSCALING_DESCRIBE_SCALABLE_TARGETS,
    &AUTOSCALING_REGISTER_SCALABLE_TARGET,
    &CLOUDWATCH_DESCRIBE_ALARMS,
    &CLOUDWATCH_PUT_METRIC_ALARM,
    &CLOUDWATCH_SET_ALARM_STATE,
    &ECS_CREATE_CLUSTER,
    &ECS_CREATE_SERVICE,
    &ECS_DELETE_CLUSTER,
    &ECS_DELETE_SERVICE,
    &ECS_DEREGISTER_TASK_DEFINITION,
    &ECS_DESCRIBE_CLUSTERS,
    &ECS_DESCRIBE_SERVICES,
    &ECS_DESCRIBE_TASKS,
    &ECS_GET_TASK_PROTECTION,
    &ECS_LIST_CLUSTERS,
    &ECS_LIST_SERVICES,
    &ECS_LIST_TASKS,
    &ECS_LIST_TASK_DEFINITIONS,
    &ECS_REGISTER_TASK_DEFINITION,
    &ECS_RUN_TASK,
    &ECS_STOP_TASK,
    &ECS_UPDATE_SERVICE,
    &ECS_UPDATE_TASK_PROTECTION,
    &EVENTS_DELETE_RULE,
    &EVENTS_LIST_RULES,
    &EVENTS_LIST_TARGETS_BY_RULE,
    &EVENTS_PUT_EVENTS,
    &EVENTS_PUT_RULE,
    &EVENTS_PUT_TARGETS,
    &EVENTS_REMOVE_TARGETS,
    &LAMBDA_INVOKE,
    &SQS_CHANGE_MESSAGE_VISIBILITY,
    &SQS_CHANGE_MESSAGE_VISIBILITY_BATCH,
    &SQS_CREATE_QUEUE,
    &SQS_DELETE_MESSAGE,
    &SQS_DELETE_MESSAGE_BATCH,
    &SQS_GET_QUEUE_ATTRIBUTES,
    &SQS_GET_QUEUE_URL,
    &SQS_RECEIVE_MESSAGE,
    &SQS_SEND_MESSAGE,
    &SQS_SEND_MESSAGE_BATCH,
    &STS_GET_CALLER_IDENTITY,
};
const size_t AWS_OPERATIONS_N = EBB_COUNT(AWS_OPERATIONS);

const struct aws_operation *aws_operation_find(struct str service_id, struct str name)
{
    for (size_t i = 0; i < AWS_OPERATIONS_N; i++) {
        const struct aws_operation *o = AWS_OPERATIONS[i];
        if (str_eq(service_id, str_from(o->service->id)) && str_eq(name, str_from(o->name)))
            return o;
    }
    return NULL;
}

const struct aws_operation *aws_operation_of_target(struct str target)
{
    struct str name = target, prefix = str_cut(&name, '.');
    for (size_t i = 0; i < AWS_OPERATIONS_N; i++) {
        const struct aws_operation *o = AWS_OPERATIONS[i];
        const char *own = o->service->target_prefix;
        if (own && str_eq(prefix, str_from(own)) && str_eq(name, str_from(o->name))) return o;
    }
    return NULL;
}
