/* SPDX-License-Identifier: Apache-2.0
 * Goal: ECS's calls have AWS's limits, error codes and words, pages, and kinds of services.
 * Method: calls that go over each limit, and long lists read page by page. */
#include "tests/unit/region_fixture.h"

#include <string.h>

static struct list many(struct small_world *w, size_t n)
{
    struct str *names = ARENA_ARRAY(&w->a, n, struct str);
    for (size_t i = 0; i < n; i++)
        names[i] = arena_format(&w->a, "name%zu", i);
    return LIST_OF(names, n);
}

TEST(region_refuses_more_than_a_call_may_ask)
{
    struct small_world w = small_world_new(NULL);
    struct ecs_describe_services_input services = {.cluster = STR("demo"),
                                                   .services = many(&w, 11)};
    small_world_refused(&w, &ECS_DESCRIBE_SERVICES, &services, "InvalidParameterException",
                        "service names can have at most 10 items.");
    struct ecs_describe_tasks_input tasks = {.cluster = STR("demo"), .tasks = many(&w, 101)};
    small_world_refused(&w, &ECS_DESCRIBE_TASKS, &tasks, "InvalidParameterException",
                        "taskIds can have at most 100 items.");
    struct ecs_update_task_protection_input protection = {
        .cluster = STR("demo"), .tasks = many(&w, 11), .protection_enabled = true};
    small_world_refused(&w, &ECS_UPDATE_TASK_PROTECTION, &protection, "InvalidParameterException",
                        "at most 10 items.");
    protection.tasks.n = 1;
    protection.expires_in_minutes = 2881;
    small_world_refused(&w, &ECS_UPDATE_TASK_PROTECTION, &protection, "InvalidParameterException",
                        "2880");
    struct ecs_list_tasks_input list = {.cluster = STR("demo"), .max_results = 101};
    small_world_refused(&w, &ECS_LIST_TASKS, &list, "InvalidParameterException", "100");
    list = (struct ecs_list_tasks_input){.cluster = STR("demo"), .next_token = STR("bm9uc2Vuc2U=")};
    small_world_refused(&w, &ECS_LIST_TASKS, &list, "InvalidParameterException", "token");
    small_world_free(&w);
}

TEST(region_names_what_it_does_not_find)
{
    struct small_world w = small_world_new(NULL);
    struct ecs_list_services_input cluster = {.cluster = STR("elsewhere")};
    small_world_refused(&w, &ECS_LIST_SERVICES, &cluster, "ClusterNotFoundException",
                        "Cluster not found.");
    struct ecs_list_tasks_input tasks = {.cluster = STR("demo"), .service_name = STR("nobody")};
    small_world_refused(&w, &ECS_LIST_TASKS, &tasks, "ServiceNotFoundException",
                        "Service not found.");
    struct ecs_update_service_input update = {
        .cluster = STR("demo"), .service = STR("nobody"), .desired_count = 1};
    small_world_refused(&w, &ECS_UPDATE_SERVICE, &update, "ServiceNotFoundException",
                        "Service not found.");
    struct str names[] = {STR("nobody")};
    struct ecs_describe_services_input in = {.cluster = STR("demo"), .services = LIST_OF(names, 1)};
    struct ecs_describe_services_output out;
    small_world_do(&w, &ECS_DESCRIBE_SERVICES, &in, &out);
    assert_str(LIST_AT(out.failures, struct ecs_failure, 0)->reason, "MISSING");
    assert_str(LIST_AT(out.failures, struct ecs_failure, 0)->arn,
               "arn:aws:ecs:us-east-1:123456789012:service/demo/nobody");
    /* Also what is longer than any name, as a client that is fed nonsense asks it. */
    char longest[70000];
    memset(longest, 'x', sizeof(longest));
    names[0] = (struct str){longest, sizeof(longest)};
    small_world_do(&w, &ECS_DESCRIBE_SERVICES, &in, &out);
    assert_str(LIST_AT(out.failures, struct ecs_failure, 0)->reason, "MISSING");
    struct ecs_stop_task_input stop = {.cluster = STR("demo"), .task = STR("nobody")};
    small_world_refused(&w, &ECS_STOP_TASK, &stop, "InvalidParameterException", "not found");
    small_world_free(&w);
}

