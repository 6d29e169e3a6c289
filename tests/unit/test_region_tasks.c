/* SPDX-License-Identifier: Apache-2.0
 * Goal: the stateful applications keep the task's contract, or break it only as asked, and no
 * session is lost from the count. Method: sessions put on tasks by hand or by chance, the
 * contract's requests made as the wire would make them. */
#include "tests/unit/region_fixture.h"

#include "world/region/fault.h"

static void set_app(struct small_world *w, struct app_options options)
{
    struct err e;
    options.cluster = STR("demo");
    options.service = STR("pbx");
    assert_ok(region_app_set(w->region, &options, &e), e);
}

static const struct snapshot_task *task_now(struct small_world *w, size_t i)
{
    struct snapshot_service *service = ARENA_NEW(&w->a, struct snapshot_service);
    *service = small_world_show(w, "demo/pbx");
    return LIST_AT(service->tasks, struct snapshot_task, i);
}

static struct str start_body(struct small_world *w, struct str arn, const char *drain_id)
{
    return arena_format(&w->a,
                        "{\"taskArn\":\"%.*s\",\"drainId\":\"%s\",\"maxDrainSeconds\":600,"
                        "\"callbackUrl\":\"http://127.0.0.1:9/cb\",\"token\":\"secret\"}",
                        STR_ARG(arn), drain_id);
}

static struct task_reply start(struct small_world *w, const struct snapshot_task *task,
                               const char *drain_id)
{
    return small_world_http(w, task->address, "POST", "/drain/start",
                            start_body(w, task->arn, drain_id));
}

static struct task_reply cancel(struct small_world *w, const struct snapshot_task *task,
                                const char *drain_id)
{
    return small_world_http(w, task->address, "POST", "/drain/cancel",
                            start_body(w, task->arn, drain_id));
}

TEST(task_drains_and_calls_back_when_empty)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 2);
    const struct snapshot_task *task = task_now(&w, 0);
    assert_int_equal(region_sessions_add(w.region, task->arn, 2, 0), 0);
    struct task_reply reply = start(&w, task, "d1");
    assert_int_equal(reply.status, 202);
    assert_contains(reply.body, "\"state\":\"DRAINING\"");
    assert_int_equal(start(&w, task, "d1").status, 202);
    reply = small_world_http(&w, task->address, "GET", "/drain/status", STR(""));
    assert_int_equal(reply.status, 200);
    assert_contains(reply.body, arena_cstr(&w.a, task->arn));
    assert_contains(reply.body, "\"sessions\":2");
    assert_contains(reply.body, "\"drainId\":\"d1\"");
    struct region_outgoing call;
    assert_int_equal(region_sessions_end(w.region, task->arn, 1), 0);
    small_world_pass(&w, MINUTE_MS);
    assert_false(region_take_outgoing(w.region, &w.a, &call));
    assert_int_equal(region_sessions_end(w.region, task->arn, 1), 0);
    small_world_pass(&w, 1);
    assert_true(region_take_outgoing(w.region, &w.a, &call));
    assert_str(call.url, "http://127.0.0.1:9/cb");
    assert_str(call.token, "secret");
    assert_contains(call.body, arena_cstr(&w.a, task->arn));
    assert_contains(call.body, "\"drainId\":\"d1\"");
    assert_false(region_take_outgoing(w.region, &w.a, &call));
    assert_true(task_now(&w, 0)->drained);
    assert_int_equal(task_now(&w, 0)->completed, 2);
    small_world_free(&w);
}

TEST(task_refuses_what_is_not_its_own)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 2);
    const struct snapshot_task *task = task_now(&w, 0), *other = task_now(&w, 1);
    struct task_reply reply = small_world_http(&w, task->address, "POST", "/drain/start",
                                               start_body(&w, other->arn, "d1"));
    assert_int_equal(reply.status, 409);
    assert_contains(reply.body, arena_cstr(&w.a, task->arn));
    assert_false(task_now(&w, 0)->draining);
    assert_int_equal(small_world_http(&w, task->address, "POST", "/drain/start", STR("{]")).status,
                     400);
    assert_int_equal(small_world_http(&w, task->address, "GET", "/elsewhere", STR("")).status, 404);
    assert_true(small_world_http(&w, STR("10.9.9.9"), "GET", "/drain/status", STR("")).unreachable);
    small_world_free(&w);
}

