/* SPDX-License-Identifier: Apache-2.0
 * See ecs_calls.h. */
#include "lib/aws/ecs_calls.h"

#include <string.h>

#include "lib/aws/shapes/autoscaling.h"

#define PAGES_MAX 200 /* of 100 tasks: ECS has no service of more */

bool ecs_is_deploying(const struct ecs_service *s)
{
    if (s->deployments.n > 1) return true;
    for (size_t i = 0; i < s->deployments.n; i++)
        if (str_eq(LIST_AT(s->deployments, struct ecs_deployment, i)->rollout_state,
                   STR("IN_PROGRESS")))
            return true;
    return false;
}

static struct list one(struct arena *a, struct str s)
{
    struct str *item = ARENA_NEW(a, struct str);
    *item = s;
    return LIST_OF(item, 1);
}

static int wrong_answer(struct aws_failure *failure, const char *what)
{
    return err_set(&failure->err, E_UNAVAILABLE, "%s", what);
}

int ecs_read_service(const struct aws_port *aws, const struct service_key *key, struct arena *a,
                     bool *exists, struct ecs_service *out, struct aws_failure *failure)
{
    struct ecs_describe_services_input input = {
        .cluster = service_key_cluster_arn(a, key),
        .services = one(a, key->name),
    };
    struct ecs_describe_services_output output = {0};
    *exists = false;
    int code = aws_call(aws, &ECS_DESCRIBE_SERVICES, key->region, &input, a, &output, 0, failure);
    if (code && str_eq(str_from(failure->code), STR("ClusterNotFoundException"))) return E_OK;
    if (code) return code;
    if (output.services.n) {
        *out = *LIST_AT(output.services, struct ecs_service, 0);
        *exists = true;
        return E_OK;
    }
    if (output.failures.n &&
        str_eq(LIST_AT(output.failures, struct ecs_failure, 0)->reason, STR("MISSING")))
        return E_OK;
    return wrong_answer(failure,
                        "DescribeServices answered neither the service nor that it is MISSING");
}

static void append(struct arena *a, struct list *to, struct list more, size_t item_bytes)
{
    if (!more.n) return;
    unsigned char *items = arena_array(a, to->n + more.n, item_bytes);
    if (to->n) memcpy(items, to->items, to->n * item_bytes);
    memcpy(items + to->n * item_bytes, more.items, more.n * item_bytes);
    *to = LIST_OF(items, to->n + more.n);
}

static int list_tasks(const struct aws_port *aws, const struct service_key *key, struct arena *a,
                      struct list *out, struct aws_failure *failure)
{
    struct ecs_list_tasks_input input = {
        .cluster = service_key_cluster_arn(a, key),
        .service_name = key->name,
        .desired_status = STR("RUNNING"),
        .max_results = ECS_LIST_TASKS_MAX,
    };
    *out = LIST_OF(NULL, 0);
    for (int page = 0; page < PAGES_MAX; page++) {
        struct ecs_list_tasks_output output = {0};
        int code = aws_call(aws, &ECS_LIST_TASKS, key->region, &input, a, &output, 0, failure);
        if (code) return code;
        append(a, out, output.task_arns, sizeof(struct str));
        input.next_token = output.next_token;
        if (str_is_empty(output.next_token)) return E_OK;
    }
    return wrong_answer(failure, "ListTasks goes on for more pages than a service can have");
}

