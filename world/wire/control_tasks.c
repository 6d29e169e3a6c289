/* SPDX-License-Identifier: Apache-2.0
 * The control API's calls that happen to services and tasks: load, death, and what another actor
 * than Ebb does to a service. */
#include "world/wire/control.h"

#include "lib/aws/shapes/ecs.h"
#include "world/region/tasks.h"

/* "cluster/name" */
static int split_service(struct control *c, struct str text, struct str *cluster,
                         struct str *service)
{
    *cluster = str_cut(&text, '/');
    *service = text;
    if (cluster->n && service->n && str_find(*service, '/') < 0) return E_OK;
    return err_set(&c->e, E_MALFORMED, "service: must be cluster/name");
}

static int change_load(struct control *c)
{
    struct control_load load = {.rate = -1, .duration_ms = -1};
    struct str cluster, service;
    int rc = control_body(c, &control_load_record, &load);
    if (!rc) rc = split_service(c, load.service, &cluster, &service);
    if (rc) return rc;
    struct app_options options = applications_find(&c->wire->applications, cluster, service, c->a);
    if (load.rate >= 0) options.arrivals_per_hour = load.rate;
    if (load.duration_ms >= 0) options.session_mean_ms = load.duration_ms;
    return applications_set(&c->wire->applications, c->region, &options, &c->e);
}

/* Read twice: first for its names, then over what is known, so that absent options stay. */
static int change_application(struct control *c)
{
    struct app_options names = {0};
    int rc = control_body(c, &app_options_record, &names);
    if (rc) return rc;
    struct app_options options =
        applications_find(&c->wire->applications, names.cluster, names.service, c->a);
    rc = control_body(c, &app_options_record, &options);
    return rc ? rc : applications_set(&c->wire->applications, c->region, &options, &c->e);
}

static int task_result(struct control *c, int rc)
{
    if (!rc) return E_OK;
    return err_set(&c->e, rc, "no such task is running: %.*s", STR_ARG(c->name));
}

static int kill_task(struct control *c)
{
    struct control_task task = {.reason = STR("Essential container in task exited")};
    int rc = control_body(c, &control_task_record, &task);
    return rc ? rc : task_result(c, region_task_die(c->region, c->name, task.reason));
}

static int reclaim_task(struct control *c)
{
    return task_result(c, region_task_reclaim(c->region, c->name));
}

static int change_sessions(struct control *c)
{
    struct control_sessions change = {.end = -1};
    int rc = control_body(c, &control_sessions_record, &change);
    if (!rc && change.add)
        rc =
            task_result(c, region_sessions_add(c->region, c->name, change.add, change.duration_ms));
    if (!rc && change.end >= 0)
        rc = task_result(c, region_sessions_end(c->region, c->name, change.end));
    return rc;
}

/* As somebody who is not Ebb: a person at the console, a pipeline, a native scaling policy. */
static int update_service(struct control *c, const struct ecs_update_service_input *in)
{
    struct ecs_update_service_output out = {0};
    struct aws_error error = {0};
    struct caller other = {
        .access_key_id = STR("AKIAANOTHERACTOR"),
        .arn =
            arena_format(c->a, "arn:%.*s:iam::%.*s:user/another-actor",
                         STR_ARG(region_partition(c->region)), STR_ARG(region_account(c->region))),
    };
    const struct region_operation *operation = region_operation_of(&ECS_UPDATE_SERVICE);
    int rc = region_call(c->region, &other, operation, in, c->a, &out, &error);
    return rc ? err_set(&c->e, rc, "%s: %s", error.code, error.message) : E_OK;
}

static int deploy(struct control *c)
{
    struct control_service wanted = {0};
    struct ecs_update_service_input in = {.desired_count = -1, .force_new_deployment = true};
    int rc = control_body(c, &control_service_record, &wanted);
    if (!rc) rc = split_service(c, wanted.service, &in.cluster, &in.service);
    return rc ? rc : update_service(c, &in);
}

static int set_desired(struct control *c)
{
    struct control_desired wanted = {.desired = -1};
    struct ecs_update_service_input in = {0};
    int rc = control_body(c, &control_desired_record, &wanted);
    if (!rc) rc = split_service(c, wanted.service, &in.cluster, &in.service);
    if (rc) return rc;
    if (wanted.desired < 0) return err_set(&c->e, E_MALFORMED, "desired: must be 0 or more");
    in.desired_count = wanted.desired;
    return update_service(c, &in);
}

const struct control_row CONTROL_TASKS[] = {
    {"POST", "/world/load", change_load, "service (cluster/name), rate an hour, duration"},
    {"POST", "/world/applications", change_application,
     "cluster, service and options of its application; absent ones stay"},
    {"POST", "/world/task/{id}/kill", kill_task, "its process ends; reason"},
    {"POST", "/world/task/{id}/reclaim", reclaim_task, "Spot or Fargate takes it"},
    {"POST", "/world/task/{id}/sessions", change_sessions, "add, duration; end (0 = all added)"},
    {"POST", "/world/deploy", deploy, "service: another actor forces a new deployment"},
    {"POST", "/world/desired", set_desired, "service, desired: another actor moves the count"},
    {0},
};
