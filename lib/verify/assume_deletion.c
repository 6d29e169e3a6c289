/* SPDX-License-Identifier: Apache-2.0
 * A25 and A26: what is known of what is gone. The service is deleted here. */
#include "lib/aws/shapes/ecs_setup.h"
#include "lib/verify/assume.h"

struct deletion_seen {
    bool asked, described; /* about the task that was scaled in */
    int64_t age_ms;
    struct str last_status;
    bool deleted, followed;
    int64_t looks;
    struct str active_as; /* its status when it should not have been ACTIVE */
    size_t tasks, ended;
};

static int ask_for_stopped(struct scene *s, struct deletion_seen *seen)
{
    struct ecs_task task = {0};
    int code = ecs_read_task(&s->ports->aws, &s->key, s->scaled_in.arn, &s->round, &seen->described,
                             &task, &s->failure);
    if (code) return code;
    seen->asked = true;
    seen->age_ms = scene_mono(s) - s->scaled_in.ended_at;
    seen->last_status = arena_copy(s->arena, task.last_status);
    return E_OK;
}

static int follow(struct scene *s, struct watch *w, struct deletion_seen *seen)
{
    int64_t begun_ms = scene_mono(s), until_ms = begun_ms + STOP_MAX_MS;
    while (scene_again(s, until_ms)) {
        struct service_look service;
        int code = scene_read_service(s, &service);
        if (!code) code = watch_look(s, w);
        if (scene_passing(s, code)) continue;
        if (code) return code;
        if (scene_mono(s) - begun_ms > LAG_MS) {
            seen->looks++;
            if (service.active) seen->active_as = STR("ACTIVE");
        }
        seen->ended = watch_ended(w);
        if (seen->ended == w->n && seen->looks) break;
    }
    seen->followed = !s->over;
    return E_OK;
}

static int observe(struct scene *s, void *out)
{
    struct deletion_seen *seen = out;
    struct watch w;
    int code = scene_prepare(s, 1, &w);
    if (!code && s->scaled_in.arn.n) code = ask_for_stopped(s, seen);
    if (code) return code;
    scene_say(s, "deleting the service");
    code = scene_delete_service(s);
    if (code) return code;
    seen->deleted = true;
    seen->tasks = w.n;
    return follow(s, &w, seen);
}

static struct finding judge_stopped(const void *in, struct arena *a)
{
    const struct deletion_seen *seen = in;
    if (!seen->asked) return never_seen();
    if (!seen->described)
        return broken(a, "%lld s after it stopped it was MISSING",
                      (long long)(seen->age_ms / SECOND_MS));
    if (!str_eq(seen->last_status, STR("STOPPED")))
        return broken(a, "it stopped, and later it was %.*s", STR_ARG(seen->last_status));
    return proven(a, "%lld s after it stopped; the hour itself was not waited for",
                  (long long)(seen->age_ms / SECOND_MS));
}

static struct finding judge_deleted(const void *in, struct arena *a)
{
    const struct deletion_seen *seen = in;
    if (seen->active_as.n)
        return broken(a, "it was still described as %.*s", STR_ARG(seen->active_as));
    if (!seen->deleted || !seen->followed) return never_seen();
    if (seen->ended != seen->tasks)
        return broken(a, "%zu of %zu tasks had not stopped after %d s", seen->tasks - seen->ended,
                      seen->tasks, (int)(STOP_MAX_MS / SECOND_MS));
    return proven(a, "in %lld looks, and its tasks stopped", (long long)seen->looks);
}

static const struct assumption rows[] = {
    {"A25", "A stopped task is described as STOPPED for about an hour", judge_stopped},
    {"A26", "A service that was deleted is not ACTIVE any more, and its tasks stop", judge_deleted},
};
const struct verify_group VERIFY_DELETION =
    VERIFY_GROUP("deletion", rows, struct deletion_seen, observe);
