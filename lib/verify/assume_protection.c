/* SPDX-License-Identifier: Apache-2.0
 * A6 to A8: what UpdateTaskProtection answers, and what it means. */
#include "lib/verify/assume.h"

#define MINUTES_MAX  ((int64_t)2880)
#define TOLERANCE_MS (15 * SECOND_MS)

struct grant {
    bool known;
    int64_t minutes, off_ms; /* how much later than asked for it ends */
};

struct protection_seen {
    bool batch_known;
    size_t asked, answered, held; /* of a batch: said to be protected, and read back as protected */
    struct grant shortest, longest, renewed;
};

static size_t count_on(const struct ecs_task_protection_output *out)
{
    size_t n = 0;
    for (size_t i = 0; i < out->protected_tasks.n; i++)
        n += LIST_AT(out->protected_tasks, struct ecs_protected_task, i)->protection_enabled;
    return n;
}

/* How many of them GetTaskProtection calls protected; reads may lag behind. */
static int read_back(struct scene *s, const struct str *arns, size_t n, size_t *out)
{
    int64_t until_ms = scene_mono(s) + LAG_MS;
    int code = E_OK;
    do {
        struct ecs_task_protection_output got;
        code = ecs_read_protection(&s->ports->aws, &s->key, arns, n, &s->round, &got, &s->failure);
        *out = code ? 0 : count_on(&got);
    } while (!code && *out < n && scene_again(s, until_ms));
    return code;
}

static int protect_all(struct scene *s, const struct str *arns, size_t n,
                       struct protection_seen *seen)
{
    struct ecs_task_protection_output got;
    int code = scene_call_protection(s, arns, n, PROTECT_LONG, &got);
    if (code) return code;
    seen->asked = n;
    seen->answered = count_on(&got) + got.failures.n;
    size_t refused = got.failures.n;
    code = read_back(s, arns, n - refused, &seen->held);
    seen->held += refused;
    seen->batch_known = !code;
    return code;
}

static int grant(struct scene *s, struct str task, int64_t minutes, struct grant *out)
{
    struct ecs_task_protection_output got;
    int64_t before_ms = scene_now(s);
    int code = scene_call_protection(s, &task, 1, minutes, &got);
    if (code || !got.protected_tasks.n) return code;
    int64_t until_ms = LIST_AT(got.protected_tasks, struct ecs_protected_task, 0)->expiration_date;
    int64_t granted_ms = until_ms - minutes * MINUTE_MS, after_ms = scene_now(s);
    *out = (struct grant){.known = true, .minutes = minutes};
    /* Between asking and being answered it was any time. */
    if (granted_ms < before_ms) out->off_ms = granted_ms - before_ms;
    if (granted_ms > after_ms) out->off_ms = granted_ms - after_ms;
    return E_OK;
}

static int observe(struct scene *s, void *out)
{
    struct protection_seen *seen = out;
    struct watch w;
    struct str arns[VERIFY_TASKS];
    int code = scene_prepare(s, VERIFY_TASKS, &w);
    if (code) return code;
    scene_say(s, "protecting tasks, and reading it back");
    for (size_t i = 0; i < VERIFY_TASKS; i++)
        arns[i] = w.items[i].arn;
    code = protect_all(s, arns, VERIFY_TASKS, seen);
    if (!code) code = scene_unprotect_all(s);
    if (!code) code = grant(s, arns[0], MINUTES_MAX, &seen->longest);
    if (!code) code = grant(s, arns[0], 2, &seen->renewed);
    return code ? code : grant(s, arns[1], 1, &seen->shortest);
}

static struct finding judge_answers(const void *in, struct arena *a)
{
    const struct protection_seen *seen = in;
    if (!seen->batch_known) return never_seen();
    if (seen->answered != seen->asked)
        return broken(a, "%zu tasks were asked for and %zu answered", seen->asked, seen->answered);
    if (seen->held != seen->asked)
        return broken(a, "%zu of %zu tasks said to be protected were not", seen->asked - seen->held,
                      seen->asked);
    return proven(a, "%zu in one call, all read back", seen->asked);
}

static bool is_off(const struct grant *g)
{
    return g->off_ms < -TOLERANCE_MS || g->off_ms > TOLERANCE_MS;
}

static struct finding judge_span(const void *in, struct arena *a)
{
    const struct protection_seen *seen = in;
    const struct grant *grants[] = {&seen->shortest, &seen->longest};
    for (size_t i = 0; i < EBB_COUNT(grants); i++) {
        if (!grants[i]->known) return never_seen();
        if (is_off(grants[i]))
            return broken(
                a, "%lld minutes were asked for, and it ends %lld s %s",
                (long long)grants[i]->minutes,
                (long long)(grants[i]->off_ms < 0 ? -grants[i]->off_ms : grants[i]->off_ms) /
                    SECOND_MS,
                grants[i]->off_ms < 0 ? "too early" : "too late");
    }
    return proven(a, "1 minute and %lld", (long long)MINUTES_MAX);
}

static struct finding judge_renewal(const void *in, struct arena *a)
{
    const struct protection_seen *seen = in;
    if (!seen->longest.known || !seen->renewed.known) return never_seen();
    /* What is granted for a span is A7; here it only counts that it was set anew. */
    int64_t kept_ms = (seen->longest.minutes - seen->renewed.minutes) * MINUTE_MS / 4;
    if (seen->renewed.off_ms > kept_ms)
        return broken(a, "%lld minutes were set, then %lld, and it ends %lld minutes too late",
                      (long long)seen->longest.minutes, (long long)seen->renewed.minutes,
                      (long long)(seen->renewed.off_ms / MINUTE_MS));
    return proven(a, "%lld minutes were replaced by %lld", (long long)seen->longest.minutes,
                  (long long)seen->renewed.minutes);
}

static const struct assumption rows[] = {
    {"A6", "Every task given to UpdateTaskProtection is answered, and one answered as protected is",
     judge_answers},
    {"A7", "Protection is granted for the time asked for, from 1 to 2880 minutes", judge_span},
    {"A8", "Protecting a protected task sets its expiry anew, sooner or later", judge_renewal},
};
const struct verify_group VERIFY_PROTECTION =
    VERIFY_GROUP("protection", rows, struct protection_seen, observe);
