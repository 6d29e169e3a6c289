/* SPDX-License-Identifier: Apache-2.0
 * Goal: what bounds a caller: AWS's token buckets and a service's scalable target. Method: calls up
 * to the bucket's burst, then time until it has a token again. */
#include "tests/unit/region_fixture.h"

TEST(region_throttles_like_aws)
{
    struct region_options options = {.seed = 1};
    struct small_world w = small_world_new(&options);
    small_world_service(&w, "pbx", 1);
    struct ecs_update_service_input in = {
        .cluster = STR("demo"), .service = STR("pbx"), .desired_count = 1};
    struct ecs_update_service_output out;
    for (int i = 0; i < 50; i++)
        small_world_do(&w, &ECS_UPDATE_SERVICE, &in, &out);
    small_world_refused(&w, &ECS_UPDATE_SERVICE, &in, "ThrottlingException", "Rate exceeded");
    assert_int_equal(w.err.http_status, 400);
    /* Reading services has a bucket of its own. */
    assert_str(small_world_describe(&w, "pbx").status, "ACTIVE");
    small_world_pass(&w, 200);
    small_world_do(&w, &ECS_UPDATE_SERVICE, &in, &out);
    small_world_refused(&w, &ECS_UPDATE_SERVICE, &in, "ThrottlingException", "Rate exceeded");
    region_set_throttling(w.region, false);
    small_world_do(&w, &ECS_UPDATE_SERVICE, &in, &out);
    struct log_query query = {
        .kind = LOG_CALL, .operation = STR("ecs:UpdateService"), .succeeded = true};
    assert_int_equal(region_log_total(w.region, &query), 52);
    assert_int_equal(region_calls(w.region, STR("ecs:UpdateService")), 52);
    small_world_free(&w);
}

TEST(region_keeps_scalable_targets)
{
    struct small_world w = small_world_new(NULL);
    small_world_service(&w, "pbx", 1);
    struct autoscaling_register_scalable_target_input in = {.service_namespace = STR("ecs"),
                                                            .resource_id = STR("service/demo/pbx"),
                                                            .scalable_dimension =
                                                                STR("ecs:service:DesiredCount"),
                                                            .min_capacity = 1,
                                                            .max_capacity = 5};
    struct autoscaling_register_scalable_target_output made;
    small_world_do(&w, &AUTOSCALING_REGISTER_SCALABLE_TARGET, &in, &made);
    in.min_capacity = 2;
    in.max_capacity = -1;
    small_world_do(&w, &AUTOSCALING_REGISTER_SCALABLE_TARGET, &in, &made);
    struct autoscaling_describe_scalable_targets_input ask = {
        .service_namespace = STR("ecs"), .resource_ids = LIST_OF(&in.resource_id, 1)};
    struct autoscaling_describe_scalable_targets_output out;
    small_world_do(&w, &AUTOSCALING_DESCRIBE_SCALABLE_TARGETS, &ask, &out);
    assert_int_equal(out.scalable_targets.n, 1);
    const struct autoscaling_scalable_target *target =
        LIST_AT(out.scalable_targets, struct autoscaling_scalable_target, 0);
    assert_int_equal(target->min_capacity, 2);
    assert_int_equal(target->max_capacity, 5);
    in.min_capacity = 6;
    small_world_refused(&w, &AUTOSCALING_REGISTER_SCALABLE_TARGET, &in, "ValidationException",
                        "Maximum capacity");
    in.resource_id = STR("service/demo/none");
    small_world_refused(&w, &AUTOSCALING_REGISTER_SCALABLE_TARGET, &in, "ValidationException",
                        "doesn't exist");
    small_world_free(&w);
}
