/* SPDX-License-Identifier: Apache-2.0
 * Makes lines for people of what the last look found new: the world's log, which says what was
 * done, and Ebb's verdicts, which say why. Also counts the sessions that each part has cost. */
#include "world/demo/demo.h"

#include "lib/base/arn.h"

#define SHORT_ID_CHARS 8
#define TALE(d, at, tone, who, ...)                                                                \
    tale_add(&(d)->tale, (at) - (d)->began_wall_ms, (tone), (who), __VA_ARGS__)

static struct str short_id(struct str arn)
{
    struct str id = arn_task_id(arn);
    if (id.n > SHORT_ID_CHARS) id.n = SHORT_ID_CHARS;
    return id;
}

static const char *plural(int64_t n)
{
    return n == 1 ? "" : "s";
}

static bool by_ebb(const struct log_entry *entry)
{
    return str_eq(entry->access_key_id, STR(DEMO_EBB_KEY_ID));
}

static void tell_stopping(struct demo *d, const struct log_entry *entry)
{
    struct str id = short_id(entry->subject);
    struct str cause = enum_word(&stop_cause_names, entry->cause);
    TALE(d, entry->at_ms, entry->count ? TONE_BAD : TONE_PLAIN,
         entry->cause == STOP_SCALE_IN ? "ECS" : "task",
         "%s %.*s, which holds %lld session%s (%.*s)",
         entry->cause == STOP_SCALE_IN ? "stops" : "stopping:", STR_ARG(id),
         (long long)entry->count, plural(entry->count), STR_ARG(cause));
}

/* Addresses are used again; the newest task that has one is meant. */
static struct str task_at(const struct demo *d, struct str address)
{
    const struct snapshot_task *found = NULL;
    for (size_t i = 0; i < d->sight.service.tasks.n; i++) {
        const struct snapshot_task *t = LIST_AT(d->sight.service.tasks, struct snapshot_task, i);
        if (str_eq(t->address, address) && (!found || t->created_ms >= found->created_ms))
            found = t;
    }
    return found ? short_id(found->arn) : address;
}

static void tell_distributor(struct demo *d, const struct log_entry *entry)
{
    const char *what = "asked for something else:";
    struct str who = task_at(d, entry->subject);
    if (str_eq(entry->reason, STR(DEMO_REMOVE))) what = "sends no new session to";
    if (str_eq(entry->reason, STR(DEMO_RESTORE))) what = "sends sessions again to";
    if (str_eq(entry->reason, STR(DEMO_RELEASE)))
        what = str_eq(who, entry->subject) ? "forgets the address" : "forgets the address of";
    TALE(d, entry->at_ms, TONE_PLAIN, DEMO_FUNCTION, "%s %.*s", what, STR_ARG(who));
}

static void tell_application(struct demo *d, const struct log_entry *entry)
{
    struct str id = short_id(entry->subject);
    if (str_eq(entry->reason, STR("start")))
        TALE(d, entry->at_ms, TONE_PLAIN, "task", "%.*s is told to drain, %lld session%s left",
             STR_ARG(id), (long long)entry->count, plural(entry->count));
    else if (str_eq(entry->reason, STR("empty")))
        TALE(d, entry->at_ms, TONE_PLAIN, "task", "%.*s is empty and calls back", STR_ARG(id));
    else
        TALE(d, entry->at_ms, TONE_PLAIN, "task", "%.*s: drain %.*s", STR_ARG(id),
             STR_ARG(entry->reason));
}

static void tell_entry(struct demo *d, const struct log_entry *entry)
{
    struct str id = short_id(entry->subject);
    switch ((enum log_kind)entry->kind) {
    case LOG_DESIRED:
        if (d->part == PART_NONE) break; /* the service was made */
        TALE(d, entry->at_ms, TONE_TITLE, by_ebb(entry) ? "Ebb" : "somebody",
             "UpdateService: desired %lld -> %lld", (long long)entry->before,
             (long long)entry->after);
        break;
    case LOG_TASK_STARTED:
        TALE(d, entry->at_ms, TONE_PLAIN, "ECS", "%.*s runs", STR_ARG(id));
        break;
    case LOG_TASK_STOPPING: tell_stopping(d, entry); break;
    case LOG_TASK_STOPPED:
        TALE(d, entry->at_ms, TONE_PLAIN, "ECS", "%.*s has stopped", STR_ARG(id));
        break;
    case LOG_SESSIONS_CUT:
        d->cut[d->part] += entry->count;
        TALE(d, entry->at_ms, TONE_BAD, "task", "%.*s: %lld session%s cut", STR_ARG(id),
             (long long)entry->count, plural(entry->count));
        break;
    case LOG_DRAIN: tell_application(d, entry); break;
    case LOG_CALLBACK:
        if (entry->after < 200 || entry->after > 299)
            TALE(d, entry->at_ms, TONE_BAD, "callback", "answered %lld", (long long)entry->after);
        break;
    case LOG_DISTRIBUTOR: tell_distributor(d, entry); break;
    case LOG_ALARM:
        TALE(d, entry->at_ms, TONE_TITLE, "alarm", "%.*s is %.*s; its event goes to SQS",
             STR_ARG(entry->subject), STR_ARG(entry->reason));
        break;
    case LOG_FAULT:
        TALE(d, entry->at_ms, TONE_BAD, "world", "fault: %.*s %.*s", STR_ARG(entry->reason),
             STR_ARG(entry->subject));
        break;
    case LOG_OTHER:
    case LOG_CALL:
    case LOG_EVENT:
    case LOG_PROTECTION: break; /* the tasks' marks show it */
    }
}

/* A stage that was told twice looks twice, and finds that all is done: that is told once. */
static void tell_verdict(struct demo *d, const struct verdict_note *note)
{
    struct arena *a = &d->sight.arena;
    const struct tale_line *before = d->tale.n ? tale_line(&d->tale, d->tale.n - 1) : NULL;
    const char *stage = arena_cstr(a, note->stage);
    struct str what = note->state.n ? note->state : note->verdict, id = short_id(note->task_arn);
    struct str text = arena_format(a, "%.*s%s%.*s: %.*s", STR_ARG(what), id.n ? " " : "",
                                   STR_ARG(id), STR_ARG(note->why));
    if (before && str_eq(str_from(before->who), str_from(stage)) &&
        str_eq(str_from(before->text), text))
        return;
    TALE(d, note->time, TONE_EBB, stage, "%.*s", STR_ARG(text));
}

/* Both lists are in the order of their times, and both clocks are the machine's. */
void tell_news(struct demo *d)
{
    const struct sight *s = &d->sight;
    size_t i = 0, k = 0;
    while (i < s->entries.n || k < s->verdicts.n) {
        const struct log_entry *entry =
            i < s->entries.n ? LIST_AT(s->entries, struct log_entry, i) : NULL;
        const struct verdict_note *note =
            k < s->verdicts.n ? LIST_AT(s->verdicts, struct verdict_note, k) : NULL;
        if (entry && (!note || entry->at_ms <= note->time)) {
            tell_entry(d, entry);
            i++;
        } else {
            tell_verdict(d, note);
            k++;
        }
    }
}