TEST(task_cancelled_takes_work_again)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 1);
    const struct snapshot_task *task = task_now(&w, 0);
    assert_int_equal(region_sessions_add(w.region, task->arn, 1, MINUTE_MS), 0);
    assert_int_equal(start(&w, task, "d1").status, 202);
    assert_int_equal(cancel(&w, task, "d2").status, 409);
    assert_int_equal(cancel(&w, task, "d1").status, 200);
    assert_int_equal(cancel(&w, task, "d1").status, 200);
    small_world_pass(&w, 2 * MINUTE_MS);
    struct region_outgoing call;
    assert_false(region_take_outgoing(w.region, &w.a, &call));
    assert_false(task_now(&w, 0)->draining);
    set_app(&w, (struct app_options){.no_cancel = true});
    assert_int_equal(start(&w, task, "d3").status, 202);
    assert_int_equal(cancel(&w, task, "d3").status, 404);
    small_world_free(&w);
}

TEST(task_callback_is_tried_again_until_answered)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 1);
    (void)start(&w, task_now(&w, 0), "d1");
    small_world_pass(&w, 1);
    struct region_outgoing call;
    assert_true(region_take_outgoing(w.region, &w.a, &call));
    region_outgoing_done(w.region, call.id, 0);
    assert_false(region_take_outgoing(w.region, &w.a, &call));
    small_world_pass(&w, 1000);
    assert_true(region_take_outgoing(w.region, &w.a, &call));
    assert_int_equal(call.attempt, 2);
    region_outgoing_done(w.region, call.id, 503);
    small_world_pass(&w, 2000);
    assert_true(region_take_outgoing(w.region, &w.a, &call));
    region_outgoing_done(w.region, call.id, 200);
    region_outgoing_done(w.region, call.id, 500);
    small_world_pass(&w, 10 * MINUTE_MS);
    assert_false(region_take_outgoing(w.region, &w.a, &call));
    struct log_query query = {.kind = LOG_CALLBACK};
    assert_int_equal(region_log_total(w.region, &query), 3);
    small_world_free(&w);
}

TEST(task_misbehaves_as_asked)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 1);
    const struct snapshot_task *task = task_now(&w, 0);
    struct region_outgoing call;
    set_app(&w, (struct app_options){.start_status = 500});
    assert_int_equal(start(&w, task, "d1").status, 500);
    assert_false(task_now(&w, 0)->draining);
    set_app(&w, (struct app_options){.start_hangs = true});
    assert_true(start(&w, task, "d1").hangs);
    assert_false(task_now(&w, 0)->draining);
    set_app(&w, (struct app_options){.not_tasks = true});
    assert_true(start(&w, task, "d1").unreachable);
    set_app(&w, (struct app_options){.lies_about_task = true, .no_status = true});
    assert_int_equal(small_world_http(&w, task->address, "GET", "/drain/status", STR("")).status,
                     404);
    /* The callback is there before the reply would be; twice, with another drain's name. */
    assert_int_equal(region_sessions_add(w.region, task->arn, 1, 0), 0);
    set_app(&w, (struct app_options){.start_delay_ms = 5000,
                                     .callback_before_empty = true,
                                     .callback_copies = 2,
                                     .callback_wrong_drain = true});
    assert_int_equal(start(&w, task, "d1").delay_ms, 5000);
    small_world_pass(&w, 1);
    for (int i = 0; i < 2; i++) {
        assert_true(region_take_outgoing(w.region, &w.a, &call));
        assert_contains(call.body, "\"drainId\":\"ffffffffffffffff\"");
    }
    assert_false(region_take_outgoing(w.region, &w.a, &call));
    small_world_free(&w);
}

