/* SPDX-License-Identifier: Apache-2.0
 * Goal: the API budget gives tokens as configured, by priority, to all who share a Redis; owes,
 * slows down and recovers; and lets a little through without Redis. Method: the model of Redis,
 * whose time the test owns, and an AWS that only counts. On a real Redis: test_budget_real.c. */
#include "lib/aws/shapes/cloudwatch.h"
#include "lib/aws/shapes/ecs.h"
#include "lib/aws/shapes/lambda.h"
#include "lib/aws/shapes/sqs.h"
#include "tests/support/budget_fixture.h"
#include "tests/support/test.h"

TEST(budget_is_a_share_of_what_aws_allows)
{
    struct budget_fixture f;
    budget_fixture_open(&f, 50);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 25);
    assert_int_equal(f.called, 25);
    /* 2.5 a second come back. */
    budget_fixture_pass(&f, 2000);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 5);
    /* Another bucket is another bucket, and what has none is not limited. */
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_DESCRIBE_SERVICES), 50);
    budget_fixture_begins(&f, PRIORITY_READ);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(budget_fixture_call(&f, &SQS_RECEIVE_MESSAGE), 0);
    budget_fixture_close(&f);
}

TEST(budget_leaves_each_priority_its_reserve)
{
    struct budget_fixture f;
    budget_fixture_open(&f, 100);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_READ, &ECS_DESCRIBE_TASKS), 50);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_SCALE, &ECS_DESCRIBE_TASKS), 25);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RESTORE, &ECS_LIST_TASKS), 15);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_LIST_TASKS), 10);
    struct budget_counts counts;
    budget_count(f.budget, &counts);
    assert_int_equal(counts.taken[BUCKET_RESOURCE_READ], 100);
    assert_int_equal(counts.put_off[BUCKET_RESOURCE_READ][PRIORITY_READ], 1);
    assert_true(counts.put_off_ms[BUCKET_RESOURCE_READ] > 0);
    budget_fixture_close(&f);
}

TEST(budget_is_shared_by_all_processes_and_kept_apart_by_account)
{
    struct budget_fixture f;
    budget_fixture_open(&f, 100);
    struct budget *mine = f.budget, *other = budget_fixture_process(&f, 100);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 50);
    f.budget = other;
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 0);
    budget_fixture_begins(&f, PRIORITY_RENEW);
    f.use.account = STR("210987654321");
    assert_int_equal(budget_fixture_call(&f, &ECS_UPDATE_SERVICE), 0);
    f.budget = mine;
    budget_free(other);
    budget_fixture_close(&f);
}

TEST(budget_owes_for_what_has_begun)
{
    struct budget_fixture f;
    budget_fixture_open(&f, 100);
    /* The pages of one answer. */
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_READ, &ECS_LIST_TASKS), 50);
    budget_fixture_pass(&f, 50);
    budget_fixture_begins(&f, PRIORITY_READ);
    for (int i = 0; i < 10; i++)
        assert_int_equal(budget_fixture_call(&f, &ECS_LIST_TASKS), 0);
    /* Under a lease nothing is put off, and who begins after it waits for the debt. */
    budget_fixture_begins(&f, PRIORITY_SCALE);
    f.use.owes = true;
    for (int i = 0; i < 100; i++)
        assert_int_equal(budget_fixture_call(&f, &ECS_DESCRIBE_TASKS), 0);
    static const int64_t READS[BUCKETS] = {[BUCKET_RESOURCE_READ] = 1};
    static const int64_t OTHERS[BUCKETS] = {[BUCKET_SERVICE_READ] = 1};
    budget_fixture_begins(&f, PRIORITY_SCALE);
    assert_int_equal(budget_fixture_take_ahead(&f, OTHERS), 0);
    /* 59 owed, the reserve of 25 and one, at 20 a second. */
    int64_t wait_ms = budget_fixture_take_ahead(&f, READS);
    assert_true(wait_ms >= 4250 && wait_ms < 2 * 4250 + 2100);
    budget_fixture_pass(&f, 4300);
    assert_int_equal(budget_fixture_take_ahead(&f, READS), 0);
    budget_fixture_close(&f);
}

TEST(budget_counts_attempts_and_slows_down_when_aws_throttles)
{
    struct budget_fixture f;
    budget_fixture_open(&f, 100);
    f.repeats = 2;
    assert_int_equal(budget_fixture_call(&f, &ECS_UPDATE_SERVICE), 0);
    f.repeats = 0;
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 47);
    budget_fixture_pass(&f, 20000);
    f.throttles = true;
    budget_fixture_begins(&f, PRIORITY_RENEW);
    assert_int_equal(budget_fixture_call(&f, &ECS_UPDATE_SERVICE), 0);
    f.throttles = false;
    /* Empty at once, and at half its rate: 2.5 a second. */
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 0);
    budget_fixture_pass(&f, 2000);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 5);
    /* Its pace comes back. */
    budget_fixture_pass(&f, 120000);
    (void)budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE);
    budget_fixture_pass(&f, 2000);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 10);
    struct budget_counts counts;
    budget_count(f.budget, &counts);
    assert_int_equal(counts.throttled[BUCKET_SERVICE_MODIFY], 1);
    budget_fixture_close(&f);
}

TEST(budget_that_aws_throttles_again_and_again_never_stops)
{
    struct budget_fixture f;
    budget_fixture_open(&f, 100);
    f.answer = E_THROTTLED;
    for (int i = 0; i < 20; i++) {
        budget_fixture_begins(&f, PRIORITY_RENEW);
        budget_fixture_pass(&f, 5000);
        assert_int_equal(budget_fixture_call(&f, &ECS_DESCRIBE_TASKS), E_THROTTLED);
        assert_int_equal(f.use.wait_ms, 0);
    }
    budget_fixture_close(&f);
}

TEST(budget_without_redis_lets_a_little_through)
{
    struct budget_fixture f;
    budget_fixture_open(&f, 100);
    f.is_away = true;
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_READ, &ECS_DESCRIBE_TASKS), 5);
    f.now_ms += 1000;
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_READ, &ECS_DESCRIBE_TASKS), 1);
    struct budget_counts counts;
    budget_count(f.budget, &counts);
    assert_true(counts.alone >= 6);
    budget_fixture_close(&f);
}

TEST(budget_of_a_redis_whose_clock_went_back_goes_on)
{
    struct budget_fixture f;
    budget_fixture_open(&f, 100);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 50);
    /* A little: waited out. */
    budget_fixture_pass(&f, -30000);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 0);
    budget_fixture_pass(&f, 30000);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 0);
    /* Much: it goes by the new time. */
    budget_fixture_pass(&f, -3600000);
    budget_fixture_begins(&f, PRIORITY_RENEW);
    f.use.owes = true;
    assert_int_equal(budget_fixture_call(&f, &ECS_UPDATE_SERVICE), 0);
    budget_fixture_pass(&f, 1000);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 4);
    budget_fixture_close(&f);
}
