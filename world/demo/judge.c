/* SPDX-License-Identifier: Apache-2.0
 * See judge.h. Of the drain itself only its name and its times are Ebb's word. */
#include "world/demo/judge.h"

#include "lib/base/arn.h"

#include <stdarg.h>
#include <stdio.h>

#define SHORT_ID_CHARS    8
#define WRONG_BYTES       240
#define SUMMARY_BYTES_MAX ((size_t)4096)

/* What the log says of one part. */
struct facts {
    int64_t cut;              /* sessions */
    int64_t stops, lowered;   /* tasks that stopped; times desired went down by one */
    int64_t updates;          /* UpdateService calls of Ebb */
    struct str stopped, told; /* the last task that stopped, that was told to drain */
    int64_t told_n;
    int stop_cause;
    const struct log_entry *cut_at; /* the last time sessions were cut */
};

static struct facts gather(const struct demo *d, const struct list *log, enum demo_part part)
{
    struct facts f = {0};
    int64_t to = part == PART_AWS ? d->part_from[PART_EBB] : INT64_MAX;
    for (size_t i = 0; i < log->n; i++) {
        const struct log_entry *entry = LIST_AT(*log, struct log_entry, i);
        if (entry->number <= d->part_from[part] || entry->number > to) continue;
        if (entry->kind == LOG_SESSIONS_CUT) {
            f.cut += entry->count;
            f.cut_at = entry;
        }
        if (entry->kind == LOG_TASK_STOPPING) {
            f.stops++;
            f.stopped = entry->subject;
            f.stop_cause = entry->cause;
        }
        if (entry->kind == LOG_DESIRED) f.lowered += entry->before - entry->after;
        if (entry->kind == LOG_DRAIN && str_eq(entry->reason, STR("start"))) {
            f.told_n++;
            f.told = entry->subject;
        }
        if (entry->kind == LOG_CALL && str_eq(entry->operation, STR("ecs:UpdateService")) &&
            str_eq(entry->access_key_id, STR(DEMO_EBB_KEY_ID)))
            f.updates++;
    }
    return f;
}

static struct str short_id(struct str arn)
{
    struct str id = arn.n ? arn_task_id(arn) : STR("none");
    if (id.n > SHORT_ID_CHARS) id.n = SHORT_ID_CHARS;
    return id;
}

static void wrong(struct judgement *j, struct arena *a, const char *format, ...) EBB_PRINTF(3, 4);
static void wrong(struct judgement *j, struct arena *a, const char *format, ...)
{
    char text[WRONG_BYTES];
    va_list arguments;
    EBB_ASSERT(j->wrongs_n < JUDGE_WRONGS_MAX);
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    j->wrongs[j->wrongs_n++] = arena_copy(a, str_from(text));
}

static void judge_parts(struct demo *d, const struct facts *aws, const struct facts *ebb,
                        struct judgement *out)
{
    struct arena *a = &d->arena;
    struct str cause = enum_word(&stop_cause_names, ebb->stop_cause);
    if (aws->cut == 0) wrong(out, a, "part 1 cut no session, so there is nothing to compare with");
    if (ebb->cut)
        wrong(out, a, "part 2: %lld sessions were cut, the last on task %.*s (%.*s: %.*s)",
              (long long)ebb->cut, STR_ARG(short_id(ebb->cut_at->subject)),
              STR_ARG(enum_word(&stop_cause_names, ebb->cut_at->cause)),
              STR_ARG(ebb->cut_at->reason));
    if (ebb->told_n == 0) wrong(out, a, "part 2: no task was told to drain");
    if (ebb->told_n > 1)
        wrong(out, a, "part 2: %lld tasks were told to drain", (long long)ebb->told_n);
    if (ebb->stops == 0) wrong(out, a, "part 2: no task was stopped");
    if (ebb->stops > 1) wrong(out, a, "part 2: %lld tasks stopped, not one", (long long)ebb->stops);
    if (ebb->stops == 1 && !str_eq(ebb->stopped, ebb->told))
        wrong(out, a, "part 2: task %.*s was stopped, task %.*s was drained",
              STR_ARG(short_id(ebb->stopped)), STR_ARG(short_id(ebb->told)));
    if (ebb->stops == 1 && ebb->stop_cause != STOP_SCALE_IN)
        wrong(out, a, "part 2: task %.*s stopped by %.*s, not by ECS's scale-in",
              STR_ARG(short_id(ebb->stopped)), STR_ARG(cause));
    if (ebb->lowered != 1)
        wrong(out, a, "part 2: desired went down by %lld, not by one", (long long)ebb->lowered);
}

static struct str summary(struct demo *d, const struct facts *aws, const struct facts *ebb,
                          bool exactly)
{
    const struct drain *drain = &d->sight.drain;
    double took_s = drain->finished_at > drain->claimed_at
                        ? (double)(drain->finished_at - drain->claimed_at) / 1000
                        : 0;
    struct buf b;
    buf_init(&b, SUMMARY_BYTES_MAX);
    buf_add_format(&b, "The same service of %d tasks, the same load, scaled in by one, twice:\n\n",
                   DEMO_TASKS);
    buf_add_format(&b, "  Part 1, the way AWS does it: task %.*s stopped, %lld session%s cut.\n",
                   STR_ARG(short_id(aws->stopped)), (long long)aws->cut, aws->cut == 1 ? "" : "s");
    buf_add_format(&b, "  Part 2, Ebb's way: task %.*s drained and %s, %lld session%s cut,\n",
                   STR_ARG(short_id(ebb->told)), ebb->stops ? "stopped" : "not stopped",
                   (long long)ebb->cut, ebb->cut == 1 ? "" : "s");
    buf_add_format(&b, "    took %.1f s, UpdateService calls: %lld.\n\n", took_s,
                   (long long)ebb->updates);
    buf_add_format(&b, "  The drained task and no other was stopped: %s.\n",
                   exactly ? "yes" : "no");
    struct str text = arena_copy(&d->arena, buf_view(&b));
    buf_release(&b);
    return text;
}

int judge(struct demo *d, struct judgement *out, struct err *e)
{
    struct list log;
    int rc = sight_log(d, 0, &d->arena, &log, e);
    if (rc) return rc;
    struct facts aws = gather(d, &log, PART_AWS), ebb = gather(d, &log, PART_EBB);
    *out = (struct judgement){0};
    judge_parts(d, &aws, &ebb, out);
    bool exactly = ebb.stops == 1 && str_eq(ebb.stopped, ebb.told);
    out->summary = summary(d, &aws, &ebb, exactly);
    return E_OK;
}
