/* SPDX-License-Identifier: Apache-2.0
 * ListTasks, DescribeTasks, RunTask, StopTask, and the ways a task ends without being asked. */
#include <stdio.h>
#include <stdlib.h>

#include "world/region/ecs_model.h"
#include "world/region/event_model.h"
#include "world/region/operations.h"

#define RUN_TASK_MAX     10
#define CLIENT_TOKEN_MAX 64

static bool fits(struct str wanted, const char *is)
{
    return str_is_empty(wanted) || str_eq(wanted, str_from(is));
}

static bool is_listed(const struct region *region, const struct ecs_list_tasks_input *in,
                      const struct service *service, const struct task *task,
                      const struct task_facts *facts)
{
    if (!facts || (service && task->service != service)) return false;
    /* AWS takes PENDING as a filter but no task ever has that desired status. */
    struct str wanted = str_is_empty(in->desired_status) ? STR("RUNNING") : in->desired_status;
    struct str status = task_shown_wanted(region, facts) ? STR("RUNNING") : STR("STOPPED");
    if (!str_eq(wanted, status)) return false;
    if (!str_is_empty(in->launch_type) && !str_eq(in->launch_type, STR("FARGATE"))) return false;
    return fits(in->family, task->definition->family) && fits(in->started_by, task->started_by);
}

static int check_list(const struct region *region, const struct ecs_list_tasks_input *in,
                      const struct cluster *cluster, struct service **service,
                      struct aws_error *err)
{
    *service = NULL;
    bool others = !str_is_empty(in->service_name) || !str_is_empty(in->family);
    if (!str_is_empty(in->started_by) && others)
        return refuse(err, "InvalidParameterException",
                      "cannot specify startedBy with other filters.");
    struct str status = in->desired_status;
    if (!str_is_empty(status) && !str_eq(status, STR("RUNNING")) &&
        !str_eq(status, STR("STOPPED")) && !str_eq(status, STR("PENDING")))
        return refuse(err, "InvalidParameterException", "Invalid desiredStatus: %.*s.",
                      STR_ARG(status));
    if (str_is_empty(in->service_name)) return 0;
    *service = service_find(region, cluster, in->service_name);
    return *service ? 0 : refuse(err, "ServiceNotFoundException", "Service not found.");
}

/* Departed: the service's newest running task is never listed. */
static bool is_left_out(const struct region *region, const struct task *task)
{
    if (!region_departs(region, DEPART_LISTS_ALL_BUT_ONE) || !task->service) return false;
    for (size_t i = task->service->tasks.n; i > 0; i--) {
        const struct task *newest = service_task(task->service, i - 1);
        if (newest->now.wanted && newest->now.last_status == TASK_RUNNING) return newest == task;
    }
    return false;
}

int region_ecs_list_tasks(struct region *region, const struct caller *caller,
                          const struct ecs_list_tasks_input *in, struct arena *a,
                          struct ecs_list_tasks_output *out, struct aws_error *err)
{
    (void)caller; /* a read */
    struct cluster *cluster;
    struct service *service;
    struct page page;
    int code = cluster_need(region, in->cluster, &cluster, err);
    if (!code) code = check_list(region, in, cluster, &service, err);
    if (code) return code;
    struct str kind = arena_format(a, "tasks/%s/%.*s", cluster->name, STR_ARG(in->desired_status));
    code = page_begin(&page, kind, in->next_token, in->max_results, ECS_LIST_TASKS_MAX, a, err);
    if (code) return code;
    struct str *arns = ARENA_ARRAY(a, (size_t)page.limit, struct str);
    size_t n = 0;
    uint64_t last = 0;
    int64_t as_of_ms = read_as_of(region);
    const struct vector *tasks = service ? &service->tasks : &region->tasks;
    for (size_t i = 0; i < tasks->n; i++) {
        const struct task *task = tasks->items[i];
        if (task->cluster != cluster || task->number <= page.after) continue;
        if (!is_listed(region, in, service, task, task_seen(region, task, as_of_ms))) continue;
        if (is_left_out(region, task)) continue;
        if ((int64_t)n == page.limit) {
            if (!region_departs(region, DEPART_FIRST_PAGE_ONLY))
                out->next_token = page_token(a, kind, last);
            break;
        }
        arns[n++] = arena_copy(a, str_from(task->arn));
        last = task->number;
    }
    out->task_arns = LIST_OF(arns, n);
    return 0;
}

int region_ecs_describe_tasks(struct region *region, const struct caller *caller,
                              const struct ecs_describe_tasks_input *in, struct arena *a,
                              struct ecs_describe_tasks_output *out, struct aws_error *err)
{
    (void)caller; /* a read */
    struct cluster *cluster;
    int code = cluster_need(region, in->cluster, &cluster, err);
    if (code) return code;
    if (in->tasks.n == 0) return refuse(err, "InvalidParameterException", "Tasks cannot be empty.");
    if (in->tasks.n > ECS_DESCRIBE_TASKS_MAX)
        return refuse(err, "InvalidParameterException", "taskIds can have at most %d items.",
                      ECS_DESCRIBE_TASKS_MAX);
    struct ecs_task *found = ARENA_ARRAY(a, in->tasks.n, struct ecs_task);
    struct ecs_failure *failures = ARENA_ARRAY(a, in->tasks.n, struct ecs_failure);
    size_t found_n = 0, failures_n = 0;
    int64_t as_of_ms = read_as_of(region);
    for (size_t i = 0; i < in->tasks.n; i++) {
        struct str name = *LIST_AT(in->tasks, struct str, i);
        const struct task *task = task_find(region, cluster, name);
        const struct task_facts *facts = task ? task_seen(region, task, as_of_ms) : NULL;
        bool forgotten = facts && facts->last_status == TASK_STOPPED &&
                         region_departs(region, DEPART_FORGETS_STOPPED);
        if (facts && !forgotten) {
            found[found_n++] = task_describe(region, task, facts, a);
            continue;
        }
        if (region_departs(region, DEPART_SILENT_MISSING)) continue;
        struct str arn = str_find(name, '/') >= 0 ? arena_copy(a, name)
                                                  : region_arn(region, a, "ecs", "task/%s/%.*s",
                                                               cluster->name, STR_ARG(name));
        failures[failures_n++] = (struct ecs_failure){.arn = arn, .reason = STR("MISSING")};
    }
    out->tasks = LIST_OF(found, found_n);
    out->failures = LIST_OF(failures, failures_n);
    return 0;
}

