/* SPDX-License-Identifier: Apache-2.0
 * What is made: a cluster unless one is given, a task definition, a service. Everything is tagged
 * and named so that it is found again when this run cannot remove it. */
#include "lib/aws/shapes/ecs_setup.h"
#include "lib/base/crypto.h"
#include "lib/base/time_text.h"
#include "lib/verify/scene.h"

#define END_MARGIN_MS  (15 * MINUTE_MS) /* removing everything may take so long */
#define SETTLED_MAX_MS MINUTE_MS
#define FARGATE_CPU    STR("256")
#define FARGATE_MEMORY STR("512")

static struct list tags(struct scene *s)
{
    struct ecs_tag *tags = ARENA_ARRAY(s->arena, 2, struct ecs_tag);
    int64_t end_ms = scene_now(s) + s->options->timeout_ms + END_MARGIN_MS;
    tags[0] = (struct ecs_tag){STR(VERIFY_TAG), s->run_id};
    tags[1] = (struct ecs_tag){STR(VERIFY_TAG_END), time_format_iso(s->arena, end_ms)};
    return LIST_OF(tags, 2);
}

/* Takes partition, region, account and cluster out of the cluster's ARN. */
static int set_key(struct scene *s, struct str cluster_arn, struct str service)
{
    struct arn arn;
    if (arn_parse(arena_copy(s->arena, cluster_arn), &arn))
        return err_set(&s->failure.err, E_UNAVAILABLE, "'%.*s' is no cluster's ARN",
                       STR_ARG(cluster_arn));
    s->key = (struct service_key){
        .partition = arn.partition,
        .region = arn.region,
        .account = arn.account,
        .cluster = arn_cluster_name(arena_copy(s->arena, cluster_arn)),
        .name = service,
    };
    return E_OK;
}

static int find_cluster(struct scene *s, struct str service)
{
    struct str name = s->options->cluster;
    struct ecs_describe_clusters_input input = {.clusters = LIST_OF(&name, 1)};
    struct ecs_describe_clusters_output output = {0};
    int code = aws_call(&s->ports->aws, &ECS_DESCRIBE_CLUSTERS, STR_NONE, &input, s->arena, &output,
                        0, &s->failure);
    if (code) return code;
    const struct ecs_cluster *found =
        output.clusters.n ? LIST_AT(output.clusters, struct ecs_cluster, 0) : NULL;
    if (!found || !str_eq(found->status, STR("ACTIVE")))
        return err_set(&s->failure.err, E_NOT_FOUND, "there is no ACTIVE cluster '%.*s'",
                       STR_ARG(name));
    return set_key(s, found->cluster_arn, service);
}

static int make_cluster(struct scene *s, struct str name)
{
    struct ecs_create_cluster_input input = {.cluster_name = name, .tags = tags(s)};
    struct ecs_cluster_output output = {0};
    scene_say(s, "making cluster %.*s", STR_ARG(name));
    int code = aws_call(&s->ports->aws, &ECS_CREATE_CLUSTER, STR_NONE, &input, s->arena, &output, 0,
                        &s->failure);
    /* Made, or perhaps made: a lost answer says nothing. */
    s->own_cluster = !code || code == E_UNKNOWN_OUTCOME;
    return code ? code : set_key(s, output.cluster.cluster_arn, name);
}

/* Ends by itself after an hour, and at once when it is told to. */
static struct list command(struct arena *a)
{
    struct str *words = ARENA_ARRAY(a, 3, struct str);
    words[0] = STR("sh");
    words[1] = STR("-c");
    words[2] = STR("trap 'exit 0' TERM; sleep 3600 & wait");
    return LIST_OF(words, 3);
}

static int make_definition(struct scene *s)
{
    bool awsvpc = s->options->subnets.n > 0;
    struct str launch_type = s->options->launch_type;
    struct ecs_container_definition container = {
        .name = STR("nothing"),
        .image = s->options->image,
        .essential = true,
        .command = command(s->arena),
    };
    struct ecs_register_task_definition_input input = {
        .family = verify_family(s),
        .network_mode = awsvpc ? STR("awsvpc") : STR("bridge"),
        .cpu = FARGATE_CPU,
        .memory = FARGATE_MEMORY,
        .container_definitions = LIST_OF(&container, 1),
        .requires_compatibilities = LIST_OF(&launch_type, 1),
        .tags = tags(s),
    };
    struct ecs_task_definition_output output = {0};
    scene_say(s, "registering a task definition of family %.*s", STR_ARG(input.family));
    int code = aws_call(&s->ports->aws, &ECS_REGISTER_TASK_DEFINITION, s->key.region, &input,
                        s->arena, &output, 0, &s->failure);
    s->definition = output.task_definition.task_definition_arn;
    return code;
}

/* What was made a moment ago is not known everywhere yet: the cluster, or the role that ECS makes
 * for itself when an account uses it for the first time. */
static bool is_too_early(const struct scene *s)
{
    return str_eq(str_from(s->failure.code), STR("ClusterNotFoundException")) ||
           str_contains(str_from(s->failure.err.text), STR("service linked role"));
}

static int make_service(struct scene *s)
{
    struct ecs_create_service_input input = {
        .cluster = service_key_cluster_arn(s->arena, &s->key),
        .service_name = s->key.name,
        .task_definition = s->definition,
        .desired_count = VERIFY_TASKS,
        .launch_type = s->options->launch_type,
        /* Rebalancing would stop tasks for reasons of its own. */
        .availability_zone_rebalancing = STR("DISABLED"),
        .tags = tags(s),
    };
    if (s->options->subnets.n)
        input.network_configuration.awsvpc = (struct ecs_awsvpc_configuration){
            .subnets = s->options->subnets,
            .security_groups = s->options->security_groups,
            .assign_public_ip = s->options->public_ip ? STR("ENABLED") : STR("DISABLED"),
        };
    struct ecs_service_output output = {0};
    scene_say(s, "making service %.*s of %d tasks", STR_ARG(s->key.name), VERIFY_TASKS);
    int64_t until_ms = scene_mono(s) + SETTLED_MAX_MS, before_ms;
    int code;
    do {
        before_ms = scene_now(s);
        code = aws_call(&s->ports->aws, &ECS_CREATE_SERVICE, s->key.region, &input, s->arena,
                        &output, 0, &s->failure);
    } while (code && is_too_early(s) && scene_again(s, until_ms));
    int64_t made_ms = output.service.created_at, after_ms = scene_now(s);
    s->ahead_known = !code && made_ms;
    /* Between asking and being answered it was any time. */
    if (s->ahead_known && made_ms < before_ms) s->ahead_ms = made_ms - before_ms;
    if (s->ahead_known && made_ms > after_ms) s->ahead_ms = made_ms - after_ms;
    return code;
}

int scene_create(struct scene *s)
{
    s->run_id = arena_format(s->arena, "%.8s", crypto_uuid(s->arena).p);
    struct str name =
        arena_format(s->arena, "%.*s-%.*s", STR_ARG(s->options->prefix), STR_ARG(s->run_id));
    s->key.name = name;
    int code = s->options->cluster.n ? find_cluster(s, name) : make_cluster(s, name);
    if (!code) code = make_definition(s);
    return code ? code : make_service(s);
}
