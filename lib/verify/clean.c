/* SPDX-License-Identifier: Apache-2.0
 * What was made is removed: the service with its tasks, the cluster, the task definition. Repeating
 * it does no harm, and it goes on past what is gone already. */
#include "lib/aws/shapes/ecs_setup.h"
#include "lib/verify/scene.h"

#define CLEAN_MAX_MS (600 * SECOND_MS)
#define STOP_REASON  STR("ebb verify-aws removes what it made")

static bool failed_with(const struct scene *s, const char *code)
{
    return str_eq(str_from(s->failure.code), str_from(code));
}

/* Waits also when the run is over: what was made must go. */
static void pause_for_look(struct scene *s)
{
    arena_clear(&s->round);
    (void)s->ports->wait(s->ports->ctx, LOOK_MS); /* a signal has been obeyed already */
}

/* What was to be deleted is not there any more. */
static bool is_gone(const struct scene *s)
{
    return failed_with(s, "ServiceNotFoundException") ||
           failed_with(s, "ServiceNotActiveException") ||
           failed_with(s, "ClusterNotFoundException");
}

/* A deletion stops its tasks; what protection or a slow scheduler keeps is stopped by name. */
static int stop_tasks(struct scene *s)
{
    struct list tasks;
    int code = ecs_read_service_tasks(&s->ports->aws, &s->key, &s->round, &tasks, &s->failure);
    if (code && is_gone(s)) return E_OK;
    for (size_t i = 0; i < tasks.n && !code; i++)
        code = ecs_stop_task(&s->ports->aws, &s->key, LIST_AT(tasks, struct ecs_task, i)->task_arn,
                             STOP_REASON, 0, &s->round, &s->failure);
    return code;
}

/* True when it is gone; a cluster that still has something in it is asked about again. */
static int delete_cluster(struct scene *s, bool *gone)
{
    struct ecs_delete_cluster_input input = {.cluster =
                                                 service_key_cluster_arn(&s->round, &s->key)};
    struct ecs_cluster_output output = {0};
    int code = aws_call(&s->ports->aws, &ECS_DELETE_CLUSTER, s->key.region, &input, &s->round,
                        &output, 0, &s->failure);
    *gone = !code || failed_with(s, "ClusterNotFoundException");
    bool busy = failed_with(s, "ClusterContainsServicesException") ||
                failed_with(s, "ClusterContainsTasksException") ||
                failed_with(s, "UpdateInProgressException");
    return *gone || busy ? E_OK : code;
}

/* One look at what is still there. */
static int look(struct scene *s, const struct left *left, int64_t begun_ms, bool *gone)
{
    struct service_look service;
    int code = E_OK;
    if (left->own_cluster) code = delete_cluster(s, gone);
    if (code || *gone) return code;
    code = scene_read_service(s, &service);
    if (code) return code;
    *gone = !left->own_cluster && !service.active && !str_eq(service.status, STR("DRAINING"));
    bool had_its_time = scene_mono(s) - begun_ms > 10 * SECOND_MS;
    return *gone || !had_its_time ? E_OK : stop_tasks(s);
}

int clean_one(struct scene *s, const struct left *left)
{
    int64_t begun_ms = scene_mono(s);
    bool gone = false;
    scene_say(s, "removing %s%.*s", left->own_cluster ? "cluster " : "service ",
              STR_ARG(left->own_cluster ? s->key.cluster : left->service));
    int code = E_OK;
    if (left->service.n) {
        /* Only hurries it: tasks that stay are stopped by name below. */
        if (scene_unprotect_all(s)) scene_say(s, "%s", s->failure.err.text);
        code = scene_delete_service(s);
        if (code && is_gone(s)) code = E_OK;
    }
    while (!gone && scene_mono(s) - begun_ms < CLEAN_MAX_MS) {
        code = look(s, left, begun_ms, &gone);
        if (code && err_class_of(code) != ERR_CLASS_RETRY) return code;
        if (!gone) pause_for_look(s);
    }
    if (gone) return E_OK;
    return code ? code
                : err_set(&s->failure.err, E_TIMEOUT, "%.*s/%.*s is still there after %d minutes",
                          STR_ARG(s->key.cluster), STR_ARG(left->service),
                          (int)(CLEAN_MAX_MS / MINUTE_MS));
}

int clean_definition(struct scene *s, struct str arn)
{
    struct ecs_deregister_task_definition_input input = {.task_definition = arn};
    struct ecs_task_definition_output output = {0};
    struct arn parsed;
    if (arn_parse(arn, &parsed))
        return err_set(&s->failure.err, E_UNAVAILABLE, "'%.*s' is no ARN", STR_ARG(arn));
    scene_say(s, "deregistering %.*s", STR_ARG(parsed.resource));
    return aws_call(&s->ports->aws, &ECS_DEREGISTER_TASK_DEFINITION, parsed.region, &input,
                    &s->round, &output, 0, &s->failure);
}
