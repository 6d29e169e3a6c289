/* SPDX-License-Identifier: Apache-2.0
 * What Ebb asks of ECS, in whole answers: every list pages, every batch splits, every `failures`
 * entry is surfaced. All return 0 or the code of aws_call, with *failure filled. Memory is the
 * arena's. */
#ifndef EBB_AWS_ECS_CALLS_H
#define EBB_AWS_ECS_CALLS_H

#include "lib/aws/shapes/ecs.h"
#include "lib/base/arn.h"

/* A deployment is in progress, by what DescribeServices says. */
bool ecs_is_deploying(const struct ecs_service *service);

/* *exists false: ECS answered MISSING, or does not know the cluster. */
int ecs_read_service(const struct aws_port *aws, const struct service_key *key, struct arena *a,
                     bool *exists, struct ecs_service *out,
                     struct aws_failure *failure) EBB_MUST_CHECK;

/* Tasks of the service whose desiredStatus is RUNNING, all pages; those that vanish between listing
 * and describing are left out. out: list of struct ecs_task. */
int ecs_read_service_tasks(const struct aws_port *aws, const struct service_key *key,
                           struct arena *a, struct list *out,
                           struct aws_failure *failure) EBB_MUST_CHECK;

/* Up to ECS_DESCRIBE_TASKS_MAX tasks by ARN; those that are MISSING are left out. out: list of
 * struct ecs_task. */
int ecs_read_tasks(const struct aws_port *aws, const struct service_key *key, struct list arns,
                   struct arena *a, struct list *out, struct aws_failure *failure) EBB_MUST_CHECK;

/* *exists false: MISSING, or ECS does not know the cluster. */
int ecs_read_task(const struct aws_port *aws, const struct service_key *key, struct str task_arn,
                  struct arena *a, bool *exists, struct ecs_task *out,
                  struct aws_failure *failure) EBB_MUST_CHECK;

/* Any number of tasks; the replies of all batches in one. */
int ecs_read_protection(const struct aws_port *aws, const struct service_key *key,
                        const struct str *tasks, size_t n, struct arena *a,
                        struct ecs_task_protection_output *out,
                        struct aws_failure *failure) EBB_MUST_CHECK;
/* Any number of tasks. After a batch that failed as a whole nothing more is sent. minutes 1..2880,
 * ignored when off. Not sent after not_after_ms (wall clock; 0: no such limit). */
int ecs_update_protection(const struct aws_port *aws, const struct service_key *key,
                          const struct str *tasks, size_t n, bool on, int64_t minutes,
                          int64_t not_after_ms, struct arena *a,
                          struct ecs_task_protection_output *out,
                          struct aws_failure *failure) EBB_MUST_CHECK;

/* UpdateService with a desired count only: sent once, not after not_after_ms (wall clock). */
int ecs_set_desired(const struct aws_port *aws, const struct service_key *key, int64_t desired,
                    int64_t not_after_ms, struct arena *a,
                    struct aws_failure *failure) EBB_MUST_CHECK;

int ecs_stop_task(const struct aws_port *aws, const struct service_key *key, struct str task_arn,
                  struct str reason, int64_t not_after_ms, struct arena *a,
                  struct aws_failure *failure) EBB_MUST_CHECK;

/* The scalable target's minimum. *exists false: the service has no target. */
int ecs_read_min_capacity(const struct aws_port *aws, const struct service_key *key,
                          struct arena *a, bool *exists, int64_t *min,
                          struct aws_failure *failure) EBB_MUST_CHECK;

#endif
