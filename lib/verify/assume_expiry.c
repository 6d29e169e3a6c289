/* SPDX-License-Identifier: Apache-2.0
 * A19: a protection of a minute is waited out. */
#include "lib/verify/assume.h"

#define MARGIN_MS  (10 * SECOND_MS) /* around the expiry nothing is judged */
#define EXPIRE_MAX (60 * SECOND_MS) /* after it GetTaskProtection says so */

struct expiry_seen {
    bool granted;
    bool early; /* said to be over, so long before it was */
    int64_t early_ms;
    bool waited, ended; /* for its end; GetTaskProtection said that it had */
    bool followed, was_taken, other_taken;
};

static int wait_for_end(struct scene *s, struct str task, int64_t expiry_ms,
                        struct expiry_seen *seen)
{
    int64_t until_ms = scene_mono(s) + (expiry_ms - scene_now(s)) + EXPIRE_MAX;
    while (scene_again(s, until_ms)) {
        int64_t said_ms;
        int code = scene_read_expiry(s, task, &said_ms);
        int64_t now_ms = scene_now(s); /* it was said before */
        if (scene_passing(s, code)) continue;
        if (code) return code;
        bool over = said_ms <= 0;
        if (over && now_ms < expiry_ms - MARGIN_MS && !seen->early) {
            seen->early = true;
            seen->early_ms = expiry_ms - now_ms;
        }
        seen->ended = over && now_ms > expiry_ms + MARGIN_MS;
        if (seen->ended) break;
    }
    seen->waited = !s->over;
    return E_OK;
}

/* The other one is protected for long: ECS may only take the one whose time is over. */
static int lower(struct scene *s, struct watch *w, struct expiry_seen *seen)
{
    scene_say(s, "lowering the count to 1, with that task's protection over");
    int code = scene_set_desired(s, 1, false, NULL);
    int64_t until_ms = scene_mono(s) + STOP_MAX_MS;
    while (!code && !watch_ended(w) && scene_again(s, until_ms)) {
        code = watch_look(s, w);
        if (scene_passing(s, code)) code = E_OK;
    }
    seen->was_taken = w->items[1].stopping_at != 0;
    seen->other_taken = w->items[0].stopping_at != 0;
    seen->followed = !code && !s->over;
    return code;
}

static int observe(struct scene *s, void *out)
{
    struct expiry_seen *seen = out;
    struct ecs_task_protection_output got = {0};
    struct watch w;
    int code = scene_prepare(s, 2, &w);
    if (!code) code = scene_protect(s, &w, 0, 1);
    if (!code) code = scene_call_protection(s, &w.items[1].arn, 1, 1, &got);
    if (code || !got.protected_tasks.n) return code;
    int64_t expiry_ms = LIST_AT(got.protected_tasks, struct ecs_protected_task, 0)->expiration_date;
    seen->granted = true;
    scene_say(s, "waiting for a protection of a minute to end");
    code = wait_for_end(s, w.items[1].arn, expiry_ms, seen);
    return code || s->over ? code : lower(s, &w, seen);
}

static struct finding judge_expiry(const void *in, struct arena *a)
{
    const struct expiry_seen *seen = in;
    if (seen->early)
        return broken(a, "it was over %lld s before its time",
                      (long long)(seen->early_ms / SECOND_MS));
    if (!seen->granted || !seen->waited) return never_seen();
    if (!seen->ended)
        return broken(a, "%d s after its end GetTaskProtection still said that it holds",
                      (int)(EXPIRE_MAX / SECOND_MS));
    if (!seen->followed) return never_seen();
    if (!seen->was_taken && seen->other_taken)
        return not_checked(a, "a protected task was stopped in its place (A15)");
    if (!seen->was_taken)
        return broken(a, "the task was not stopped within %d s of lowering the count",
                      (int)(STOP_MAX_MS / SECOND_MS));
    return proven(a, "not before, and then the task was taken");
}

static const struct assumption rows[] = {
    {"A19", "A protection ends at its expiry, not before, and then the task may be taken",
     judge_expiry},
};
const struct verify_group VERIFY_EXPIRY = VERIFY_GROUP("expiry", rows, struct expiry_seen, observe);
