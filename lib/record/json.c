/* SPDX-License-Identifier: Apache-2.0
 * Records as JSON, read through jansson and written straight into the buffer. The bytes are scanned
 * for nesting and number of values first: jansson recurses for the one and allocates for the other.
 * Errors of syntax are worded here, because jansson quotes the text, which may hold a secret. */
#include <jansson.h>

#include <math.h>

#include "lib/record/walk.h"

/* Each costs jansson some 50 bytes. */
#define JSON_VALUES_MAX ((size_t)400 * 1000)
/* Milliseconds as a double are exact up to here; far beyond year 9999. */
#define TIME_MS_LIMIT 0x1p53

struct decode {
    struct walk walk;
    enum json_style style;
};

static int check_shape(struct str s, struct err *e)
{
    size_t depth = 0, values = 1;
    bool in_string = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        /* The library passes over one that follows a number or a literal. */
        if (!c) return err_set(e, E_MALFORMED, "JSON with a NUL byte in it");
        if (in_string) {
            if (c == '\\') i++;
            if (c == '"') in_string = false;
            continue;
        }
        in_string = c == '"';
        values += c == ',' || c == '[' || c == '{';
        if (c == '[' || c == '{') depth++;
        if ((c == ']' || c == '}') && depth) depth--;
        if (depth > WALK_NESTING_MAX)
            return err_set(e, E_TOO_LARGE, "JSON more than %d levels deep", WALK_NESTING_MAX);
        if (values > JSON_VALUES_MAX)
            return err_set(e, E_TOO_LARGE, "JSON of more than %zu values", JSON_VALUES_MAX);
    }
    return E_OK;
}

static const char *syntax_words(enum json_error_code code)
{
    if (code == json_error_invalid_utf8) return "not UTF-8";
    if (code == json_error_premature_end_of_input) return "it ends too early";
    if (code == json_error_end_of_input_expected) return "something follows the document";
    if (code == json_error_null_byte_in_key) return "a key with a NUL";
    if (code == json_error_numeric_overflow) return "a number too large";
    return "not JSON";
}

/* Any document; the caller releases it. */
static int load(struct str bytes, size_t flags, json_t **out, struct err *e)
{
    json_error_t at;
    int rc = check_shape(bytes, e);
    if (rc) return rc;
    *out = json_loadb(bytes.p ? bytes.p : "", bytes.n, flags | JSON_ALLOW_NUL, &at);
    if (*out) return E_OK;
    return err_set(e, E_MALFORMED, "line %d, column %d: %s", at.line, at.column,
                   syntax_words(json_error_code(&at)));
}

static struct str text_of(const json_t *json)
{
    return (struct str){json_string_value(json), json_string_length(json)};
}

static struct value value_of(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return (struct value){.kind = VALUE_MAP, .integer = (int64_t)json_object_size(json)};
    case JSON_ARRAY:
        return (struct value){.kind = VALUE_LIST, .integer = (int64_t)json_array_size(json)};
    case JSON_STRING: return (struct value){.kind = VALUE_TEXT, .text = text_of(json)};
    case JSON_INTEGER:
        return (struct value){.kind = VALUE_INT, .integer = json_integer_value(json)};
    case JSON_REAL: return (struct value){.kind = VALUE_DOUBLE, .number = json_real_value(json)};
    case JSON_TRUE: return (struct value){.kind = VALUE_BOOL, .integer = 1};
    case JSON_FALSE: return (struct value){.kind = VALUE_BOOL};
    case JSON_NULL: break;
    }
    return (struct value){.kind = VALUE_NULL};
}

static void add_value(struct buf *out, const json_t *json);

static void add_object(struct buf *out, const json_t *json)
{
    /* rule 26: jansson's iterators take a json_t that is not const, and do not change it. */
    json_t *object = (void *)(uintptr_t)json;
    const char *before = "{";
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        buf_add_text(out, before);
        buf_add_json_string(out, str_from(json_object_iter_key(i)));
        buf_add_char(out, ':');
        add_value(out, json_object_iter_value(i));
        before = ",";
    }
    buf_add_text(out, json_object_size(json) ? "}" : "{}");
}

/* Compact text of any value; it is at most WALK_NESTING_MAX levels deep. */
static void add_value(struct buf *out, const json_t *json)
{
    struct value v = value_of(json);
    switch (json_typeof(json)) {
    case JSON_OBJECT: add_object(out, json); break;
    case JSON_ARRAY:
        buf_add_char(out, '[');
        for (size_t i = 0; i < json_array_size(json); i++) {
            if (i) buf_add_char(out, ',');
            add_value(out, json_array_get(json, i));
        }
        buf_add_char(out, ']');
        break;
    case JSON_STRING: buf_add_json_string(out, v.text); break;
    case JSON_INTEGER: buf_add_format(out, "%lld", (long long)v.integer); break;
    case JSON_REAL: encode_double(out, v.number); break;
    case JSON_TRUE: buf_add_text(out, "true"); break;
    case JSON_FALSE: buf_add_text(out, "false"); break;
    case JSON_NULL: buf_add_text(out, "null"); break;
    }
}

