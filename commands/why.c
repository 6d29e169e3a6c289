/* SPDX-License-Identifier: Apache-2.0
 * ebb why SERVICE: the last looks at a service, each with what was decided and why. */
#include "commands/show.h"

#include "lib/base/time_text.h"

static void print_look(struct arena *a, const struct verdict_note *n, int64_t now_ms)
{
    printf("%.*s  %-6.*s  %.*s\n", STR_ARG(text_when(a, n->time)), STR_ARG(n->stage),
           STR_ARG(show_decision(a, n)));
    printf("    %.*s, in %.*s", STR_ARG(text_ago(a, now_ms, n->time)),
           STR_ARG(time_format_span(a, n->took_ms)));
    if (n->event_time && n->time > n->event_time)
        printf(", %.*s after its event", STR_ARG(time_format_span(a, n->time - n->event_time)));
    if (n->cause.n) printf("; cause %.*s", STR_ARG(n->cause));
    if (n->drain_id.n) printf("; drain %.*s", STR_ARG(n->drain_id));
    if (n->state.n) printf(" %.*s", STR_ARG(n->state));
    putchar('\n');
}

static int print(struct show *s, const struct shown_looks *shown)
{
    struct arena *a = &s->process.arena;
    printf("%.*s\n", STR_ARG(shown->service));
    show_alarms(a, &shown->alarms, s->now_ms);
    show_print_pauses(a, &shown->pauses, "");
    putchar('\n');
    for (size_t i = 0; i < shown->looks.n; i++)
        print_look(a, LIST_AT(shown->looks, struct verdict_note, i), s->now_ms);
    printf("\n`ebb timeline DRAIN` shows all that was done in a drain");
    bool may_be_more =
        shown->looks.n == (size_t)s->options.most && s->options.most < STATE_LOOKS_KEPT;
    if (may_be_more) printf("; `--n %d` more looks", STATE_LOOKS_KEPT);
    printf(".\n");
    return show_flushed(s->self);
}

static int show_why(struct show *s, struct err *e)
{
    struct arena *a = &s->process.arena;
    const struct store_port *store = &s->process.context.ports.store;
    struct shown_looks shown = {.format = SHOW_FORMAT, .time = s->now_ms};
    struct look_list looks;
    int code = show_find_service(store, s->given.words[0], a, &shown.service, e);
    if (!code)
        code = show_read_looks(store, shown.service, false, (size_t)s->options.most, a, &looks, e);
    if (!code) code = show_read_alarms(store, shown.service, a, &shown.alarms, e);
    if (!code) code = show_read_pauses(store, shown.service, s->now_ms, a, &shown.pauses, e);
    if (code) return command_fail(s->self, e);
    shown.looks = LIST_OF(looks.items, looks.n);
    if (s->options.json) {
        int exit_code = show_json(s->self, &SHOWN_LOOKS_RECORD, &shown);
        return exit_code || looks.n ? exit_code : EXIT_CODE_NOTHING;
    }
    if (looks.n) return print(s, &shown);
    return command_fail_with(
        s->self, EXIT_CODE_NOTHING,
        "no stage has looked at %.*s yet: no event named it, or the relay and the stages do not "
        "run; `ebb drain --dry-run %.*s` says what would be decided now",
        STR_ARG(shown.service), STR_ARG(shown.service));
}

int why_command(const struct command *self, int argc, char **argv)
{
    struct show s;
    struct err e = {0};
    int exit_code;
    if (show_open(&s, self, argc, argv, 1, 1, &exit_code)) exit_code = show_why(&s, &e);
    show_close(&s);
    return exit_code;
}