TEST(region_deletes_services_in_steps)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 2);
    struct ecs_delete_service_input in = {.cluster = STR("demo"), .service = STR("pbx")};
    struct ecs_service_output out;
    small_world_refused(&w, &ECS_DELETE_SERVICE, &in, "InvalidParameterException",
                        "scaled above 0");
    in.force = true;
    small_world_do(&w, &ECS_DELETE_SERVICE, &in, &out);
    assert_str(out.service.status, "DRAINING");
    struct ecs_update_service_input update = {
        .cluster = STR("demo"), .service = STR("pbx"), .desired_count = 1};
    small_world_refused(&w, &ECS_UPDATE_SERVICE, &update, "ServiceNotActiveException",
                        "Service was not ACTIVE.");
    struct ecs_create_service_input again = {.cluster = STR("demo"),
                                             .service_name = STR("pbx"),
                                             .task_definition = STR("pbx"),
                                             .desired_count = 1};
    small_world_refused(&w, &ECS_CREATE_SERVICE, &again, "InvalidParameterException",
                        "Unable to Start a service that is still Draining.");
    struct ecs_list_services_input list = {.cluster = STR("demo")};
    struct ecs_list_services_output listed;
    small_world_do(&w, &ECS_LIST_SERVICES, &list, &listed);
    assert_int_equal(listed.service_arns.n, 0);
    small_world_pass(&w, 5 * MINUTE_MS);
    assert_str(small_world_describe(&w, "pbx").status, "INACTIVE");
    small_world_do(&w, &ECS_CREATE_SERVICE, &again, &out);
    assert_str(small_world_describe(&w, "pbx").status, "ACTIVE");
    small_world_refused(&w, &ECS_CREATE_SERVICE, &again, "InvalidParameterException",
                        "Creation of service was not idempotent.");
    small_world_free(&w);
}

TEST(region_pages_services_and_tasks)
{
    struct small_world w = small_world_new(NULL);
    for (int i = 0; i < 23; i++) {
        struct ecs_create_service_input in = {.cluster = STR("demo"),
                                              .service_name = arena_format(&w.a, "s%d", i),
                                              .task_definition = STR("pbx")};
        struct ecs_service_output out;
        small_world_do(&w, &ECS_CREATE_SERVICE, &in, &out);
    }
    struct ecs_list_services_input in = {.cluster = STR("demo")};
    struct ecs_list_services_output out;
    size_t sizes[3] = {0}, pages = 0;
    do {
        small_world_do(&w, &ECS_LIST_SERVICES, &in, &out);
        assert_true(pages < 3);
        sizes[pages++] = out.service_arns.n;
        in.next_token = out.next_token;
    } while (out.next_token.p);
    assert_int_equal(sizes[0], 10);
    assert_int_equal(sizes[1], 10);
    assert_int_equal(sizes[2], 3);

    small_world_service(&w, "many", 7);
    struct ecs_list_tasks_input tasks = {
        .cluster = STR("demo"), .service_name = STR("many"), .max_results = 3};
    struct ecs_list_tasks_output listed;
    size_t total = 0;
    do {
        small_world_do(&w, &ECS_LIST_TASKS, &tasks, &listed);
        assert_true(listed.task_arns.n > 0 && listed.task_arns.n <= 3);
        total += listed.task_arns.n;
        tasks.next_token = listed.next_token;
    } while (listed.next_token.p);
    assert_int_equal(total, 7);
    /* A token of one list is not good for another. */
    tasks.next_token = STR_NONE;
    small_world_do(&w, &ECS_LIST_TASKS, &tasks, &listed);
    in.next_token = listed.next_token;
    small_world_refused(&w, &ECS_LIST_SERVICES, &in, "InvalidParameterException", "token");
    small_world_free(&w);
}

TEST(region_deploys_rolling_and_waits_for_the_protected)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 2);
    struct list old = small_world_tasks(&w, "pbx", "RUNNING");
    struct list one = {.items = old.items, .n = 1};
    assert_int_equal(small_world_protect(&w, one, 30, NULL), 1);
    struct ecs_update_service_input in = {.cluster = STR("demo"),
                                          .service = STR("pbx"),
                                          .desired_count = -1,
                                          .force_new_deployment = true};
    struct ecs_update_service_output out;
    small_world_do(&w, &ECS_UPDATE_SERVICE, &in, &out);
    assert_int_equal(out.service.deployments.n, 2);
    small_world_pass(&w, 20 * MINUTE_MS);
    struct ecs_service service = small_world_describe(&w, "pbx");
    assert_int_equal(service.deployments.n, 2);
    assert_int_equal(service.running_count, 3);
    const struct ecs_deployment *primary = LIST_AT(service.deployments, struct ecs_deployment, 0);
    assert_str(primary->rollout_state, "IN_PROGRESS");
    assert_int_equal(primary->running_count, 2);
    /* The one new protection that fits is taken by the old task; two new ones are one too many. */
    struct list now = small_world_tasks(&w, "pbx", "RUNNING"), failures;
    assert_int_equal(now.n, 3);
    assert_int_equal(small_world_protect(&w, now, 60, &failures), 2);
    assert_str(LIST_AT(failures, struct ecs_failure, 0)->reason, "DEPLOYMENT_BLOCKED");
    assert_int_equal(small_world_protect(&w, one, 0, NULL), 1);
    small_world_pass(&w, 5 * MINUTE_MS);
    service = small_world_describe(&w, "pbx");
    assert_int_equal(service.deployments.n, 1);
    assert_int_equal(service.running_count, 2);
    assert_str(LIST_AT(service.deployments, struct ecs_deployment, 0)->rollout_state, "COMPLETED");
    struct log_query query = {.kind = LOG_TASK_STOPPED, .cause = STOP_DEPLOYMENT};
    assert_int_equal(region_log_total(w.region, &query), 2);
    small_world_free(&w);
}

