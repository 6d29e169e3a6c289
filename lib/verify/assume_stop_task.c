/* SPDX-License-Identifier: Apache-2.0
 * A20 to A22: StopTask, and how a stopped task tells who stopped it. */
#include "lib/verify/assume.h"

#define BY_SCHEDULER STR("ServiceSchedulerInitiated")

struct stop_task_seen {
    bool asked, followed, stopped;
    struct str refused; /* AWS's code */
    bool awaited, replaced, count_changed;
    struct str scaled_in, code, scaled_in_code; /* the codes of this task and of the other */
};

static int stop(struct scene *s, struct watch *w, struct stop_task_seen *seen)
{
    int code = ecs_stop_task(&s->ports->aws, &s->key, w->items[0].arn,
                             STR("ebb verify-aws tries StopTask"), 0, &s->round, &s->failure);
    seen->asked = !code;
    if (scene_refused(s, code)) {
        seen->refused = arena_copy(s->arena, str_from(s->failure.code));
        return E_OK;
    }
    int64_t until_ms = scene_mono(s) + STOP_MAX_MS;
    while (!code && !watch_ended(w) && scene_again(s, until_ms)) {
        code = watch_look(s, w);
        if (scene_passing(s, code)) code = E_OK;
    }
    seen->followed = !code && !s->over;
    seen->stopped = w->items[0].stopping_at != 0;
    seen->code = w->items[0].stop_code;
    return code;
}

/* ECS starts another, and the count stays. */
static int wait_for_replacement(struct scene *s, const struct watch *w, struct stop_task_seen *seen)
{
    int64_t until_ms = scene_mono(s) + START_MAX_MS;
    while (!seen->replaced && scene_again(s, until_ms)) {
        struct watch now;
        struct service_look look;
        int code = watch_begin(s, &now);
        if (!code) code = scene_read_service(s, &look);
        if (scene_passing(s, code)) continue;
        if (code) return code;
        seen->count_changed |= look.desired != 1;
        for (size_t i = 0; i < now.n; i++)
            seen->replaced |= !watch_is_in(w, now.items[i].arn) && now.items[i].running;
    }
    seen->awaited = !s->over;
    return E_OK;
}

static int observe(struct scene *s, void *out)
{
    struct stop_task_seen *seen = out;
    struct watch w;
    seen->scaled_in = s->scaled_in.arn;
    seen->scaled_in_code = s->scaled_in.stop_code;
    int code = scene_prepare(s, 1, &w);
    if (!code) code = scene_protect(s, &w, 0, 1);
    if (code) return code;
    scene_say(s, "stopping a protected task with StopTask");
    code = stop(s, &w, seen);
    if (code || !seen->stopped) return code;
    return wait_for_replacement(s, &w, seen);
}

static struct finding judge_stop(const void *in, struct arena *a)
{
    const struct stop_task_seen *seen = in;
    if (seen->refused.n) return broken(a, "refused with %.*s", STR_ARG(seen->refused));
    if (!seen->followed) return never_seen();
    if (!seen->stopped) return broken(a, "it still ran after %d s", (int)(STOP_MAX_MS / SECOND_MS));
    return proven(a, "a protected one was stopped");
}

static struct finding judge_replaced(const void *in, struct arena *a)
{
    const struct stop_task_seen *seen = in;
    if (!seen->stopped && (seen->refused.n || seen->followed))
        return not_checked(a, "no task was stopped (A20)");
    if (seen->count_changed) return broken(a, "the count changed");
    if (!seen->awaited) return never_seen();
    if (!seen->replaced)
        return broken(a, "none ran in its place within %d minutes",
                      (int)(START_MAX_MS / MINUTE_MS));
    return proven(a, "another ran in its place");
}

static struct finding judge_codes(const void *in, struct arena *a)
{
    const struct stop_task_seen *seen = in;
    if (seen->scaled_in.n && !str_eq(seen->scaled_in_code, BY_SCHEDULER))
        return broken(a, "stopped by a scale-in, a task had the code '%.*s'",
                      STR_ARG(seen->scaled_in_code));
    if (seen->stopped && str_eq(seen->code, BY_SCHEDULER))
        return broken(a, "stopped by StopTask, a task had that code, too");
    if (!seen->stopped || !seen->scaled_in.n) return never_seen();
    return proven(a, "by a scale-in; by StopTask it was '%.*s'", STR_ARG(seen->code));
}

static const struct assumption rows[] = {
    {"A20", "StopTask stops a task whether it is protected or not", judge_stop},
    {"A21", "A service starts another task in the place of one that StopTask stopped",
     judge_replaced},
    {"A22",
     "A task that a service's scheduler stopped has the stop code "
     "ServiceSchedulerInitiated, and no other has",
     judge_codes},
};
const struct verify_group VERIFY_STOP_TASK =
    VERIFY_GROUP("StopTask", rows, struct stop_task_seen, observe);
