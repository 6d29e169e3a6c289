/* SPDX-License-Identifier: Apache-2.0
 * What a table says about a struct, without any encoding: where members are, when they are absent,
 * whether they keep their limits. */
#include "lib/record/record.h"

#include <math.h>

#include "lib/record/walk.h"

void *field_at(const struct field *f, void *record)
{
    unsigned char *bytes = record;
    return bytes + f->offset;
}

const void *field_in(const struct field *f, const void *record)
{
    const unsigned char *bytes = record;
    return bytes + f->offset;
}

static bool record_is_empty(const struct record *r, const void *record)
{
    for (size_t i = 0; i < r->n; i++)
        if (!field_is_empty(&r->fields[i], record)) return false;
    return true;
}

bool field_is_empty(const struct field *f, const void *record)
{
    const void *at = field_in(f, record);
    switch (f->kind) {
    case FIELD_STR:
    case FIELD_SECRET: return ((const struct str *)at)->p == NULL;
    case FIELD_INT:
    case FIELD_TIME:
    case FIELD_SPAN: return *(const int64_t *)at == 0;
    case FIELD_BOOL: return !*(const bool *)at;
    case FIELD_DOUBLE: return fpclassify(*(const double *)at) == FP_ZERO;
    case FIELD_ENUM: return *(const int *)at == ENUM_OTHER;
    case FIELD_RECORD: return record_is_empty(f->of, at);
    case FIELD_LIST:
    case FIELD_MAP: return ((const struct list *)at)->n == 0;
    }
    EBB_ASSERT(false);
    return true;
}

bool field_is_absent(const struct field *f, const void *record)
{
    return !(f->flags & FIELD_ALWAYS) && field_is_empty(f, record);
}

const struct field *record_field(const struct record *r, struct str name)
{
    for (size_t i = 0; i < r->n; i++)
        if (str_eq(name, str_from(r->fields[i].name))) return &r->fields[i];
    return NULL;
}

struct str enum_word(const struct enum_names *names, int value)
{
    EBB_ASSERT(names->n > 0);
    return value > 0 && (size_t)value < names->n ? names->words[value] : names->words[0];
}

int enum_value(const struct enum_names *names, struct str word)
{
    for (size_t i = 1; i < names->n; i++)
        if (str_eq(word, names->words[i])) return (int)i;
    return ENUM_OTHER;
}

int64_t field_max(const struct field *f)
{
    if (f->max) return f->max;
    return f->kind == FIELD_LIST || f->kind == FIELD_MAP ? FIELD_LIST_MAX_DEFAULT
                                                         : FIELD_STR_MAX_DEFAULT;
}

static int check_length(struct str s, int64_t min, int64_t max, const struct where *w,
                        struct err *e)
{
    if (s.n > (size_t)max)
        return where_fail(w, e, E_TOO_LARGE, "longer than %lld bytes", (long long)max);
    if (s.p && min > 0 && s.n < (size_t)min)
        return where_fail(w, e, E_MALFORMED, "shorter than %lld bytes", (long long)min);
    return E_OK;
}

static int fail_range(const struct field *f, const struct where *w, struct err *e)
{
    const char *blank = f->unit ? " " : "", *unit = f->unit ? f->unit : "";
    if (!f->max)
        return where_fail(w, e, E_MALFORMED, "must be at least %lld%s%s", (long long)f->min, blank,
                          unit);
    return where_fail(w, e, E_MALFORMED, "must be from %lld to %lld%s%s", (long long)f->min,
                      (long long)f->max, blank, unit);
}

static int check_integer(const struct field *f, int64_t value, const struct where *w, struct err *e)
{
    bool low = (f->min || f->max) && value < f->min;
    return low || (f->max && value > f->max) ? fail_range(f, w, e) : E_OK;
}

static int check_double(const struct field *f, double value, const struct where *w, struct err *e)
{
    if (!isfinite(value)) return where_fail(w, e, E_MALFORMED, "not a finite number");
    bool low = (f->min || f->max) && value < (double)f->min;
    return low || (f->max && value > (double)f->max) ? fail_range(f, w, e) : E_OK;
}

/* Counts, and the lengths of texts inside; records inside are checked by their own fields. */
static int check_items(const struct field *f, const struct list *list, const struct where *w,
                       struct err *e)
{
    int64_t max = field_max(f);
    int rc = E_OK;
    if (list->n > (size_t)max)
        return where_fail(w, e, E_TOO_LARGE, "more than %lld items", (long long)max);
    if (f->min > 0 && list->n < (size_t)f->min)
        return where_fail(w, e, E_MALFORMED, "fewer than %lld items", (long long)f->min);
    if (f->kind == FIELD_LIST && f->of) return E_OK;
    for (size_t i = 0; !rc && i < list->n; i++) {
        struct where item = where_item(w, i);
        if (f->kind == FIELD_LIST) {
            rc = check_length(*LIST_AT(*list, struct str, i), 0, FIELD_STR_MAX_DEFAULT, &item, e);
            continue;
        }
        const struct pair *pair = LIST_AT(*list, struct pair, i);
        rc = check_length(pair->key, 0, FIELD_STR_MAX_DEFAULT, &item, e);
        if (!rc) rc = check_length(pair->value, 0, FIELD_STR_MAX_DEFAULT, &item, e);
    }
    return rc;
}

int field_check_at(const struct field *f, const void *record, const struct where *w, struct err *e)
{
    const void *at = field_in(f, record);
    switch (f->kind) {
    case FIELD_STR:
    case FIELD_SECRET: return check_length(*(const struct str *)at, f->min, field_max(f), w, e);
    case FIELD_INT:
    case FIELD_TIME:
    case FIELD_SPAN: return check_integer(f, *(const int64_t *)at, w, e);
    case FIELD_DOUBLE: return check_double(f, *(const double *)at, w, e);
    case FIELD_LIST:
    case FIELD_MAP: return check_items(f, at, w, e);
    case FIELD_BOOL:
    case FIELD_ENUM:
    case FIELD_RECORD: return E_OK;
    }
    EBB_ASSERT(false);
    return E_BUG;
}

int field_check(const struct field *f, const void *record, struct err *e)
{
    struct where w = where_field(NULL, f);
    return field_check_at(f, record, &w, e);
}

static int check_required(const struct record *r, const void *record, int depth,
                          const struct where *up, struct err *e)
{
    if (depth > RECORD_DEPTH_MAX)
        return where_fail(up, e, E_TOO_LARGE, "more than %d records deep", RECORD_DEPTH_MAX);
    int rc = E_OK;
    for (size_t i = 0; !rc && i < r->n; i++) {
        const struct field *f = &r->fields[i];
        struct where w = where_field(up, f);
        if ((f->flags & FIELD_REQUIRED) && field_is_absent(f, record))
            return where_fail(&w, e, E_MALFORMED, "required, and missing");
        const void *at = field_in(f, record);
        if (f->kind == FIELD_RECORD && !field_is_empty(f, record))
            rc = check_required(f->of, at, depth + 1, &w, e);
        if (f->kind != FIELD_LIST || !f->of) continue;
        const struct list *list = at;
        for (size_t k = 0; !rc && k < list->n; k++) {
            struct where item = where_item(&w, k);
            const unsigned char *items = list->items;
            rc = check_required(f->of, items + k * f->of->size, depth + 1, &item, e);
        }
    }
    return rc;
}

int record_check(const struct record *r, const void *record, struct err *e)
{
    return check_required(r, record, 1, NULL, e);
}
