/* SPDX-License-Identifier: Apache-2.0
 * See region_fixture.h. */
#include "tests/unit/region_fixture.h"

struct small_world small_world_new(const struct region_options *options)
{
    struct region_options fallback = {.seed = 1, .throttling_off = true};
    struct small_world w = {.caller = {.access_key_id = STR("AKIATEST")}};
    struct err e;
    arena_init(&w.a);
    assert_ok(region_new(options ? options : &fallback, &w.region, &e), e);
    struct ecs_create_cluster_input cluster = {.cluster_name = STR("demo")};
    struct ecs_cluster_output made;
    small_world_do(&w, &ECS_CREATE_CLUSTER, &cluster, &made);
    struct ecs_container_definition container = {.name = STR("asterisk"), .image = STR("pbx:1")};
    struct ecs_register_task_definition_input definition = {
        .family = STR("pbx"), .container_definitions = LIST_OF(&container, 1)};
    struct ecs_task_definition_output registered;
    small_world_do(&w, &ECS_REGISTER_TASK_DEFINITION, &definition, &registered);
    return w;
}

void small_world_free(struct small_world *w)
{
    region_free(w->region);
    arena_release(&w->a);
}

int small_world_call(struct small_world *w, const struct aws_operation *operation, const void *in,
                     void *out)
{
    const struct region_operation *found = region_operation_of(operation);
    assert_non_null(found);
    if (out && operation->output)
        for (size_t i = 0; i < operation->output->size; i++)
            ((unsigned char *)out)[i] = 0;
    return region_call(w->region, &w->caller, found, in, &w->a, out, &w->err);
}

void small_world_do(struct small_world *w, const struct aws_operation *operation, const void *in,
                    void *out)
{
    if (small_world_call(w, operation, in, out))
        fail_msg("%s: %s: %s", operation->name, w->err.code, w->err.message);
}

void small_world_refused(struct small_world *w, const struct aws_operation *operation,
                         const void *in, const char *code, const char *part)
{
    size_t bytes = operation->output ? operation->output->size : 1;
    assert_int_not_equal(small_world_call(w, operation, in, arena_alloc(&w->a, bytes)), 0);
    assert_str(str_from(w->err.code), code);
    assert_contains(str_from(w->err.message), part);
}

void small_world_pass(struct small_world *w, int64_t ms)
{
    region_advance(w->region, region_now_ms(w->region) + ms);
}

void small_world_service(struct small_world *w, const char *name, int64_t desired)
{
    struct ecs_create_service_input in = {.cluster = STR("demo"),
                                          .service_name = str_from(name),
                                          .task_definition = STR("pbx"),
                                          .desired_count = desired};
    struct ecs_service_output out;
    small_world_do(w, &ECS_CREATE_SERVICE, &in, &out);
    small_world_pass(w, 5 * MINUTE_MS);
    assert_int_equal(small_world_describe(w, name).running_count, desired);
}

struct ecs_service small_world_describe(struct small_world *w, const char *name)
{
    struct str names[] = {str_from(name)};
    struct ecs_describe_services_input in = {.cluster = STR("demo"), .services = LIST_OF(names, 1)};
    struct ecs_describe_services_output out;
    small_world_do(w, &ECS_DESCRIBE_SERVICES, &in, &out);
    assert_int_equal(out.services.n, 1);
    return *LIST_AT(out.services, struct ecs_service, 0);
}

void small_world_desire(struct small_world *w, const char *name, int64_t desired)
{
    struct ecs_update_service_input in = {
        .cluster = STR("demo"), .service = str_from(name), .desired_count = desired};
    struct ecs_update_service_output out;
    small_world_do(w, &ECS_UPDATE_SERVICE, &in, &out);
}

struct list small_world_tasks(struct small_world *w, const char *service, const char *desired)
{
    struct ecs_list_tasks_input in = {.cluster = STR("demo"),
                                      .service_name = str_from(service),
                                      .desired_status = str_from(desired)};
    struct ecs_list_tasks_output out;
    small_world_do(w, &ECS_LIST_TASKS, &in, &out);
    return out.task_arns;
}

size_t small_world_protect(struct small_world *w, struct list tasks, int64_t minutes,
                           struct list *failures)
{
    struct ecs_update_task_protection_input in = {.cluster = STR("demo"),
                                                  .tasks = tasks,
                                                  .protection_enabled = minutes > 0,
                                                  .expires_in_minutes = minutes};
    struct ecs_task_protection_output out;
    small_world_do(w, &ECS_UPDATE_TASK_PROTECTION, &in, &out);
    if (failures) *failures = out.failures;
    return out.protected_tasks.n;
}

struct snapshot_service small_world_show(struct small_world *w, const char *key)
{
    struct snapshot_service out;
    assert_int_equal(region_snapshot_service(w->region, str_from(key), &w->a, &out), 0);
    return out;
}

const struct snapshot_task *snapshot_find(const struct snapshot_service *service, struct str arn)
{
    for (size_t i = 0; i < service->tasks.n; i++) {
        const struct snapshot_task *task = LIST_AT(service->tasks, struct snapshot_task, i);
        if (str_eq(task->arn, arn)) return task;
    }
    fail_msg("no task %.*s", STR_ARG(arn));
    return NULL;
}

struct str small_world_queue(struct small_world *w, const char *name)
{
    struct sqs_create_queue_input in = {.queue_name = str_from(name)};
    struct sqs_queue_url_output out;
    small_world_do(w, &SQS_CREATE_QUEUE, &in, &out);
    return out.queue_url;
}

struct list small_world_drain_queue(struct small_world *w, struct str url)
{
    struct sqs_receive_message_input in = {.queue_url = url, .max_number_of_messages = 10};
    struct sqs_receive_message_output out;
    small_world_do(w, &SQS_RECEIVE_MESSAGE, &in, &out);
    struct str *bodies = ARENA_ARRAY(&w->a, out.messages.n + 1, struct str);
    for (size_t i = 0; i < out.messages.n; i++) {
        const struct sqs_message *message = LIST_AT(out.messages, struct sqs_message, i);
        struct sqs_delete_message_input gone = {url, message->receipt_handle};
        small_world_do(w, &SQS_DELETE_MESSAGE, &gone, NULL);
        bodies[i] = message->body;
    }
    return LIST_OF(bodies, out.messages.n);
}

struct task_reply small_world_http(struct small_world *w, struct str address, const char *method,
                                   const char *path, struct str body)
{
    struct task_request request = {address, str_from(method), str_from(path), body};
    struct task_reply reply;
    region_task_request(w->region, &request, &w->a, &reply);
    return reply;
}
