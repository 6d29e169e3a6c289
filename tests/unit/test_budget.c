/* SPDX-License-Identifier: Apache-2.0
 * Goal: the API budget gives tokens as configured, by priority, to all who share a Redis; owes,
 * slows down and recovers; and lets a little through without Redis. Method: the model of Redis,
 * whose time the test owns, and an AWS that only counts. On a real Redis: test_budget_real.c. */
#include "lib/budget/budget.h"

#include "lib/aws/shapes/cloudwatch.h"
#include "lib/aws/shapes/ecs.h"
#include "lib/aws/shapes/lambda.h"
#include "lib/aws/shapes/sqs.h"
#include "tests/sim/redis_port.h"
#include "tests/support/test.h"

#define ACCOUNT STR("123456789012")
#define REGION  STR("us-east-1")

struct fixture {
    struct arena arena;
    struct redis_model *redis;
    struct store_port store;
    bool is_away; /* Redis */
    struct budget *budget;
    struct budget_use use;
    struct aws_failure failure;
    int64_t now_ms; /* of Redis, and of the process */
    int called;
    int answer;     /* of AWS */
    int repeats;    /* attempts it took AWS besides */
    bool throttles; /* the first of them was throttled */
};

static int64_t now(void *ctx)
{
    return ((const struct fixture *)ctx)->now_ms;
}

static int aws(void *ctx, const struct aws_operation *operation, struct str region,
               const void *input, struct arena *a, void *output, int64_t not_after_ms,
               struct aws_failure *failure)
{
    struct fixture *f = ctx;
    (void)operation, (void)region, (void)input, (void)a, (void)output, (void)not_after_ms;
    f->called++;
    failure->repeats = f->repeats;
    failure->was_throttled = f->throttles;
    return f->answer;
}

static int64_t redis_now_us(void *ctx)
{
    return ((const struct fixture *)ctx)->now_ms * 1000;
}

static int run_script(void *ctx, const struct script *script, const struct str *keys,
                      const struct str *args, size_t n, struct arena *a, struct reply *out,
                      struct err *e)
{
    struct fixture *f = ctx;
    struct store_port port = redis_port_of(f->redis);
    if (f->is_away) return err_set(e, E_UNREACHABLE, "Redis is away");
    return port.script(port.ctx, script, keys, args, n, a, out, e);
}

static void move_clock(struct fixture *f, int64_t ms)
{
    f->now_ms += ms;
}

static void use_begins(struct fixture *f, enum priority priority)
{
    f->use = (struct budget_use){
        .budget = f->budget, .aws = {f, aws}, .account = ACCOUNT, .priority = priority};
}

static void setup(struct fixture *f, int64_t share)
{
    *f = (struct fixture){.now_ms = 1700000000000};
    arena_init(&f->arena);
    f->redis = redis_model_new(redis_now_us, f, STR("0000000000000000000000000000000000000001"));
    f->store = (struct store_port){.ctx = f, .script = run_script};
    struct budget_options options = {.store = f->store, .clock = {f, now, now}, .share = share};
    f->budget = budget_new(&options);
    use_begins(f, PRIORITY_RENEW);
}

static void teardown(struct fixture *f)
{
    budget_free(f->budget);
    redis_model_free(f->redis);
    arena_release(&f->arena);
}

static int call(struct fixture *f, const struct aws_operation *operation)
{
    struct aws_port port = budget_port(&f->use);
    return aws_call(&port, operation, REGION, NULL, &f->arena, NULL, 0, &f->failure);
}

/* How many calls of new looks go through, one after another. */
static int calls_through(struct fixture *f, enum priority priority,
                         const struct aws_operation *operation)
{
    int n = 0;
    for (use_begins(f, priority); !call(f, operation); use_begins(f, priority))
        n++;
    assert_int_equal(f->failure.err.code, E_THROTTLED);
    assert_string_equal(f->failure.code, BUDGET_CODE);
    assert_true(f->use.wait_ms > 0);
    return n;
}

