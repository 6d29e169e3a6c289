/* SPDX-License-Identifier: Apache-2.0
 * What every group begins with: so many running tasks, none protected, nothing under way. Groups do
 * not rely on what the one before left. */
#include "lib/verify/scene.h"

#define STOP_REASON   STR("ebb verify-aws: one more than its next step needs")
#define SURPLUS_MS    (60 * SECOND_MS) /* ECS had so long to stop what is too much */
#define ASK_AGAIN_MS  (60 * SECOND_MS) /* the count is set again when it was not taken */
#define READ_BACK_MAX 5

int scene_read_expiry(struct scene *s, struct str task, int64_t *out)
{
    struct ecs_task_protection_output got;
    *out = -1;
    int code = ecs_read_protection(&s->ports->aws, &s->key, &task, 1, &s->round, &got, &s->failure);
    for (size_t i = 0; !code && i < got.protected_tasks.n; i++) {
        const struct ecs_protected_task *p =
            LIST_AT(got.protected_tasks, struct ecs_protected_task, i);
        if (str_eq(p->task_arn, task)) *out = p->protection_enabled ? p->expiration_date : 0;
    }
    return code;
}

/* Those of the service's running tasks that are protected. */
static int read_protected(struct scene *s, struct str **out, size_t *n, size_t *all)
{
    struct list tasks;
    struct ecs_task_protection_output got = {0};
    int code = ecs_read_service_tasks(&s->ports->aws, &s->key, &s->round, &tasks, &s->failure);
    if (code) return code;
    struct str *arns = ARENA_ARRAY(&s->round, tasks.n + 1, struct str);
    for (size_t i = 0; i < tasks.n; i++)
        arns[i] = LIST_AT(tasks, struct ecs_task, i)->task_arn;
    *out = arns;
    *n = 0;
    *all = tasks.n;
    code =
        ecs_read_protection(&s->ports->aws, &s->key, arns, tasks.n, &s->round, &got, &s->failure);
    for (size_t i = 0; !code && i < got.protected_tasks.n; i++) {
        const struct ecs_protected_task *p =
            LIST_AT(got.protected_tasks, struct ecs_protected_task, i);
        if (p->protection_enabled) arns[(*n)++] = p->task_arn;
    }
    return code;
}

int scene_unprotect_all(struct scene *s)
{
    struct str *arns;
    size_t n, all;
    struct service_look look;
    struct ecs_task_protection_output got;
    int code = read_protected(s, &arns, &n, &all);
    if (code || !n) return code;
    code = scene_call_protection(
        s, arns, n < ECS_UPDATE_PROTECTION_MAX ? n : ECS_UPDATE_PROTECTION_MAX, 0, &got);
    if (code || !got.failures.n) return code;
    /* Some ECS will not unprotect while more are protected than it wants. */
    code = scene_read_service(s, &look);
    if (!code && look.desired < (int64_t)all)
        code = scene_set_desired(s, (int64_t)all, false, NULL);
    return code ? code
                : scene_call_protection(
                      s, arns, n < ECS_UPDATE_PROTECTION_MAX ? n : ECS_UPDATE_PROTECTION_MAX, 0,
                      &got);
}

static int stop_surplus(struct scene *s, const struct watch *w, int64_t n)
{
    int code = E_OK;
    for (size_t i = (size_t)n; i < w->n && !code; i++)
        code = ecs_stop_task(&s->ports->aws, &s->key, w->items[i].arn, STOP_REASON, 0, &s->round,
                             &s->failure);
    return code;
}

/* What is done about it in this look, or *ready. */
static int bring_to(struct scene *s, int64_t n, struct watch *w, int64_t *asked_ms,
                    int64_t *surplus_ms, bool *ready)
{
    struct service_look look;
    bool all_run = true;
    int64_t now_ms = scene_mono(s);
    int code = scene_read_service(s, &look);
    if (!code) code = watch_begin(s, w);
    if (code) return code;
    if (!look.active) {
        scene_give_up(s, "the service is %.*s", STR_ARG(look.status));
        return E_OK;
    }
    for (size_t i = 0; i < w->n; i++)
        all_run &= w->items[i].running;
    *ready = look.desired == n && !look.deploying && all_run && (int64_t)w->n == n;
    if (look.desired != n && now_ms - *asked_ms >= ASK_AGAIN_MS) {
        *asked_ms = now_ms;
        return scene_set_desired(s, n, false, NULL);
    }
    if ((int64_t)w->n <= n || look.deploying) *surplus_ms = now_ms;
    if (now_ms - *surplus_ms < SURPLUS_MS) return E_OK;
    *surplus_ms = now_ms;
    return stop_surplus(s, w, n);
}

int scene_prepare(struct scene *s, int64_t n, struct watch *out)
{
    int64_t until_ms = scene_mono(s) + START_MAX_MS;
    int64_t asked_ms = scene_mono(s) - ASK_AGAIN_MS, surplus_ms = scene_mono(s);
    bool ready = false;
    scene_say(s, "bringing the service to %lld running tasks", (long long)n);
    int code = scene_unprotect_all(s);
    while (!code && !ready && !s->why[0] && scene_again(s, until_ms)) {
        code = bring_to(s, n, out, &asked_ms, &surplus_ms, &ready);
        if (scene_passing(s, code)) code = E_OK;
    }
    if (code || ready) return code;
    scene_give_up(s, "the service did not come to %lld running tasks within %d minutes",
                  (long long)n, (int)(START_MAX_MS / MINUTE_MS));
    return err_set(&s->failure.err, E_UNAVAILABLE, "%s", s->why);
}

int scene_protect(struct scene *s, struct watch *w, size_t from, size_t to)
{
    struct ecs_task_protection_output got;
    struct str arns[ECS_UPDATE_PROTECTION_MAX] = {0};
    size_t n = 0;
    for (size_t i = from; i < to; i++)
        arns[n++] = w->items[i].arn;
    int code = scene_call_protection(s, arns, n, PROTECT_LONG, &got);
    /* As Ebb does: what holds is read back, and what is missing asked for again. */
    for (size_t i = from; i < to && !code; i++) {
        int64_t expiry = 0;
        for (int k = 0; k < READ_BACK_MAX && !code && expiry <= 0; k++) {
            code = scene_read_expiry(s, w->items[i].arn, &expiry);
            if (code || expiry > 0) break;
            code = scene_call_protection(s, &w->items[i].arn, 1, PROTECT_LONG, &got);
            if (!scene_again(s, INT64_MAX)) break;
        }
        w->items[i].is_protected = expiry > 0;
        if (!code && expiry <= 0) {
            scene_give_up(s, "a task could not be protected");
            return err_set(&s->failure.err, E_UNAVAILABLE, "%s", s->why);
        }
    }
    return code;
}
