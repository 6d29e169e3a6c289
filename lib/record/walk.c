/* SPDX-License-Identifier: Apache-2.0
 * What the walkers share: paths in errors, the limits of one document, and the conversion of one
 * value to one field. */
#include "lib/record/walk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/time_text.h"

/* A path longer than this is cut at its end, so that the words after it always fit. */
#define PATH_BYTES_MAX 200
/* Of a map's key, which is outside text. */
#define NAME_BYTES_MAX 64
/* Whole numbers up to here are doubles without loss on either side. */
#define DOUBLE_LIMIT 0x1p63

struct where where_field(const struct where *up, const struct field *f)
{
    return (struct where){.up = up, .name = str_from(f->name)};
}

struct where where_item(const struct where *up, size_t index)
{
    return (struct where){.up = up, .index = index};
}

static size_t write_path(const struct where *w, char *out)
{
    if (!w) return 0;
    size_t n = write_path(w->up, out);
    if (!w->name.p) {
        n += (size_t)snprintf(out + n, PATH_BYTES_MAX - n, "[%zu]", w->index);
        return n < PATH_BYTES_MAX ? n : PATH_BYTES_MAX - 1;
    }
    if (n && n < PATH_BYTES_MAX - 1) out[n++] = '.';
    for (size_t i = 0; i < w->name.n && i < NAME_BYTES_MAX && n < PATH_BYTES_MAX - 1; i++) {
        char c = w->name.p[i];
        out[n++] = c;
        if (c < ' ' || c > '~') out[n - 1] = '?';
    }
    out[n] = 0;
    return n;
}

