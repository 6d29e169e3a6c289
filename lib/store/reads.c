/* SPDX-License-Identifier: Apache-2.0
 * See reads.h. */
#include "lib/store/reads.h"

#define SCAN_ROUNDS_MAX 10000

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

static bool is_listed(const struct str_list *list, struct str s)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->items[i], s)) return true;
    return false;
}

int store_scan_names(const struct store_port *port, struct str prefix, size_t max, struct arena *a,
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
