/* SPDX-License-Identifier: Apache-2.0
 * See state_show.h. */
#include "lib/store/state_show.h"

#include "lib/store/keys.h"
#include "lib/store/numbers.h"
#include "lib/store/reads.h"

int state_read_lease(const struct store_port *port, struct str name, struct arena *a,
                     struct lease_fact *out, struct err *e)
{
    struct str get[] = {STR("GET"), key_lease(a, name)}, left[] = {STR("PTTL"), get[1]};
    struct reply r;
    *out = (struct lease_fact){0};
    int code = store_command(port, get, EBB_COUNT(get), a, &r, e);
    if (code) return code;
    if (r.kind == REPLY_ERROR) return err_set(e, E_BUG, "GET: %.*s", STR_ARG(r.text));
    if (r.kind != REPLY_STR) return E_OK;
    out->holder = r.text;
    code = store_command(port, left, EBB_COUNT(left), a, &r, e);
    if (code) return code;
    if (r.kind != REPLY_INT) return err_set(e, E_BUG, "PTTL: unexpected reply");
    /* Negative: it ended between the two questions. */
    out->held = r.integer >= 0;
    out->left_ms = out->held ? r.integer : 0;
    return E_OK;
}

int state_drain_of_task(const struct store_port *port, struct str task_arn, struct arena *a,
                        struct str *drain_id, struct err *e)
{
    struct str args[] = {STR("GET"), key_task(a, task_arn)};
    struct reply r;
    int code = store_command(port, args, EBB_COUNT(args), a, &r, e);
    if (code) return code;
    if (r.kind == REPLY_ERROR) return err_set(e, E_BUG, "GET: %.*s", STR_ARG(r.text));
    *drain_id = r.kind == REPLY_STR ? r.text : STR_NONE;
    return E_OK;
}

int state_read_last_looks(const struct store_port *port, struct str about, bool is_drain,
                          size_t most, struct arena *a, struct str_list *out, struct err *e)
{
    struct str args[] = {STR("LRANGE"), is_drain ? key_drain_looks(a, about) : key_looks(a, about),
                         STR("0"), number_text(a, (int64_t)most - 1)};
    *out = (struct str_list){0};
    if (!most) return E_OK;
    return store_read_texts(port, args, EBB_COUNT(args), a, out, e);
}
