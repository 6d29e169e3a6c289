/* SPDX-License-Identifier: Apache-2.0
 * See directed.h. */
#include "tests/sim/directed.h"

#include <stdio.h>
#include <string.h>

static bool copy_word(struct str from, char *to)
{
    if (from.n >= DIRECTED_WORD_BYTES) return false;
    (void)snprintf(to, DIRECTED_WORD_BYTES, "%.*s", STR_ARG(from));
    return true;
}

/* The part behind the last such character, cut off; absent when there is none. */
static struct str cut_last(struct str *s, char c)
{
    for (size_t i = s->n; i > 0; i--)
        if (s->p[i - 1] == c) {
            struct str behind = {s->p + i, s->n - i};
            s->n = i - 1;
            return behind;
        }
    return STR_NONE;
}

static enum call_port port_of(struct str word)
{
    for (int i = CALL_ANY + 1; i < CALL_PORTS; i++)
        if (str_eq(word, str_from(call_port_word((enum call_port)i)))) return (enum call_port)i;
    return CALL_ANY;
}

/* A fault of that port, or of any. */
static enum call_fault fault_of_mode(enum call_port port, struct str mode)
{
    char name[DIRECTED_WORD_BYTES];
    const enum call_port ports[] = {port, CALL_ANY, CALL_AWS};
    for (size_t p = 0; p < (port == CALL_DISTRIBUTOR ? 3 : 2); p++)
        for (int i = 1; i < CALL_FAULTS; i++) {
            (void)snprintf(name, sizeof(name), "%s_%.*s", call_port_word(ports[p]), STR_ARG(mode));
            if (str_eq_nocase(str_from(name), str_from(call_fault_name((enum call_fault)i))))
                return (enum call_fault)i;
        }
    return FAULT_IS_NONE;
}

static int read_call(struct str text, struct str mode, struct directed *out, struct err *e)
{
    struct str name = text, port = str_cut(&name, ':');
    struct str number = cut_last(&name, '#');
    struct str role = cut_last(&name, '@');
    out->from = 1;
    if (number.n && number.p[number.n - 1] == '+') {
        out->goes_on = true;
        number.n--;
    }
    out->port = port_of(port);
    if (!out->port) return err_set(e, E_MALFORMED, "'%.*s' is no port", STR_ARG(port));
    if (number.p && (!str_to_int(number, &out->from) || out->from < 1))
        return err_set(e, E_MALFORMED, "'%.*s' is no number from 1 on", STR_ARG(number));
    if (str_is_empty(name)) return err_set(e, E_MALFORMED, "no call is named");
    out->fault = fault_of_mode(out->port, mode);
    if (!out->fault)
        return err_set(e, E_MALFORMED, "no fault of %.*s is named '%.*s'", STR_ARG(port),
                       STR_ARG(mode));
    if (!copy_word(name, out->name) || !copy_word(role, out->role))
        return err_set(e, E_MALFORMED, "too long");
    return E_OK;
}

/* "12.5" in milliseconds. */
static bool read_seconds(struct str text, int64_t *ms)
{
    struct str rest = text, whole = str_cut(&rest, '.');
    int64_t seconds, part = 0;
    if (!str_to_int(whole, &seconds) || seconds < 0 || rest.n > 3) return false;
    if (rest.n && (!str_to_int(rest, &part) || part < 0)) return false;
    for (size_t i = rest.n; i < 3; i++)
        part *= 10;
    *ms = seconds * 1000 + part;
    return true;
}

int directed_read(const char *text, struct directed *out, struct err *e)
{
    struct str left = str_from(text), right = cut_last(&left, '=');
    *out = (struct directed){0};
    if (!right.p) return err_set(e, E_MALFORMED, "%s: CALL=MODE or SECONDS=EVENT", text);
    if (read_seconds(left, &out->at_ms)) {
        out->is_event = true;
        for (int i = 0; i < EVENT_FAULTS; i++) {
            out->event = (enum event_fault)i;
            if (str_eq_nocase(right, str_from(event_fault_name(out->event)))) return E_OK;
        }
        return err_set(e, E_MALFORMED, "%s: '%.*s' is no event", text, STR_ARG(right));
    }
    int code = read_call(left, right, out, e);
    return code ? err_prefix(e, "%s", text) : E_OK;
}

static bool is_meant(const struct directed *d, const struct call *call)
{
    return !d->is_event && d->port == call->port && str_matches(call->name, str_from(d->name)) &&
           (!d->role[0] || strcmp(d->role, call->role) == 0);
}

enum call_fault directed_take(struct sim *sim, const struct call *call)
{
    struct faults *f = sim->faults;
    enum call_fault fault = FAULT_IS_NONE;
    for (size_t i = 0; i < f->directed_n; i++) {
        struct directed *d = &f->directed[i];
        if (!is_meant(d, call)) continue;
        d->seen++;
        bool acts = d->seen == d->from || (d->goes_on && d->seen > d->from);
        if (acts && !fault) fault = d->fault;
    }
    return fault;
}
