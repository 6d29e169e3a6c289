/* SPDX-License-Identifier: Apache-2.0
 * A1 to A5: what is read of a service at rest. */
#include "lib/verify/assume.h"

#define SMALL_PAGE 2
#define PAGES_MAX  20
/* Made up; that one of them exists is less likely than anything else going wrong. */
#define UNKNOWN_ID   "task/%.*s/%032zu"
#define AHEAD_MAX_MS MINUTE_MS

struct reads_seen {
    int64_t running;
    bool listed_known, paged_known;
    size_t listed, paged;
    bool asked_known;
    size_t asked, answered, missing; /* of DescribeTasks, in one call */
    struct str refused;              /* AWS's code, when that call was */
    bool protection_known;
    size_t protection_asked, protection_answered;
    bool tasks_known, has_network;
    size_t tasks, with_address, with_start;
    bool ahead_known;
    int64_t ahead_ms;
};

/* Running, by the service's own word: what the lists are held against. */
static int wait_for_start(struct scene *s, struct reads_seen *seen)
{
    int64_t until_ms = scene_mono(s) + START_MAX_MS;
    struct service_look look = {0};
    scene_say(s, "waiting for %d tasks to run", VERIFY_TASKS);
    while (scene_again(s, until_ms)) {
        int code = scene_read_service(s, &look);
        if (code && !scene_passing(s, code)) return code;
        bool at_rest = look.active && !look.pending && !look.deploying;
        if (!code && at_rest && look.running == VERIFY_TASKS) {
            seen->running = look.running;
            return E_OK;
        }
    }
    scene_give_up(s, "%lld of %d tasks ran within %d minutes; the service's last event: %.*s",
                  (long long)look.running, VERIFY_TASKS, (int)(START_MAX_MS / MINUTE_MS),
                  STR_ARG(look.last_event));
    return err_set(&s->failure.err, E_UNAVAILABLE, "%s", s->why);
}

static int count_pages(struct scene *s, size_t *out)
{
    struct ecs_list_tasks_input input = {
        .cluster = service_key_cluster_arn(&s->round, &s->key),
        .service_name = s->key.name,
        .desired_status = STR("RUNNING"),
        .max_results = SMALL_PAGE,
    };
    *out = 0;
    for (int page = 0; page < PAGES_MAX; page++) {
        struct ecs_list_tasks_output output = {0};
        int code = aws_call(&s->ports->aws, &ECS_LIST_TASKS, s->key.region, &input, &s->round,
                            &output, 0, &s->failure);
        if (code) return code;
        *out += output.task_arns.n;
        input.next_token = output.next_token;
        if (str_is_empty(output.next_token)) break;
    }
    return E_OK;
}

/* The tasks there are and made-up ones, as many as Ebb ever asks for in one call. */
static int ask_for_more(struct scene *s, const struct watch *w, struct reads_seen *seen)
{
    struct str *arns = ARENA_ARRAY(&s->round, ECS_DESCRIBE_TASKS_MAX, struct str);
    struct ecs_describe_tasks_input input = {
        .cluster = service_key_cluster_arn(&s->round, &s->key),
        .tasks = LIST_OF(arns, ECS_DESCRIBE_TASKS_MAX),
    };
    struct ecs_describe_tasks_output tasks = {0};
    for (size_t i = 0; i < ECS_DESCRIBE_TASKS_MAX; i++)
        arns[i] = i < w->n ? w->items[i].arn
                           : arena_format(&s->round, "arn:%.*s:ecs:%.*s:%.*s:" UNKNOWN_ID,
                                          STR_ARG(s->key.partition), STR_ARG(s->key.region),
                                          STR_ARG(s->key.account), STR_ARG(s->key.cluster), i);
    int code = aws_call(&s->ports->aws, &ECS_DESCRIBE_TASKS, s->key.region, &input, &s->round,
                        &tasks, 0, &s->failure);
    seen->asked = ECS_DESCRIBE_TASKS_MAX;
    seen->asked_known = !code || scene_refused(s, code);
    if (seen->asked_known && code) seen->refused = arena_copy(s->arena, str_from(s->failure.code));
    if (code) return seen->asked_known ? E_OK : code;
    seen->answered = tasks.tasks.n;
    for (size_t i = 0; i < tasks.failures.n; i++)
        seen->missing +=
            str_eq(LIST_AT(tasks.failures, struct ecs_failure, i)->reason, STR("MISSING"));
    return E_OK;
}

static int ask_for_protection(struct scene *s, const struct watch *w, struct reads_seen *seen)
{
    struct str *arns = ARENA_ARRAY(&s->round, w->n + 1, struct str);
    struct ecs_task_protection_output got;
    for (size_t i = 0; i < w->n; i++)
        arns[i] = w->items[i].arn;
    int code =
        ecs_read_protection(&s->ports->aws, &s->key, arns, w->n, &s->round, &got, &s->failure);
    if (code) return code;
    seen->protection_known = true;
    seen->protection_asked = w->n;
    seen->protection_answered = got.protected_tasks.n + got.failures.n;
    return E_OK;
}

