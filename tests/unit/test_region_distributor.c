/* SPDX-License-Identifier: Apache-2.0
 * Goal: the distributor's Lambda function shuts addresses out as it is told, at once or later, and
 * Invoke answers as AWS's does. Method: invocations, then where sessions go. */
#include "tests/unit/region_fixture.h"

static struct lambda_invoke_output invoke(struct small_world *w, const char *payload,
                                          const char *type)
{
    struct lambda_invoke_input in = {.function_name = STR("kamailio"),
                                     .invocation_type = str_from(type),
                                     .payload = str_from(payload)};
    struct lambda_invoke_output out;
    small_world_do(w, &LAMBDA_INVOKE, &in, &out);
    return out;
}

TEST(distributor_excludes_an_address)
{
    struct small_world w = small_world_new(NULL);
    struct function_options function = {.name = STR("kamailio"), .event_delay_ms = 700};
    struct err e;
    assert_ok(region_function_set(w.region, &function, &e), e);
    struct app_options app = {.cluster = STR("demo"),
                              .service = STR("pbx"),
                              .arrivals_per_hour = 3600,
                              .distributor = STR("kamailio")};
    assert_ok(region_app_set(w.region, &app, &e), e);
    small_world_service(&w, "pbx", 2);
    const char *out_of = "{\"action\":\"comment_out_ip\",\"target_ip\":\"10.0.0.10\","
                         "\"drainId\":\"d1\"}";
    struct lambda_invoke_output reply = invoke(&w, out_of, "RequestResponse");
    assert_int_equal(reply.status_code, 200);
    assert_str(reply.payload, "{\"ok\":true,\"action\":\"comment_out_ip\",\"target_ip\":"
                              "\"10.0.0.10\",\"changed\":true}");
    assert_contains(invoke(&w, out_of, NULL).payload, "\"changed\":false");
    struct str drain_id;
    assert_true(region_excluded(w.region, STR("kamailio"), STR("10.0.0.10"), &drain_id));
    assert_str(drain_id, "d1");
    struct snapshot_service before = small_world_show(&w, "demo/pbx");
    small_world_pass(&w, 30 * MINUTE_MS);
    struct snapshot_service after = small_world_show(&w, "demo/pbx");
    for (size_t i = 0; i < 2; i++) {
        const struct snapshot_task *task = LIST_AT(after.tasks, struct snapshot_task, i);
        bool shut_out = str_eq(task->address, STR("10.0.0.10"));
        assert_int_equal(task->excluded, shut_out);
        if (shut_out)
            assert_int_equal(task->sessions + task->completed,
                             snapshot_find(&before, task->arn)->sessions +
                                 snapshot_find(&before, task->arn)->completed);
        else
            assert_true(task->completed > 1000);
    }
    reply = invoke(&w, "{\"action\":\"restore_ip\",\"target_ip\":\"10.0.0.10\"}", "Event");
    assert_int_equal(reply.status_code, 202);
    small_world_pass(&w, 699);
    assert_true(region_excluded(w.region, STR("kamailio"), STR("10.0.0.10"), NULL));
    small_world_pass(&w, 1);
    assert_false(region_excluded(w.region, STR("kamailio"), STR("10.0.0.10"), NULL));
    small_world_free(&w);
}

TEST(distributor_refuses_what_it_does_not_know)
{
    struct small_world w = small_world_new(NULL);
    struct function_options function = {.name = STR("kamailio"), .event_lost_percent = 100};
    struct err e;
    assert_ok(region_function_set(w.region, &function, &e), e);
    struct lambda_invoke_output reply =
        invoke(&w, "{\"action\":\"explode\",\"target_ip\":\"10.0.0.10\"}", NULL);
    assert_int_equal(reply.status_code, 200);
    assert_str(reply.function_error, "Unhandled");
    assert_contains(reply.payload, "unknown action");
    (void)invoke(&w, "{\"action\":\"comment_out_ip\",\"target_ip\":\"10.0.0.10\"}", "Event");
    small_world_pass(&w, MINUTE_MS);
    assert_false(region_excluded(w.region, STR("kamailio"), STR("10.0.0.10"), NULL));
    struct lambda_invoke_input in = {.function_name = STR("nobody"), .payload = STR("{}")};
    small_world_refused(
        &w, &LAMBDA_INVOKE, &in, "ResourceNotFoundException",
        "Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody");
    assert_int_equal(w.err.http_status, 404);
    in.function_name = STR("arn:aws:lambda:us-east-1:123456789012:function:kamailio:live");
    struct lambda_invoke_output out;
    small_world_do(&w, &LAMBDA_INVOKE, &in, &out);
    in.payload = STR("{");
    small_world_refused(&w, &LAMBDA_INVOKE, &in, "InvalidRequestContentException", "json");
    small_world_free(&w);
}
