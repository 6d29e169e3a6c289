/* SPDX-License-Identifier: Apache-2.0
 * Configuration as people write it, in YAML. libyaml tells mapping, sequence and scalar; the table
 * says what each is to be, so "no", "1e3" or "null" never change their type by their looks. What a
 * careful person does not write by hand (anchors, aliases, tags, a second document) is refused. */
#include <string.h>

#include "lib/record/walk.h"
#include "lib/record/yaml_reader.h"

/* Far above any configuration. */
#define YAML_BYTES_MAX ((size_t)1024 * 1024)
/* Room for a list's first items; doubled whenever it is full. */
#define LIST_FIRST_ITEMS ((size_t)8)

struct reader {
    struct yaml_reader *yaml;
    struct yaml_piece piece; /* the one being looked at */
    struct walk walk;
};

/* Puts the line and column before an error's words. */
static int located(const struct reader *in, struct yaml_place at, int rc)
{
    if (in->walk.err) (void)err_prefix(in->walk.err, "line %zu, column %zu", at.line, at.column);
    return rc;
}

static int fail(const struct reader *in, const struct where *w, const char *words)
{
    int rc = where_fail(w, in->walk.err, E_MALFORMED, "%s", words);
    return located(in, in->piece.at, rc);
}

/* Moves on to the next piece, of which only the plain kinds are let through. */
static int next(struct reader *in, const struct where *w)
{
    const char *problem;
    struct yaml_place at;
    int rc = yaml_reader_next(in->yaml, &in->piece, &problem, &at);
    if (rc) return located(in, at, err_set(in->walk.err, rc, "%s", problem));
    if (in->piece.kind == YAML_ALIAS) return fail(in, w, "aliases are not accepted");
    if (in->piece.has_anchor) return fail(in, w, "anchors are not accepted");
    if (in->piece.has_tag) return fail(in, w, "tags are not accepted");
    return E_OK;
}

/* Nothing after the colon, or one of YAML's words for it: as if the line were not there. */
static bool is_null(const struct yaml_piece *piece)
{
    if (piece->kind != YAML_TEXT || !piece->is_plain) return false;
    return !piece->text.n || str_eq(piece->text, STR("~")) || str_eq(piece->text, STR("null"));
}

static struct value value_of(const struct yaml_piece *piece)
{
    if (piece->kind == YAML_LIST) return (struct value){.kind = VALUE_LIST};
    if (piece->kind == YAML_MAP) return (struct value){.kind = VALUE_MAP};
    if (is_null(piece)) return (struct value){.kind = VALUE_NULL};
    return (struct value){.kind = VALUE_TEXT, .text = piece->text};
}

static int fail_unknown(const struct reader *in, const struct record *r, struct str key,
                        const struct where *w)
{
    const struct field *f = record_nearest(r, key);
    int rc = where_fail(w, in->walk.err, E_MALFORMED, "unknown key%s%s%s",
                        f ? "; did you mean " : "", f ? f->name : "", f ? "?" : "");
    return located(in, in->piece.at, rc);
}

static int read_record(struct reader *in, const struct record *r, void *out, int depth,
                       const struct where *up);

static int make_room(const struct reader *in, const struct field *f, struct list *list,
                     size_t *room, const struct where *w)
{
    size_t max = (size_t)field_max(f), more = *room ? *room * 2 : LIST_FIRST_ITEMS;
    struct list bigger;
    if (list->n < *room) return E_OK;
    if (more > max) more = list->n < max ? max : max + 1;
    int rc = walk_items(&in->walk, f, more, &bigger, w);
    if (rc) return located(in, in->piece.at, rc);
    if (list->n) memcpy(bigger.items, list->items, list->n * walk_item_bytes(f));
    bigger.n = list->n;
    *room = more;
    *list = bigger;
    return E_OK;
}

static int read_item(struct reader *in, const struct field *f, void *out, int depth,
                     const struct where *w)
{
    struct value v = value_of(&in->piece);
    if (!f->of) {
        int rc = value_text(&in->walk, &v, out, w);
        return rc ? located(in, in->piece.at, rc) : E_OK;
    }
    if (v.kind != VALUE_MAP) return fail(in, w, "must be a map");
    /* Before the item is read, so that a zero written by a person stays a zero. */
    int rc = record_defaults(f->of, out, in->walk.arena, in->walk.err);
    return rc ? rc : read_record(in, f->of, out, depth + 1, w);
}

static int read_list(struct reader *in, const struct field *f, struct list *list, int depth,
                     const struct where *w)
{
    size_t room = 0;
    int rc = next(in, w);
    for (; !rc && in->piece.kind != YAML_LIST_END; rc = rc ? rc : next(in, w)) {
        struct where item = where_item(w, list->n);
        rc = make_room(in, f, list, &room, w);
        if (rc) return rc;
        unsigned char *items = list->items;
        rc = read_item(in, f, items + list->n * walk_item_bytes(f), depth, &item);
        list->n++;
    }
    return rc;
}

