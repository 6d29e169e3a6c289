/* SPDX-License-Identifier: Apache-2.0
 * Clusters: what services are made in. */
#include <stdio.h>
#include <stdlib.h>

#include "world/region/ecs_model.h"
#include "world/region/operations.h"

static struct ecs_cluster describe(const struct region *region, const struct cluster *cluster,
                                   struct arena *a)
{
    struct ecs_cluster out = {.cluster_arn = arena_copy(a, str_from(cluster->arn)),
                              .cluster_name = arena_copy(a, str_from(cluster->name)),
                              .status = cluster->inactive ? STR("INACTIVE") : STR("ACTIVE")};
    for (size_t i = 0; i < region->tasks.n; i++) {
        const struct task *task = task_at(region, i);
        if (task->cluster != cluster) continue;
        out.running_tasks_count += task->now.last_status == TASK_RUNNING;
        out.pending_tasks_count += task->now.last_status < TASK_RUNNING;
    }
    for (size_t i = 0; i < region->services.n; i++) {
        const struct service *service = service_at(region, i);
        out.active_services_count +=
            service->cluster == cluster && service->now.status == SERVICE_ACTIVE;
    }
    return out;
}

int region_ecs_create_cluster(struct region *region, const struct caller *caller,
                              const struct ecs_create_cluster_input *in, struct arena *a,
                              struct ecs_cluster_output *out, struct aws_error *err)
{
    (void)caller; /* is in the log */
    struct str name = str_is_empty(in->cluster_name) ? STR("default") : in->cluster_name;
    if (name.n >= NAME_BYTES)
        return refuse(err, "InvalidParameterException",
                      "Cluster name cannot be longer than 255 characters.");
    struct cluster *cluster = cluster_find(region, name);
    if (!cluster || cluster->inactive) {
        cluster = calloc(1, sizeof(*cluster));
        if (!cluster) abort();
        cluster->number = region_number(region);
        (void)snprintf(cluster->name, sizeof(cluster->name), "%.*s", STR_ARG(name)); /* it fits */
        struct str arn = region_arn(region, a, "ecs", "cluster/%s", cluster->name);
        (void)snprintf(cluster->arn, sizeof(cluster->arn), "%.*s", STR_ARG(arn)); /* it fits */
        cluster->tags = tags_copy(&region->text, in->tags);
        vector_push(&region->clusters, cluster);
    }
    out->cluster = describe(region, cluster, a);
    return 0;
}

int region_ecs_delete_cluster(struct region *region, const struct caller *caller,
                              const struct ecs_delete_cluster_input *in, struct arena *a,
                              struct ecs_cluster_output *out, struct aws_error *err)
{
    (void)caller; /* is in the log */
    struct cluster *cluster;
    int code = cluster_need(region, in->cluster, &cluster, err);
    if (code) return code;
    for (size_t i = 0; i < region->services.n; i++) {
        const struct service *service = service_at(region, i);
        if (service->cluster == cluster && service->now.status != SERVICE_INACTIVE)
            return refuse(err, "ClusterContainsServicesException",
                          "The Cluster cannot be deleted while Services are active.");
    }
    for (size_t i = 0; i < region->tasks.n; i++) {
        const struct task *task = task_at(region, i);
        if (task->cluster == cluster && task->now.last_status != TASK_STOPPED)
            return refuse(err, "ClusterContainsTasksException",
                          "The Cluster cannot be deleted while Tasks are active.");
    }
    cluster->inactive = true;
    out->cluster = describe(region, cluster, a);
    return 0;
}

int region_ecs_list_clusters(struct region *region, const struct caller *caller,
                             const struct ecs_list_clusters_input *in, struct arena *a,
                             struct ecs_list_clusters_output *out, struct aws_error *err)
{
    (void)caller; /* a read */
    struct page page;
    int code = page_begin(&page, STR("clusters"), in->next_token, in->max_results, 100, a, err);
    if (code) return code;
    struct str *arns = ARENA_ARRAY(a, region->clusters.n + 1, struct str);
    size_t n = 0;
    uint64_t last = 0;
    for (size_t i = 0; i < region->clusters.n; i++) {
        const struct cluster *cluster = region->clusters.items[i];
        if (cluster->number <= page.after || cluster->inactive) continue;
        if ((int64_t)n == page.limit) {
            out->next_token = page_token(a, STR("clusters"), last);
            break;
        }
        arns[n++] = arena_copy(a, str_from(cluster->arn));
        last = cluster->number;
    }
    out->cluster_arns = LIST_OF(arns, n);
    return 0;
}

int region_ecs_describe_clusters(struct region *region, const struct caller *caller,
                                 const struct ecs_describe_clusters_input *in, struct arena *a,
                                 struct ecs_describe_clusters_output *out, struct aws_error *err)
{
    (void)caller; /* a read */
    struct str fallback = STR("default");
    struct list names = in->clusters.n ? in->clusters : LIST_OF(&fallback, 1);
    if (names.n > 100)
        return refuse(err, "InvalidParameterException", "clusters can have at most 100 items.");
    struct ecs_cluster *found = ARENA_ARRAY(a, names.n, struct ecs_cluster);
    struct ecs_failure *failures = ARENA_ARRAY(a, names.n, struct ecs_failure);
    size_t found_n = 0, failures_n = 0;
    for (size_t i = 0; i < names.n; i++) {
        struct str name = *LIST_AT(names, struct str, i);
        const struct cluster *cluster = cluster_find(region, name);
        if (cluster) {
            found[found_n] = describe(region, cluster, a);
            if (includes_tags(in->include)) found[found_n].tags = tags_copy(a, cluster->tags);
            found_n++;
            continue;
        }
        struct str arn = str_find(name, ':') >= 0
                             ? arena_copy(a, name)
                             : region_arn(region, a, "ecs", "cluster/%.*s", STR_ARG(name));
        failures[failures_n++] = (struct ecs_failure){.arn = arn, .reason = STR("MISSING")};
    }
    out->clusters = LIST_OF(found, found_n);
    out->failures = LIST_OF(failures, failures_n);
    return 0;
}
