/* SPDX-License-Identifier: Apache-2.0
 * ebb drain --wait: from the request to the end of its drain, by what the stages note. */
#include "commands/drain.h"

#include "lib/base/time_text.h"

#define GLANCE_MS        ((int64_t)300) /* between looks at Redis */
#define SERVICE_LOOKS    ((size_t)50)   /* the decision is among the newest */
#define LAST_GLANCES_MAX 10             /* after the end, for the last look to be noted */

struct follow {
    struct drain_request *r;
    struct arena round; /* of one glance */
    int64_t shown_until;
    struct str shown_id; /* the newest look shown; with its time it names one */
};

/* What is kept must outlive the round: the record says what is text. */
static void keep(struct arena *a, const struct record *record, void *in)
{
    for (size_t i = 0; i < record->n; i++) {
        const struct field *f = &record->fields[i];
        struct str *text = field_at(f, in);
        if (f->kind == FIELD_STR && text->p) *text = arena_copy(a, *text);
    }
}

static void keep_decision(struct drain_request *r, const struct verdict_note *n)
{
    struct arena *a = &r->process.arena;
    r->shown.decision = *n;
    keep(a, &VERDICT_RECORD, &r->shown.decision);
    struct step_note *steps = ARENA_ARRAY(a, n->steps.n, struct step_note);
    for (size_t i = 0; i < n->steps.n; i++) {
        steps[i] = *LIST_AT(n->steps, struct step_note, i);
        keep(a, &STEP_RECORD, &steps[i]);
    }
    r->shown.decision.steps = LIST_OF(steps, n->steps.n);
}

static void print_look(struct follow *f, const struct verdict_note *n)
{
    if (f->r->options.json) return;
    printf("%-11.*s %-6.*s  %.*s%s%.*s\n",
           STR_ARG(text_offset(&f->round, f->r->shown.time, n->time)), STR_ARG(n->stage),
           STR_ARG(show_decision(&f->round, n)), n->state.n ? "  -> " : "", STR_ARG(n->state));
    (void)fflush(stdout); /* it is watched; whether it arrived is asked at the end */
}

/* A message that came twice finds its own drain: that is no refusal. */
static bool began(const struct verdict_note *n)
{
    return n->drain_id.n &&
           (str_eq(n->verdict, STR("done")) || str_eq(n->reason, STR("event_seen")));
}

/* What select decided about our request. */
static int read_decision(struct follow *f, struct err *e)
{
    struct drain_request *r = f->r;
    struct look_list looks;
    const struct verdict_note *found = NULL;
    int code = show_read_looks(&r->process.context.ports.store, r->shown.service, false,
                               SERVICE_LOOKS, &f->round, &looks, e);
    if (code) return code;
    for (size_t i = 0; i < looks.n; i++) {
        const struct verdict_note *n = &looks.items[i];
        if (!str_eq(n->stage, STR("select")) || !str_eq(n->cause, r->shown.cause)) continue;
        if (!found || began(n)) found = n;
    }
    if (!found) return E_OK;
    keep_decision(r, found);
    if (!began(found)) print_look(f, found); /* the others are among their drain's looks */
    return E_OK;
}

static int read_drain(struct follow *f, struct err *e)
{
    struct drain_request *r = f->r;
    const struct store_port *store = &r->process.context.ports.store;
    struct str drain_id = r->shown.decision.drain_id;
    struct look_list looks;
    struct drain_held held;
    int code = state_read_drain(store, drain_id, &f->round, &held, e);
    if (!code)
        code = show_read_looks(store, drain_id, true, STATE_LOOKS_KEPT, &f->round, &looks, e);
    if (code) return code;
    if (held.exists && held.record.version != r->shown.drain.version) {
        r->shown.drain = held.record;
        keep(&r->process.arena, &DRAIN_RECORD, &r->shown.drain);
    }
    size_t fresh = 0;
    while (fresh < looks.n && (looks.items[fresh].time != f->shown_until ||
                               !str_eq(looks.items[fresh].id, f->shown_id)))
        fresh++;
    for (size_t i = fresh; i-- > 0;)
        print_look(f, &looks.items[i]);
    if (fresh) {
        f->shown_until = looks.items[0].time;
        f->shown_id = arena_copy(&r->process.arena, looks.items[0].id);
    }
    return E_OK;
}

static bool is_over(const struct drain_request *r)
{
    const struct verdict_note *n = &r->shown.decision;
    return n->verdict.n && (!began(n) || drain_is_final(r->shown.drain.state));
}

/* Redis may be away for a while: following goes on when it is back. */
static void glance(struct follow *f)
{
    struct err e = {0};
    arena_clear(&f->round);
    int code = f->r->shown.decision.verdict.n ? E_OK : read_decision(f, &e);
    if (!code && began(&f->r->shown.decision)) code = read_drain(f, &e);
    if (code) LOG(&f->r->process.log, LOG_WARN, "follow_failed", LOG_STR("why", str_from(e.text)));
}

static int conclude(struct drain_request *r)
{
    const struct drain *d = &r->shown.drain;
    int exit_code = r->options.json ? show_json(r->self, &SHOWN_REQUEST_RECORD, &r->shown)
                                    : show_flushed(r->self);
    if (exit_code) return exit_code;
    if (r->shown.timed_out)
        return command_fail_with(r->self, EXIT_CODE_FAILED,
                                 "the end was not seen within --timeout; `ebb why %.*s` says more",
                                 STR_ARG(r->shown.service));
    if (!began(&r->shown.decision)) return EXIT_CODE_FAILED;
    if (!r->options.json)
        printf("%.*s  %.*s, %.*s after it was asked for\n", STR_ARG(d->drain_id),
               STR_ARG(enum_word(&DRAIN_STATES, d->state)),
               STR_ARG(time_format_span(&r->process.arena, d->finished_at - r->shown.time)));
    exit_code = show_flushed(r->self);
    return exit_code || d->state == DRAIN_SCALED_OUT ? exit_code : EXIT_CODE_FAILED;
}

int drain_follow(struct drain_request *r)
{
    const struct clock *clock = &r->process.context.ports.clock;
    struct follow f = {.r = r};
    int64_t until = clock_mono_ms(clock) + r->options.timeout_ms;
    arena_init(&f.round);
    glance(&f);
    while (!is_over(r) && clock_mono_ms(clock) < until) {
        clock_sleep_ms(GLANCE_MS);
        glance(&f);
    }
    r->shown.timed_out = !is_over(r);
    /* The record is final a moment before the look that made it so is noted. */
    struct str last = enum_word(&DRAIN_STATES, r->shown.drain.state);
    for (int i = 0; i < LAST_GLANCES_MAX && began(&r->shown.decision) && is_over(r); i++) {
        struct look_list newest = {0};
        struct err e = {0};
        if (!show_read_looks(&r->process.context.ports.store, r->shown.drain.drain_id, true, 1,
                             &f.round, &newest, &e) &&
            newest.n && str_eq(newest.items[0].state, last))
            break;
        clock_sleep_ms(GLANCE_MS);
    }
    if (!r->shown.timed_out) glance(&f);
    arena_release(&f.round);
    return conclude(r);
}