TEST(task_can_call_back_late_or_never_or_leave)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 3);
    struct region_outgoing call;
    set_app(&w, (struct app_options){.callback_never = true});
    (void)start(&w, task_now(&w, 0), "d1");
    small_world_pass(&w, MINUTE_MS);
    assert_false(region_take_outgoing(w.region, &w.a, &call));
    set_app(&w, (struct app_options){.callback_delay_ms = 30000});
    (void)start(&w, task_now(&w, 1), "d2");
    small_world_pass(&w, 29000);
    assert_false(region_take_outgoing(w.region, &w.a, &call));
    small_world_pass(&w, 1001);
    assert_true(region_take_outgoing(w.region, &w.a, &call));
    region_outgoing_done(w.region, call.id, 200);
    set_app(&w, (struct app_options){.exits_when_drained = true});
    const struct snapshot_task *leaves = task_now(&w, 2);
    (void)start(&w, leaves, "d3");
    small_world_pass(&w, 1);
    assert_str(task_now(&w, 2)->last_status, "RUNNING");
    assert_true(region_take_outgoing(w.region, &w.a, &call));
    region_outgoing_done(w.region, call.id, 200);
    assert_str(task_now(&w, 2)->stop_cause, "exited");
    assert_true(small_world_http(&w, leaves->address, "GET", "/drain/status", STR("")).unreachable);
    small_world_free(&w);
}

TEST(sessions_cut_by_scale_in_are_counted)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(region_sessions_add(w.region, task_now(&w, i)->arn, 5, 0), 0);
    small_world_desire(&w, "pbx", 2);
    small_world_pass(&w, 2 * MINUTE_MS);
    struct snapshot_service service = small_world_show(&w, "demo/pbx");
    assert_int_equal(service.cut, 5);
    assert_int_equal(service.cut_by_scale_in, 5);
    assert_int_equal(service.sessions, 10);
    struct log_query query = {.kind = LOG_SESSIONS_CUT, .cause = STOP_SCALE_IN};
    struct list cuts = region_log_find(w.region, &query, &w.a);
    assert_int_equal(cuts.n, 1);
    assert_int_equal(LIST_AT(cuts, struct log_entry, 0)->count, 5);
    for (size_t i = 0; i < 3; i++) {
        const struct snapshot_task *task = LIST_AT(service.tasks, struct snapshot_task, i);
        bool runs = str_eq(task->last_status, STR("RUNNING"));
        assert_int_equal(region_task_reclaim(w.region, task->arn), runs ? 0 : E_NOT_FOUND);
    }
    small_world_pass(&w, 2 * MINUTE_MS);
    service = small_world_show(&w, "demo/pbx");
    assert_int_equal(service.cut, 15);
    assert_int_equal(service.cut_by_other, 10);
    small_world_free(&w);
}

TEST(sessions_may_end_within_the_grace_of_a_signal)
{
    struct small_world w = small_world_new(NULL);
    set_app(&w, (struct app_options){.sigterm_grace_ms = 60000});
    small_world_service(&w, "pbx", 1);
    struct str arn = task_now(&w, 0)->arn;
    assert_int_equal(region_sessions_add(w.region, arn, 1, 20000), 0);
    assert_int_equal(region_sessions_add(w.region, arn, 1, 10 * MINUTE_MS), 0);
    small_world_desire(&w, "pbx", 0);
    small_world_pass(&w, 3 * MINUTE_MS);
    assert_int_equal(task_now(&w, 0)->completed, 1);
    assert_int_equal(task_now(&w, 0)->cut, 1);
    small_world_free(&w);
}

TEST(sessions_add_up)
{
    struct small_world w = small_world_new(NULL);
    struct function_options function = {.name = STR("kamailio")};
    struct err e;
    assert_ok(region_function_set(w.region, &function, &e), e);
    set_app(&w, (struct app_options){.arrivals_per_hour = 3600,
                                     .session_mean_ms = 30000,
                                     .distributor = STR("kamailio")});
    small_world_service(&w, "pbx", 3);
    small_world_pass(&w, 10 * MINUTE_MS);
    (void)start(&w, task_now(&w, 0), "d1");
    small_world_pass(&w, 2 * MINUTE_MS);
    small_world_desire(&w, "pbx", 0);
    small_world_pass(&w, 5 * MINUTE_MS);
    struct snapshot_service service = small_world_show(&w, "demo/pbx");
    assert_true(service.arrived > 500);
    assert_true(service.refused > 0 && service.nowhere > 0 && service.cut > 0);
    assert_int_equal(service.arrived, service.sessions + service.completed + service.refused +
                                          service.nowhere + service.cut);
    small_world_free(&w);
}
