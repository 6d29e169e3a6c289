/* SPDX-License-Identifier: Apache-2.0
 * Goal: a look ends, whatever its stage wants. Method: a stage that always wants one thing more, on a
 * real Redis. */
#include "lib/run/look.h"
#include "tests/support/fake_ports.h"
#include "tests/support/state_fixture.h"

static struct step never_content(const struct view *v, int64_t now_ms)
{
    (void)v, (void)now_ms;
    return want(EFFECT_READ_DRAIN);
}

TEST(look_that_goes_round_in_a_circle_ends)
{
    struct state_fixture redis;
    struct fake_ports fake;
    struct look_report report;
    state_fixture_open(&redis);
    fake_ports_open(&fake);
    fake.ports.store = redis.port;
    look(&fake.ports, never_content, &fake.view, &report);
    assert_int_equal(report.verdict.kind, VERDICT_RETRY);
    assert_int_equal(report.verdict.reason, REASON_TOO_MANY_STEPS);
    assert_int_equal(report.steps_n, LOOK_STEPS_MAX);
    assert_false(report.acted);
    fake_ports_close(&fake);
    state_fixture_close(&redis);
}
