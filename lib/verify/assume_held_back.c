/* SPDX-License-Identifier: Apache-2.0
 * A9, and A15 to A18: tasks are protected together with one that is gone; then the count is lowered
 * while every task is protected. */
#include "lib/verify/assume.h"

#define TASKS ((int64_t)3)

struct held_back_seen {
    bool mixed_known, gone_failed, other_done; /* one that has stopped and a running one */
    struct str mixed_refused;                  /* AWS's code */
    bool watched;                              /* while it was held back */
    size_t stopped_held;
    bool renewed, granted; /* a protection was asked for meanwhile, and granted */
    struct str renewed_error, renewed_reason;
    bool unprotected, refused;
    struct str unprotected_reason;
    bool released; /* and what was unprotected was followed to the end */
    bool was_taken;
};

static int follow(struct scene *s, struct watch *w, int64_t span_ms, size_t ended_max)
{
    int64_t until_ms = scene_mono(s) + span_ms;
    while (scene_again(s, until_ms)) {
        int code = watch_look(s, w);
        if (code && !scene_passing(s, code)) return code;
        if (watch_ended(w) >= ended_max) break;
    }
    return E_OK;
}

static void renew(struct scene *s, const struct watch *w, struct held_back_seen *seen)
{
    struct ecs_task_protection_output got = {0};
    int code = scene_call_protection(s, &w->items[0].arn, 1, PROTECT_LONG, &got);
    if (code && !scene_refused(s, code)) return;
    seen->renewed = true;
    seen->granted = !code && got.protected_tasks.n > 0;
    if (code) seen->renewed_error = arena_copy(s->arena, str_from(s->failure.code));
    if (got.failures.n)
        seen->renewed_reason =
            arena_copy(s->arena, LIST_AT(got.failures, struct ecs_failure, 0)->reason);
}

/* Of the last task. */
static int unprotect(struct scene *s, struct watch *w, struct held_back_seen *seen)
{
    struct ecs_task_protection_output got = {0};
    struct watched *last = &w->items[w->n - 1];
    int code = scene_call_protection(s, &last->arn, 1, 0, &got);
    if (code && !scene_refused(s, code)) return code;
    seen->unprotected = true;
    seen->refused = code || got.failures.n;
    last->is_protected = seen->refused;
    seen->unprotected_reason =
        code ? arena_copy(s->arena, str_from(s->failure.code))
        : got.failures.n
            ? arena_copy(s->arena, LIST_AT(got.failures, struct ecs_failure, 0)->reason)
            : STR_NONE;
    return E_OK;
}

/* The task that a scale-in stopped earlier, with a running one. */
static int protect_mixed(struct scene *s, const struct watch *w, struct held_back_seen *seen)
{
    struct str batch[] = {s->scaled_in.arn, w->items[0].arn};
    struct ecs_task_protection_output got = {0};
    if (!s->scaled_in.arn.n) return E_OK;
    int code = scene_call_protection(s, batch, EBB_COUNT(batch), PROTECT_LONG, &got);
    seen->mixed_known = !code || scene_refused(s, code);
    if (code && seen->mixed_known) {
        seen->mixed_refused = arena_copy(s->arena, str_from(s->failure.code));
        return E_OK;
    }
    for (size_t i = 0; i < got.failures.n; i++)
        seen->gone_failed |=
            str_eq(LIST_AT(got.failures, struct ecs_failure, i)->arn, s->scaled_in.arn);
    for (size_t i = 0; i < got.protected_tasks.n; i++)
        seen->other_done |=
            str_eq(LIST_AT(got.protected_tasks, struct ecs_protected_task, i)->task_arn, batch[1]);
    return code;
}

