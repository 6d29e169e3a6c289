/* SPDX-License-Identifier: Apache-2.0
 * The cluster operations of Amazon ECS on the wire. */
#include "lib/aws/shapes/ecs_objects.h"

static const struct field cluster_fields[] = {
    F_STR(struct ecs_cluster, cluster_arn, "clusterArn"),
    F_STR(struct ecs_cluster, cluster_name, "clusterName"),
    F_STR(struct ecs_cluster, status, "status"),
    F_INT(struct ecs_cluster, registered_container_instances_count,
          "registeredContainerInstancesCount", .flags = FIELD_ALWAYS),
    F_INT(struct ecs_cluster, running_tasks_count, "runningTasksCount", .flags = FIELD_ALWAYS),
    F_INT(struct ecs_cluster, pending_tasks_count, "pendingTasksCount", .flags = FIELD_ALWAYS),
    F_INT(struct ecs_cluster, active_services_count, "activeServicesCount", .flags = FIELD_ALWAYS),
    F_LIST(struct ecs_cluster, tags, ECS_TAG_RECORD, "tags"),
};
static const struct record cluster = RECORD_OF(struct ecs_cluster, cluster_fields);

static const struct field describe_clusters_input_fields[] = {
    F_STRS(struct ecs_describe_clusters_input, clusters, "clusters"),
    F_STRS(struct ecs_describe_clusters_input, include, "include"),
};
static const struct record describe_clusters_input =
    RECORD_OF(struct ecs_describe_clusters_input, describe_clusters_input_fields);

static const struct field describe_clusters_output_fields[] = {
    F_LIST(struct ecs_describe_clusters_output, clusters, cluster, "clusters",
           .flags = FIELD_ALWAYS),
    F_LIST(struct ecs_describe_clusters_output, failures, ECS_FAILURE_RECORD, "failures",
           .flags = FIELD_ALWAYS),
};
static const struct record describe_clusters_output =
    RECORD_OF(struct ecs_describe_clusters_output, describe_clusters_output_fields);

const struct aws_operation ECS_DESCRIBE_CLUSTERS = {
    .name = "DescribeClusters",
    .service = &AWS_ECS,
    .input = &describe_clusters_input,
    .output = &describe_clusters_output,
    .retry = AWS_RETRY_READ,
};

static const struct field list_clusters_input_fields[] = {
    F_INT(struct ecs_list_clusters_input, max_results, "maxResults"),
    F_STR(struct ecs_list_clusters_input, next_token, "nextToken"),
};
static const struct record list_clusters_input =
    RECORD_OF(struct ecs_list_clusters_input, list_clusters_input_fields);

static const struct field list_clusters_output_fields[] = {
    F_STRS(struct ecs_list_clusters_output, cluster_arns, "clusterArns", .flags = FIELD_ALWAYS),
    F_STR(struct ecs_list_clusters_output, next_token, "nextToken"),
};
static const struct record list_clusters_output =
    RECORD_OF(struct ecs_list_clusters_output, list_clusters_output_fields);

const struct aws_operation ECS_LIST_CLUSTERS = {
    .name = "ListClusters",
    .service = &AWS_ECS,
    .input = &list_clusters_input,
    .output = &list_clusters_output,
    .retry = AWS_RETRY_READ,
};
