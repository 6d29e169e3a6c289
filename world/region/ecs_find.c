/* SPDX-License-Identifier: Apache-2.0
 * Finding clusters, services, tasks and definitions by what callers name them with. */
#include <string.h>

#include "lib/aws/shapes/ecs.h"
#include "lib/base/arn.h"
#include "world/region/ecs_model.h"

struct task *task_at(const struct region *region, size_t i)
{
    return region->tasks.items[i];
}

struct service *service_at(const struct region *region, size_t i)
{
    return region->services.items[i];
}

struct task *service_task(const struct service *service, size_t i)
{
    return service->tasks.items[i];
}

static bool is_text(struct str given, const char *text)
{
    return str_eq(given, str_from(text));
}

struct cluster *cluster_find(const struct region *region, struct str name_or_arn)
{
    struct str name = str_is_empty(name_or_arn) ? STR("default") : name_or_arn;
    struct cluster *found = NULL;
    for (size_t i = 0; i < region->clusters.n; i++) {
        struct cluster *cluster = region->clusters.items[i];
        /* Of several with one name all but the newest are INACTIVE. */
        if (is_text(name, cluster->name) || is_text(name, cluster->arn)) found = cluster;
    }
    return found;
}

int cluster_need(const struct region *region, struct str name_or_arn, struct cluster **out,
                 struct aws_error *err)
{
    *out = cluster_find(region, name_or_arn);
    if (*out && !(*out)->inactive) return 0;
    return refuse(err, "ClusterNotFoundException", "Cluster not found.");
}

/* "arn:...:service/name", the format of before 2018, names the same service. */
static bool is_old_arn(const struct service *service, struct str given)
{
    struct arn arn;
    if (arn_parse(given, &arn)) return false;
    struct str rest = arn.resource;
    struct str kind = str_cut(&rest, '/');
    return is_text(kind, "service") && is_text(rest, service->name) &&
           str_starts(str_from(service->arn), (struct str){given.p, given.n - rest.n});
}

/* The name is asked first: of a thousand services one has it. */
struct service *service_find(const struct region *region, const struct cluster *cluster,
                             struct str name_or_arn)
{
    struct service *found = NULL;
    struct str name = name_or_arn;
    while (str_find(name, '/') >= 0)
        (void)str_cut(&name, '/');
    for (size_t i = 0; i < region->services.n; i++) {
        struct service *service = service_at(region, i);
        if (!is_text(name, service->name) || service->cluster != cluster) continue;
        if (!is_text(name_or_arn, service->name) && !is_text(name_or_arn, service->arn) &&
            !is_old_arn(service, name_or_arn))
            continue;
        /* Of several with one name all but the newest are INACTIVE. */
        found = service;
    }
    return found;
}

struct service *service_find_key(const struct region *region, struct str key)
{
    for (size_t i = region->services.n; i > 0; i--)
        if (is_text(key, service_at(region, i - 1)->key)) return service_at(region, i - 1);
    return NULL;
}

/* Services and tasks are kept by rising number. */
struct service *service_by_number(const struct region *region, uint64_t number)
{
    size_t low = 0, high = region->services.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (service_at(region, middle)->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == region->services.n || service_at(region, low)->number != number) return NULL;
    return service_at(region, low);
}

struct task *task_find(const struct region *region, const struct cluster *cluster,
                       struct str id_or_arn)
{
    struct str id = arn_task_id(id_or_arn);
    struct task *task = task_index_find(&region->task_ids, id);
    if (!task || (cluster && task->cluster != cluster)) return NULL;
    /* A plain id, the ARN, or the ARN of before 2018, which has no cluster. */
    bool plain = id.n == id_or_arn.n;
    struct str before_id = {id_or_arn.p, id_or_arn.n - id.n};
    bool names_it = plain || is_text(id_or_arn, task->arn) || str_ends(before_id, STR(":task/"));
    return names_it ? task : NULL;
}

struct task *task_by_number(const struct region *region, uint64_t number)
{
    size_t low = 0, high = region->tasks.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (task_at(region, middle)->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == region->tasks.n || task_at(region, low)->number != number) return NULL;
    return task_at(region, low);
}

struct list tags_copy(struct arena *a, struct list tags)
{
    struct ecs_tag *copies = ARENA_ARRAY(a, tags.n + 1, struct ecs_tag);
    for (size_t i = 0; i < tags.n; i++) {
        const struct ecs_tag *tag = LIST_AT(tags, struct ecs_tag, i);
        copies[i] = (struct ecs_tag){arena_copy(a, tag->key), arena_copy(a, tag->value)};
    }
    return LIST_OF(copies, tags.n);
}

bool includes_tags(struct list include)
{
    for (size_t i = 0; i < include.n; i++)
        if (str_eq(*LIST_AT(include, struct str, i), STR("TAGS"))) return true;
    return false;
}

struct definition *definition_find(const struct region *region, struct str name)
{
    for (size_t i = region->definitions.n; i > 0; i--) {
        struct definition *definition = region->definitions.items[i - 1];
        if (is_text(name, definition->family) && !definition->inactive) return definition;
        if (is_text(name, definition->arn)) return definition;
        const char *short_name = strrchr(definition->arn, '/');
        if (short_name && is_text(name, short_name + 1)) return definition;
    }
    return NULL;
}
