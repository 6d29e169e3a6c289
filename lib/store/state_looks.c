/* SPDX-License-Identifier: Apache-2.0
 * The last looks of services and drains, for the commands people type. Limited in number and life:
 * the whole history is the topic ebb.history. */
#include "lib/store/state.h"

#include "lib/record/walkers.h"
#include "lib/store/keys.h"
#include "lib/store/numbers.h"
#include "lib/store/texts.h"
#include "scripts.h"

#define SCAN_ROUNDS_MAX 10000
#define LOOK_JSON_MAX   ((size_t)256 * 1024)

int state_note_verdict(const struct store_port *port, struct str service, struct str drain_id,
                       struct str json, struct arena *a, struct err *e)
{
    struct str keys[] = {key_looks(a, service), key_drain_looks(a, drain_id)};
    struct str args[] = {json, number_text(a, STATE_LOOKS_KEPT),
                         number_text(a, STATE_FINAL_LIFE_MS), drain_id.n ? STR("1") : STR("0")};
    struct reply r;
    return store_script(port, &SCRIPT_NOTE_VERDICT, keys, args, EBB_COUNT(args), a, &r, e);
}

int state_note_look(const struct store_port *port, const struct verdict_note *n, struct arena *a,
                    struct err *e)
{
    struct buf b;
    buf_init(&b, LOOK_JSON_MAX);
    int code = json_encode(&VERDICT_RECORD, n, JSON_PLAIN, &b, e);
    if (!code) code = state_note_verdict(port, n->service, n->drain_id, buf_view(&b), a, e);
    buf_release(&b);
    return code;
}

int state_read_looks(const struct store_port *port, struct str about, bool is_drain,
                     struct arena *a, struct str_list *out, struct err *e)
{
    struct str args[] = {STR("LRANGE"), is_drain ? key_drain_looks(a, about) : key_looks(a, about),
                         STR("0"), STR("-1")};
    return store_read_texts(port, args, EBB_COUNT(args), a, out, e);
}

static bool is_listed(const struct str_list *list, struct str s)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->items[i], s)) return true;
    return false;
}

/* What follows the prefix in the names of all keys that have it, at most so many. */
static int scan_names(const struct store_port *port, struct str prefix, size_t max, struct arena *a,
                      struct str_list *out, struct err *e)
{
    struct str cursor = STR("0"), pattern = arena_format(a, "%.*s*", STR_ARG(prefix));
    *out = (struct str_list){.items = ARENA_ARRAY(a, max, struct str)};
    for (int round = 0; round < SCAN_ROUNDS_MAX; round++) {
        struct str args[] = {STR("SCAN"), cursor, STR("MATCH"), pattern, STR("COUNT"), STR("500")};
        struct reply r;
        int code = store_command(port, args, EBB_COUNT(args), a, &r, e);
        if (code) return code;
        if (r.kind != REPLY_LIST || r.n != 2) return err_set(e, E_BUG, "SCAN: unexpected reply");
        for (size_t i = 0; i < r.items[1].n && out->n < max; i++) {
            struct str key = r.items[1].items[i].text;
            if (!str_starts(key, prefix)) continue; /* nothing we asked for */
            struct str name = {key.p + prefix.n, key.n - prefix.n};
            /* SCAN may return a key twice. */
            if (!is_listed(out, name)) out->items[out->n++] = name;
        }
        cursor = r.items[0].text;
        if (str_eq(cursor, STR("0"))) break;
    }
    return E_OK;
}

int state_services(const struct store_port *port, size_t max, struct arena *a, struct str_list *out,
                   struct err *e)
{
    return scan_names(port, STR(KEY_LOOKS_PREFIX), max, a, out, e);
}

int state_intents(const struct store_port *port, size_t max, struct arena *a, struct str_list *out,
                  struct err *e)
{
    return scan_names(port, STR(KEY_INTENT_PREFIX), max, a, out, e);
}

int state_forget_old_intent(const struct store_port *port, struct str service, struct arena *a,
                            bool *was_old, struct err *e)
{
    struct str open[] = {STR("EXISTS"), key_open(a, service)};
    struct str forget[] = {STR("DEL"), key_intent(a, service)};
    struct reply r;
    *was_old = false;
    int code = store_command(port, open, EBB_COUNT(open), a, &r, e);
    if (code) return code;
    if (r.kind != REPLY_INT) return err_set(e, E_BUG, "EXISTS: unexpected reply");
    *was_old = r.integer == 0;
    return *was_old ? store_command(port, forget, EBB_COUNT(forget), a, &r, e) : E_OK;
}
