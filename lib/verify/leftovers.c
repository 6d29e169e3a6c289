/* SPDX-License-Identifier: Apache-2.0
 * What earlier runs left: found by name and by tag, both, so that nothing else is ever taken for
 * it; task definitions by the name of a family that is nobody else's. */
#include "lib/aws/shapes/ecs_setup.h"
#include "lib/base/time_text.h"
#include "lib/verify/scene.h"

#include <string.h>

#define PAGES_MAX 100
#define FOUND_MAX 200

struct search {
    struct scene *s;
    struct left *found;
    size_t n;
};

static struct str tag_of(struct list tags, const char *key)
{
    for (size_t i = 0; i < tags.n; i++)
        if (str_eq(LIST_AT(tags, struct ecs_tag, i)->key, str_from(key)))
            return LIST_AT(tags, struct ecs_tag, i)->value;
    return STR_NONE;
}

static bool is_ours(const struct scene *s, struct str name, struct list tags)
{
    struct str rest = name;
    if (!str_starts(name, s->options->prefix)) return false;
    rest.p += s->options->prefix.n;
    rest.n -= s->options->prefix.n;
    return str_starts(rest, STR("-")) && tag_of(tags, VERIFY_TAG).n;
}

static int64_t end_of(struct list tags)
{
    int64_t ms = 0;
    if (time_parse_iso(tag_of(tags, VERIFY_TAG_END), &ms)) return 0;
    return ms;
}

static void add(struct search *k, struct str cluster, bool own, struct str service, int64_t ends_ms)
{
    struct arena *a = k->s->arena;
    if (k->n == FOUND_MAX) return; /* the next run finds the rest */
    k->found[k->n++] = (struct left){.cluster = arena_copy(a, cluster),
                                     .own_cluster = own,
                                     .service = service.n ? arena_copy(a, service) : STR_NONE,
                                     .ends_ms = ends_ms};
}

static struct str last_part(struct str arn)
{
    while (str_find(arn, '/') >= 0)
        (void)str_cut(&arn, '/'); /* what is before it */
    return arn;
}

static int look_into_services(struct search *k, struct str cluster, struct list names)
{
    struct scene *s = k->s;
    for (size_t at = 0; at < names.n; at += ECS_DESCRIBE_SERVICES_MAX) {
        struct str tags = STR("TAGS");
        size_t left = names.n - at;
        size_t n = left < ECS_DESCRIBE_SERVICES_MAX ? left : ECS_DESCRIBE_SERVICES_MAX;
        struct ecs_describe_services_input input = {
            .cluster = cluster,
            .services = LIST_OF(LIST_AT(names, struct str, at), n),
            .include = LIST_OF(&tags, 1),
        };
        struct ecs_describe_services_output output = {0};
        int code = aws_call(&s->ports->aws, &ECS_DESCRIBE_SERVICES, STR_NONE, &input, &s->round,
                            &output, 0, &s->failure);
        if (code) return code;
        for (size_t i = 0; i < output.services.n; i++) {
            const struct ecs_service *found = LIST_AT(output.services, struct ecs_service, i);
            if (is_ours(s, found->service_name, found->tags))
                add(k, found->cluster_arn, false, found->service_name, end_of(found->tags));
        }
    }
    return E_OK;
}

/* The services of a cluster that are a run's. */
static int look_into_cluster(struct search *k, struct str cluster)
{
    struct scene *s = k->s;
    struct ecs_list_services_input input = {.cluster = cluster, .max_results = 100};
    for (int page = 0; page < PAGES_MAX; page++) {
        struct ecs_list_services_output output = {0};
        int code = aws_call(&s->ports->aws, &ECS_LIST_SERVICES, STR_NONE, &input, &s->round,
                            &output, 0, &s->failure);
        if (code) return code;
        struct str *names = ARENA_ARRAY(&s->round, output.service_arns.n + 1, struct str);
        size_t n = 0;
        for (size_t i = 0; i < output.service_arns.n; i++) {
            struct str name = last_part(*LIST_AT(output.service_arns, struct str, i));
            if (str_starts(name, s->options->prefix)) names[n++] = name;
        }
        code = look_into_services(k, cluster, LIST_OF(names, n));
        if (code) return code;
        input.next_token = output.next_token;
        if (str_is_empty(output.next_token)) return E_OK;
    }
    return err_set(&s->failure.err, E_UNAVAILABLE, "ListServices goes on for too many pages");
}

