/* SPDX-License-Identifier: Apache-2.0
 * See texts.h. */
#include "lib/store/texts.h"

int store_read_texts(const struct store_port *port, const struct str *args, size_t n,
                     struct arena *a, struct str_list *out, struct err *e)
{
    struct reply r;
    int code = store_command(port, args, n, a, &r, e);
    if (code) return code;
    if (r.kind != REPLY_LIST) return err_set(e, E_BUG, "%.*s: unexpected reply", STR_ARG(args[0]));
    *out = (struct str_list){.items = ARENA_ARRAY(a, r.n, struct str), .n = r.n};
    for (size_t i = 0; i < r.n; i++)
        out->items[i] = r.items[i].text;
    return E_OK;
}