int region_ecs_stop_task(struct region *region, const struct caller *caller,
                         const struct ecs_stop_task_input *in, struct arena *a,
                         struct ecs_stop_task_output *out, struct aws_error *err)
{
    struct cluster *cluster;
    int code = cluster_need(region, in->cluster, &cluster, err);
    if (code) return code;
    struct task *task = task_find(region, cluster, in->task);
    if (!task)
        return refuse(err, "InvalidParameterException", "The referenced task was not found.");
    if (task_is_protected(region, task) && region_departs(region, DEPART_STOP_HONOURS))
        return refuse(err, "InvalidParameterException", "The task is protected.");
    if (task->service && task->now.wanted && region_departs(region, DEPART_NOT_REPLACED))
        task->service->not_replaced++;
    task_stop(region, task, STOP_USER, caller->access_key_id, in->reason);
    out->task = task_describe(region, task, &task->now, a);
    return 0;
}

/* The tasks an earlier call with the same token started, as a reply to its repetition. Other
 * parameters with the same token are a conflict. */
static int repeat_run(const struct region *region, const struct ecs_run_task_input *in,
                      const struct definition *definition, int64_t count, struct ecs_task *tasks,
                      struct arena *a, struct aws_error *err)
{
    int64_t n = 0;
    bool same = true;
    for (size_t i = 0; i < region->tasks.n; i++) {
        const struct task *task = task_at(region, i);
        if (!str_eq(in->client_token, str_from(task->client_token))) continue;
        same = same && task->definition == definition && n < count;
        if (same) tasks[n] = task_describe(region, task, &task->now, a);
        n++;
    }
    if (n == 0 || (same && n == count)) return 0;
    return refuse(err, "ConflictException",
                  "The clientToken was used before, with other parameters.");
}

int region_ecs_run_task(struct region *region, const struct caller *caller,
                        const struct ecs_run_task_input *in, struct arena *a,
                        struct ecs_run_task_output *out, struct aws_error *err)
{
    (void)caller; /* is in the log */
    struct cluster *cluster;
    int code = cluster_need(region, in->cluster, &cluster, err);
    if (code) return code;
    struct definition *definition = definition_find(region, in->task_definition);
    if (!definition) return refuse(err, "ClientException", "TaskDefinition not found.");
    int64_t count = in->count ? in->count : 1;
    if (count < 1 || count > RUN_TASK_MAX)
        return refuse(err, "InvalidParameterException", "count must be between 1 and %d.",
                      RUN_TASK_MAX);
    bool has_token = !str_is_empty(in->client_token);
    if (in->client_token.n > CLIENT_TOKEN_MAX)
        return refuse(err, "InvalidParameterException",
                      "clientToken can have at most %d characters.", CLIENT_TOKEN_MAX);
    struct ecs_task *tasks = ARENA_ARRAY(a, (size_t)count, struct ecs_task);
    if (has_token) code = repeat_run(region, in, definition, count, tasks, a, err);
    if (code) return code;
    bool repeated = tasks[0].task_arn.p != NULL;
    struct str group =
        str_is_empty(in->group) ? arena_format(a, "family:%s", definition->family) : in->group;
    for (int64_t i = 0; i < count && !repeated; i++) {
        struct task_birth birth = {.cluster = cluster,
                                   .definition = definition,
                                   .started_by = in->started_by,
                                   .group = group};
        struct task *task = task_start(region, &birth);
        (void)snprintf(task->client_token, sizeof(task->client_token), "%.*s",
                       STR_ARG(in->client_token)); /* its length was checked */
        tasks[i] = task_describe(region, task, &task->now, a);
    }
    out->tasks = LIST_OF(tasks, (size_t)count);
    out->failures = LIST_OF(NULL, 0);
    return 0;
}

static int end_running(struct region *region, struct str name, enum stop_cause cause,
                       struct str reason)
{
    struct task *task = task_find(region, NULL, name);
    if (!task || !task->app.alive) return E_NOT_FOUND;
    /* One that is on its way out already only loses its process sooner. */
    if (!task->now.wanted)
        sessions_cut(region, task);
    else
        task_stop(region, task, cause, STR_NONE, reason);
    return 0;
}

int region_task_die(struct region *region, struct str task, struct str reason)
{
    return end_running(region, task, STOP_EXITED, reason);
}

int region_task_reclaim(struct region *region, struct str task)
{
    return end_running(region, task, STOP_RECLAIMED, STR_NONE);
}

void ecs_release(struct region *region)
{
    for (size_t i = 0; i < region->services.n; i++) {
        struct service *service = service_at(region, i);
        for (size_t k = 0; k < service->events_n; k++)
            free(service->events[k].message);
        vector_release(&service->tasks);
        free(service->past);
        free(service);
    }
    for (size_t i = 0; i < region->clusters.n; i++)
        free(region->clusters.items[i]);
    for (size_t i = 0; i < region->definitions.n; i++)
        free(region->definitions.items[i]);
    apps_release(region);
    callbacks_release(region);
}