static int look_at_clusters(struct search *k, struct list names)
{
    struct scene *s = k->s;
    struct str tags = STR("TAGS");
    struct ecs_describe_clusters_input input = {.clusters = names, .include = LIST_OF(&tags, 1)};
    struct ecs_describe_clusters_output output = {0};
    if (!names.n) return E_OK;
    int code = aws_call(&s->ports->aws, &ECS_DESCRIBE_CLUSTERS, STR_NONE, &input, &s->round,
                        &output, 0, &s->failure);
    for (size_t i = 0; i < output.clusters.n && !code; i++) {
        const struct ecs_cluster *c = LIST_AT(output.clusters, struct ecs_cluster, i);
        if (!str_eq(c->status, STR("ACTIVE")) || !is_ours(s, c->cluster_name, c->tags)) continue;
        size_t before = k->n;
        code = look_into_cluster(k, c->cluster_arn);
        /* Its service goes with it. */
        for (size_t n = before; n < k->n; n++)
            k->found[n].own_cluster = true;
        if (!code && k->n == before) add(k, c->cluster_arn, true, STR_NONE, end_of(c->tags));
    }
    return code;
}

static int look_for_clusters(struct search *k)
{
    struct scene *s = k->s;
    struct ecs_list_clusters_input input = {.max_results = 100};
    for (int page = 0; page < PAGES_MAX; page++) {
        struct ecs_list_clusters_output output = {0};
        int code = aws_call(&s->ports->aws, &ECS_LIST_CLUSTERS, STR_NONE, &input, &s->round,
                            &output, 0, &s->failure);
        if (code) return code;
        struct str *names = ARENA_ARRAY(&s->round, output.cluster_arns.n + 1, struct str);
        size_t n = 0;
        for (size_t i = 0; i < output.cluster_arns.n; i++) {
            struct str arn = *LIST_AT(output.cluster_arns, struct str, i);
            if (str_starts(arn_cluster_name(arn), s->options->prefix)) names[n++] = arn;
        }
        code = look_at_clusters(k, LIST_OF(names, n));
        if (code) return code;
        input.next_token = output.next_token;
        if (str_is_empty(output.next_token)) return E_OK;
    }
    return err_set(&s->failure.err, E_UNAVAILABLE, "ListClusters goes on for too many pages");
}

int leftovers_find(struct scene *s, struct list *out)
{
    struct search k = {.s = s, .found = ARENA_ARRAY(s->arena, FOUND_MAX, struct left)};
    int code = E_OK;
    if (s->options->cluster.n) code = look_into_cluster(&k, s->options->cluster);
    if (!code) code = look_for_clusters(&k);
    *out = LIST_OF(k.found, k.n);
    return code;
}

struct str verify_family(const struct scene *s)
{
    return arena_format(s->arena, "%.*s" VERIFY_FAMILY_END, STR_ARG(s->options->prefix));
}

int leftover_definitions(struct scene *s, struct list *out)
{
    struct ecs_list_task_definitions_input input = {.family_prefix = verify_family(s),
                                                    .status = STR("ACTIVE"),
                                                    .max_results = ECS_LIST_DEFINITIONS_MAX};
    struct str *arns = ARENA_ARRAY(s->arena, FOUND_MAX, struct str);
    size_t n = 0;
    for (int page = 0; page < PAGES_MAX; page++) {
        struct ecs_list_task_definitions_output output = {0};
        int code = aws_call(&s->ports->aws, &ECS_LIST_TASK_DEFINITIONS, STR_NONE, &input, &s->round,
                            &output, 0, &s->failure);
        if (code) return code;
        for (size_t i = 0; i < output.task_definition_arns.n && n < FOUND_MAX; i++)
            arns[n++] = arena_copy(s->arena, *LIST_AT(output.task_definition_arns, struct str, i));
        *out = LIST_OF(arns, n);
        input.next_token = output.next_token;
        if (str_is_empty(output.next_token)) return E_OK;
    }
    return err_set(&s->failure.err, E_UNAVAILABLE,
                   "ListTaskDefinitions goes on for too many pages");
}
