/* SPDX-License-Identifier: Apache-2.0
 * Goal: whose turn the calls of an effect are: what keeps a task protected, then what gives back,
 * then what brings a drain that has begun to its end, then all else. Method: effects in looks at
 * drains of some states, and a budget that looks at services have emptied to their reserve. */
#include "lib/aws/shapes/cloudwatch.h"
#include "lib/aws/shapes/ecs.h"
#include "lib/effect/ports.h"
#include "tests/support/budget_fixture.h"
#include "tests/support/test.h"

static enum priority priority_in(enum drain_state state, enum effect_kind kind)
{
    struct view v = {.drain_known = true, .drain_exists = true};
    v.drain.record.state = (int)state;
    return perform_priority(&v, kind);
}

TEST(perform_priority_is_that_of_what_the_call_is_for)
{
    static const struct {
        enum drain_state state;
        enum effect_kind kind;
        enum priority is;
    } ROWS[] = {
        {DRAIN_CLAIMED, EFFECT_PROTECT, PRIORITY_RENEW},
        {DRAIN_DRAINING, EFFECT_READ_TASK_PROTECTION, PRIORITY_RENEW},
        {DRAIN_RELEASING, EFFECT_RELEASE, PRIORITY_RESTORE},
        {DRAIN_UNDOING, EFFECT_READ_TASK, PRIORITY_RESTORE},
        {DRAIN_UNDOING, EFFECT_PROTECT, PRIORITY_RENEW},
        {DRAIN_CLAIMED, EFFECT_EXCLUDE, PRIORITY_SCALE},
        {DRAIN_CLAIMED, EFFECT_READ_TASK, PRIORITY_SCALE},
        {DRAIN_REMOVED, EFFECT_READ_TASK, PRIORITY_SCALE},
        {DRAIN_REMOVED, EFFECT_READ_TRIGGER, PRIORITY_SCALE},
        {DRAIN_DRAINING, EFFECT_READ_TASK, PRIORITY_SCALE},
    };
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        enum priority is = priority_in(ROWS[i].state, ROWS[i].kind);
        if (is != ROWS[i].is) fail_msg("row %zu: %d", i, is);
    }
    struct view none = {0};
    assert_int_equal(perform_priority(&none, EFFECT_READ_SERVICE), PRIORITY_READ);
    assert_int_equal(perform_priority(&none, EFFECT_READ_TASKS), PRIORITY_READ);
    assert_int_equal(perform_priority(&none, EFFECT_LOWER), PRIORITY_SCALE);
}

/* A look that will hold a lease does not begin before there is what it calls for. */
TEST(perform_budget_puts_off_a_look_until_all_its_calls_are_there)
{
    struct budget_fixture f;
    struct service_settings settings = {.min_tasks = 1};
    struct message m = {.service = STR("aws:us-east-1:123456789012:demo/calls")};
    struct view v = {.message = &m, .settings = &settings};
    struct result out = {0};
    budget_fixture_open(&f, 100);
    struct ports ports = {.use = &f.use, .clock = clock_system()};
    v.arena = &f.arena;
    (void)budget_fixture_calls(&f, PRIORITY_RENEW, &ECS_LIST_TASKS);
    budget_fixture_begins(&f, PRIORITY_SCALE);
    perform_budget(&ports, &v, &out);
    assert_int_equal(out.outcome, OUTCOME_RETRY);
    assert_true(out.throttled);
    assert_true(out.again_at > clock_wall_ms(&ports.clock) - 60000);
    budget_fixture_pass(&f, 60000);
    budget_fixture_begins(&f, PRIORITY_SCALE);
    perform_budget(&ports, &v, &out);
    assert_int_equal(out.outcome, OUTCOME_OK);
    assert_true(f.use.ahead[BUCKET_RESOURCE_READ] > 0);
    budget_fixture_close(&f);
}

/* However many services ask whether they may be drained: a drain that has to see what became of its
 * task, or of its alarm, before it goes on or is undone, does not wait for all of them. */
TEST(perform_lets_a_drain_go_on_where_new_ones_wait)
{
    struct budget_fixture f;
    budget_fixture_open(&f, 1);
    for (int i = 0; i < 10; i++) {
        (void)budget_fixture_calls(&f, PRIORITY_READ, &ECS_LIST_TASKS);
        (void)budget_fixture_calls(&f, PRIORITY_READ, &CLOUDWATCH_DESCRIBE_ALARMS);
        budget_fixture_begins(&f, priority_in(DRAIN_REMOVED, EFFECT_READ_TASK));
        assert_int_equal(budget_fixture_call(&f, &ECS_DESCRIBE_TASKS), 0);
        budget_fixture_begins(&f, priority_in(DRAIN_REMOVED, EFFECT_READ_TRIGGER));
        assert_int_equal(budget_fixture_call(&f, &CLOUDWATCH_DESCRIBE_ALARMS), 0);
        /* One token of each comes back. */
        budget_fixture_pass(&f, 12000);
    }
    budget_fixture_close(&f);
}
