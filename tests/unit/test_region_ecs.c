/* SPDX-License-Identifier: Apache-2.0
 * Goal: ECS behaves as the documentation of AWS says: counts, victims, protection, deployments.
 * Method: calls and virtual time; what happened is read back through AWS's own reads and the log.
 */
#include "tests/unit/region_fixture.h"

TEST(region_starts_the_desired_tasks_and_says_steady)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 3);
    struct ecs_service service = small_world_describe(&w, "pbx");
    assert_str(service.status, "ACTIVE");
    assert_int_equal(service.desired_count, 3);
    assert_int_equal(service.deployments.n, 1);
    const struct ecs_deployment *deployment =
        LIST_AT(service.deployments, struct ecs_deployment, 0);
    assert_str(deployment->status, "PRIMARY");
    assert_str(deployment->rollout_state, "COMPLETED");
    bool steady = false;
    for (size_t i = 0; i < service.events.n; i++)
        steady |= str_eq(LIST_AT(service.events, struct ecs_service_event, i)->message,
                         STR("(service pbx) has reached a steady state."));
    assert_true(steady);
    struct list tasks = small_world_tasks(&w, "pbx", "RUNNING");
    struct ecs_describe_tasks_input in = {.cluster = STR("demo"), .tasks = tasks};
    struct ecs_describe_tasks_output out;
    small_world_do(&w, &ECS_DESCRIBE_TASKS, &in, &out);
    assert_int_equal(out.tasks.n, 3);
    const char *addresses[] = {"10.0.0.10", "10.0.0.11", "10.0.0.12"};
    for (size_t i = 0; i < 3; i++) {
        const struct ecs_task *task = LIST_AT(out.tasks, struct ecs_task, i);
        assert_str(task->last_status, "RUNNING");
        assert_str(task->group, "service:pbx");
        assert_int_equal(task->version, 4);
        assert_true(task->started_at > task->created_at);
        bool found = false;
        for (size_t k = 0; k < 3; k++)
            found |= str_eq(ecs_task_private_ipv4(task), str_from(addresses[k]));
        assert_true(found);
    }
    small_world_free(&w);
}

static struct str stopped_first(int64_t seed, struct small_world *w)
{
    struct region_options options = {.seed = seed, .throttling_off = true};
    *w = small_world_new(&options);
    small_world_service(w, "pbx", 5);
    struct list tasks = small_world_tasks(w, "pbx", "RUNNING");
    small_world_desire(w, "pbx", 4);
    small_world_pass(w, MINUTE_MS);
    struct log_query query = {.kind = LOG_TASK_STOPPING, .cause = STOP_SCALE_IN};
    struct list stops = region_log_find(w->region, &query, &w->a);
    assert_int_equal(stops.n, 1);
    const struct log_entry *stop = LIST_AT(stops, struct log_entry, 0);
    assert_str(stop->access_key_id, "AKIATEST");
    for (size_t i = 0; i < tasks.n; i++)
        if (str_eq(*LIST_AT(tasks, struct str, i), stop->subject))
            return arena_format(&w->a, "%zu", i);
    return STR("none of them");
}

TEST(region_scale_in_picks_any_task)
{
    bool chosen[5] = {0};
    for (int64_t seed = 1; seed <= 40; seed++) {
        struct small_world w;
        struct str which = stopped_first(seed, &w);
        int64_t i;
        assert_true(str_to_int(which, &i) && i < 5);
        chosen[i] = true;
        small_world_free(&w);
    }
    for (size_t i = 0; i < 5; i++)
        assert_true(chosen[i]);
}

TEST(region_scale_in_spares_the_protected)
{
    for (int64_t seed = 1; seed <= 10; seed++) {
        struct region_options options = {.seed = seed, .throttling_off = true};
        struct small_world w = small_world_new(&options);
        small_world_service(&w, "pbx", 4);
        struct list tasks = small_world_tasks(&w, "pbx", "RUNNING");
        struct list all_but_one = {.items = tasks.items, .n = 3};
        assert_int_equal(small_world_protect(&w, all_but_one, 60, NULL), 3);
        small_world_desire(&w, "pbx", 3);
        small_world_pass(&w, 2 * MINUTE_MS);
        struct list stopped = small_world_tasks(&w, "pbx", "STOPPED");
        assert_int_equal(stopped.n, 1);
        assert_true(str_eq(*LIST_AT(stopped, struct str, 0), *LIST_AT(tasks, struct str, 3)));
        small_world_free(&w);
    }
}

