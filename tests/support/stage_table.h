/* SPDX-License-Identifier: Apache-2.0
 * Clause tables: one row says what a stage wants next, given a view. A fixture begins with
 * everything known and in order; a row changes what its clause is about. */
#ifndef EBB_TESTS_SUPPORT_STAGE_TABLE_H
#define EBB_TESTS_SUPPORT_STAGE_TABLE_H

#include "tests/support/test.h"
#include "workers/stage.h"

#define NOW_MS    ((int64_t)1700000000000)
#define FIX_TASKS 4
#define FIX_KEY   "aws:us-east-1:123456789012:demo/calls"
#define FIX_DRAIN "3366f10b5f0aa7ab"

struct fixture {
    struct arena arena;
    struct message message;
    struct service_settings settings;
    struct view view;
    struct task_fact tasks[FIX_TASKS];
    struct held drained[FIX_TASKS];
    struct str open_tasks[FIX_TASKS];
};

struct clause_row {
    const char *clause; /* "S5", as numbered in the stage's file */
    void (*change)(struct fixture *f);
    /* What is expected: an effect, or a verdict with its reason. */
    bool is_verdict;
    enum effect_kind effect;
    enum verdict_kind verdict;
    enum reason reason;
    /* Further things to hold of the step; may be NULL. */
    void (*check)(const struct fixture *f, const struct step *s);
};

#define WANTS(clause, change, kind)                                                                \
    {                                                                                              \
        clause, change, false, EFFECT_##kind, 0, 0, NULL                                           \
    }
#define WANTS_AND(clause, change, kind, check)                                                     \
    {                                                                                              \
        clause, change, false, EFFECT_##kind, 0, 0, check                                          \
    }
#define ENDS(clause, change, kind, why)                                                            \
    {                                                                                              \
        clause, change, true, 0, VERDICT_##kind, REASON_##why, NULL                                \
    }
#define ENDS_AND(clause, change, kind, why, check)                                                 \
    {                                                                                              \
        clause, change, true, 0, VERDICT_##kind, REASON_##why, check                               \
    }

/* A service of FIX_TASKS running tasks in mode act, and a drain of the newest in CLAIMED, all facts
 * known. */
void fixture_init(struct fixture *f);
void fixture_release(struct fixture *f);
/* The drain stands in that state, as it would after the clauses before it. */
void fixture_drain_in(struct fixture *f, enum drain_state state);
/* What ECS says of the drain's task. */
enum fixture_task { TASK_THERE, TASK_MISSING, TASK_STOPPING, TASK_STOPPED };
void fixture_task_is(struct fixture *f, enum fixture_task is);
/* The service's entry says cancelWhenOk, and an alarm asked for the drain; what CloudWatch said of it
 * in this look. */
enum fixture_trigger { TRIGGER_IN_ALARM, TRIGGER_OVER, TRIGGER_UNREADABLE };
void fixture_cancels_when_ok(struct fixture *f, struct drain *d);
void fixture_trigger_is(struct fixture *f, enum fixture_trigger is);
void fixture_did(struct fixture *f, enum effect_kind kind, enum outcome outcome);

void stage_table_run(struct step (*next)(const struct view *, int64_t),
                     const struct clause_row *rows, size_t n);

#endif
