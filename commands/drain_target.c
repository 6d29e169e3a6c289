/* SPDX-License-Identifier: Apache-2.0
 * What a person means by SERVICE or TASK. */
#include "commands/drain.h"

#include "lib/aws/ecs_calls.h"
#include "lib/run/remedy.h"

#define TASK_ID_CHARS 32 /* and 36, with dashes, for tasks of long ago */

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

static bool looks_like_task_id(struct str word)
{
    size_t hex = 0;
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (!is_hex && c != '-') return false;
        hex += is_hex;
    }
    return hex == TASK_ID_CHARS;
}

static bool is_task_arn(struct str word)
{
    struct arn arn;
    return arn_parse(word, &arn) == E_OK && str_starts(arn.resource, STR("task/"));
}

int drain_find_target(struct drain_request *r, struct str word, struct err *e)
{
    const struct store_port *store = &r->process.context.ports.store;
    struct arena *a = &r->process.arena;
    struct str service = r->options.service.n ? r->options.service : word;
    if (r->options.service.n) {
        r->shown.task = word;
    } else if (is_task_arn(word)) {
        return service_of_task(r, word, e);
    } else if (looks_like_task_id(word)) {
        return err_set(e, E_REFUSED,
                       "a task's id alone does not say whose it is; give its ARN, or --service");
    }
    int code = show_find_service(store, service, a, &r->shown.service, e);
    struct str name = service, cluster = str_cut(&name, '/');
    if (code != E_NOT_FOUND || !name.n) return code;
    return service_by_ecs(r, cluster, name, e);
}
