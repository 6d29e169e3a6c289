/* SPDX-License-Identifier: Apache-2.0
 * A small region for tests: cluster "demo", definition "pbx", services as asked, time by hand. */
#ifndef EBB_TESTS_UNIT_REGION_FIXTURE_H
#define EBB_TESTS_UNIT_REGION_FIXTURE_H

#include "tests/support/test.h"
#include "world/region/distributor.h"
#include "world/region/log.h"
#include "world/region/operations.h"
#include "world/region/snapshot.h"
#include "world/region/tasks.h"

#define MINUTE_MS ((int64_t)60 * 1000)

struct small_world {
    struct region *region;
    struct arena a;
    struct aws_error err;
    struct caller caller;
};

/* options may be NULL. Throttling is off unless asked for: see small_world_throttled. */
struct small_world small_world_new(const struct region_options *options);
void small_world_free(struct small_world *w);

/* 0 or the code of region_call; the refusal is in w->err. out may be NULL for operations that
 * answer nothing. */
int small_world_call(struct small_world *w, const struct aws_operation *operation, const void *in,
                     void *out);
/* The same, and the test fails when it is refused. */
void small_world_do(struct small_world *w, const struct aws_operation *operation, const void *in,
                    void *out);
/* The call is refused with that code and a text that contains the part. */
void small_world_refused(struct small_world *w, const struct aws_operation *operation,
                         const void *in, const char *code, const char *part);
void small_world_pass(struct small_world *w, int64_t ms);

/* A service of cluster "demo" whose tasks are all running. */
void small_world_service(struct small_world *w, const char *name, int64_t desired);
struct ecs_service small_world_describe(struct small_world *w, const char *name);
void small_world_desire(struct small_world *w, const char *name, int64_t desired);
/* ARNs of the tasks whose desired status is that, in order of their birth: struct str items. */
struct list small_world_tasks(struct small_world *w, const char *service, const char *desired);
/* For minutes, 0 = off. How many of them were done. */
size_t small_world_protect(struct small_world *w, struct list tasks, int64_t minutes,
                           struct list *failures);
struct snapshot_service small_world_show(struct small_world *w, const char *key);
const struct snapshot_task *snapshot_find(const struct snapshot_service *service, struct str arn);
struct str small_world_queue(struct small_world *w, const char *name);
/* Receives up to ten and deletes them: struct str bodies. */
struct list small_world_drain_queue(struct small_world *w, struct str url);
struct task_reply small_world_http(struct small_world *w, struct str address, const char *method,
                                   const char *path, struct str body);

#endif
