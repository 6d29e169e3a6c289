/* SPDX-License-Identifier: Apache-2.0
 * The last looks of services and drains, for the commands people type. Limited in number and life:
 * the whole history is the topic ebb.history. */
#include "lib/store/state.h"

#include "lib/record/walkers.h"
#include "lib/store/keys.h"
#include "lib/store/numbers.h"
#include "lib/store/reads.h"
#include "scripts.h"

#define LOOK_JSON_MAX ((size_t)256 * 1024)

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

int state_services(const struct store_port *port, size_t max, struct arena *a, struct str_list *out,
                   struct err *e)
{
    return store_scan_names(port, STR(KEY_LOOKS_PREFIX), max, a, out, e);
}
