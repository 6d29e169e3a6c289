/* SPDX-License-Identifier: Apache-2.0
 * The open drains of a service. */
#include "lib/store/state.h"

#include "lib/store/keys.h"

#define OPEN_DRAINS_MAX ((size_t)1000)

int state_read_open(const struct store_port *port, struct str service, enum drain_state only,
                    struct arena *a, struct drain_list *out, struct err *e)
{
    struct str args[] = {STR("HGETALL"), key_open(a, service)};
    struct reply r;
    int code = store_command(port, args, EBB_COUNT(args), a, &r, e);
    if (code) return code;
    if (r.kind != REPLY_LIST || r.n % 2) return err_set(e, E_BUG, "HGETALL: unexpected reply");
    size_t most = r.n / 2 < OPEN_DRAINS_MAX ? r.n / 2 : OPEN_DRAINS_MAX;
    *out = (struct drain_list){.items = ARENA_ARRAY(a, most, struct drain_held)};
    for (size_t i = 0; i < r.n / 2 && out->n < most; i++) {
        struct str value = r.items[2 * i + 1].text;
        int state = enum_value(&DRAIN_STATES, str_cut(&value, ' '));
        if (only != DRAIN_OTHER && state != (int)only) continue;
        struct drain_held *h = &out->items[out->n];
        code = state_read_drain(port, r.items[2 * i].text, a, h, e);
        /* One record that cannot be read must not hold up the service's others. */
        if (code == E_MALFORMED || code == E_TOO_LARGE) continue;
        if (code) return code;
        /* It may have moved on between the two reads. */
        if (h->exists && (only == DRAIN_OTHER || h->record.state == (int)only)) out->n++;
    }
    return E_OK;
}