static int observe(struct scene *s, void *out)
{
    struct held_back_seen *seen = out;
    struct watch w;
    int code = scene_prepare(s, TASKS, &w);
    if (!code) code = protect_mixed(s, &w, seen);
    if (!code) code = scene_protect(s, &w, 0, w.n);
    if (code) return code;
    scene_say(s, "lowering the count to %lld, with all %zu tasks protected", (long long)TASKS - 1,
              w.n);
    code = scene_set_desired(s, TASKS - 1, false, NULL);
    if (!code) code = follow(s, &w, HELD_MS, w.n + 1);
    seen->watched = !code && !s->over;
    seen->stopped_held = watch_stopping(&w, true);
    if (code || s->over || seen->stopped_held) return code;
    renew(s, &w, seen);
    scene_say(s, "unprotecting one of them");
    code = unprotect(s, &w, seen);
    if (code || seen->refused) return code;
    code = follow(s, &w, STOP_MAX_MS, 1);
    seen->was_taken = w.items[w.n - 1].stopping_at != 0;
    seen->released = !code && !s->over;
    return code;
}

static struct finding judge_mixed(const void *in, struct arena *a)
{
    const struct held_back_seen *seen = in;
    if (!seen->mixed_known) return never_seen();
    if (seen->mixed_refused.n)
        return broken(a, "the whole call was refused with %.*s", STR_ARG(seen->mixed_refused));
    if (!seen->other_done) return broken(a, "the one that runs was not answered as protected");
    if (!seen->gone_failed) return broken(a, "the one that had stopped was not called a failure");
    return proven(a, "one that had stopped was a failure, the other was done");
}

static struct finding judge_protected(const void *in, struct arena *a)
{
    const struct held_back_seen *seen = in;
    if (seen->stopped_held)
        return broken(a, "%zu protected task%s stopped", seen->stopped_held,
                      seen->stopped_held > 1 ? "s were" : " was");
    if (!seen->watched) return never_seen();
    return proven(a, "none in %d s", (int)(HELD_MS / SECOND_MS));
}

static struct finding judge_remembered(const void *in, struct arena *a)
{
    const struct held_back_seen *seen = in;
    if (seen->stopped_held) return not_checked(a, "nothing was held back (A15)");
    if (seen->refused) return not_checked(a, "nothing could be unprotected (A17)");
    if (!seen->released) return never_seen();
    if (!seen->was_taken)
        return broken(a, "it was not stopped within %d s", (int)(STOP_MAX_MS / SECOND_MS));
    return proven(a, "the task that was unprotected was stopped");
}

static struct finding judge_unprotecting(const void *in, struct arena *a)
{
    const struct held_back_seen *seen = in;
    if (seen->stopped_held) return not_checked(a, "nothing was held back (A15)");
    if (!seen->unprotected) return never_seen();
    if (seen->refused) return broken(a, "refused with %.*s", STR_ARG(seen->unprotected_reason));
    return proven(a, "done while a scale-in was held back");
}

static struct finding judge_blocked(const void *in, struct arena *a)
{
    const struct held_back_seen *seen = in;
    if (seen->stopped_held) return not_checked(a, "nothing was held back (A15)");
    if (!seen->renewed) return never_seen();
    if (seen->granted) return not_checked(a, "ECS granted it all the same");
    if (seen->renewed_error.n)
        return broken(a, "the call failed with %.*s", STR_ARG(seen->renewed_error));
    if (!str_eq(seen->renewed_reason, STR("DEPLOYMENT_BLOCKED")))
        return broken(a, "the reason given was '%.*s'", STR_ARG(seen->renewed_reason));
    return proven(a, "a failure of that task");
}

static const struct assumption rows[] = {
    {"A9",
     "Tasks in one UpdateTaskProtection are served one by one: some that are gone do not stop "
     "the others",
     judge_mixed},
    {"A15", "A protected task is not stopped when the count is lowered", judge_protected},
    {"A16", "A scale-in that protection held back takes the task that is unprotected later",
     judge_remembered},
    {"A17", "A task can always be unprotected", judge_unprotecting},
    {"A18",
     "While more tasks are protected than the count wants, a protection that is not granted "
     "is a failure DEPLOYMENT_BLOCKED",
     judge_blocked},
};
const struct verify_group VERIFY_HELD_BACK =
    VERIFY_GROUP("held back", rows, struct held_back_seen, observe);
