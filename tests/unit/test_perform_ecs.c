/* SPDX-License-Identifier: Apache-2.0
 * Goal: a task counts as protected, or unprotected, only when ECS's answer says so of it (A6 of
 * docs/assumptions.md). Method: scripted answers of UpdateTaskProtection to a batch of two. */
#include "tests/support/fake_ports.h"

#define OTHER "arn:aws:ecs:us-east-1:123456789012:task/demo/fedcba9876543210fedcba9876543210"
#define ONE(arn, on)                                                                               \
    "{\"taskArn\":\"" arn "\",\"protectionEnabled\":" on ",\"expirationDate\":1700001200}"
#define ANSWER(tasks, failures) "{\"protectedTasks\":[" tasks "],\"failures\":[" failures "]}"

static struct result protect(const char *answer, enum effect_kind kind)
{
    struct fake_ports f;
    struct effect effect = {.kind = kind, .tasks_n = 2, .protect_minutes = 20};
    effect.tasks[0] = STR(FAKE_PORTS_TASK);
    effect.tasks[1] = STR(OTHER);
    fake_ports_open(&f);
    fake_aws_says(&f, "UpdateTaskProtection", answer);
    struct result r = fake_perform_effect(&f, &effect);
    /* What outlives the ports. */
    r.code = str_eq(r.code, STR("DEPLOYMENT_BLOCKED")) ? STR("DEPLOYMENT_BLOCKED")
             : str_eq(r.code, STR("unconfirmed"))      ? STR("unconfirmed")
                                                       : STR_NONE;
    fake_ports_close(&f);
    return r;
}

TEST(perform_protection_is_done_when_ecs_says_so_of_every_task)
{
    struct result r =
        protect(ANSWER(ONE(FAKE_PORTS_TASK, "true") "," ONE(OTHER, "true"), ""), EFFECT_PROTECT);
    assert_int_equal(r.outcome, OUTCOME_OK);
    assert_int_equal(r.protected_until, INT64_C(1700001200000));
    r = protect(ANSWER(ONE(FAKE_PORTS_TASK, "false") "," ONE(OTHER, "false"), ""),
                EFFECT_UNPROTECT);
    assert_int_equal(r.outcome, OUTCOME_OK);
}

TEST(perform_protection_that_is_not_confirmed_is_tried_again)
{
    static const char *const ANSWERS[] = {
        ANSWER(ONE(FAKE_PORTS_TASK, "true"), ""),                         /* silent of one */
        ANSWER("", ""),                                                   /* of both */
        ANSWER(ONE(FAKE_PORTS_TASK, "true") "," ONE(OTHER, "false"), ""), /* not as asked */
        ANSWER(ONE(OTHER, "true") "," ONE(OTHER, "true"), ""),            /* of one twice */
    };
    for (size_t i = 0; i < EBB_COUNT(ANSWERS); i++) {
        struct result r = protect(ANSWERS[i], EFFECT_PROTECT);
        if (r.outcome != OUTCOME_RETRY) fail_msg("answer %zu: outcome %d", i, r.outcome);
        assert_str(r.code, "unconfirmed");
    }
    struct result r = protect(ANSWER(ONE(FAKE_PORTS_TASK, "false"), ""), EFFECT_UNPROTECT);
    assert_int_equal(r.outcome, OUTCOME_RETRY);
}

TEST(perform_protection_that_is_refused_says_why)
{
    struct result r = protect(ANSWER(ONE(OTHER, "true"), "{\"arn\":\"" FAKE_PORTS_TASK
                                                         "\",\"reason\":\"DEPLOYMENT_BLOCKED\"}"),
                              EFFECT_PROTECT);
    assert_int_equal(r.outcome, OUTCOME_RETRY);
    assert_str(r.code, "DEPLOYMENT_BLOCKED");
    r = protect(ANSWER(ONE(OTHER, "true"),
                       "{\"arn\":\"" FAKE_PORTS_TASK "\",\"reason\":\"TASK_NOT_VALID\"}"),
                EFFECT_PROTECT);
    assert_int_equal(r.outcome, OUTCOME_REFUSED);
}