int where_fail(const struct where *w, struct err *e, int code, const char *format, ...)
{
    if (!e) return code;
    char path[PATH_BYTES_MAX] = "", words[ERR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(words, sizeof(words), format, args); /* cut to fit is what is wanted */
    va_end(args);
    (void)write_path(w, path); /* its length is not needed, it ends in NUL */
    return err_set(e, code, "%s%s%s", path, path[0] ? ": " : "", words);
}

int walk_begin(struct walk *k, struct str bytes, struct arena *a, struct err *e)
{
    *k = (struct walk){.arena = a, .err = e, .used_at_start = a->used_bytes};
    if (bytes.n > WALK_BYTES_MAX)
        return err_set(e, E_TOO_LARGE, "larger than %zu bytes", WALK_BYTES_MAX);
    return E_OK;
}

static const char *words_of(const struct value *v)
{
    switch (v->kind) {
    case VALUE_NULL: return "nothing";
    case VALUE_TEXT: return "text";
    case VALUE_INT: return "a whole number";
    case VALUE_DOUBLE: return "a number with a fraction";
    case VALUE_BOOL: return "true or false";
    case VALUE_LIST: return "a list";
    case VALUE_MAP: return "a map";
    case VALUE_HUGE: return "a number of more than 64 bits";
    case VALUE_BYTES: return "binary data";
    }
    return "something else";
}

static const char *wanted_words(const struct field *f)
{
    switch (f->kind) {
    case FIELD_STR:
    case FIELD_SECRET:
    case FIELD_ENUM: return "text";
    case FIELD_INT: return "a whole number";
    case FIELD_SPAN: return "a whole number of milliseconds";
    case FIELD_BOOL: return "true or false";
    case FIELD_DOUBLE: return "a finite number";
    case FIELD_TIME: return "a time";
    case FIELD_RECORD:
    case FIELD_MAP: return "a map";
    case FIELD_LIST: return "a list";
    }
    return "something else";
}

int value_wrong(const struct walk *k, const struct field *f, const struct value *v,
                const struct where *w)
{
    return where_fail(w, k->err, E_MALFORMED, "must be %s, is %s", wanted_words(f), words_of(v));
}

int value_text(const struct walk *k, const struct value *v, struct str *out, const struct where *w)
{
    if (v->kind != VALUE_TEXT)
        return where_fail(w, k->err, E_MALFORMED, "must be text, is %s", words_of(v));
    if (!str_is_utf8(v->text)) return where_fail(w, k->err, E_MALFORMED, "text that is not UTF-8");
    *out = arena_copy(k->arena, v->text.p ? v->text : STR(""));
    return E_OK;
}

static bool to_integer(const struct value *v, int64_t *out)
{
    if (v->kind == VALUE_INT) {
        *out = v->integer;
        return true;
    }
    /* NaN fails the comparisons. */
    if (v->kind != VALUE_DOUBLE || !(v->number >= -DOUBLE_LIMIT && v->number < DOUBLE_LIMIT))
        return false;
    int64_t whole = (int64_t)v->number;
    if ((double)whole < v->number || (double)whole > v->number) return false;
    *out = whole;
    return true;
}

static bool to_double(const struct value *v, double *out)
{
    double number = v->kind == VALUE_DOUBLE ? v->number : (double)v->integer;
    if (v->kind != VALUE_DOUBLE && v->kind != VALUE_INT) return false;
    if (v->kind == VALUE_INT && (number >= DOUBLE_LIMIT || (int64_t)number != v->integer))
        return false;
    *out = number;
    return true;
}

int value_set(const struct walk *k, const struct field *f, const struct value *v, void *record,
              const struct where *w)
{
    void *at = field_at(f, record);
    int64_t ms;
    bool ok = false;
    switch (f->kind) {
    case FIELD_STR:
    case FIELD_SECRET: {
        int rc = value_text(k, v, at, w);
        return rc ? rc : field_check_at(f, record, w, k->err);
    }
    case FIELD_TIME:
        if (v->kind == VALUE_TEXT) {
            /* A zone can move a time out of the years that can be written again. */
            ok = time_parse_iso(v->text, &ms) == E_OK && ms >= 0 && ms <= WALK_ISO_MS_MAX;
            if (ok) *(int64_t *)at = ms;
            break;
        }
        ok = to_integer(v, at);
        break;
    case FIELD_INT:
    case FIELD_SPAN: ok = to_integer(v, at); break;
    case FIELD_BOOL:
        ok = v->kind == VALUE_BOOL;
        if (ok) *(bool *)at = v->integer != 0;
        break;
    case FIELD_DOUBLE: ok = to_double(v, at); break;
    case FIELD_ENUM:
        ok = v->kind == VALUE_TEXT;
        if (ok) *(int *)at = enum_value(f->names, v->text);
        break;
    case FIELD_RECORD:
    case FIELD_LIST:
    case FIELD_MAP: break;
    }
    return ok ? field_check_at(f, record, w, k->err) : value_wrong(k, f, v, w);
}

size_t walk_item_bytes(const struct field *f)
{
    if (f->kind == FIELD_MAP) return sizeof(struct pair);
    return f->of ? f->of->size : sizeof(struct str);
}

int walk_items(const struct walk *k, const struct field *f, size_t count, struct list *out,
               const struct where *w)
{
    size_t bytes = walk_item_bytes(f), used = k->arena->used_bytes - k->used_at_start;
    *out = (struct list){.n = count};
    if (count > (size_t)field_max(f))
        return where_fail(w, k->err, E_TOO_LARGE, "more than %lld items", (long long)field_max(f));
    if (used > WALK_MEMORY_MAX || count > (WALK_MEMORY_MAX - used) / bytes)
        return where_fail(w, k->err, E_TOO_LARGE, "the record takes more than %zu bytes of memory",
                          WALK_MEMORY_MAX);
    if (count) out->items = arena_array(k->arena, count, bytes);
    return E_OK;
}

int walk_depth(const struct walk *k, int depth, const struct where *w)
{
    if (depth <= RECORD_DEPTH_MAX) return E_OK;
    return where_fail(w, k->err, E_TOO_LARGE, "more than %d records deep", RECORD_DEPTH_MAX);
}

bool seen_add(struct seen *s, const struct record *r, const struct field *f)
{
    size_t i = (size_t)(f - r->fields);
    EBB_ASSERT(r->n <= WALK_FIELDS_MAX && i < r->n);
    uint64_t bit = (uint64_t)1 << (i % 64);
    bool fresh = !(s->bits[i / 64] & bit);
    s->bits[i / 64] |= bit;
    return fresh;
}

int seen_check(const struct seen *s, const struct record *r, const void *record,
               const struct where *w, struct err *e)
{
    EBB_ASSERT(r->n <= WALK_FIELDS_MAX);
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        if (!(f->flags & FIELD_REQUIRED) || (s->bits[i / 64] >> (i % 64) & 1)) continue;
        struct where here = where_field(w, f);
        if (field_is_empty(f, record))
            return where_fail(&here, e, E_MALFORMED, "required, and missing");
    }
    return E_OK;
}
