/* SPDX-License-Identifier: Apache-2.0
 * See stage_table.h. */
#include "tests/support/stage_table.h"

#include <stdio.h>

static struct str task_arn(struct fixture *f, int i)
{
    return arena_format(&f->arena, "arn:aws:ecs:us-east-1:123456789012:task/demo/%032d", i);
}

void fixture_init(struct fixture *f)
{
    *f = (struct fixture){0};
    arena_init(&f->arena);
    f->message = (struct message){.format = 1,
                                  .id = STR("m-1"),
                                  .service = STR(FIX_KEY),
                                  .drain_id = STR(FIX_DRAIN),
                                  .cause = STR("event-1"),
                                  .time = NOW_MS - 1000,
                                  .alarm = STR("calls-idle"),
                                  .alarm_state = ALARM_ALARM};
    f->settings = (struct service_settings){
        .match = STR("demo/calls"),
        .mode = MODE_ACT,
        .drain_timeout_ms = 14400000,
        .min_tasks = 2,
        .status_poll_ms = 30000,
        .event_age_max_ms = 900000,
        .attempts = 3,
        .on_deadline = ON_DEADLINE_FINISH,
        .victim = VICTIM_NEWEST,
        .distributor = {.invocation = INVOCATION_REQUEST_RESPONSE, .late_effect_ms = 900000}};
    for (int i = 0; i < FIX_TASKS; i++)
        f->tasks[i] = (struct task_fact){.arn = task_arn(f, i),
                                         .address = arena_format(&f->arena, "10.0.0.%d", i + 1),
                                         .wanted = true,
                                         .running = true,
                                         .started_at = NOW_MS - 3600000 + i * 1000,
                                         .protection_known = true,
                                         .is_protected = true,
                                         .protected_until = NOW_MS + 3600000};
    struct view *v = &f->view;
    v->message = &f->message;
    v->settings = &f->settings;
    v->arena = &f->arena;
    v->limits = (struct limits_fact){.known = true, .open_tasks = f->open_tasks};
    v->service =
        (struct service_fact){.known = true, .exists = true, .active = true, .desired = FIX_TASKS};
    v->floor = (struct floor_fact){.known = true, .exists = true, .min = 2};
    v->tasks = (struct tasks_fact){
        .known = true, .protection_known = true, .tasks = f->tasks, .n = FIX_TASKS};
    fixture_did(f, EFFECT_NOTE_ALARM, OUTCOME_OK);
    fixture_drain_in(f, DRAIN_CLAIMED);
}

void fixture_release(struct fixture *f)
{
    arena_release(&f->arena);
}

void fixture_drain_in(struct fixture *f, enum drain_state state)
{
    struct drain d = {.format = DRAIN_FORMAT,
                      .drain_id = STR(FIX_DRAIN),
                      .service = STR(FIX_KEY),
                      .task_arn = f->tasks[FIX_TASKS - 1].arn,
                      .address = f->tasks[FIX_TASKS - 1].address,
                      .state = (int)state,
                      .version = 1,
                      .claimed_at = NOW_MS - 60000};
    if (state != DRAIN_CLAIMED) {
        d.protected_until = NOW_MS + 15300000;
        d.remove_sent_at = d.removed_at = NOW_MS - 50000;
    }
    if (state == DRAIN_DRAINING || state == DRAIN_DRAINED || state == DRAIN_RELEASING) {
        d.start_sent_at = d.started_at = NOW_MS - 40000;
        d.deadline_at = NOW_MS + 14360000;
    }
    if (state == DRAIN_DRAINED || state == DRAIN_RELEASING) d.drained_at = NOW_MS - 5000;
    if (state == DRAIN_RELEASING) d.becomes = DRAIN_SCALED_OUT;
    f->view.drain_known = f->view.drain_exists = true;
    f->view.drain = (struct held){.record = d, .recorded = true};
}

void fixture_task_is(struct fixture *f, enum fixture_task is)
{
    f->view.task = (struct task_state_fact){
        .known = true,
        .arn = f->view.drain.record.task_arn,
        .exists = is != TASK_MISSING,
        .stopping = is == TASK_STOPPING,
        .stopped = is == TASK_STOPPED,
    };
}

void fixture_did(struct fixture *f, enum effect_kind kind, enum outcome outcome)
{
    f->view.did[kind].outcome = outcome;
    f->view.did[kind].times++;
}

void fixture_cancels_when_ok(struct fixture *f, struct drain *d)
{
    f->settings.cancel_when_ok = true;
    d->by_alarm = true;
    d->trigger = f->message.alarm;
}

void fixture_trigger_is(struct fixture *f, enum fixture_trigger is)
{
    fixture_did(f, EFFECT_READ_TRIGGER, is == TRIGGER_UNREADABLE ? OUTCOME_RETRY : OUTCOME_OK);
    f->view.trigger =
        (struct alarms_fact){.known = is != TRIGGER_UNREADABLE, .in_alarm = is == TRIGGER_IN_ALARM};
}

static void describe(char *out, size_t size, const struct step *s)
{
    if (s->is_verdict)
        (void)snprintf(out, size, "verdict %.*s, %.*s", STR_ARG(verdict_word(s->verdict.kind)),
                       STR_ARG(reason_word(s->verdict.reason)));
    else
        (void)snprintf(out, size, "effect %s", effect_word(s->effect.kind));
}

void stage_table_run(struct step (*next)(const struct view *, int64_t),
                     const struct clause_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct clause_row *row = &rows[i];
        struct fixture f;
        char wanted[128], got[128];
        fixture_init(&f);
        if (row->change) row->change(&f);
        struct step s = next(&f.view, NOW_MS);
        struct step expected = {.is_verdict = row->is_verdict,
                                .effect.kind = row->effect,
                                .verdict = {.kind = row->verdict, .reason = row->reason}};
        describe(wanted, sizeof(wanted), &expected);
        describe(got, sizeof(got), &s);
        if (str_compare(str_from(wanted), str_from(got)))
            fail_msg("row %zu, clause %s: wanted %s, got %s", i + 1, row->clause, wanted, got);
        if (row->check) row->check(&f, &s);
        fixture_release(&f);
    }
}