static void count_members(const struct watch *w, struct reads_seen *seen)
{
    seen->tasks_known = true;
    seen->tasks = w->n;
    for (size_t i = 0; i < w->n; i++) {
        seen->with_address += w->items[i].address.n > 0;
        seen->with_start += w->items[i].started_at > 0;
    }
}

static int observe(struct scene *s, void *out)
{
    struct reads_seen *seen = out;
    struct watch w;
    *seen = (struct reads_seen){.ahead_known = s->ahead_known,
                                .ahead_ms = s->ahead_ms,
                                .has_network = s->options->subnets.n > 0};
    int code = wait_for_start(s, seen);
    int64_t until_ms = scene_mono(s) + LAG_MS;
    scene_say(s, "reading the service at rest");
    /* Lists may lag behind a little. */
    while (!code) {
        code = watch_begin(s, &w);
        seen->listed_known = !code;
        seen->listed = w.n;
        if (!code && w.n == VERIFY_TASKS) break;
        if (!scene_again(s, until_ms)) break;
    }
    if (!code) code = count_pages(s, &seen->paged);
    seen->paged_known = !code;
    if (code) return code;
    count_members(&w, seen);
    code = ask_for_more(s, &w, seen);
    if (!code) code = ask_for_protection(s, &w, seen);
    if (code) return code;
    if (w.n != VERIFY_TASKS) scene_give_up(s, "ListTasks does not list every task (A1)");
    return E_OK;
}

static struct finding judge_list(const void *in, struct arena *a)
{
    const struct reads_seen *seen = in;
    if (!seen->listed_known) return never_seen();
    if ((int64_t)seen->listed != seen->running)
        return broken(a, "%zu of %lld running tasks were listed", seen->listed,
                      (long long)seen->running);
    if (!seen->paged_known) return never_seen();
    if (seen->paged != seen->listed)
        return broken(a, "%zu of %zu tasks were listed in pages of %d", seen->paged, seen->listed,
                      SMALL_PAGE);
    return proven(a, "all %zu, also in pages of %d", seen->listed, SMALL_PAGE);
}

static struct finding judge_missing(const void *in, struct arena *a)
{
    const struct reads_seen *seen = in;
    if (!seen->asked_known) return never_seen();
    if (seen->refused.n)
        return broken(a, "DescribeTasks of %zu was refused with %.*s", seen->asked,
                      STR_ARG(seen->refused));
    if (seen->answered + seen->missing != seen->asked)
        return broken(a,
                      "DescribeTasks was asked for %zu tasks, answered %zu, and called %zu "
                      "MISSING",
                      seen->asked, seen->answered, seen->missing);
    if (!seen->protection_known) return never_seen();
    if (seen->protection_answered != seen->protection_asked)
        return broken(a, "GetTaskProtection was asked about %zu tasks and answered of %zu",
                      seen->protection_asked, seen->protection_answered);
    return proven(a, "%zu asked for in one call, %zu described, %zu MISSING", seen->asked,
                  seen->answered, seen->missing);
}

static struct finding judge_address(const void *in, struct arena *a)
{
    const struct reads_seen *seen = in;
    if (!seen->tasks_known) return never_seen();
    if (!seen->has_network) return not_checked(a, "without --subnets tasks have no address");
    if (seen->with_address != seen->tasks)
        return broken(a, "%zu of %zu running tasks had one", seen->with_address, seen->tasks);
    return proven(a, "all %zu had one", seen->tasks);
}

static struct finding judge_start(const void *in, struct arena *a)
{
    const struct reads_seen *seen = in;
    if (!seen->tasks_known) return never_seen();
    if (seen->with_start != seen->tasks)
        return broken(a, "%zu of %zu running tasks had one", seen->with_start, seen->tasks);
    return proven(a, "all %zu had one", seen->tasks);
}

static struct finding judge_clock(const void *in, struct arena *a)
{
    const struct reads_seen *seen = in;
    if (!seen->ahead_known) return never_seen();
    int64_t off_ms = seen->ahead_ms < 0 ? -seen->ahead_ms : seen->ahead_ms;
    const char *which = seen->ahead_ms < 0 ? "behind" : "ahead of";
    if (off_ms > AHEAD_MAX_MS)
        return broken(a, "ECS's clock is %lld s %s ours", (long long)(off_ms / SECOND_MS), which);
    return proven(a, "%lld s apart", (long long)(off_ms / SECOND_MS));
}

static const struct assumption rows[] = {
    {"A1", "ListTasks lists every running task of a service, over all its pages", judge_list},
    {"A2",
     "What DescribeTasks, up to 100 at once, and GetTaskProtection are asked about is in the "
     "answer or is a failure",
     judge_missing},
    {"A3", "A running task of a service with its own network is described with its address",
     judge_address},
    {"A4", "A running task is described with the time it started", judge_start},
    {"A5", "ECS's clock and ours agree within a minute", judge_clock},
};
const struct verify_group VERIFY_READS = VERIFY_GROUP("reads", rows, struct reads_seen, observe);
