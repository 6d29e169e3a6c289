/* SPDX-License-Identifier: Apache-2.0
 * Every AWS operation the region offers: one row each. A row makes the declaration
 *   int region_<function>(region, caller, const <input> *in, a, <output> *out, err)
 * and the entry of the table behind region_operations(). Shapes come from lib/aws/shapes; those Ebb
 * has no use for from world/shapes.
 *
 * Absent numbers that are not zero come in as -1, as the shapes say; PutMetricAlarm's
 * ActionsEnabled, when absent, as true. Outputs that AWS leaves empty are void. */
#ifndef EBB_WORLD_REGION_OPERATIONS_H
#define EBB_WORLD_REGION_OPERATIONS_H

#include "lib/aws/shapes/autoscaling.h"
#include "lib/aws/shapes/ecs_setup.h"
#include "lib/aws/shapes/events.h"
#include "lib/aws/shapes/lambda.h"
#include "lib/aws/shapes/sqs.h"
#include "lib/aws/shapes/sts.h"
#include "world/region/region.h"
#include "world/region/throttle.h"
#include "world/shapes/cloudwatch_setup.h"

/* Columns: shape, function, input, output, AWS's name of the action, token bucket, is it logged. */
#define REGION_OPERATIONS(X)                                                                       \
    X(ECS_CREATE_CLUSTER, ecs_create_cluster, struct ecs_create_cluster_input,                     \
      struct ecs_cluster_output, "ecs:CreateCluster", ECS_CLUSTER_MODIFY, true)                    \
    X(ECS_DELETE_CLUSTER, ecs_delete_cluster, struct ecs_delete_cluster_input,                     \
      struct ecs_cluster_output, "ecs:DeleteCluster", ECS_CLUSTER_MODIFY, true)                    \
    X(ECS_LIST_CLUSTERS, ecs_list_clusters, struct ecs_list_clusters_input,                        \
      struct ecs_list_clusters_output, "ecs:ListClusters", ECS_CLUSTER_READ, false)                \
    X(ECS_DESCRIBE_CLUSTERS, ecs_describe_clusters, struct ecs_describe_clusters_input,            \
      struct ecs_describe_clusters_output, "ecs:DescribeClusters", ECS_CLUSTER_READ, false)        \
    X(ECS_REGISTER_TASK_DEFINITION, ecs_register_task_definition,                                  \
      struct ecs_register_task_definition_input, struct ecs_task_definition_output,                \
      "ecs:RegisterTaskDefinition", ECS_DEFINITION_MODIFY, true)                                   \
    X(ECS_DEREGISTER_TASK_DEFINITION, ecs_deregister_task_definition,                              \
      struct ecs_deregister_task_definition_input, struct ecs_task_definition_output,              \
      "ecs:DeregisterTaskDefinition", ECS_DEFINITION_MODIFY, true)                                 \
    X(ECS_LIST_TASK_DEFINITIONS, ecs_list_task_definitions,                                        \
      struct ecs_list_task_definitions_input, struct ecs_list_task_definitions_output,             \
      "ecs:ListTaskDefinitions", ECS_DEFINITION_READ, false)                                       \
    X(ECS_CREATE_SERVICE, ecs_create_service, struct ecs_create_service_input,                     \
      struct ecs_service_output, "ecs:CreateService", ECS_SERVICE_MODIFY, true)                    \
    X(ECS_UPDATE_SERVICE, ecs_update_service, struct ecs_update_service_input,                     \
      struct ecs_update_service_output, "ecs:UpdateService", ECS_SERVICE_MODIFY, true)             \
    X(ECS_DELETE_SERVICE, ecs_delete_service, struct ecs_delete_service_input,                     \
      struct ecs_service_output, "ecs:DeleteService", ECS_SERVICE_MODIFY, true)                    \
    X(ECS_DESCRIBE_SERVICES, ecs_describe_services, struct ecs_describe_services_input,            \
      struct ecs_describe_services_output, "ecs:DescribeServices", ECS_SERVICE_READ, false)        \
    X(ECS_LIST_SERVICES, ecs_list_services, struct ecs_list_services_input,                        \
      struct ecs_list_services_output, "ecs:ListServices", ECS_SERVICE_READ, false)                \
    X(ECS_LIST_TASKS, ecs_list_tasks, struct ecs_list_tasks_input, struct ecs_list_tasks_output,   \
      "ecs:ListTasks", ECS_RESOURCE_READ, false)                                                   \
    X(ECS_DESCRIBE_TASKS, ecs_describe_tasks, struct ecs_describe_tasks_input,                     \
      struct ecs_describe_tasks_output, "ecs:DescribeTasks", ECS_RESOURCE_READ, false)             \
    X(ECS_RUN_TASK, ecs_run_task, struct ecs_run_task_input, struct ecs_run_task_output,           \
      "ecs:RunTask", ECS_RESOURCE_MODIFY, true)                                                    \
    X(ECS_STOP_TASK, ecs_stop_task, struct ecs_stop_task_input, struct ecs_stop_task_output,       \
      "ecs:StopTask", ECS_RESOURCE_MODIFY, true)                                                   \
    X(ECS_UPDATE_TASK_PROTECTION, ecs_update_task_protection,                                      \
      struct ecs_update_task_protection_input, struct ecs_task_protection_output,                  \
      "ecs:UpdateTaskProtection", ECS_PROTECTION, true)                                            \
    X(ECS_GET_TASK_PROTECTION, ecs_get_task_protection, struct ecs_get_task_protection_input,      \
      struct ecs_task_protection_output, "ecs:GetTaskProtection", ECS_PROTECTION, false)           \
    X(AUTOSCALING_REGISTER_SCALABLE_TARGET, autoscaling_register_scalable_target,                  \
      struct autoscaling_register_scalable_target_input,                                           \
      struct autoscaling_register_scalable_target_output,                                          \
      "application-autoscaling:RegisterScalableTarget", AUTOSCALING_MODIFY, true)                  \
    X(AUTOSCALING_DESCRIBE_SCALABLE_TARGETS, autoscaling_describe_scalable_targets,                \
      struct autoscaling_describe_scalable_targets_input,                                          \
      struct autoscaling_describe_scalable_targets_output,                                         \
      "application-autoscaling:DescribeScalableTargets", AUTOSCALING_READ, false)                  \
    X(CLOUDWATCH_PUT_METRIC_ALARM, cloudwatch_put_metric_alarm,                                    \
      struct cloudwatch_put_metric_alarm_input, void, "cloudwatch:PutMetricAlarm", ALARM_PUT,      \
      true)                                                                                        \
    X(CLOUDWATCH_PUT_COMPOSITE_ALARM, cloudwatch_put_composite_alarm,                              \
      struct cloudwatch_put_composite_alarm_input, void, "cloudwatch:PutCompositeAlarm",           \
      ALARM_PUT, true)                                                                             \
    X(CLOUDWATCH_DESCRIBE_ALARMS, cloudwatch_describe_alarms,                                      \
      struct cloudwatch_describe_alarms_input, struct cloudwatch_describe_alarms_output,           \
      "cloudwatch:DescribeAlarms", ALARM_DESCRIBE, false)                                          \
    X(CLOUDWATCH_SET_ALARM_STATE, cloudwatch_set_alarm_state,                                      \
      struct cloudwatch_set_alarm_state_input, void, "cloudwatch:SetAlarmState", ALARM_SET, true)  \
    X(CLOUDWATCH_DELETE_ALARMS, cloudwatch_delete_alarms, struct cloudwatch_delete_alarms_input,   \
      void, "cloudwatch:DeleteAlarms", ALARM_PUT, true)                                            \
    X(EVENTS_PUT_RULE, events_put_rule, struct events_put_rule_input,                              \
      struct events_put_rule_output, "events:PutRule", EVENTS_MODIFY, true)                        \
    X(EVENTS_DELETE_RULE, events_delete_rule, struct events_delete_rule_input, void,               \
      "events:DeleteRule", EVENTS_MODIFY, true)                                                    \
    X(EVENTS_LIST_RULES, events_list_rules, struct events_list_rules_input,                        \
      struct events_list_rules_output, "events:ListRules", EVENTS_MODIFY, false)                   \
    X(EVENTS_PUT_TARGETS, events_put_targets, struct events_put_targets_input,                     \
      struct events_targets_output, "events:PutTargets", EVENTS_MODIFY, true)                      \
    X(EVENTS_REMOVE_TARGETS, events_remove_targets, struct events_remove_targets_input,            \
      struct events_targets_output, "events:RemoveTargets", EVENTS_MODIFY, true)                   \
    X(EVENTS_LIST_TARGETS_BY_RULE, events_list_targets_by_rule,                                    \
      struct events_list_targets_by_rule_input, struct events_list_targets_by_rule_output,         \
      "events:ListTargetsByRule", EVENTS_MODIFY, false)                                            \
    X(EVENTS_PUT_EVENTS, events_put_events, struct events_put_events_input,                        \
      struct events_put_events_output, "events:PutEvents", EVENTS_PUT, true)                       \
    X(SQS_CREATE_QUEUE, sqs_create_queue, struct sqs_create_queue_input,                           \
      struct sqs_queue_url_output, "sqs:CreateQueue", NONE, true)                                  \
    X(SQS_GET_QUEUE_URL, sqs_get_queue_url, struct sqs_get_queue_url_input,                        \
      struct sqs_queue_url_output, "sqs:GetQueueUrl", NONE, false)                                 \
    X(SQS_GET_QUEUE_ATTRIBUTES, sqs_get_queue_attributes, struct sqs_get_queue_attributes_input,   \
      struct sqs_get_queue_attributes_output, "sqs:GetQueueAttributes", NONE, false)               \
    X(SQS_SEND_MESSAGE, sqs_send_message, struct sqs_send_message_input,                           \
      struct sqs_send_message_output, "sqs:SendMessage", NONE, false)                              \
    X(SQS_SEND_MESSAGE_BATCH, sqs_send_message_batch, struct sqs_send_message_batch_input,         \
      struct sqs_send_message_batch_output, "sqs:SendMessageBatch", NONE, false)                   \
    X(SQS_RECEIVE_MESSAGE, sqs_receive_message, struct sqs_receive_message_input,                  \
      struct sqs_receive_message_output, "sqs:ReceiveMessage", NONE, false)                        \
    X(SQS_DELETE_MESSAGE, sqs_delete_message, struct sqs_delete_message_input, void,               \
      "sqs:DeleteMessage", NONE, false)                                                            \
    X(SQS_DELETE_MESSAGE_BATCH, sqs_delete_message_batch, struct sqs_delete_message_batch_input,   \
      struct sqs_batch_output, "sqs:DeleteMessageBatch", NONE, false)                              \
    X(SQS_CHANGE_MESSAGE_VISIBILITY, sqs_change_message_visibility,                                \
      struct sqs_change_visibility_input, void, "sqs:ChangeMessageVisibility", NONE, false)        \
    X(SQS_CHANGE_MESSAGE_VISIBILITY_BATCH, sqs_change_message_visibility_batch,                    \
      struct sqs_change_visibility_batch_input, struct sqs_batch_output,                           \
      "sqs:ChangeMessageVisibilityBatch", NONE, false)                                             \
    X(STS_GET_CALLER_IDENTITY, sts_get_caller_identity, struct sts_get_caller_identity_input,      \
      struct sts_get_caller_identity_output, "sts:GetCallerIdentity", NONE, false)                 \
    X(LAMBDA_INVOKE, lambda_invoke, struct lambda_invoke_input, struct lambda_invoke_output,       \
      "lambda:Invoke", NONE, true)

#define X(shape, function, input, output, id, bucket, writes)                                      \
    int region_##function(struct region *region, const struct caller *caller, const input *in,     \
                          struct arena *a, output *out, struct aws_error *err) EBB_MUST_CHECK;
REGION_OPERATIONS(X)
#undef X

/* sqs:ReceiveMessage never waits here: it answers what is there. Whoever carries the call polls
 * with this until the message's WaitTimeSeconds (or the queue's) have passed. False for a queue
 * that is not there too: the call itself says so. */
bool region_sqs_has_messages(const struct region *region, struct str queue_url);
/* The queue's ReceiveMessageWaitTimeSeconds, for calls that name none. */
int64_t region_sqs_wait_seconds(const struct region *region, struct str queue_url);

#endif