/* FIELD_JSON_TEXT: the value as its text. */
static int keep_text(const struct walk *k, const struct field *f, const json_t *json, void *record,
                     const struct where *w)
{
    struct buf text;
    buf_init(&text, (size_t)field_max(f) + 1);
    add_value(&text, json);
    int rc = E_OK;
    if (buf_failed(&text))
        rc = where_fail(w, k->err, E_TOO_LARGE, "longer than %lld bytes", (long long)field_max(f));
    struct value v = {.kind = VALUE_TEXT, .text = buf_view(&text)};
    if (!rc) rc = value_set(k, f, &v, record, w);
    buf_release(&text);
    return rc;
}

/* Epoch seconds with a fraction become milliseconds. */
static bool to_ms(struct value *v)
{
    double ms = (v->kind == VALUE_INT ? (double)v->integer : v->number) * 1000;
    if (v->kind != VALUE_INT && v->kind != VALUE_DOUBLE) return true;
    if (!(ms > -TIME_MS_LIMIT && ms < TIME_MS_LIMIT)) return false;
    *v = (struct value){.kind = VALUE_INT, .integer = (int64_t)llround(ms)};
    return true;
}

static int read_record(const struct decode *d, const struct record *r, const json_t *json,
                       void *out, int depth, const struct where *up);

static int read_list(const struct decode *d, const struct field *f, const json_t *json,
                     void *record, int depth, const struct where *w)
{
    struct list *list = field_at(f, record);
    int rc = walk_items(&d->walk, f, json_array_size(json), list, w);
    unsigned char *items = list->items;
    for (size_t i = 0; !rc && i < list->n; i++) {
        struct where item = where_item(w, i);
        const json_t *at = json_array_get(json, i);
        struct value v = value_of(at);
        if (!f->of)
            rc = value_text(&d->walk, &v, LIST_AT(*list, struct str, i), &item);
        else if (v.kind == VALUE_MAP)
            rc = read_record(d, f->of, at, items + i * f->of->size, depth + 1, &item);
        else
            rc = where_fail(&item, d->walk.err, E_MALFORMED, "must be a map");
    }
    return rc ? rc : field_check_at(f, record, w, d->walk.err);
}

static int read_map(const struct decode *d, const struct field *f, const json_t *json, void *record,
                    const struct where *w)
{
    struct list *list = field_at(f, record);
    json_t *object = (void *)(uintptr_t)json; /* rule 26: as in add_object */
    int rc = walk_items(&d->walk, f, json_object_size(json), list, w);
    void *at = json_object_iter(object);
    for (size_t i = 0; !rc && i < list->n; i++, at = json_object_iter_next(object, at)) {
        struct pair *pair = LIST_AT(*list, struct pair, i);
        struct where item = {.up = w, .name = str_from(json_object_iter_key(at))};
        struct value v = value_of(json_object_iter_value(at));
        pair->key = arena_copy(d->walk.arena, item.name);
        rc = value_text(&d->walk, &v, &pair->value, &item);
    }
    return rc ? rc : field_check_at(f, record, w, d->walk.err);
}

static int read_field(const struct decode *d, const struct field *f, const json_t *json, void *out,
                      int depth, const struct where *w)
{
    struct value v = value_of(json);
    if (f->flags & FIELD_JSON_TEXT) return keep_text(&d->walk, f, json, out, w);
    if (f->kind == FIELD_RECORD && v.kind == VALUE_MAP)
        return read_record(d, f->of, json, field_at(f, out), depth + 1, w);
    if (f->kind == FIELD_LIST && v.kind == VALUE_LIST) return read_list(d, f, json, out, depth, w);
    if (f->kind == FIELD_MAP && v.kind == VALUE_MAP) return read_map(d, f, json, out, w);
    if (f->kind == FIELD_TIME && d->style == JSON_AWS && !to_ms(&v))
        return value_wrong(&d->walk, f, &v, w);
    return value_set(&d->walk, f, &v, out, w);
}

static int read_record(const struct decode *d, const struct record *r, const json_t *json,
                       void *out, int depth, const struct where *up)
{
    struct seen seen = {0};
    int rc = walk_depth(&d->walk, depth, up);
    for (size_t i = 0; !rc && i < r->n; i++) {
        const struct field *f = &r->fields[i];
        const json_t *at = json_object_get(json, f->name);
        struct where w = where_field(up, f);
        if (!at || json_is_null(at)) continue;
        (void)seen_add(&seen, r, f); /* jansson kept the last of several */
        rc = read_field(d, f, at, out, depth, &w);
    }
    return rc ? rc : seen_check(&seen, r, out, up, d->walk.err);
}

static int decode(const struct record *r, struct str bytes, struct decode *d, struct arena *a,
                  void *out, struct err *e)
{
    json_t *json = NULL;
    int rc = walk_begin(&d->walk, bytes, a, e);
    if (!rc) rc = load(bytes, 0, &json, e);
    if (!rc && !json_is_object(json)) rc = err_set(e, E_MALFORMED, "must be an object");
    if (!rc) rc = read_record(d, r, json, out, 1, NULL);
    json_decref(json);
    return rc;
}

int json_decode(const struct record *r, struct str bytes, struct arena *a, void *out, struct err *e)
{
    struct decode d = {.style = JSON_AWS};
    return decode(r, bytes, &d, a, out, e);
}

int json_decode_plain(const struct record *r, struct str bytes, struct arena *a, void *out,
                      struct err *e)
{
    struct decode d = {.style = JSON_PLAIN};
    return decode(r, bytes, &d, a, out, e);
}

int json_check(struct str text, struct err *e)
{
    json_t *json = NULL;
    int rc = load(text, JSON_DECODE_ANY, &json, e);
    json_decref(json);
    return rc;
}
