/* SPDX-License-Identifier: Apache-2.0
 * Scale-in protection of tasks: set, read, and over when its time is. */
#include <stdio.h>

#include "lib/base/arn.h"
#include "world/region/ecs_model.h"
#include "world/region/operations.h"

#define MINUTE_MS ((int64_t)60 * 1000)

static void log_protection(struct region *region, const struct task *task, struct str what)
{
    log_add(region, (struct log_entry){.kind = LOG_PROTECTION,
                                       .service = str_from(task->service->key),
                                       .subject = str_from(task->arn),
                                       .reason = what,
                                       .after = task->now.protected_until_ms});
}

static void expire(struct region *region, uint64_t number, uint64_t generation)
{
    struct task *task = task_by_number(region, number);
    if (!task || task->protection != generation || !task->now.protected_until_ms) return;
    if (region_departs(region, DEPART_EXPIRED_HOLDS)) return;
    task->now.protected_until_ms = 0;
    log_protection(region, task, STR("expired"));
    task_changed(region, task);
    service_wake(region, task->service);
}

static void set(struct region *region, struct task *task, int64_t until_ms)
{
    task->protection++;
    task->now.protected_until_ms = until_ms;
    log_protection(region, task, until_ms ? STR("set") : STR("unset"));
    task_changed(region, task);
    if (until_ms)
        region_at(region, until_ms, expire, task->number, task->protection);
    else
        service_wake(region, task->service);
}

/* With more tasks protected than wanted by the count the service cannot become steady, and AWS
 * protects no further one. */
static bool is_blocked(const struct region *region, const struct task *task)
{
    int64_t protected_n = service_protected(region, task->service);
    if (!task_is_protected(region, task)) protected_n++;
    return protected_n > task->service->now.desired;
}

struct answers {
    struct ecs_protected_task *tasks;
    struct ecs_failure *failures;
    size_t tasks_n, failures_n;
};

static void add_task(struct answers *answers, const struct task *task, int64_t until_ms,
                     struct arena *a)
{
    answers->tasks[answers->tasks_n++] =
        (struct ecs_protected_task){.task_arn = arena_copy(a, str_from(task->arn)),
                                    .protection_enabled = until_ms > 0,
                                    .expiration_date = until_ms};
}

static void add_failure(struct answers *answers, struct str arn, struct str reason,
                        struct str detail, struct arena *a)
{
    answers->failures[answers->failures_n++] =
        (struct ecs_failure){arena_copy(a, arn), reason, detail};
}

static struct str arn_of(const struct region *region, const struct cluster *cluster,
                         struct str name, struct arena *a)
{
    if (str_find(name, '/') >= 0) return name;
    return region_arn(region, a, "ecs", "task/%s/%.*s", cluster->name, STR_ARG(name));
}

static int check(struct list tasks, size_t most, struct aws_error *err)
{
    if (tasks.n == 0) return refuse(err, "InvalidParameterException", "Tasks cannot be empty.");
    if (tasks.n > most)
        return refuse(err, "InvalidParameterException", "taskIds can have at most %zu items.",
                      most);
    return 0;
}

static struct answers answers_for(struct list tasks, struct arena *a)
{
    return (struct answers){.tasks = ARENA_ARRAY(a, tasks.n, struct ecs_protected_task),
                            .failures = ARENA_ARRAY(a, tasks.n, struct ecs_failure)};
}

static void finish(const struct answers *answers, struct ecs_task_protection_output *out)
{
    out->protected_tasks = LIST_OF(answers->tasks, answers->tasks_n);
    out->failures = LIST_OF(answers->failures, answers->failures_n);
}

/* Departed: one that cannot be done makes the whole call an error. */
static int check_all(const struct region *region, const struct cluster *cluster,
                     const struct ecs_update_task_protection_input *in, struct aws_error *err)
{
    bool all_or_nothing = region_departs(region, DEPART_ALL_OR_NOTHING);
    bool blocked_is_error = region_departs(region, DEPART_BLOCKED_IS_ERROR);
    for (size_t i = 0; i < in->tasks.n; i++) {
        const struct task *task = task_find(region, cluster, *LIST_AT(in->tasks, struct str, i));
        bool valid = task && task->service && task->now.wanted;
        if (!valid && all_or_nothing)
            return refuse(err, "InvalidParameterException", "A task cannot be protected.");
        if (valid && in->protection_enabled && blocked_is_error && is_blocked(region, task))
            return refuse(err, "ClientException", "The deployment is blocked.");
    }
    return 0;
}

/* When the protection asked for ends; 0 takes it away. */
static int64_t until_of(const struct region *region, const struct task *task, bool on,
                        int64_t minutes)
{
    if (!on) return 0;
    if (task_is_protected(region, task) && region_departs(region, DEPART_KEEPS_EXPIRY))
        return task->now.protected_until_ms;
    int64_t ms = minutes * MINUTE_MS;
    return region->now_ms + (region_departs(region, DEPART_SHORTENS_PROTECTION) ? ms / 2 : ms);
}

