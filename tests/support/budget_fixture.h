/* SPDX-License-Identifier: Apache-2.0
 * An API budget whose Redis is the model, whose time the test owns, and whose AWS only counts. */
#ifndef EBB_TESTS_SUPPORT_BUDGET_FIXTURE_H
#define EBB_TESTS_SUPPORT_BUDGET_FIXTURE_H

#include "lib/budget/budget.h"
#include "tests/sim/redis_port.h"

#define BUDGET_FIXTURE_ACCOUNT STR("123456789012")
#define BUDGET_FIXTURE_REGION  STR("us-east-1")

struct budget_fixture {
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

void budget_fixture_open(struct budget_fixture *f, int64_t share);
void budget_fixture_close(struct budget_fixture *f);
/* The budget of one more process; the caller's. */
struct budget *budget_fixture_process(struct budget_fixture *f, int64_t share);
void budget_fixture_pass(struct budget_fixture *f, int64_t ms);

/* A new look. */
void budget_fixture_begins(struct budget_fixture *f, enum priority priority);
int budget_fixture_call(struct budget_fixture *f, const struct aws_operation *operation);
/* How long it is to wait. */
int64_t budget_fixture_take_ahead(struct budget_fixture *f, const int64_t calls[BUCKETS]);
/* How many calls of new looks go through, one after another. */
int budget_fixture_calls(struct budget_fixture *f, enum priority priority,
                         const struct aws_operation *operation);

#endif
