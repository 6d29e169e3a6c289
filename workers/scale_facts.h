/* SPDX-License-Identifier: Apache-2.0
 * What stage scale counts: D, the drained tasks that ECS still wants to run, among all the tasks of
 * the service. Pure. */
#ifndef EBB_WORKERS_SCALE_FACTS_H
#define EBB_WORKERS_SCALE_FACTS_H

#include "lib/effect/view.h"

/* Calls are not sent so near to the lease's end. */
#define LEASE_MARGIN_MS ((int64_t)5 * 1000)
/* How long all other tasks are protected while the count is lowered. */
#define OTHERS_MINUTES ((int64_t)20)

/* NULL when the task is not among those listed. */
const struct task_fact *task_of(const struct view *v, struct str arn);
/* The drain's task is of D. */
bool is_drained_here(const struct view *v, const struct held *h);
/* A task of D. */
bool is_drained_task(const struct view *v, struct str arn);
/* |D|, and its first. */
int64_t drained_here(const struct view *v);
const struct held *first_here(const struct view *v);
/* How many of D were given to ECS to be stopped, and the first of those. */
int64_t given_here(const struct view *v);
const struct held *first_given(const struct view *v);
/* Which of the drains is that of the task that was read last; those before it were seen to be there in
 * this look. 0 when none was. */
size_t read_last(const struct view *v);
/* What became of the drains that this look moved on: SCALED_OUT if one of them is. */
enum reason how_they_ended(const struct view *v);
/* An intent is open, may have no effect any more, and none of D was given for it. */
bool is_intent_of_nobody(const struct view *v, int64_t now_ms);
/* A deployment is in progress, and nobody is known to have lowered the count: what there is too much of
 * is the tasks that it brings. */
bool is_surplus_of_deployment(const struct view *v);
/* Tasks ECS wants to run, and whether all of them do. */
int64_t wanted(const struct view *v);
bool all_run(const struct view *v);
/* Whether protections may be set or taken away (once more) in this look: not after a call that was
 * not done, and not more often than twice what all tasks take. ECS may answer that it is done and
 * go on showing that it is not. */
bool may_change_protection(const struct view *v, enum effect_kind kind);

#endif
