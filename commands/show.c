/* SPDX-License-Identifier: Apache-2.0
 * See show.h. */
#include "commands/show.h"

#include "lib/base/arn.h"
#include "lib/record/walkers.h"
#include "lib/store/state_alarms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DOCUMENT_BYTES_MAX ((size_t)256 * 1024 * 1024)
#define NAMED_MAX          5 /* services an error names */

static const struct field SHOW_FIELDS[] = {
    F_CONFIG(struct show_options),
    F_JSON(struct show_options),
};
const struct record SHOW_OPTIONS = RECORD_OF(struct show_options, SHOW_FIELDS);

static const struct field WHY_FIELDS[] = {
    F_CONFIG(struct show_options),
    F_JSON(struct show_options),
    F_INT(struct show_options, most, "n", .min = 1, .max = STATE_LOOKS_KEPT, .fallback = "10",
          .help = "how many looks, the newest first"),
};
const struct record WHY_OPTIONS = RECORD_OF(struct show_options, WHY_FIELDS);

bool show_open(struct show *s, const struct command *self, int argc, char **argv, size_t words_min,
               size_t words_max, int *exit_code)
{
    struct err e = {0};
    *s = (struct show){.self = self};
    arena_init(&s->typed);
    if (command_parse(self, argc, argv, &s->typed, &s->options, &s->given, exit_code)) return false;
    if (s->given.n < words_min || s->given.n > words_max) {
        *exit_code = command_fail_with(self, EXIT_CODE_USAGE, "usage: ebb %s", self->usage);
        return false;
    }
    if (process_open(&s->process, s->options.config, NEEDS_STORE, str_from(self->name), &e) ||
        state_time(&s->process.context.ports.store, &s->process.arena, &s->now_ms, &e)) {
        *exit_code = command_fail(self, &e);
        return false;
    }
    return true;
}

void show_close(struct show *s)
{
    process_close(&s->process);
    arena_release(&s->typed);
}

static bool is_meant(struct str key, struct str given)
{
    struct service_key k;
    if (service_key_parse(key, &k)) return false;
    return str_eq(text_service(key), given) || str_eq(k.name, given);
}

/* "a, b, c and 4 more" */
static struct str names_of(const struct str *items, size_t n, struct arena *a)
{
    struct str names = STR("");
    for (size_t i = 0; i < n && i < NAMED_MAX; i++)
        names = arena_format(a, "%.*s%s%.*s", STR_ARG(names), i ? ", " : "", STR_ARG(items[i]));
    if (n <= NAMED_MAX) return names;
    return arena_format(a, "%.*s and %zu more", STR_ARG(names), n - NAMED_MAX);
}

int show_find_service(const struct store_port *port, struct str given, struct arena *a,
                      struct str *key, struct err *e)
{
    struct service_key k;
    struct str_list known;
    size_t fit = 0;
    *key = given;
    if (service_key_parse(given, &k) == E_OK) return E_OK;
    if (str_starts(given, STR("arn:"))) {
        if (service_key_from_arn(given, STR_NONE, &k))
            return err_set(e, E_REFUSED,
                           "'%.*s' is not the ARN of an ECS service with its cluster in it",
                           STR_ARG(given));
        *key = service_key_format(a, &k);
        return E_OK;
    }
    int code = state_services(port, SHOW_SERVICES_MAX, a, &known, e);
    if (code) return code;
    struct str *fitting = ARENA_ARRAY(a, known.n, struct str);
    for (size_t i = 0; i < known.n; i++)
        if (is_meant(known.items[i], given)) fitting[fit++] = known.items[i];
    if (fit > 1)
        return err_set(e, E_REFUSED, "'%.*s' could be %.*s; give all of the one you mean",
                       STR_ARG(given), STR_ARG(names_of(fitting, fit, a)));
    if (fit == 1) *key = fitting[0];
    if (fit == 1) return E_OK;
    if (!known.n)
        return err_set(e, E_NOT_FOUND,
                       "no service has been looked at yet, so '%.*s' cannot be completed; give "
                       "partition:region:account:cluster/name",
                       STR_ARG(given));
    return err_set(e, E_NOT_FOUND,
                   "no service '%.*s' has been looked at yet; those that were: %.*s",
                   STR_ARG(given), STR_ARG(names_of(known.items, known.n, a)));
}