static int describe_tasks(const struct aws_port *aws, const struct service_key *key,
                          struct list arns, struct arena *a, struct ecs_describe_tasks_output *out,
                          struct aws_failure *failure)
{
    struct ecs_describe_tasks_input input = {.cluster = service_key_cluster_arn(a, key),
                                             .tasks = arns};
    *out = (struct ecs_describe_tasks_output){0};
    int code = aws_call(aws, &ECS_DESCRIBE_TASKS, key->region, &input, a, out, 0, failure);
    if (code) return code;
    if (out->tasks.n > arns.n)
        return wrong_answer(failure, "DescribeTasks answered more tasks than asked for");
    /* Every task asked for is there or MISSING; anything else is not an answer to build on. */
    for (size_t i = 0; i < out->failures.n; i++) {
        const struct ecs_failure *f = LIST_AT(out->failures, struct ecs_failure, i);
        if (str_eq(f->reason, STR("MISSING"))) continue;
        return err_set(&failure->err, E_UNAVAILABLE, "DescribeTasks: %.*s: %.*s", STR_ARG(f->arn),
                       STR_ARG(f->reason));
    }
    if (out->tasks.n + out->failures.n < arns.n)
        return wrong_answer(failure, "DescribeTasks answered fewer tasks than asked for, and not "
                                     "that the others are MISSING");
    return E_OK;
}

int ecs_read_service_tasks(const struct aws_port *aws, const struct service_key *key,
                           struct arena *a, struct list *out, struct aws_failure *failure)
{
    struct list arns;
    int code = list_tasks(aws, key, a, &arns, failure);
    if (code) return code;
    struct ecs_task *tasks = ARENA_ARRAY(a, arns.n, struct ecs_task);
    size_t n = 0;
    for (size_t at = 0; at < arns.n; at += ECS_DESCRIBE_TASKS_MAX) {
        size_t left = arns.n - at,
               batch = left < ECS_DESCRIBE_TASKS_MAX ? left : ECS_DESCRIBE_TASKS_MAX;
        struct ecs_describe_tasks_output output;
        code = describe_tasks(aws, key, LIST_OF(LIST_AT(arns, struct str, at), batch), a, &output,
                              failure);
        if (code) return code;
        for (size_t i = 0; i < output.tasks.n; i++) {
            const struct ecs_task *t = LIST_AT(output.tasks, struct ecs_task, i);
            /* Stopped since it was listed. */
            if (str_eq(t->desired_status, STR("RUNNING"))) tasks[n++] = *t;
        }
    }
    *out = LIST_OF(tasks, n);
    return E_OK;
}

int ecs_read_tasks(const struct aws_port *aws, const struct service_key *key, struct list arns,
                   struct arena *a, struct list *out, struct aws_failure *failure)
{
    struct ecs_describe_tasks_output output;
    int code = describe_tasks(aws, key, arns, a, &output, failure);
    *out = output.tasks;
    return code;
}

int ecs_read_task(const struct aws_port *aws, const struct service_key *key, struct str task_arn,
                  struct arena *a, bool *exists, struct ecs_task *out, struct aws_failure *failure)
{
    struct ecs_describe_tasks_output output;
    int code = describe_tasks(aws, key, one(a, task_arn), a, &output, failure);
    *exists = false;
    if (code && str_eq(str_from(failure->code), STR("ClusterNotFoundException"))) return E_OK;
    if (code) return code;
    *exists = output.tasks.n == 1;
    if (*exists) *out = *LIST_AT(output.tasks, struct ecs_task, 0);
    return E_OK;
}

static void append_answer(struct arena *a, struct ecs_task_protection_output *to,
                          const struct ecs_task_protection_output *more)
{
    append(a, &to->protected_tasks, more->protected_tasks, sizeof(struct ecs_protected_task));
    append(a, &to->failures, more->failures, sizeof(struct ecs_failure));
}

int ecs_read_protection(const struct aws_port *aws, const struct service_key *key,
                        const struct str *tasks, size_t n, struct arena *a,
                        struct ecs_task_protection_output *out, struct aws_failure *failure)
{
    struct ecs_get_task_protection_input input = {.cluster = service_key_cluster_arn(a, key)};
    *out = (struct ecs_task_protection_output){0};
    for (size_t at = 0; at < n; at += ECS_GET_PROTECTION_MAX) {
        size_t batch = n - at < ECS_GET_PROTECTION_MAX ? n - at : ECS_GET_PROTECTION_MAX;
        struct ecs_task_protection_output answer = {0};
        struct str *names = ARENA_ARRAY(a, batch, struct str);
        memcpy(names, tasks + at, batch * sizeof(struct str));
        input.tasks = LIST_OF(names, batch);
        int code =
            aws_call(aws, &ECS_GET_TASK_PROTECTION, key->region, &input, a, &answer, 0, failure);
        if (code) return code;
        append_answer(a, out, &answer);
    }
    return E_OK;
}

