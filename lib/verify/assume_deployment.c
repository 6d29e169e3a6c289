/* SPDX-License-Identifier: Apache-2.0
 * A23 and A24: a deployment while one of two tasks is protected. */
#include "lib/verify/assume.h"

#define DEPLOY_MAX_MS (2 * START_MAX_MS)

struct deployment_seen {
    bool began, watched; /* watched: until the unprotected task was replaced and longer */
    bool other_replaced, was_taken; /* was_taken: the protected one */
    int64_t looks;                  /* while the protected, older task ran */
    bool hidden;                    /* no deployment was to be seen in one of them */
    bool released, ended;           /* once unprotected it was taken, too */
};

static int look(struct scene *s, struct watch *w, int64_t begun_ms, struct deployment_seen *seen)
{
    struct service_look service;
    bool ran = !w->items[0].stopping_at;
    int code = scene_read_service(s, &service);
    if (!code) code = watch_look(s, w);
    if (code) return code;
    /* It ran before the service was read, and after it. */
    ran &= !w->items[0].stopping_at;
    if (ran && scene_mono(s) - begun_ms > LAG_MS) {
        seen->looks++;
        seen->hidden |= !service.deploying;
    }
    return E_OK;
}

static int follow(struct scene *s, struct watch *w, struct deployment_seen *seen)
{
    int64_t begun_ms = scene_mono(s), until_ms = begun_ms + DEPLOY_MAX_MS;
    while (scene_again(s, until_ms)) {
        int code = look(s, w, begun_ms, seen);
        if (code && !scene_passing(s, code)) return code;
        if (w->items[0].stopping_at) break;
        if (!w->items[1].ended_at || seen->other_replaced) continue;
        seen->other_replaced = true;
        until_ms = scene_mono(s) + HELD_MS;
    }
    seen->was_taken = w->items[0].stopping_at != 0;
    seen->watched = !s->over;
    return E_OK;
}

static int release(struct scene *s, struct watch *w, struct deployment_seen *seen)
{
    struct ecs_task_protection_output got;
    int64_t until_ms = scene_mono(s) + DEPLOY_MAX_MS;
    scene_say(s, "unprotecting the older task");
    int code = scene_call_protection(s, &w->items[0].arn, 1, 0, &got);
    while (!code && !w->items[0].stopping_at && scene_again(s, until_ms)) {
        code = watch_look(s, w);
        if (scene_passing(s, code)) code = E_OK;
    }
    seen->released = !code && !s->over;
    seen->ended = w->items[0].stopping_at != 0;
    return code;
}

static int observe(struct scene *s, void *out)
{
    struct deployment_seen *seen = out;
    struct watch w;
    int code = scene_prepare(s, 2, &w);
    if (!code) code = scene_protect(s, &w, 0, 1);
    if (code) return code;
    scene_say(s, "deploying, with one of two tasks protected");
    code = scene_set_desired(s, 2, true, NULL);
    if (code) return code;
    seen->began = true;
    code = follow(s, &w, seen);
    if (code || s->over || seen->was_taken) return code;
    return release(s, &w, seen);
}

static struct finding judge_honours(const void *in, struct arena *a)
{
    const struct deployment_seen *seen = in;
    if (seen->was_taken) return broken(a, "a protected task was stopped");
    if (!seen->watched) return never_seen();
    if (!seen->other_replaced)
        return broken(a, "an unprotected one was not replaced within %d minutes",
                      (int)(DEPLOY_MAX_MS / MINUTE_MS));
    if (!seen->released) return never_seen();
    if (!seen->ended)
        return broken(a, "once unprotected it was not replaced within %d minutes",
                      (int)(DEPLOY_MAX_MS / MINUTE_MS));
    return proven(a, "the protected one ran on, and was replaced once it was unprotected");
}

static struct finding judge_shown(const void *in, struct arena *a)
{
    const struct deployment_seen *seen = in;
    if (seen->hidden) return broken(a, "an older task ran and no deployment was to be seen");
    if (seen->was_taken) return not_checked(a, "no older task ran on (A23)");
    if (!seen->watched || !seen->looks) return never_seen();
    return proven(a, "in all %lld looks while it ran", (long long)seen->looks);
}

static const struct assumption rows[] = {
    {"A23",
     "A deployment replaces unprotected tasks, and a protected one only once it is "
     "unprotected",
     judge_honours},
    {"A24",
     "While a task of an older deployment runs, DescribeServices shows that one is in "
     "progress",
     judge_shown},
};
const struct verify_group VERIFY_DEPLOYMENT =
    VERIFY_GROUP("deployment", rows, struct deployment_seen, observe);