static bool is_refused(const struct region *region, const struct task *task, bool on)
{
    if (on) return is_blocked(region, task);
    return region_departs(region, DEPART_REFUSES_UNPROTECTING) &&
           service_protected(region, task->service) > task->service->now.desired;
}

int region_ecs_update_task_protection(struct region *region, const struct caller *caller,
                                      const struct ecs_update_task_protection_input *in,
                                      struct arena *a, struct ecs_task_protection_output *out,
                                      struct aws_error *err)
{
    (void)caller; /* is in the log */
    struct cluster *cluster;
    int code = cluster_need(region, in->cluster, &cluster, err);
    if (!code) code = check(in->tasks, ECS_UPDATE_PROTECTION_MAX, err);
    if (code) return code;
    int64_t minutes = in->expires_in_minutes ? in->expires_in_minutes : PROTECTION_DEFAULT_MIN;
    if (in->protection_enabled && (minutes < 1 || minutes > PROTECTION_MAX_MIN))
        return refuse(err, "InvalidParameterException",
                      "expiresInMinutes must be between 1 and %d.", PROTECTION_MAX_MIN);
    code = check_all(region, cluster, in, err);
    if (code) return code;
    struct answers answers = answers_for(in->tasks, a);
    for (size_t i = 0; i < in->tasks.n; i++) {
        struct str name = *LIST_AT(in->tasks, struct str, i);
        struct task *task = task_find(region, cluster, name);
        struct str arn = arn_of(region, cluster, name, a);
        if (!task) {
            add_failure(&answers, arn, STR("MISSING"), STR_NONE, a);
        } else if (!task->service || !task->now.wanted) {
            add_failure(&answers, arn, STR("TASK_NOT_VALID"),
                        STR("The task is not a running task of a service."), a);
        } else if (is_refused(region, task, in->protection_enabled)) {
            add_failure(&answers, arn, STR("DEPLOYMENT_BLOCKED"),
                        STR("More tasks are protected than the service's desired count."), a);
        } else {
            int64_t until_ms = until_of(region, task, in->protection_enabled, minutes);
            bool is_ignored = until_ms && in->tasks.n > 1 && i + 1 == in->tasks.n &&
                              region_departs(region, DEPART_PROTECTS_ALL_BUT_ONE);
            if (!is_ignored) set(region, task, until_ms);
            add_task(&answers, task, until_ms, a);
        }
    }
    finish(&answers, out);
    return 0;
}

/* Without tasks: all of the cluster's that belong to a service. */
static struct list tasks_of_cluster(const struct region *region, const struct cluster *cluster,
                                    struct arena *a)
{
    struct str *names = ARENA_ARRAY(a, ECS_GET_PROTECTION_MAX, struct str);
    size_t n = 0;
    for (size_t i = 0; i < region->tasks.n && n < ECS_GET_PROTECTION_MAX; i++) {
        const struct task *task = task_at(region, i);
        if (task->cluster == cluster && task->service && task->now.wanted)
            names[n++] = str_from(task->arn);
    }
    return LIST_OF(names, n);
}

int region_ecs_get_task_protection(struct region *region, const struct caller *caller,
                                   const struct ecs_get_task_protection_input *in, struct arena *a,
                                   struct ecs_task_protection_output *out, struct aws_error *err)
{
    (void)caller; /* a read */
    struct cluster *cluster;
    int code = cluster_need(region, in->cluster, &cluster, err);
    struct list tasks = in->tasks;
    if (!code && tasks.n == 0) tasks = tasks_of_cluster(region, cluster, a);
    if (!code && tasks.n) code = check(tasks, ECS_GET_PROTECTION_MAX, err);
    if (code) return code;
    struct answers answers = answers_for(tasks, a);
    int64_t as_of_ms = read_as_of(region);
    for (size_t i = 0; i < tasks.n; i++) {
        struct str name = *LIST_AT(tasks, struct str, i);
        const struct task *task = task_find(region, cluster, name);
        const struct task_facts *facts = task ? task_seen(region, task, as_of_ms) : NULL;
        struct str arn = arn_of(region, cluster, name, a);
        if (!facts)
            add_failure(&answers, arn, STR("MISSING"), STR_NONE, a);
        else if (!task->service || !facts->wanted)
            add_failure(&answers, arn, STR("TASK_NOT_VALID"),
                        STR("The task is not a running task of a service."), a);
        else
            add_task(&answers, task,
                     facts->protected_until_ms > as_of_ms ? facts->protected_until_ms : 0, a);
    }
    finish(&answers, out);
    return 0;
}
