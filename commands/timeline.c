/* SPDX-License-Identifier: Apache-2.0
 * ebb timeline DRAIN|TASK: everything that was done in one drain, in order. A look of scale is at
 * all drained tasks of its service, and noted under one of them: those of the time in which this
 * drain waited to be scaled in are shown too. */
#include "commands/find.h"

#include <stdlib.h>

/* A stage hands on before its look is noted; the next stage may be done with its own by then. */
static int by_beginning(const void *one, const void *other)
{
    const struct verdict_note *a = one, *b = other;
    int64_t a_began = a->time - a->took_ms, b_began = b->time - b->took_ms;
    if (a_began != b_began) return a_began < b_began ? -1 : 1;
    return str_compare(a->id, b->id);
}

static bool is_scale_of(const struct verdict_note *n, const struct drain *d)
{
    return d->drained_at && str_eq(n->stage, STR("scale")) && !str_eq(n->drain_id, d->drain_id) &&
           n->time >= d->drained_at && (!d->stopped_at || n->time - n->took_ms <= d->stopped_at);
}

static int read_looks(struct show *s, const struct found_drain *found, struct shown_timeline *out,
                      struct err *e)
{
    struct arena *a = &s->process.arena;
    const struct store_port *store = &s->process.context.ports.store;
    struct look_list own, of_service = {0};
    int code = show_read_looks(store, found->drain_id, true, STATE_LOOKS_KEPT, a, &own, e);
    if (!code && found->held.exists)
        code = show_read_looks(store, found->held.record.service, false, STATE_LOOKS_KEPT, a,
                               &of_service, e);
    if (code) return code;
    struct verdict_note *all = ARENA_ARRAY(a, own.n + of_service.n, struct verdict_note);
    size_t n = 0;
    for (size_t i = 0; i < own.n; i++)
        all[n++] = own.items[i];
    for (size_t i = 0; i < of_service.n; i++)
        if (is_scale_of(&of_service.items[i], &found->held.record)) all[n++] = of_service.items[i];
    qsort(all, n, sizeof(*all), by_beginning);
    out->looks = LIST_OF(all, n);
    return E_OK;
}

struct moment {
    int64_t at;
    const struct field *field;
};

static int by_moment(const void *one, const void *other)
{
    const struct moment *a = one, *b = other;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    return a->field < b->field ? -1 : 1;
}

/* The times of the record, in order; each is a field of the table, which also says what it means.
 */
static void print_times(struct arena *a, const struct drain *d)
{
    struct moment *moments = ARENA_ARRAY(a, DRAIN_RECORD.n, struct moment);
    struct table t;
    size_t n = 0;
    for (size_t i = 0; i < DRAIN_RECORD.n; i++) {
        const struct field *f = &DRAIN_RECORD.fields[i];
        if (f->kind != FIELD_TIME || field_is_absent(f, d)) continue;
        const int64_t *at = field_in(f, d);
        moments[n++] = (struct moment){*at, f};
    }
    qsort(moments, n, sizeof(*moments), by_moment);
    table_init(&t, a, 4, NULL);
    for (size_t i = 0; i < n; i++) {
        struct str cells[] = {text_when(a, moments[i].at),
                              text_offset(a, d->claimed_at, moments[i].at),
                              str_from(moments[i].field->name), str_from(moments[i].field->help)};
        table_add(&t, cells);
    }
    table_print(&t, "  ", stdout);
}

static void print_drain(struct arena *a, const struct drain *d, int64_t now_ms)
{
    printf("drain %.*s  %.*s", STR_ARG(d->drain_id), STR_ARG(enum_word(&DRAIN_STATES, d->state)));
    /* Until then nothing has come of it, and afterwards it is the state. */
    if (d->becomes && d->state == DRAIN_RELEASING)
        printf(", to become %.*s", STR_ARG(enum_word(&DRAIN_STATES, d->becomes)));
    if (d->reason.n) printf("  (%.*s)", STR_ARG(d->reason));
    printf("\n  service  %.*s\n  task     %.*s\n  address  %.*s\n  trigger  %.*s\n  cause    %.*s\n"
           "  began    %.*s\n\n",
           STR_ARG(d->service), STR_ARG(d->task_arn), STR_ARG(d->address), STR_ARG(d->trigger),
           STR_ARG(d->cause), STR_ARG(text_ago(a, now_ms, d->claimed_at)));
    print_times(a, d);
}

static void print_look(struct arena *a, const struct verdict_note *n, int64_t since_ms)
{
    printf("\n  %.*s  %-6.*s  %.*s\n", STR_ARG(text_when(a, n->time)), STR_ARG(n->stage),
           STR_ARG(show_decision(a, n)));
    show_steps(a, n, since_ms, stdout);
}

static int print(struct show *s, const struct shown_timeline *shown, struct str drain_id)
{
    struct arena *a = &s->process.arena;
    const struct verdict_note *first = shown->looks.items;
    int64_t since_ms = shown->drain.claimed_at;
    if (!since_ms && shown->looks.n) since_ms = first->time - first->took_ms;
    if (shown->drain.drain_id.n)
        print_drain(a, &shown->drain, s->now_ms);
    else
        printf("drain %.*s: its record has expired; these are the looks at it\n",
               STR_ARG(drain_id));
    for (size_t i = 0; i < shown->looks.n; i++)
        print_look(a, LIST_AT(shown->looks, struct verdict_note, i), since_ms);
    if (!shown->looks.n) printf("\n  no look at it has been noted yet\n");
    for (size_t i = 0; i < shown->other_ones.n; i++)
        printf("%s%.*s", i ? ", " : "\nearlier drains of this task: ",
               STR_ARG(*LIST_AT(shown->other_ones, struct str, i)));
    if (shown->other_ones.n) putchar('\n');
    return show_flushed(s->self);
}

static int show_timeline(struct show *s, struct err *e)
{
    struct shown_timeline shown = {.format = SHOW_FORMAT, .time = s->now_ms};
    struct found_drain found;
    int code = find_drain(&s->process.context.ports.store, s->given.words[0], &s->process.arena,
                          &found, e);
    if (!code) code = read_looks(s, &found, &shown, e);
    if (code) return command_fail(s->self, e);
    if (found.held.exists) shown.drain = found.held.record;
    shown.other_ones = LIST_OF(found.other_ones, found.other_ones_n);
    if (s->options.json) return show_json(s->self, &SHOWN_TIMELINE_RECORD, &shown);
    return print(s, &shown, found.drain_id);
}

int timeline_command(const struct command *self, int argc, char **argv)
{
    struct show s;
    struct err e = {0};
    int exit_code;
    if (show_open(&s, self, argc, argv, 1, 1, &exit_code)) exit_code = show_timeline(&s, &e);
    show_close(&s);
    return exit_code;
}
