/* SPDX-License-Identifier: Apache-2.0
 * See state_alarms.h. A note is "STATE since seen", under the alarm's name in a hash of its
 * service. */
#include "lib/store/state_alarms.h"

#include "lib/store/keys.h"
#include "lib/store/numbers.h"
#include "lib/store/reads.h"
#include "scripts.h"

#define FIXED_ARGS 5 /* of note_alarms.lua, before what is said of each alarm */
#define ALARM_ARGS 3

int state_note_alarms(const struct store_port *port, struct str service,
                      const struct alarm_notes *notes, int64_t seen_at, int64_t look_at,
                      struct arena *a, struct err *e)
{
    struct str keys[] = {key_alarms(a, service), KEY_WATCHED, key_open(a, service), KEY_TIMERS};
    size_t n = FIXED_ARGS + notes->n * ALARM_ARGS;
    struct str *args = ARENA_ARRAY(a, n, struct str);
    args[0] = service;
    args[1] = number_text(a, seen_at);
    args[2] = number_text(a, STATE_ALARM_LIFE_MS);
    args[3] = number_text(a, STATE_ALARMS_MAX);
    args[4] = number_text(a, look_at);
    for (size_t i = 0; i < notes->n; i++) {
        const struct alarm_note *note = &notes->items[i];
        struct str *of = args + FIXED_ARGS + i * ALARM_ARGS;
        of[0] = note->name;
        of[1] = note->is_gone ? STR("") : enum_word(&ALARM_STATES, note->state);
        of[2] = number_text(a, note->since);
    }
    struct reply r;
    return store_script(port, &SCRIPT_NOTE_ALARMS, keys, args, n, a, &r, e);
}

static bool read_note(struct str name, struct str text, struct alarm_note *out)
{
    *out = (struct alarm_note){.name = name};
    struct str rest = text;
    out->state = enum_value(&ALARM_STATES, str_cut(&rest, ' '));
    return str_to_int(str_cut(&rest, ' '), &out->since) && str_to_int(rest, &out->seen_at);
}

int state_read_alarms(const struct store_port *port, struct str service, struct arena *a,
                      struct alarm_notes *out, struct err *e)
{
    struct str args[] = {STR("HGETALL"), key_alarms(a, service)};
    struct reply r;
    int code = store_command(port, args, EBB_COUNT(args), a, &r, e);
    if (code) return code;
    if (r.kind != REPLY_LIST || r.n % 2) return err_set(e, E_BUG, "HGETALL: unexpected reply");
    *out = (struct alarm_notes){.items = ARENA_ARRAY(a, r.n / 2, struct alarm_note)};
    /* One that a newer program wrote in a way we cannot read hides no other. */
    for (size_t i = 0; i + 1 < r.n; i += 2)
        if (read_note(r.items[i].text, r.items[i + 1].text, &out->items[out->n])) out->n++;
    return E_OK;
}

int state_watched(const struct store_port *port, struct arena *a, struct str_list *out,
                  struct err *e)
{
    struct str args[] = {STR("ZRANGEBYSCORE"), KEY_WATCHED, STR("-inf"), STR("+inf")};
    return store_read_texts(port, args, EBB_COUNT(args), a, out, e);
}

int state_alarms_asked(const struct store_port *port, struct str service, int64_t pace_ms,
                       struct arena *a, struct err *e)
{
    struct str args[] = {STR("SET"), key_asked(a, service), STR("1"), STR("PX"),
                         number_text(a, pace_ms)};
    struct reply r;
    if (pace_ms <= 0) return E_OK;
    int code = store_command(port, args, EBB_COUNT(args), a, &r, e);
    if (!code && r.kind == REPLY_ERROR) code = err_set(e, E_BUG, "SET: %.*s", STR_ARG(r.text));
    return code;
}

int state_have_alarms_asked(const struct store_port *port, struct str service, struct arena *a,
                            bool *out, struct err *e)
{
    struct str args[] = {STR("EXISTS"), key_asked(a, service)};
    struct reply r;
    int code = store_command(port, args, EBB_COUNT(args), a, &r, e);
    if (code) return code;
    if (r.kind != REPLY_INT) return err_set(e, E_BUG, "EXISTS: unexpected reply");
    *out = r.integer == 1;
    return E_OK;
}