TEST(region_scale_in_waits_for_protection_to_end)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 2);
    struct list tasks = small_world_tasks(&w, "pbx", "RUNNING");
    assert_int_equal(small_world_protect(&w, tasks, 10, NULL), 2);
    small_world_desire(&w, "pbx", 1);
    small_world_pass(&w, 9 * MINUTE_MS);
    assert_int_equal(small_world_tasks(&w, "pbx", "RUNNING").n, 2);
    struct ecs_service service = small_world_describe(&w, "pbx");
    const struct ecs_service_event *event = LIST_AT(service.events, struct ecs_service_event, 0);
    assert_contains(event->message, "service (pbx) was unable to reach steady state because task "
                                    "set (ecs-svc/");
    assert_contains(event->message, "was unable to scale in. Reason: The number of protected tasks "
                                    "are more than the desired count of tasks.");
    small_world_pass(&w, 2 * MINUTE_MS);
    assert_int_equal(small_world_tasks(&w, "pbx", "RUNNING").n, 1);
    struct log_query query = {.kind = LOG_PROTECTION, .reason = STR("expired")};
    assert_int_equal(region_log_total(w.region, &query), 2);
    small_world_free(&w);
}

TEST(region_unprotecting_one_ends_the_wait)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 3);
    struct list tasks = small_world_tasks(&w, "pbx", "RUNNING");
    assert_int_equal(small_world_protect(&w, tasks, 60, NULL), 3);
    small_world_desire(&w, "pbx", 2);
    small_world_pass(&w, MINUTE_MS);
    struct list one = {.items = LIST_AT(tasks, struct str, 1), .n = 1};
    assert_int_equal(small_world_protect(&w, one, 0, NULL), 1);
    small_world_pass(&w, 2 * MINUTE_MS);
    struct list stopped = small_world_tasks(&w, "pbx", "STOPPED");
    assert_int_equal(stopped.n, 1);
    assert_true(str_eq(*LIST_AT(stopped, struct str, 0), *LIST_AT(tasks, struct str, 1)));
    small_world_free(&w);
}

TEST(region_protection_is_refused_while_blocked)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 2);
    struct list tasks = small_world_tasks(&w, "pbx", "RUNNING"), failures;
    assert_int_equal(small_world_protect(&w, tasks, 60, NULL), 2);
    small_world_desire(&w, "pbx", 1);
    assert_int_equal(small_world_protect(&w, tasks, 60, &failures), 0);
    assert_int_equal(failures.n, 2);
    assert_str(LIST_AT(failures, struct ecs_failure, 0)->reason, "DEPLOYMENT_BLOCKED");
    /* Taking protection away is never blocked. */
    assert_int_equal(small_world_protect(&w, tasks, 0, &failures), 2);
    small_world_free(&w);
}

TEST(region_protection_names_what_it_cannot_protect)
{
    struct small_world w = small_world_new(NULL);
    struct ecs_run_task_input run = {.cluster = STR("demo"), .task_definition = STR("pbx")};
    struct ecs_run_task_output ran;
    small_world_do(&w, &ECS_RUN_TASK, &run, &ran);
    struct str tasks[] = {LIST_AT(ran.tasks, struct ecs_task, 0)->task_arn,
                          STR("0123456789abcdef0123456789abcdef")};
    struct list failures;
    assert_int_equal(small_world_protect(&w, LIST_OF(tasks, 2), 60, &failures), 0);
    assert_str(LIST_AT(failures, struct ecs_failure, 0)->reason, "TASK_NOT_VALID");
    assert_str(LIST_AT(failures, struct ecs_failure, 1)->reason, "MISSING");
    assert_str(LIST_AT(failures, struct ecs_failure, 1)->arn,
               "arn:aws:ecs:us-east-1:123456789012:task/demo/0123456789abcdef0123456789abcdef");
    small_world_free(&w);
}

TEST(region_protection_is_read_back_and_renewed)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 2);
    struct list tasks = small_world_tasks(&w, "pbx", "RUNNING");
    struct list one = {.items = tasks.items, .n = 1};
    assert_int_equal(small_world_protect(&w, one, 10, NULL), 1);
    small_world_pass(&w, 5 * MINUTE_MS);
    assert_int_equal(small_world_protect(&w, one, 30, NULL), 1);
    small_world_pass(&w, 29 * MINUTE_MS);
    struct ecs_get_task_protection_input in = {.cluster = STR("demo"), .tasks = tasks};
    struct ecs_task_protection_output out;
    small_world_do(&w, &ECS_GET_TASK_PROTECTION, &in, &out);
    const struct ecs_protected_task *first =
        LIST_AT(out.protected_tasks, struct ecs_protected_task, 0);
    assert_true(first->protection_enabled);
    assert_int_equal(first->expiration_date, region_now_ms(w.region) + MINUTE_MS);
    assert_false(LIST_AT(out.protected_tasks, struct ecs_protected_task, 1)->protection_enabled);
    small_world_free(&w);
}