int ecs_update_protection(const struct aws_port *aws, const struct service_key *key,
                          const struct str *tasks, size_t n, bool on, int64_t minutes,
                          int64_t not_after_ms, struct arena *a,
                          struct ecs_task_protection_output *out, struct aws_failure *failure)
{
    struct ecs_update_task_protection_input input = {
        .cluster = service_key_cluster_arn(a, key),
        .protection_enabled = on,
        .expires_in_minutes = on ? minutes : 0,
    };
    *out = (struct ecs_task_protection_output){0};
    for (size_t at = 0; at < n; at += ECS_UPDATE_PROTECTION_MAX) {
        size_t batch = n - at < ECS_UPDATE_PROTECTION_MAX ? n - at : ECS_UPDATE_PROTECTION_MAX;
        struct ecs_task_protection_output answer = {0};
        struct str *names = ARENA_ARRAY(a, batch, struct str);
        memcpy(names, tasks + at, batch * sizeof(struct str));
        input.tasks = LIST_OF(names, batch);
        int code = aws_call(aws, &ECS_UPDATE_TASK_PROTECTION, key->region, &input, a, &answer,
                            not_after_ms, failure);
        if (code) return code;
        append_answer(a, out, &answer);
    }
    return E_OK;
}

int ecs_set_desired(const struct aws_port *aws, const struct service_key *key, int64_t desired,
                    int64_t not_after_ms, struct arena *a, struct aws_failure *failure)
{
    struct ecs_update_service_input input = {
        .cluster = service_key_cluster_arn(a, key),
        .service = key->name,
        .desired_count = desired,
    };
    struct ecs_update_service_output output = {0};
    return aws_call(aws, &ECS_UPDATE_SERVICE, key->region, &input, a, &output, not_after_ms,
                    failure);
}

int ecs_stop_task(const struct aws_port *aws, const struct service_key *key, struct str task_arn,
                  struct str reason, int64_t not_after_ms, struct arena *a,
                  struct aws_failure *failure)
{
    struct ecs_stop_task_input input = {
        .cluster = service_key_cluster_arn(a, key), .task = task_arn, .reason = reason};
    struct ecs_stop_task_output output = {0};
    return aws_call(aws, &ECS_STOP_TASK, key->region, &input, a, &output, not_after_ms, failure);
}

int ecs_read_min_capacity(const struct aws_port *aws, const struct service_key *key,
                          struct arena *a, bool *exists, int64_t *min, struct aws_failure *failure)
{
    struct str resource_id = service_key_resource_id(a, key);
    struct autoscaling_describe_scalable_targets_input input = {
        .service_namespace = STR("ecs"),
        .resource_ids = one(a, resource_id),
        .scalable_dimension = STR("ecs:service:DesiredCount"),
    };
    *exists = false;
    for (int page = 0; page < PAGES_MAX; page++) {
        struct autoscaling_describe_scalable_targets_output output = {0};
        int code = aws_call(aws, &AUTOSCALING_DESCRIBE_SCALABLE_TARGETS, key->region, &input, a,
                            &output, 0, failure);
        if (code) return code;
        for (size_t i = 0; i < output.scalable_targets.n; i++) {
            const struct autoscaling_scalable_target *target =
                LIST_AT(output.scalable_targets, struct autoscaling_scalable_target, i);
            if (!str_eq(target->resource_id, resource_id)) continue;
            *exists = true;
            *min = target->min_capacity;
            return E_OK;
        }
        input.next_token = output.next_token;
        if (str_is_empty(output.next_token)) return E_OK;
    }
    return wrong_answer(failure, "DescribeScalableTargets goes on for too many pages");
}
