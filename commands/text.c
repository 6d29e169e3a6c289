/* SPDX-License-Identifier: Apache-2.0
 * See text.h. */
#include "commands/text.h"

#include "lib/base/arn.h"
#include "lib/base/err.h"
#include "lib/base/time_text.h"

#include <string.h>

#define SECOND_MS ((int64_t)1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)
#define ROWS_MIN  16

/* Coarse: people want to know whether it is seconds or days. */
static struct str coarse(struct arena *a, int64_t ms)
{
    if (ms < MINUTE_MS) return arena_format(a, "%lld s", (long long)(ms / SECOND_MS));
    if (ms < HOUR_MS) return arena_format(a, "%lld min", (long long)(ms / MINUTE_MS));
    if (ms < DAY_MS && ms % HOUR_MS >= MINUTE_MS)
        return arena_format(a, "%lld h %lld min", (long long)(ms / HOUR_MS),
                            (long long)(ms % HOUR_MS / MINUTE_MS));
    if (ms < 2 * DAY_MS) return arena_format(a, "%lld h", (long long)(ms / HOUR_MS));
    return arena_format(a, "%lld days", (long long)(ms / DAY_MS));
}

struct str text_ago(struct arena *a, int64_t now_ms, int64_t at_ms)
{
    if (!at_ms) return STR("-");
    int64_t ms = now_ms - at_ms;
    if (ms > -SECOND_MS && ms < SECOND_MS) return STR("now");
    if (ms < 0) return arena_format(a, "in %.*s", STR_ARG(coarse(a, -ms)));
    return arena_format(a, "%.*s ago", STR_ARG(coarse(a, ms)));
}

struct str text_when(struct arena *a, int64_t ms)
{
    if (!ms) return STR("-");
    struct str iso = time_format_iso(a, ms);
    /* "2026-11-21T12:03:09.000Z" */
    return arena_format(a, "%.10s %.8s UTC", iso.p, iso.p + 11);
}

struct str text_offset(struct arena *a, int64_t from_ms, int64_t ms)
{
    bool before = ms < from_ms;
    struct str span = time_format_span(a, before ? from_ms - ms : ms - from_ms);
    return arena_format(a, "%s%.*s", before ? "-" : "+", STR_ARG(span));
}

struct str text_service(struct str key)
{
    struct service_key k;
    if (service_key_parse(key, &k)) return key;
    /* cluster/name is the end of the key. */
    return (struct str){k.cluster.p, k.cluster.n + 1 + k.name.n};
}

void table_init(struct table *t, struct arena *a, size_t columns_n, const struct str *heading)
{
    EBB_ASSERT(columns_n && columns_n <= TABLE_COLUMNS_MAX);
    *t = (struct table){.columns_n = columns_n, .arena = a};
    if (heading) table_add(t, heading);
}

void table_add(struct table *t, const struct str *cells)
{
    if (t->rows_n == t->size) {
        size_t size = t->size ? t->size * 2 : ROWS_MIN;
        struct str *more = ARENA_ARRAY(t->arena, size * t->columns_n, struct str);
        if (t->rows_n) memcpy(more, t->cells, t->rows_n * t->columns_n * sizeof(*more));
        t->cells = more;
        t->size = size;
    }
    for (size_t i = 0; i < t->columns_n; i++)
        t->cells[t->rows_n * t->columns_n + i] = cells[i].n ? cells[i] : STR("-");
    t->rows_n++;
}

/* Characters, not bytes: continuation bytes of UTF-8 take no room. */
static size_t width_of(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

void table_print(const struct table *t, const char *indent, FILE *to)
{
    size_t widths[TABLE_COLUMNS_MAX] = {0};
    for (size_t i = 0; i < t->rows_n * t->columns_n; i++) {
        size_t width = width_of(t->cells[i]);
        if (width > widths[i % t->columns_n]) widths[i % t->columns_n] = width;
    }
    for (size_t row = 0; row < t->rows_n; row++) {
        fputs(indent, to);
        for (size_t i = 0; i < t->columns_n; i++) {
            struct str cell = t->cells[row * t->columns_n + i];
            bool last = i + 1 == t->columns_n;
            fprintf(to, "%.*s", STR_ARG(cell));
            if (!last) fprintf(to, "%*s", (int)(widths[i] - width_of(cell) + 2), "");
        }
        fputc('\n', to);
    }
}