TEST(region_count_alone_is_no_deployment)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 1);
    struct ecs_update_service_input in = {.cluster = STR("demo"),
                                          .service = STR("pbx"),
                                          .desired_count = 2,
                                          .task_definition = STR("pbx")};
    struct ecs_update_service_output out;
    small_world_do(&w, &ECS_UPDATE_SERVICE, &in, &out);
    assert_int_equal(out.service.deployments.n, 1);
    assert_int_equal(out.service.desired_count, 2);
    struct log_query query = {.kind = LOG_DESIRED, .service = STR("demo/pbx")};
    struct list moves = region_log_find(w.region, &query, &w.a);
    assert_int_equal(moves.n, 2);
    const struct log_entry *last = LIST_AT(moves, struct log_entry, 1);
    assert_int_equal(last->before, 1);
    assert_int_equal(last->after, 2);
    assert_str(last->operation, "ecs:UpdateService");
    small_world_free(&w);
}

TEST(region_has_daemons_and_other_controllers)
{
    struct small_world w = small_world_new(NULL);
    struct ecs_create_service_input in = {.cluster = STR("demo"),
                                          .service_name = STR("agent"),
                                          .task_definition = STR("pbx"),
                                          .scheduling_strategy = STR("DAEMON"),
                                          .desired_count = 1};
    struct ecs_service_output out;
    small_world_refused(&w, &ECS_CREATE_SERVICE, &in, "InvalidParameterException", "daemon");
    in.desired_count = -1;
    small_world_do(&w, &ECS_CREATE_SERVICE, &in, &out);
    assert_str(out.service.scheduling_strategy, "DAEMON");
    struct ecs_update_service_input update = {
        .cluster = STR("demo"), .service = STR("agent"), .desired_count = 5};
    small_world_refused(&w, &ECS_UPDATE_SERVICE, &update, "InvalidParameterException", "daemon");
    in = (struct ecs_create_service_input){.cluster = STR("demo"),
                                           .service_name = STR("blue"),
                                           .task_definition = STR("pbx"),
                                           .deployment_controller = {STR("CODE_DEPLOY")}};
    small_world_do(&w, &ECS_CREATE_SERVICE, &in, &out);
    assert_str(out.service.deployment_controller.type, "CODE_DEPLOY");
    update = (struct ecs_update_service_input){.cluster = STR("demo"),
                                               .service = STR("blue"),
                                               .desired_count = -1,
                                               .force_new_deployment = true};
    small_world_refused(&w, &ECS_UPDATE_SERVICE, &update, "InvalidParameterException",
                        "Unable to update task definition on services with a CODE_DEPLOY");
    small_world_free(&w);
}

TEST(region_runs_a_task_once_for_one_token)
{
    struct small_world w = small_world_new(NULL);
    struct ecs_run_task_input in = {.cluster = STR("demo"),
                                    .task_definition = STR("pbx"),
                                    .count = 2,
                                    .client_token = STR("token-1")};
    struct ecs_run_task_output first, again;
    small_world_do(&w, &ECS_RUN_TASK, &in, &first);
    small_world_do(&w, &ECS_RUN_TASK, &in, &again);
    assert_true(str_eq(LIST_AT(first.tasks, struct ecs_task, 1)->task_arn,
                       LIST_AT(again.tasks, struct ecs_task, 1)->task_arn));
    in.count = 1;
    small_world_refused(&w, &ECS_RUN_TASK, &in, "ConflictException", "clientToken");
    in.count = 11;
    small_world_refused(&w, &ECS_RUN_TASK, &in, "InvalidParameterException", "10");
    small_world_free(&w);
}
