/* SPDX-License-Identifier: Apache-2.0
 * Goal: the floor is that of just this service, of whichever page; an answer without an end is no
 * floor. Method: the client on a scripted http port, and a port whose answers never end. */
#include "lib/aws/ecs_calls.h"
#include "lib/aws/shapes/autoscaling.h"
#include "tests/unit/test_aws_fake.h"

#define KEY "aws:eu-west-1:123456789012:games/rooms"

TEST(ecs_calls_find_the_floor_of_just_this_service)
{
    struct fake_call s;
    struct service_key key;
    bool exists = false;
    int64_t min = -1;
    fake_call_begin(&s);
    s.client = fake_client(&s.fake);
    struct aws_port port = aws_client_port(s.client);
    assert_int_equal(service_key_parse(STR(KEY), &key), 0);
    fake_says(&s.fake, 200, "{\"ScalableTargets\":[],\"NextToken\":\"more\"}");
    fake_says(&s.fake, 200,
              "{\"ScalableTargets\":[{\"ResourceId\":\"service/games/rooms2\",\"MinCapacity\":9},"
              "{\"ResourceId\":\"service/games/rooms\",\"MinCapacity\":0}]}");
    fake_says(&s.fake, 200, "{\"ScalableTargets\":[]}");
    assert_int_equal(ecs_read_min_capacity(&port, &key, &s.arena, &exists, &min, &s.failure), 0);
    assert_true(exists);
    assert_int_equal(min, 0);
    assert_contains(s.fake.asked[0].body, "\"ResourceIds\":[\"service/games/rooms\"]");
    assert_contains(s.fake.asked[1].body, "\"NextToken\":\"more\"");
    assert_int_equal(ecs_read_min_capacity(&port, &key, &s.arena, &exists, &min, &s.failure), 0);
    assert_false(exists);
    fake_call_end(&s);
}

static int endless(void *ctx, const struct aws_operation *operation, struct str region,
                   const void *input, struct arena *a, void *output, int64_t not_after_ms,
                   struct aws_failure *failure)
{
    int *calls = ctx;
    (void)region, (void)input, (void)a, (void)not_after_ms, (void)failure;
    assert_ptr_equal(operation, &AUTOSCALING_DESCRIBE_SCALABLE_TARGETS);
    ++*calls;
    ((struct autoscaling_describe_scalable_targets_output *)output)->next_token = STR("again");
    return 0;
}

TEST(ecs_calls_do_not_look_for_the_floor_for_ever)
{
    struct arena a;
    struct service_key key;
    struct aws_failure failure = {0};
    bool exists;
    int64_t min;
    int calls = 0;
    struct aws_port port = {.ctx = &calls, .call = endless};
    arena_init(&a);
    assert_int_equal(service_key_parse(STR(KEY), &key), 0);
    assert_int_equal(ecs_read_min_capacity(&port, &key, &a, &exists, &min, &failure),
                     E_UNAVAILABLE);
    assert_contains(str_from(failure.err.text), "too many pages");
    assert_int_equal(calls, 200);
    arena_release(&a);
}
