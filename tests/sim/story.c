/* SPDX-License-Identifier: Apache-2.0
 * See story.h. */
#include "tests/sim/story.h"

#include "lib/base/arn.h"
#include "schemas/message.h"
#include "tests/sim/process.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SHORT_ID 6 /* characters of an id tell it from the few others of a history */

struct line {
    int64_t at_ms;
    struct str service, text;
    const char *who;
    int64_t times;
};

struct story {
    struct line *lines;
    size_t n, max;
};

static struct str short_id(struct str id)
{
    return id.n > SHORT_ID ? (struct str){id.p, SHORT_ID} : id;
}

static struct str task_name(struct str arn)
{
    struct str id = arn_task_id(arn);
    return short_id(id.n ? id : arn);
}

/* "demo/s0" and "aws:us-east-1:123456789012:demo/s0" are "s0". */
static struct str service_name(struct str service)
{
    for (size_t i = service.n; i > 0; i--)
        if (service.p[i - 1] == '/') return (struct str){service.p + i, service.n - i};
    return service;
}

void tell(struct sim *sim, struct str service, const char *who, const char *format, ...)
{
    struct story *story = sim->story;
    va_list args;
    if (!story) return;
    if (story->n == story->max) {
        size_t max = story->max ? 2 * story->max : 256;
        struct line *lines = ARENA_ARRAY(&sim->arena, max, struct line);
        for (size_t i = 0; i < story->n; i++)
            lines[i] = story->lines[i];
        story->lines = lines;
        story->max = max;
    }
    va_start(args, format);
    struct line line = {.at_ms = sim->now_ms,
                        .service = arena_copy(&sim->arena, service_name(service)),
                        .text = arena_format_list(&sim->arena, format, args),
                        .who = arena_cstr(&sim->arena, str_from(who)),
                        .times = 1};
    va_end(args);
    struct line *last = story->n ? &story->lines[story->n - 1] : NULL;
    if (last && str_eq(last->text, line.text) && str_eq(last->service, line.service))
        last->times++;
    else
        story->lines[story->n++] = line;
}

void tell_fault(struct sim *sim, const struct call *call, enum call_fault fault)
{
    const struct task *task = sim->running;
    char who[PROCESS_NAME_BYTES + 32];
    /* What loops ask again and again, and get a moment later, makes no difference. */
    bool is_loop = task && !task->about.n && call->port != CALL_KAFKA;
    bool kills = fault == FAULT_OF_ANY_DIES_BEFORE || fault == FAULT_OF_ANY_DIES_AFTER;
    if (!sim->story || (is_loop && !kills)) return;
    (void)snprintf(who, sizeof(who), "%s %s", task ? task->process->name : "", call->role);
    tell(sim, task ? task->about : STR_NONE, who, "%s %.*s: %s", call_port_word(call->port),
         STR_ARG(call->name), call_fault_text(fault));
}

static const char *who_called(const struct log_entry *entry)
{
    if (str_eq(entry->access_key_id, STR(SIM_EBB_KEY))) return "ebb";
    return entry->access_key_id.n ? "somebody" : "ECS";
}

static void tell_task_entry(struct sim *sim, const struct log_entry *e)
{
    struct str task = task_name(e->subject), s = e->service;
    const char *who = who_called(e);
    switch ((enum log_kind)e->kind) {
    case LOG_TASK_STARTED:
        tell(sim, s, "ECS", "task %.*s runs at %.*s", STR_ARG(task), STR_ARG(e->detail));
        break;
    case LOG_TASK_STOPPING:
        tell(sim, s, who, "task %.*s is stopped (%.*s), %lld sessions on it", STR_ARG(task),
             STR_ARG(enum_word(&stop_cause_names, e->cause)), (long long)e->count);
        break;
    case LOG_TASK_STOPPED: tell(sim, s, "ECS", "task %.*s is gone", STR_ARG(task)); break;
    case LOG_SESSIONS_CUT:
        tell(sim, s, who, "%lld sessions are cut on task %.*s", (long long)e->count, STR_ARG(task));
        break;
    case LOG_PROTECTION:
        tell(sim, s, who, "protection of task %.*s: %.*s", STR_ARG(task), STR_ARG(e->reason));
        break;
    case LOG_DRAIN:
        tell(sim, s, "task", "task %.*s hears %.*s for drain %.*s, %lld sessions", STR_ARG(task),
             STR_ARG(e->reason), STR_ARG(short_id(e->detail)), (long long)e->count);
        break;
    case LOG_CALLBACK:
        tell(sim, s, "task", "task %.*s called back, answered %lld", STR_ARG(task),
             (long long)e->after);
        break;
    default: break;
    }
}

void tell_entry(struct sim *sim, const struct log_entry *e)
{
    if (!sim->story) return;
    if (e->kind == LOG_DESIRED)
        tell(sim, e->service, who_called(e), "sets the desired count %lld -> %lld",
             (long long)e->before, (long long)e->after);
    else if (e->kind == LOG_DISTRIBUTOR)
        tell(sim, STR("distributor"), who_called(e), "%.*s %.*s for drain %.*s%s",
             STR_ARG(e->reason), STR_ARG(e->subject), STR_ARG(short_id(e->detail)),
             e->count ? "" : ", as it was");
    else if (e->kind == LOG_CALL && e->code.n)
        tell(sim, e->service, who_called(e), "%.*s is refused: %.*s", STR_ARG(e->operation),
             STR_ARG(e->code));
    else
        tell_task_entry(sim, e);
}

void tell_drain(struct sim *sim, const struct drain *d)
{
    tell(sim, d->service, "ebb", "drain %.*s is %.*s, task %.*s at %.*s%s%.*s",
         STR_ARG(short_id(d->drain_id)), STR_ARG(enum_word(&DRAIN_STATES, d->state)),
         STR_ARG(task_name(d->task_arn)), STR_ARG(d->address), d->reason.n ? ": " : "",
         STR_ARG(d->reason));
}

void tell_verdict(struct sim *sim, const struct verdict_note *n)
{
    bool says_more = str_eq(n->stage, STR("select")) || str_eq(n->stage, STR("relay")) ||
                     str_eq(n->reason, STR("wrong_task_stopped"));
    if (says_more)
        tell(sim, n->service, "ebb", "%.*s of event %.*s: %.*s, %.*s", STR_ARG(n->stage),
             STR_ARG(n->cause), STR_ARG(n->verdict), STR_ARG(n->reason));
}

void story_print(const struct sim *sim)
{
    const struct story *story = sim->story;
    (void)printf("\n%11s  %-12s %-20s\n", "seconds", "about", "who");
    for (size_t i = 0; i < story->n; i++) {
        const struct line *l = &story->lines[i];
        (void)printf("%11.3f  %-12.*s %-20s %.*s", (double)(l->at_ms - sim->began_ms) / 1000,
                     STR_ARG(l->service), l->who, STR_ARG(l->text));
        if (l->times > 1) (void)printf(" (%lld times)", (long long)l->times);
        (void)printf("\n");
    }
}

void story_begin(struct sim *sim)
{
    sim->story = ARENA_NEW(&sim->arena, struct story);
}