TEST(budget_is_a_share_of_what_aws_allows)
{
    struct fixture f;
    setup(&f, 50);
    assert_int_equal(calls_through(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 25);
    assert_int_equal(f.called, 25);
    /* 2.5 a second come back. */
    move_clock(&f, 2000);
    assert_int_equal(calls_through(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 5);
    /* Another bucket is another bucket, and what has none is not limited. */
    assert_int_equal(calls_through(&f, PRIORITY_RENEW, &ECS_DESCRIBE_SERVICES), 50);
    use_begins(&f, PRIORITY_READ);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(call(&f, &SQS_RECEIVE_MESSAGE), 0);
    teardown(&f);
}

TEST(budget_leaves_each_priority_its_reserve)
{
    struct fixture f;
    setup(&f, 100);
    assert_int_equal(calls_through(&f, PRIORITY_READ, &ECS_DESCRIBE_TASKS), 50);
    assert_int_equal(calls_through(&f, PRIORITY_SCALE, &ECS_DESCRIBE_TASKS), 25);
    assert_int_equal(calls_through(&f, PRIORITY_RESTORE, &ECS_LIST_TASKS), 15);
    assert_int_equal(calls_through(&f, PRIORITY_RENEW, &ECS_LIST_TASKS), 10);
    struct budget_counts counts;
    budget_count(f.budget, &counts);
    assert_int_equal(counts.taken[BUCKET_RESOURCE_READ], 100);
    assert_int_equal(counts.put_off[BUCKET_RESOURCE_READ][PRIORITY_READ], 1);
    assert_true(counts.put_off_ms[BUCKET_RESOURCE_READ] > 0);
    teardown(&f);
}

TEST(budget_is_shared_by_all_processes_and_kept_apart_by_account)
{
    struct fixture f;
    setup(&f, 100);
    struct budget_options options = {.store = f.store, .clock = {&f, now, now}, .share = 100};
    struct budget *mine = f.budget, *other = budget_new(&options);
    assert_int_equal(calls_through(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 50);
    f.budget = other;
    assert_int_equal(calls_through(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 0);
    use_begins(&f, PRIORITY_RENEW);
    f.use.account = STR("210987654321");
    assert_int_equal(call(&f, &ECS_UPDATE_SERVICE), 0);
    f.budget = mine;
    budget_free(other);
    teardown(&f);
}

TEST(budget_owes_for_what_has_begun)
{
    struct fixture f;
    setup(&f, 100);
    /* The pages of one answer. */
    assert_int_equal(calls_through(&f, PRIORITY_READ, &ECS_LIST_TASKS), 50);
    move_clock(&f, 50);
    use_begins(&f, PRIORITY_READ);
    for (int i = 0; i < 10; i++)
        assert_int_equal(call(&f, &ECS_LIST_TASKS), 0);
    /* Under a lease nothing is put off, and who begins after it waits for the debt. */
    use_begins(&f, PRIORITY_SCALE);
    f.use.owes = true;
    for (int i = 0; i < 100; i++)
        assert_int_equal(call(&f, &ECS_DESCRIBE_TASKS), 0);
    static const enum bucket NEEDED[] = {BUCKET_SERVICE_READ, BUCKET_RESOURCE_READ};
    int64_t wait_ms;
    budget_look(f.budget, ACCOUNT, REGION, PRIORITY_SCALE, NEEDED, 1, &f.arena, &wait_ms);
    assert_int_equal(wait_ms, 0);
    budget_look(f.budget, ACCOUNT, REGION, PRIORITY_SCALE, NEEDED, 2, &f.arena, &wait_ms);
    /* 59 owed, the reserve of 25 and one, at 20 a second. */
    assert_true(wait_ms >= 4250 && wait_ms < 2 * 4250 + 2100);
    move_clock(&f, 4300);
    budget_look(f.budget, ACCOUNT, REGION, PRIORITY_SCALE, NEEDED, 2, &f.arena, &wait_ms);
    assert_int_equal(wait_ms, 0);
    teardown(&f);
}

TEST(budget_counts_attempts_and_slows_down_when_aws_throttles)
{
    struct fixture f;
    setup(&f, 100);
    f.repeats = 2;
    assert_int_equal(call(&f, &ECS_UPDATE_SERVICE), 0);
    f.repeats = 0;
    assert_int_equal(calls_through(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 47);
    move_clock(&f, 20000);
    f.throttles = true;
    use_begins(&f, PRIORITY_RENEW);
    assert_int_equal(call(&f, &ECS_UPDATE_SERVICE), 0);
    f.throttles = false;
    /* Empty at once, and at half its rate: 2.5 a second. */
    assert_int_equal(calls_through(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 0);
    move_clock(&f, 2000);
    assert_int_equal(calls_through(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 5);
    /* Its pace comes back. */
    move_clock(&f, 120000);
    (void)calls_through(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE);
    move_clock(&f, 2000);
    assert_int_equal(calls_through(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 10);
    struct budget_counts counts;
    budget_count(f.budget, &counts);
    assert_int_equal(counts.throttled[BUCKET_SERVICE_MODIFY], 1);
    teardown(&f);
}

TEST(budget_that_aws_throttles_again_and_again_never_stops)
{
    struct fixture f;
    setup(&f, 100);
    f.answer = E_THROTTLED;
    for (int i = 0; i < 20; i++) {
        use_begins(&f, PRIORITY_RENEW);
        move_clock(&f, 5000);
        assert_int_equal(call(&f, &ECS_DESCRIBE_TASKS), E_THROTTLED);
        assert_int_equal(f.use.wait_ms, 0);
    }
    teardown(&f);
}

TEST(budget_without_redis_lets_a_little_through)
{
    struct fixture f;
    setup(&f, 100);
    f.is_away = true;
    assert_int_equal(calls_through(&f, PRIORITY_READ, &ECS_DESCRIBE_TASKS), 5);
    f.now_ms += 1000;
    assert_int_equal(calls_through(&f, PRIORITY_READ, &ECS_DESCRIBE_TASKS), 1);
    struct budget_counts counts;
    budget_count(f.budget, &counts);
    assert_true(counts.alone >= 6);
    teardown(&f);
}

TEST(budget_of_a_redis_whose_clock_went_back_goes_on)
{
    struct fixture f;
    setup(&f, 100);
    assert_int_equal(calls_through(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 50);
    /* A little: waited out. */
    move_clock(&f, -30000);
    assert_int_equal(calls_through(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 0);
    move_clock(&f, 30000);
    assert_int_equal(calls_through(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 0);
    /* Much: it goes by the new time. */
    move_clock(&f, -3600000);
    use_begins(&f, PRIORITY_RENEW);
    f.use.owes = true;
    assert_int_equal(call(&f, &ECS_UPDATE_SERVICE), 0);
    move_clock(&f, 1000);
    assert_int_equal(calls_through(&f, PRIORITY_RENEW, &ECS_UPDATE_SERVICE), 4);
    teardown(&f);
}