int show_read_looks(const struct store_port *port, struct str about, bool is_drain, size_t most,
                    struct arena *a, struct look_list *out, struct err *e)
{
    struct str_list texts;
    int code = state_read_last_looks(port, about, is_drain, most, a, &texts, e);
    if (code) return code;
    *out = (struct look_list){.items = ARENA_ARRAY(a, texts.n, struct verdict_note)};
    for (size_t i = 0; i < texts.n; i++) {
        struct verdict_note *n = &out->items[out->n];
        struct err unreadable = {0};
        *n = (struct verdict_note){0};
        /* One that a newer program wrote in a way we cannot read hides no other. */
        if (!json_decode_plain(&VERDICT_RECORD, texts.items[i], a, n, &unreadable)) out->n++;
    }
    return E_OK;
}

static int by_name(const void *one, const void *other)
{
    const struct shown_alarm *a = one, *b = other;
    return str_compare(a->name, b->name);
}

int show_read_alarms(const struct store_port *port, struct str service, struct arena *a,
                     struct list *out, struct err *e)
{
    struct alarm_notes notes;
    int code = state_read_alarms(port, service, a, &notes, e);
    if (code) return code;
    struct shown_alarm *alarms = ARENA_ARRAY(a, notes.n, struct shown_alarm);
    for (size_t i = 0; i < notes.n; i++)
        alarms[i] = (struct shown_alarm){notes.items[i].name, notes.items[i].state,
                                         notes.items[i].since, notes.items[i].seen_at};
    if (notes.n) qsort(alarms, notes.n, sizeof(*alarms), by_name);
    *out = LIST_OF(alarms, notes.n);
    return E_OK;
}

void show_alarms(struct arena *a, const struct list *alarms, int64_t now_ms)
{
    for (size_t i = 0; i < alarms->n; i++) {
        const struct shown_alarm *one = LIST_AT(*alarms, struct shown_alarm, i);
        printf("  alarm %.*s: %.*s, changed %.*s, seen %.*s\n", STR_ARG(one->name),
               STR_ARG(enum_word(&ALARM_STATES, one->state)),
               STR_ARG(text_ago(a, now_ms, one->since)),
               STR_ARG(text_ago(a, now_ms, one->seen_at)));
    }
}

int show_flushed(const struct command *self)
{
    if (!fflush(stdout) && !ferror(stdout)) return EXIT_CODE_OK;
    return command_fail_with(self, EXIT_CODE_FAILED, "standard output: %s", strerror(errno));
}

int show_json(const struct command *self, const struct record *r, const void *in)
{
    struct err e = {0};
    struct buf b;
    buf_init(&b, DOCUMENT_BYTES_MAX);
    int exit_code = EXIT_CODE_OK;
    if (json_encode(r, in, JSON_PLAIN, &b, &e)) {
        exit_code = command_fail(self, &e);
    } else {
        (void)fwrite(b.p, 1, b.n, stdout); /* show_flushed asks whether it arrived */
        putchar('\n');
        exit_code = show_flushed(self);
    }
    buf_release(&b);
    return exit_code;
}

struct str show_decision(struct arena *a, const struct verdict_note *n)
{
    bool has_why = n->why.n && !str_eq(n->why, n->reason);
    /* Only a claim is ever left undone, and its reason's word would say that it was made. */
    bool would = str_eq(n->verdict, verdict_word(VERDICT_WOULD));
    struct str reason = would ? STR("drain") : n->reason;
    return arena_format(a, "%.*s %.*s%s%.*s", STR_ARG(n->verdict), STR_ARG(reason),
                        has_why ? ": " : "", STR_ARG(has_why ? n->why : STR_NONE));
}

void show_steps(struct arena *a, const struct verdict_note *n, int64_t since_ms, FILE *to)
{
    struct table t;
    table_init(&t, a, 5, NULL);
    for (size_t i = 0; i < n->steps.n; i++) {
        const struct step_note *s = LIST_AT(n->steps, struct step_note, i);
        bool both = s->code.n && s->detail.n;
        struct str words =
            arena_format(a, "%.*s%s%.*s", STR_ARG(s->code), both ? ": " : "", STR_ARG(s->detail));
        struct str cells[] = {text_offset(a, since_ms, s->at), s->effect,
                              arena_format(a, "%lld ms", (long long)s->took_ms), s->outcome,
                              words.n ? words : STR(" ")};
        table_add(&t, cells);
    }
    table_print(&t, "      ", to);
}