TEST(region_stop_task_ignores_protection_and_ecs_replaces)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 2);
    struct list tasks = small_world_tasks(&w, "pbx", "RUNNING");
    struct str victim = *LIST_AT(tasks, struct str, 0);
    (void)small_world_protect(&w, tasks, 60, NULL);
    struct ecs_stop_task_input in = {
        .cluster = STR("demo"), .task = victim, .reason = STR("because")};
    struct ecs_stop_task_output out;
    small_world_do(&w, &ECS_STOP_TASK, &in, &out);
    assert_str(out.task.desired_status, "STOPPED");
    assert_str(out.task.stop_code, "UserInitiated");
    assert_str(out.task.stopped_reason, "because");
    small_world_pass(&w, 5 * MINUTE_MS);
    assert_int_equal(small_world_describe(&w, "pbx").running_count, 2);
    struct log_query query = {.kind = LOG_TASK_STOPPED, .cause = STOP_USER, .subject = victim};
    assert_int_equal(region_log_total(w.region, &query), 1);
    small_world_free(&w);
}

TEST(region_gives_a_freed_address_again)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 2);
    struct snapshot_service before = small_world_show(&w, "demo/pbx");
    const struct snapshot_task *task = LIST_AT(before.tasks, struct snapshot_task, 0);
    uint64_t version = region_task_addresses_version(w.region);
    assert_int_equal(region_task_die(w.region, task->arn, STR("killed")), 0);
    small_world_pass(&w, 5 * MINUTE_MS);
    assert_true(region_task_addresses_version(w.region) > version);
    struct snapshot_service after = small_world_show(&w, "demo/pbx");
    const struct snapshot_task *replacement = LIST_AT(after.tasks, struct snapshot_task, 2);
    assert_true(str_eq(replacement->address, task->address) ||
                str_eq(replacement->address, STR("10.0.0.12")));
    /* The next one surely gets it: the pool gives the lowest free address first. */
    small_world_desire(&w, "pbx", 3);
    small_world_pass(&w, 5 * MINUTE_MS);
    struct list addresses = region_task_addresses(w.region, &w.a);
    assert_int_equal(addresses.n, 3);
    bool reused = false;
    for (size_t i = 0; i < addresses.n; i++)
        reused |= str_eq(*LIST_AT(addresses, struct str, i), task->address);
    assert_true(reused);
    small_world_free(&w);
}

TEST(region_forgets_stopped_tasks_after_an_hour)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 1);
    struct str task = *LIST_AT(small_world_tasks(&w, "pbx", "RUNNING"), struct str, 0);
    small_world_desire(&w, "pbx", 0);
    small_world_pass(&w, 59 * MINUTE_MS);
    struct ecs_describe_tasks_input in = {.cluster = STR("demo"), .tasks = LIST_OF(&task, 1)};
    struct ecs_describe_tasks_output out;
    small_world_do(&w, &ECS_DESCRIBE_TASKS, &in, &out);
    assert_int_equal(out.tasks.n, 1);
    const struct ecs_task *stopped = LIST_AT(out.tasks, struct ecs_task, 0);
    assert_str(stopped->last_status, "STOPPED");
    assert_contains(stopped->stopped_reason, "Scaling activity initiated by (deployment ecs-svc/");
    small_world_pass(&w, 3 * MINUTE_MS);
    small_world_do(&w, &ECS_DESCRIBE_TASKS, &in, &out);
    assert_int_equal(out.tasks.n, 0);
    assert_str(LIST_AT(out.failures, struct ecs_failure, 0)->reason, "MISSING");
    small_world_free(&w);
}

TEST(region_reads_may_lag_behind)
{
    struct region_options options = {
        .seed = 3, .throttling_off = true, .consistency_delay_ms = 5000};
    struct small_world w = small_world_new(&options);
    small_world_service(&w, "pbx", 3);
    small_world_desire(&w, "pbx", 2);
    small_world_pass(&w, 1000);
    int old = 0, fresh = 0;
    for (int i = 0; i < 100; i++) {
        int64_t seen = small_world_describe(&w, "pbx").desired_count;
        assert_true(seen == 3 || seen == 2);
        old += seen == 3;
        fresh += seen == 2;
    }
    assert_true(old > 0 && fresh > 0);
    small_world_pass(&w, 10 * MINUTE_MS);
    for (int i = 0; i < 100; i++)
        assert_int_equal(small_world_describe(&w, "pbx").desired_count, 2);
    small_world_free(&w);
}
