/* SPDX-License-Identifier: Apache-2.0
 * Calls within the API budget with random arguments; see random_steps.h. */
#include "lib/aws/shapes/ecs.h"
#include "lib/budget/budget.h"
#include "tests/contract/random_steps.h"

static int some_aws(void *ctx, const struct aws_operation *operation, struct str region,
                    const void *input, struct arena *a, void *output, int64_t not_after_ms,
                    struct aws_failure *failure)
{
    struct random_steps *r = ctx;
    (void)operation, (void)region, (void)input, (void)a, (void)output, (void)not_after_ms;
    failure->repeats = (int)draw_below(r, 2);
    failure->was_throttled = draw_chance(r, 6);
    return E_OK;
}

/* Tokens are fractions of a moment, so only where time is exact. */
int random_budget_step(struct random_steps *r, struct arena *a, struct err *e)
{
    static const struct aws_operation *const OPERATIONS[] = {&ECS_UPDATE_SERVICE, &ECS_LIST_TASKS};
    if (!r->owns_clock) return E_OK;
    struct budget_options options = {
        .store = r->b->port, .clock = r->b->clock, .share = 1 + (int64_t)draw_below(r, 100)};
    struct budget_use use = {.budget = budget_new(&options),
                             .aws = {r, some_aws},
                             .account = STR("123456789012"),
                             .priority = (enum priority)draw_below(r, PRIORITIES),
                             .owes = draw_chance(r, 3)};
    struct aws_port port = budget_port(&use);
    struct aws_failure failure = {0};
    int code = E_OK;
    for (uint64_t n = draw_below(r, 5); n > 0; n--)
        code =
            aws_call(&port, RANDOM_OF(r, OPERATIONS), STR("us-east-1"), NULL, a, NULL, 0, &failure);
    *e = failure.err;
    budget_free(use.budget);
    return code;
}