static int read_pair(struct reader *in, const struct list *before, struct pair *out,
                     const struct where *up)
{
    struct value v = value_of(&in->piece);
    if (v.kind != VALUE_TEXT) return fail(in, up, "a key must be text");
    struct where w = {.up = up, .name = v.text};
    for (size_t i = 0; i < before->n; i++)
        if (str_eq(LIST_AT(*before, struct pair, i)->key, v.text))
            return fail(in, &w, "given twice");
    int rc = value_text(&in->walk, &v, &out->key, &w);
    if (rc) return located(in, in->piece.at, rc);
    w.name = out->key;
    rc = next(in, &w);
    if (rc) return rc;
    v = value_of(&in->piece);
    rc = value_text(&in->walk, &v, &out->value, &w);
    return rc ? located(in, in->piece.at, rc) : E_OK;
}

static int read_map(struct reader *in, const struct field *f, struct list *list,
                    const struct where *w)
{
    size_t room = 0;
    int rc = next(in, w);
    for (; !rc && in->piece.kind != YAML_MAP_END; rc = rc ? rc : next(in, w)) {
        rc = make_room(in, f, list, &room, w);
        if (rc) return rc;
        rc = read_pair(in, list, LIST_AT(*list, struct pair, list->n), w);
        list->n++;
    }
    return rc;
}

static int read_field(struct reader *in, const struct field *f, void *out, int depth,
                      const struct where *w)
{
    struct value v = value_of(&in->piece);
    struct list list = {0};
    struct yaml_place start = in->piece.at;
    int rc;
    if (f->kind == FIELD_RECORD && v.kind == VALUE_MAP)
        return read_record(in, f->of, field_at(f, out), depth + 1, w);
    bool is_list = f->kind == FIELD_LIST && v.kind == VALUE_LIST;
    if (is_list || (f->kind == FIELD_MAP && v.kind == VALUE_MAP)) {
        rc = is_list ? read_list(in, f, &list, depth, w) : read_map(in, f, &list, w);
        if (rc) return rc;
        *(struct list *)field_at(f, out) = list;
        rc = field_check_at(f, out, w, in->walk.err);
        return rc ? located(in, start, rc) : E_OK;
    }
    bool is_scalar = f->kind != FIELD_RECORD && f->kind != FIELD_LIST && f->kind != FIELD_MAP;
    rc = is_scalar && v.kind == VALUE_TEXT ? text_set(&in->walk, f, v.text, out, w)
                                           : value_wrong(&in->walk, f, &v, w);
    return rc ? located(in, start, rc) : E_OK;
}

/* From the start of a mapping, which is the event being looked at, to its end. */
static int read_record(struct reader *in, const struct record *r, void *out, int depth,
                       const struct where *up)
{
    struct seen given = {0}, filled = {0};
    struct yaml_place start = in->piece.at;
    int rc = walk_depth(&in->walk, depth, up);
    if (rc) return located(in, start, rc);
    for (rc = next(in, up); !rc && in->piece.kind != YAML_MAP_END; rc = rc ? rc : next(in, up)) {
        if (in->piece.kind != YAML_TEXT) return fail(in, up, "a key must be text");
        struct str key = in->piece.text;
        struct where w = {.up = up, .name = key};
        const struct field *f = record_field(r, key);
        if (!f) return fail_unknown(in, r, key, &w);
        if (!seen_add(&given, r, f)) return fail(in, &w, "given twice");
        w = where_field(up, f);
        rc = next(in, &w);
        if (rc) return rc;
        if (is_null(&in->piece)) continue;
        (void)seen_add(&filled, r, f); /* asked above */
        rc = read_field(in, f, out, depth, &w);
    }
    if (!rc) {
        rc = seen_check(&filled, r, out, up, in->walk.err);
        if (rc) return located(in, start, rc);
    }
    return rc;
}

static int read_document(struct reader *in, const struct record *r, void *out)
{
    struct seen none = {0};
    struct yaml_place start = in->piece.at;
    if (in->piece.kind == YAML_MAP) return read_record(in, r, out, 1, NULL);
    bool is_empty = in->piece.kind == YAML_END || is_null(&in->piece);
    if (!is_empty) return fail(in, NULL, "must be a map of keys and values");
    int rc = seen_check(&none, r, out, NULL, in->walk.err);
    return rc ? located(in, start, rc) : E_OK;
}

static int read_stream(struct reader *in, const struct record *r, void *out)
{
    int rc = next(in, NULL);      /* the stream's start */
    if (!rc) rc = next(in, NULL); /* the document's start, or the end when there is none */
    if (!rc && in->piece.kind == YAML_DOCUMENT) rc = next(in, NULL);
    if (!rc) rc = read_document(in, r, out);
    if (rc || in->piece.kind == YAML_END) return rc;
    rc = next(in, NULL); /* the document's end */
    if (!rc) rc = next(in, NULL);
    if (!rc && in->piece.kind != YAML_END) rc = fail(in, NULL, "more than one document");
    return rc;
}

int yaml_decode(const struct record *r, struct str bytes, struct arena *a, void *out, struct err *e)
{
    struct reader in = {0};
    int rc = walk_begin(&in.walk, bytes, a, e);
    if (!rc && bytes.n > YAML_BYTES_MAX)
        rc = err_set(e, E_TOO_LARGE, "larger than %zu bytes", YAML_BYTES_MAX);
    if (rc) return rc;
    in.yaml = yaml_reader_new(bytes);
    rc = read_stream(&in, r, out);
    yaml_reader_free(in.yaml);
    return rc;
}
