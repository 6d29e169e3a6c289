/* SPDX-License-Identifier: Apache-2.0
 * The pauses that hold, as `ebb status`, `ebb why` and `ebb pause` show them. */
#include "commands/show.h"

#include <stdlib.h>

/* Everything, then accounts, then services, each by name. */
static int width(struct str scope)
{
    if (str_eq(scope, STR(CONTROL_EVERYTHING))) return 0;
    return str_starts(scope, STR(CONTROL_ACCOUNT_PREFIX)) ? 1 : 2;
}

static int by_width(const void *one, const void *other)
{
    const struct control *a = one, *b = other;
    int wider = width(a->scope) - width(b->scope);
    return wider ? wider : str_compare(a->scope, b->scope);
}

int show_read_pauses(const struct store_port *port, struct str scope, int64_t now_ms,
                     struct arena *a, struct list *out, struct err *e)
{
    struct control_list all;
    int code = state_read_controls(port, a, &all, e);
    if (code) return code;
    struct control *pauses = ARENA_ARRAY(a, all.n, struct control);
    size_t n = 0;
    for (size_t i = 0; i < all.n; i++) {
        const struct control *c = &all.items[i].record;
        if (!control_pauses(c, now_ms)) continue;
        if (scope.n && !control_is_about(c->scope, scope, a)) continue;
        pauses[n++] = *c;
    }
    if (n) qsort(pauses, n, sizeof(*pauses), by_width);
    *out = LIST_OF(pauses, n);
    return E_OK;
}

void show_print_pauses(struct arena *a, const struct list *pauses, const char *indent)
{
    for (size_t i = 0; i < pauses->n; i++)
        printf("%s%.*s\n", indent, STR_ARG(control_text(LIST_AT(*pauses, struct control, i), a)));
}
