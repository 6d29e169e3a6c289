/* SPDX-License-Identifier: Apache-2.0
 * Goal: what a look takes ahead of its calls is there when it calls, comes back when it does not,
 * and can be had beside those who take one token at a time. Method: as test_budget.c. */
#include "lib/aws/shapes/ecs.h"
#include "tests/support/budget_fixture.h"
#include "tests/support/test.h"

TEST(budget_taken_ahead_is_called_for_first_and_the_rest_is_given_back)
{
    struct budget_fixture f;
    budget_fixture_open(&f, 100);
    static const int64_t CALLS[BUCKETS] = {[BUCKET_RESOURCE_READ] = 20, [BUCKET_SERVICE_READ] = 1};
    /* 100, of which 25 stay; both or none. */
    for (int i = 0; i < 3; i++) {
        budget_fixture_begins(&f, PRIORITY_SCALE);
        assert_int_equal(budget_fixture_take_ahead(&f, CALLS), 0);
    }
    budget_fixture_begins(&f, PRIORITY_SCALE);
    assert_true(budget_fixture_take_ahead(&f, CALLS) > 0);
    assert_int_equal(f.use.ahead[BUCKET_SERVICE_READ], 0);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_DESCRIBE_SERVICES), 97);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_LIST_TASKS), 40);
    budget_fixture_pass(&f, 5000);
    budget_fixture_begins(&f, PRIORITY_SCALE);
    assert_int_equal(budget_fixture_take_ahead(&f, CALLS), 0);
    f.use.owes = true;
    f.is_away = true;
    /* Nobody is asked any more for these. */
    for (int i = 0; i < 5; i++)
        assert_int_equal(budget_fixture_call(&f, &ECS_DESCRIBE_TASKS), 0);
    struct budget_counts counts;
    budget_count(f.budget, &counts);
    assert_int_equal(counts.alone, 0);
    assert_int_equal(counts.taken[BUCKET_RESOURCE_READ], 45);
    f.is_away = false;
    budget_give_back(&f.use, &f.arena);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_LIST_TASKS), 95);
    /* None is given back twice, and a bucket never holds more than its burst. */
    budget_give_back(&f.use, &f.arena);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_LIST_TASKS), 0);
    budget_fixture_begins(&f, PRIORITY_SCALE);
    budget_fixture_pass(&f, 60000);
    assert_int_equal(budget_fixture_take_ahead(&f, CALLS), 0);
    budget_fixture_pass(&f, 60000);
    budget_give_back(&f.use, &f.arena);
    assert_int_equal(budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_LIST_TASKS), 100);
    budget_fixture_close(&f);
}

TEST(budget_taken_ahead_is_of_one_region)
{
    struct budget_fixture f;
    budget_fixture_open(&f, 100);
    static const int64_t CALLS[BUCKETS] = {[BUCKET_RESOURCE_READ] = 1};
    assert_int_equal(budget_fixture_take_ahead(&f, CALLS), 0);
    f.use.region = STR("eu-west-1");
    assert_int_equal(budget_fixture_call(&f, &ECS_LIST_TASKS), 0);
    assert_int_equal(f.use.ahead[BUCKET_RESOURCE_READ], 1);
    f.use.region = BUDGET_FIXTURE_REGION;
    assert_int_equal(budget_fixture_call(&f, &ECS_LIST_TASKS), 0);
    assert_int_equal(f.use.ahead[BUCKET_RESOURCE_READ], 0);
    budget_fixture_close(&f);
}

/* Who asks for several at once would wait for ever beside those who ask for one each. */
TEST(budget_taken_ahead_is_found_beside_those_who_are_less_urgent)
{
    struct budget_fixture f;
    static const int64_t CALLS[BUCKETS] = {[BUCKET_RESOURCE_READ] = 50};
    static const int64_t SHARES[] = {1, 4, 10, 50, 100};
    for (size_t i = 0; i < EBB_COUNT(SHARES); i++) {
        budget_fixture_open(&f, SHARES[i]);
        (void)budget_fixture_calls(&f, PRIORITY_READ, &ECS_LIST_TASKS);
        budget_fixture_begins(&f, PRIORITY_SCALE);
        assert_int_equal(budget_fixture_take_ahead(&f, CALLS), 0);
        assert_true(f.use.ahead[BUCKET_RESOURCE_READ] >= 1);
        budget_fixture_close(&f);
    }
}

TEST(budget_takes_nothing_ahead_without_redis)
{
    struct budget_fixture f;
    budget_fixture_open(&f, 100);
    static const int64_t CALLS[BUCKETS] = {[BUCKET_RESOURCE_READ] = 6};
    f.is_away = true;
    assert_int_equal(budget_fixture_take_ahead(&f, CALLS), 0);
    assert_int_equal(f.use.ahead[BUCKET_RESOURCE_READ], 0);
    budget_fixture_close(&f);
}
