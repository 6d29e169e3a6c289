/* SPDX-License-Identifier: Apache-2.0
 * Goal: the API budget works on a real Redis, and its facts are those by which the simulated AWS was
 * made. Method: some calls, and what they leave; calls until the simulated AWS throttles. */
#include "lib/aws/shapes/ecs.h"
#include "lib/budget/budget.h"
#include "tests/support/state_fixture.h"
#include "tests/unit/region_fixture.h"

static int aws(void *ctx, const struct aws_operation *operation, struct str region,
               const void *input, struct arena *a, void *output, int64_t not_after_ms,
               struct aws_failure *failure)
{
    (void)ctx, (void)operation, (void)region, (void)input, (void)a, (void)output;
    (void)not_after_ms, (void)failure;
    return E_OK;
}

TEST(budget_is_kept_in_a_real_redis_and_ends)
{
    struct state_fixture kept;
    state_fixture_open(&kept);
    struct budget_options options = {.store = kept.port, .clock = clock_system(), .share = 50};
    struct budget_use use = {.budget = budget_new(&options),
                             .aws = {.call = aws},
                             .account = STR("123456789012"),
                             .priority = PRIORITY_READ};
    struct aws_port port = budget_port(&use);
    struct aws_failure failure = {0};
    for (int i = 0; i < 3; i++)
        assert_int_equal(aws_call(&port, &ECS_LIST_TASKS, STR("us-east-1"), NULL, &kept.arena, NULL,
                                  0, &failure),
                         0);
    struct budget_counts counts;
    budget_count(use.budget, &counts);
    assert_int_equal(counts.alone, 0);
    assert_int_equal(counts.taken[BUCKET_RESOURCE_READ], 3);
    int64_t left_ms =
        state_fixture_redis(&kept, "PTTL {ebb}:budget:123456789012:us-east-1").integer;
    assert_true(left_ms > 3000000 && left_ms <= 3600000);
    budget_free(use.budget);
    state_fixture_close(&kept);
}

/* The simulated AWS was made by the same facts, by others: its buckets hold as many calls. */
TEST(budget_knows_the_buckets_of_the_simulated_aws)
{
    struct region_options options = {.seed = 1};
    size_t n;
    const struct region_operation *operations = region_operations(&n);
    int known = 0;
    for (size_t i = 0; i < n; i++) {
        enum bucket bucket = bucket_of(operations[i].shape);
        /* Lambda's limit depends on the account; the simulated one has none. */
        if (bucket == BUCKET_NONE || bucket == BUCKET_INVOKE) continue;
        struct small_world w = small_world_new(&options);
        int64_t calls = 0;
        void *in = arena_alloc(&w.a, 4096), *out = arena_alloc(&w.a, 4096);
        struct aws_error refusal = {0};
        while (calls <= BUCKET_FACTS[bucket].burst &&
               region_call(w.region, &w.caller, &operations[i], in, &w.a, out, &refusal) !=
                   E_THROTTLED)
            calls++;
        assert_int_equal(calls, BUCKET_FACTS[bucket].burst);
        small_world_free(&w);
        known++;
    }
    assert_int_equal(known, 10);
}
