/* SPDX-License-Identifier: Apache-2.0
 * What text means to a field: scalars of YAML, environment variables, command lines and the
 * fallbacks in our own tables. People write these, so errors say what is allowed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/time_text.h"
#include "lib/record/walk.h"

/* A number longer than this is a mistake. */
#define NUMBER_BYTES_MAX 64
/* Allowed words shown in an error; more are cut. */
#define WORDS_BYTES_MAX 256

bool text_to_double(struct str text, double *out)
{
    char copy[NUMBER_BYTES_MAX + 1];
    if (!text.n || text.n > NUMBER_BYTES_MAX) return false;
    /* strtod alone would accept blanks, hexadecimal, "inf" and "nan". */
    for (size_t i = 0; i < text.n; i++)
        if (!text.p[i] || !strchr("0123456789+-.eE", text.p[i])) return false;
    memcpy(copy, text.p, text.n);
    copy[text.n] = 0;
    char *end = NULL;
    double number = strtod(copy, &end);
    if (end != copy + text.n || !isfinite(number)) return false;
    *out = number;
    return true;
}

static int fail_enum(const struct walk *k, const struct field *f, const struct where *w)
{
    struct buf words;
    buf_init(&words, WORDS_BYTES_MAX);
    for (size_t i = 1; i < f->names->n; i++) {
        if (words.n + f->names->words[i].n + 8 > WORDS_BYTES_MAX) {
            buf_add_text(&words, ", ...");
            break;
        }
        if (words.n) buf_add_text(&words, ", ");
        buf_add(&words, f->names->words[i]);
    }
    int rc = where_fail(w, k->err, E_MALFORMED, "must be one of: %.*s", STR_ARG(buf_view(&words)));
    buf_release(&words);
    return rc;
}

/* The parts of "a, b, c"; empty text has none, an empty part is a mistake. */
static int split_items(const struct walk *k, const struct field *f, struct str text,
                       struct list *out, const struct where *w)
{
    size_t n = 0;
    struct str rest = str_trim(text);
    if (!rest.n) return walk_items(k, f, 0, out, w);
    for (struct str left = rest; left.p; n++)
        (void)str_cut(&left, ','); /* only counted */
    int rc = walk_items(k, f, n, out, w);
    for (size_t i = 0; !rc && i < n; i++) {
        struct str part = str_trim(str_cut(&rest, ','));
        struct where item = where_item(w, i);
        if (!part.n) return where_fail(&item, k->err, E_MALFORMED, "empty");
        if (f->kind == FIELD_LIST) {
            *LIST_AT(*out, struct str, i) = arena_copy(k->arena, part);
            continue;
        }
        struct str key = str_trim(str_cut(&part, '='));
        if (!part.p || !key.n) return where_fail(&item, k->err, E_MALFORMED, "must be key=value");
        *LIST_AT(*out, struct pair, i) = (struct pair){
            arena_copy(k->arena, key),
            arena_copy(k->arena, str_trim(part)),
        };
    }
    return rc;
}

static int set_number(const struct walk *k, const struct field *f, struct str text, void *at,
                      const struct where *w)
{
    if (f->kind == FIELD_DOUBLE) {
        if (text_to_double(text, at)) return E_OK;
        return where_fail(w, k->err, E_MALFORMED, "must be a number");
    }
    if (f->kind == FIELD_SPAN) {
        if (time_parse_span(text, at) == E_OK) return E_OK;
        return where_fail(w, k->err, E_MALFORMED,
                          "must be a span of time such as 250ms, 30s, 15m, 4h or 1d");
    }
    if (f->kind == FIELD_TIME) {
        if (str_to_int(text, at) || time_parse_iso(text, at) == E_OK) return E_OK;
        return where_fail(w, k->err, E_MALFORMED, "must be a time such as 2019-10-02T17:04:40Z");
    }
    if (str_to_int(text, at)) return E_OK;
    return where_fail(w, k->err, E_MALFORMED, "must be a whole number");
}

static int set_bool(const struct walk *k, struct str text, bool *at, const struct where *w)
{
    bool yes = str_eq(text, STR("true"));
    if (!yes && !str_eq(text, STR("false")))
        return where_fail(w, k->err, E_MALFORMED, "must be true or false");
    *at = yes;
    return E_OK;
}

int text_set(const struct walk *k, const struct field *f, struct str text, void *record,
             const struct where *w)
{
    void *at = field_at(f, record);
    int rc = E_OK;
    if (!str_is_utf8(text)) return where_fail(w, k->err, E_MALFORMED, "text that is not UTF-8");
    switch (f->kind) {
    case FIELD_STR:
    case FIELD_SECRET: *(struct str *)at = arena_copy(k->arena, text.p ? text : STR("")); break;
    case FIELD_INT:
    case FIELD_DOUBLE:
    case FIELD_TIME:
    case FIELD_SPAN: rc = set_number(k, f, text, at, w); break;
    case FIELD_BOOL: rc = set_bool(k, text, at, w); break;
    case FIELD_ENUM:
        *(int *)at = enum_value(f->names, text);
        /* A person's word that we do not know is a mistake; only on the wire it is a newer one. */
        if (*(int *)at == ENUM_OTHER) rc = fail_enum(k, f, w);
        break;
    case FIELD_LIST:
        if (f->of) return where_fail(w, k->err, E_MALFORMED, "must be a list of maps");
        rc = split_items(k, f, text, at, w);
        break;
    case FIELD_MAP: rc = split_items(k, f, text, at, w); break;
    case FIELD_RECORD: return where_fail(w, k->err, E_MALFORMED, "must be a map");
    }
    return rc ? rc : field_check_at(f, record, w, k->err);
}

int field_from_text(const struct field *f, struct str text, struct arena *a, void *record,
                    struct err *e)
{
    struct walk k;
    struct where w = where_field(NULL, f);
    int rc = walk_begin(&k, text, a, e);
    return rc ? rc : text_set(&k, f, text, record, &w);
}

static int set_fallbacks(const struct walk *k, const struct record *r, void *out,
                         const struct where *up)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        struct where w = where_field(up, f);
        int rc = E_OK;
        if (f->kind == FIELD_RECORD)
            rc = set_fallbacks(k, f->of, field_at(f, out), &w);
        else if (f->fallback && field_is_empty(f, out))
            rc = text_set(k, f, str_from(f->fallback), out, &w);
        /* The text is ours, so whatever is wrong with it is a bug. */
        if (rc && k->err) k->err->code = E_BUG;
        if (rc) return E_BUG;
    }
    return E_OK;
}

int record_defaults(const struct record *r, void *out, struct arena *a, struct err *e)
{
    struct walk k;
    int rc = walk_begin(&k, STR(""), a, e);
    return rc ? rc : set_fallbacks(&k, r, out, NULL);
}
