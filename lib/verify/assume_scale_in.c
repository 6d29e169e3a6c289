/* SPDX-License-Identifier: Apache-2.0
 * A10 to A14: the count is lowered by two while exactly two tasks are unprotected. */
#include "lib/verify/assume.h"

#define LOWERED_BY   ((size_t)2)
#define SHOWN_MAX_MS (2 * SECOND_MS)  /* as long as an intent is kept open (workers/scale.c) */
#define BEGIN_MAX_MS (60 * SECOND_MS) /* then Ebb stops the task itself */

struct scale_in_seen {
    bool lowered, watched;            /* watched: to the end */
    int64_t from, to, replied, shown; /* shown: another count than `to`, later than SHOWN_MAX_MS */
    int64_t shown_after_ms;           /* and how much later; 0 = never */
    int64_t looks;
    size_t tasks, unprotected, stopped, stopped_protected;
    int64_t began_after_ms; /* the last of the unprotected ones; -1 = one never did */
    size_t ended;           /* have stopped by the end */
    bool deployed, on_the_way, on_the_way_wanted;
};

static int look_at_service(struct scene *s, int64_t lowered_at, struct scale_in_seen *seen)
{
    struct service_look look;
    int64_t asked_ms = scene_mono(s);
    int code = scene_read_service(s, &look);
    if (code) return code;
    seen->deployed |= look.deploying;
    int64_t after_ms = asked_ms - lowered_at;
    if (after_ms <= SHOWN_MAX_MS) return E_OK;
    seen->looks++;
    if (look.desired != seen->to) {
        seen->shown = look.desired;
        seen->shown_after_ms = after_ms;
    }
    return E_OK;
}

static int follow(struct scene *s, struct watch *w, struct scale_in_seen *seen)
{
    int64_t lowered_at = scene_mono(s), until_ms = lowered_at + STOP_MAX_MS;
    bool settling = false;
    int code = look_at_service(s, lowered_at, seen);
    if (code && !scene_passing(s, code)) return code;
    while (scene_again(s, until_ms)) {
        code = look_at_service(s, lowered_at, seen);
        if (!code) code = watch_look(s, w);
        if (code && !scene_passing(s, code)) return code;
        if (watch_ended(w) < LOWERED_BY || settling) continue;
        settling = true;
        until_ms = scene_mono(s) + SETTLE_MS;
    }
    seen->watched = !s->over;
    seen->stopped_protected = watch_stopping(w, true);
    seen->stopped = watch_stopping(w, false) + seen->stopped_protected;
    for (size_t i = 0; i < w->n; i++) {
        const struct watched *t = &w->items[i];
        seen->on_the_way |= t->was_on_the_way;
        seen->on_the_way_wanted |= t->on_the_way_wanted;
        seen->ended += t->ended_at && !t->is_protected;
        if (t->ended_at && !s->scaled_in.arn.n)
            s->scaled_in = (struct scaled_in){t->arn, t->stop_code, t->ended_at};
        if (t->is_protected || seen->began_after_ms < 0) continue;
        int64_t began_ms = t->stopping_at ? t->stopping_at - lowered_at : -1;
        if (began_ms < 0 || began_ms > seen->began_after_ms) seen->began_after_ms = began_ms;
    }
    return E_OK;
}

static int observe(struct scene *s, void *out)
{
    struct scale_in_seen *seen = out;
    struct watch w;
    int code = scene_prepare(s, VERIFY_TASKS, &w);
    if (!code) code = scene_protect(s, &w, 0, VERIFY_TASKS - LOWERED_BY);
    if (code) return code;
    seen->from = VERIFY_TASKS;
    seen->to = VERIFY_TASKS - (int64_t)LOWERED_BY;
    seen->tasks = w.n;
    seen->unprotected = LOWERED_BY;
    scene_say(s, "lowering the count from %lld to %lld, with %zu tasks unprotected",
              (long long)seen->from, (long long)seen->to, LOWERED_BY);
    code = scene_set_desired(s, seen->to, false, &seen->replied);
    seen->lowered = !code;
    return code ? code : follow(s, &w, seen);
}

static struct finding judge_exactly(const void *in, struct arena *a)
{
    const struct scale_in_seen *seen = in;
    bool wrong = seen->stopped_protected || seen->stopped > seen->unprotected;
    if (!seen->watched && !wrong) return never_seen();
    if (wrong || seen->stopped != seen->unprotected)
        return broken(a, "lowered by %zu, %zu of %zu tasks stopped, %zu of them protected",
                      seen->unprotected, seen->stopped, seen->tasks, seen->stopped_protected);
    return proven(a, "%zu unprotected ones of %zu stopped, no other", seen->stopped, seen->tasks);
}

static struct finding judge_soon(const void *in, struct arena *a)
{
    const struct scale_in_seen *seen = in;
    if (!seen->watched) return never_seen();
    if (seen->began_after_ms < 0) return not_checked(a, "not all of them stopped (A10)");
    if (seen->began_after_ms > BEGIN_MAX_MS)
        return broken(a, "it began after %lld s", (long long)(seen->began_after_ms / SECOND_MS));
    if (seen->ended < seen->unprotected)
        return broken(a, "%zu of %zu were still stopping after %d s",
                      seen->unprotected - seen->ended, seen->unprotected,
                      (int)(STOP_MAX_MS / SECOND_MS));
    return proven(a, "after %lld s", (long long)(seen->began_after_ms / SECOND_MS));
}

static struct finding judge_no_deployment(const void *in, struct arena *a)
{
    const struct scale_in_seen *seen = in;
    if (!seen->looks) return never_seen();
    if (seen->deployed) return broken(a, "DescribeServices showed a deployment in progress");
    return proven(a, "none in %lld looks", (long long)seen->looks);
}

static struct finding judge_shown(const void *in, struct arena *a)
{
    const struct scale_in_seen *seen = in;
    if (!seen->lowered) return never_seen();
    if (seen->replied != seen->to)
        return broken(a, "UpdateService was told %lld and answered %lld", (long long)seen->to,
                      (long long)seen->replied);
    if (seen->shown_after_ms)
        return broken(a, "DescribeServices still said %lld after %lld s", (long long)seen->shown,
                      (long long)(seen->shown_after_ms / SECOND_MS));
    if (!seen->looks) return never_seen();
    return proven(a, "in the answer, and in all %lld looks", (long long)seen->looks);
}

static struct finding judge_desired_status(const void *in, struct arena *a)
{
    const struct scale_in_seen *seen = in;
    if (seen->on_the_way_wanted)
        return broken(a, "a stopping task was still described as desired RUNNING");
    if (!seen->watched) return never_seen();
    if (!seen->on_the_way) return not_checked(a, "no task was seen between RUNNING and STOPPED");
    return proven(a, "seen on every stopping task");
}

static const struct assumption rows[] = {
    {"A10",
     "Lowering the count by k while exactly k tasks are unprotected stops these and no other",
     judge_exactly},
    {"A11", "ECS begins to stop them within a minute, and they have stopped minutes later",
     judge_soon},
    {"A12", "Changing only the count begins no deployment", judge_no_deployment},
    {"A13", "UpdateService answers the new count, and two seconds later DescribeServices says it",
     judge_shown},
    {"A14", "A task that was chosen to stop has the desired status STOPPED from then on",
     judge_desired_status},
};
const struct verify_group VERIFY_SCALE_IN =
    VERIFY_GROUP("scale-in", rows, struct scale_in_seen, observe);
