/* SPDX-License-Identifier: Apache-2.0
 * ebb drain --dry-run: the select stage looks, here and now, through the real ports; the look ends
 * before the first effect that is more than reading. */
#include "commands/drain.h"

#include "lib/base/arn.h"
#include "lib/run/look.h"
#include "workers/stage.h"

/* In observe mode select ends by itself before it claims; this holds whatever becomes of select. */
static struct step read_only(const struct view *v, int64_t now_ms)
{
    struct step s = select_next(v, now_ms);
    if (s.is_verdict || effect_class_of(s.effect.kind) == EFFECT_CLASS_READ) return s;
    struct step would = finish(VERDICT_WOULD, REASON_CLAIMED);
    would.verdict.subject = s.effect.drain.task_arn;
    return would;
}

static int print(struct drain_request *r)
{
    const struct verdict_note *n = &r->shown.decision;
    printf("%.*s  %.*s\n", STR_ARG(text_service(n->service)),
           STR_ARG(show_decision(&r->process.arena, n)));
    show_steps(&r->process.arena, n, r->shown.time, stdout);
    drain_print_mode(r);
    return show_flushed(r->self);
}

int drain_dry_run(struct drain_request *r)
{
    struct arena *a = &r->process.arena;
    struct err e = {0};
    struct look_report report;
    struct message m = {.format = MESSAGE_FORMAT,
                        .id = r->shown.cause,
                        .service = r->shown.service,
                        .cause = r->shown.cause,
                        .time = r->shown.time,
                        .task = r->shown.task,
                        .asked_by = r->shown.asked_by};
    if (process_need(&r->process, NEEDS_AWS, &e)) return command_fail(r->self, &e);
    const struct service_settings *real = config_service(&r->process.config, m.service);
    struct service_settings observing = {0};
    if (real) observing = *real;
    observing.mode = MODE_OBSERVE;
    struct view v = {.message = &m, .settings = real ? &observing : NULL, .arena = a};
    look(&r->process.context.ports, read_only, &v, &report);
    int64_t now_ms = clock_wall_ms(&r->process.context.ports.clock);
    r->shown.is_dry_run = true;
    r->shown.decision = (struct verdict_note){
        .format = 1,
        .id = m.id,
        .stage = STR("select"),
        .service = m.service,
        .task_arn = report.verdict.kind == VERDICT_WOULD ? report.verdict.subject : STR_NONE,
        .cause = m.cause,
        .verdict = verdict_word(report.verdict.kind),
        .reason = reason_word(report.verdict.reason),
        .why = verdict_text(&report.verdict, a),
        .time = now_ms,
        .took_ms = now_ms > m.time ? now_ms - m.time : 0,
        .event_time = m.time,
        .steps = LIST_OF(report.steps, report.steps_n),
    };
    int exit_code =
        r->options.json ? show_json(r->self, &SHOWN_REQUEST_RECORD, &r->shown) : print(r);
    if (exit_code || report.verdict.kind == VERDICT_WOULD) return exit_code;
    return report.verdict.kind == VERDICT_RETRY ? EXIT_CODE_MISSING : EXIT_CODE_FAILED;
}
