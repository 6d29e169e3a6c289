/* SPDX-License-Identifier: Apache-2.0
 * What a person means by SERVICE or TASK. */
#include "commands/drain.h"

#include "lib/aws/ecs_calls.h"
#include "lib/run/remedy.h"

#define TASK_ID_CHARS   32 /* and 36, with dashes, for tasks of long ago */
#define SHORT_CHARS_MIN 8  /* a task is named by so many, where they begin one id only */

static int ecs_failed(const struct drain_request *r, const struct aws_failure *failure,
                      const char *what, struct err *e)
{
    (void)remedy_aws(failure, r->process.context.region, e);
    return err_prefix(e, "%s", what);
}

/* "service:NAME" is the group of tasks that ECS started for a service. */
static int service_of_task(struct drain_request *r, struct str task_arn, struct err *e)
{
    struct arena *a = &r->process.arena;
    struct aws_failure failure = {0};
    struct ecs_task task = {0};
    struct arn arn;
    bool exists = false;
    if (arn_parse(task_arn, &arn))
        return err_set(e, E_REFUSED, "'%.*s' is not an ARN", STR_ARG(task_arn));
    struct str rest = arn.resource, group = STR_NONE;
    str_cut(&rest, '/');
    struct str cluster = str_cut(&rest, '/');
    if (!rest.p)
        return err_set(e, E_REFUSED,
                       "the ARN has no cluster in it; say with --service whose task it is");
    struct service_key key = {arn.partition, arn.region, arn.account, cluster, STR("")};
    int code = process_need(&r->process, NEEDS_AWS, e);
    if (code) return code;
    if (ecs_read_task(&r->process.context.ports.aws, &key, task_arn, a, &exists, &task, &failure))
        return ecs_failed(r, &failure, "the task's service", e);
    if (!exists) return err_set(e, E_NOT_FOUND, "ECS knows no task %.*s", STR_ARG(task_arn));
    group = task.group;
    if (!str_starts(group, STR("service:")))
        return err_set(e, E_REFUSED, "the task belongs to no service (its group is '%.*s')",
                       STR_ARG(group));
    key.name = (struct str){group.p + 8, group.n - 8};
    r->shown.service = service_key_format(a, &key);
    r->shown.task = task_arn;
    return E_OK;
}

/* A service that nothing has looked at yet: ECS says which account and region its name is in. */
static int service_by_ecs(struct drain_request *r, struct str cluster, struct str name,
                          struct err *e)
{
    struct arena *a = &r->process.arena;
    struct aws_failure failure = {0};
    struct ecs_describe_services_input input = {.cluster = cluster, .services = LIST_OF(&name, 1)};
    struct ecs_describe_services_output output = {0};
    struct service_key key;
    int code = process_need(&r->process, NEEDS_AWS, e);
    if (code) return code;
    struct str region = aws_client_region(r->process.aws);
    code = aws_call(&r->process.context.ports.aws, &ECS_DESCRIBE_SERVICES, region, &input, a,
                    &output, 0, &failure);
    if (code == E_NOT_FOUND || (!code && !output.services.n))
        return err_set(e, E_NOT_FOUND, "ECS knows no service %.*s/%.*s in %.*s", STR_ARG(cluster),
                       STR_ARG(name), STR_ARG(region));
    if (code) return ecs_failed(r, &failure, "the service's account", e);
    const struct ecs_service *found = LIST_AT(output.services, struct ecs_service, 0);
    if (service_key_from_arn(found->service_arn, found->cluster_arn, &key))
        return err_set(e, E_UNAVAILABLE, "ECS answered with an ARN that is none: '%.*s'",
                       STR_ARG(found->service_arn));
    r->shown.service = service_key_format(a, &key);
    return E_OK;
}

/* Of an id, how many hexadecimal digits the word may be; 0 when it is none. */
static size_t digits_of_id(struct str word)
{
    size_t hex = 0;
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (!is_hex && c != '-') return 0;
        hex += is_hex;
    }
    return hex >= SHORT_CHARS_MIN && hex <= TASK_ID_CHARS ? hex : 0;
}

/* The service's task whose id begins so. One that is none of its tasks is for select to refuse. */
static int complete_task(struct drain_request *r, struct err *e)
{
    struct arena *a = &r->process.arena;
    struct aws_failure failure = {0};
    struct service_key key;
    struct list tasks;
    struct str given = r->shown.task;
    if (service_key_parse(r->shown.service, &key)) return E_OK;
    int code = process_need(&r->process, NEEDS_AWS, e);
    if (code) return code;
    if (ecs_read_service_tasks(&r->process.context.ports.aws, &key, a, &tasks, &failure))
        return ecs_failed(r, &failure, "the service's tasks", e);
    for (size_t i = 0; i < tasks.n; i++) {
        struct str arn = LIST_AT(tasks, struct ecs_task, i)->task_arn;
        if (!str_starts(arn_task_id(arn), given)) continue;
        if (!str_eq(r->shown.task, given))
            return err_set(e, E_REFUSED,
                           "'%.*s' begins several of the service's tasks; give more of its id",
                           STR_ARG(given));
        r->shown.task = arn;
    }
    return E_OK;
}

static bool is_task_arn(struct str word)
{
    struct arn arn;
    return arn_parse(word, &arn) == E_OK && str_starts(arn.resource, STR("task/"));
}

/* The service's key, from Redis or, where nothing has looked at it yet, from ECS. */
static int find_service(struct drain_request *r, struct str service, struct err *e)
{
    const struct store_port *store = &r->process.context.ports.store;
    int code = show_find_service(store, service, &r->process.arena, &r->shown.service, e);
    struct str name = service, cluster = str_cut(&name, '/');
    if (code != E_NOT_FOUND || !name.n) return code;
    return service_by_ecs(r, cluster, name, e);
}

int drain_find_target(struct drain_request *r, struct str word, struct err *e)
{
    size_t digits = digits_of_id(word);
    if (!r->options.service.n && is_task_arn(word)) return service_of_task(r, word, e);
    if (r->options.service.n) {
        int code = find_service(r, r->options.service, e);
        r->shown.task = word;
        return code || !digits || digits == TASK_ID_CHARS ? code : complete_task(r, e);
    }
    int code = digits == TASK_ID_CHARS ? E_NOT_FOUND : find_service(r, word, e);
    if (code != E_NOT_FOUND || !digits) return code;
    return err_set(
        e, E_REFUSED,
        "'%.*s' looks like a task's id, which does not say whose it is; give its ARN, or "
        "--service",
        STR_ARG(word));
}
