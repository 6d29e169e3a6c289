/* SPDX-License-Identifier: Apache-2.0
 * Configuration as people write it, in YAML. libyaml tells mapping, sequence and scalar; the table
 * says what each is to be, so "no", "1e3" or "null" never change their type by their looks. What a
 * careful person does not write by hand (anchors, aliases, tags, a second document) is refused. */
#include <yaml.h>

#include <string.h>

#include "lib/record/walk.h"

/* Far above any configuration. */
#define YAML_BYTES_MAX ((size_t)1024 * 1024)
/* Room for a list's first items; doubled whenever it is full. */
#define LIST_FIRST_ITEMS ((size_t)8)

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the one being looked at */
    bool has_event;
    struct str bytes;
    struct walk walk;
};

/* Puts the line and column before an error's words. */
static int located(const struct reader *in, yaml_mark_t at, int rc)
{
    if (in->walk.err)
        (void)err_prefix(in->walk.err, "line %zu, column %zu", at.line + 1, at.column + 1);
    return rc;
}

static int fail(const struct reader *in, const struct where *w, const char *words)
{
    int rc = where_fail(w, in->walk.err, E_MALFORMED, "%s", words);
    return located(in, in->event.start_mark, rc);
}

/* libyaml gives the place of a byte it cannot read as an offset only. */
static yaml_mark_t mark_of(struct str bytes, size_t offset)
{
    yaml_mark_t at = {.index = offset};
    for (size_t i = 0; i < offset && i < bytes.n; i++) {
        bool continues = ((unsigned char)bytes.p[i] & 0xC0) == 0x80;
        at.column = bytes.p[i] == '\n' ? 0 : at.column + !continues;
        at.line += bytes.p[i] == '\n';
    }
    return at;
}

static int fail_syntax(const struct reader *in)
{
    const yaml_parser_t *p = &in->parser;
    bool is_byte = p->error == YAML_READER_ERROR;
    yaml_mark_t at = is_byte ? mark_of(in->bytes, p->problem_offset) : p->problem_mark;
    /* libyaml's words are constant and never quote the document. */
    int rc = err_set(in->walk.err, E_MALFORMED, "%s", p->problem ? p->problem : "not YAML");
    return located(in, at, rc);
}

static struct str scalar_text(const yaml_event_t *event)
{
    const void *text = event->data.scalar.value;
    return (struct str){text, event->data.scalar.length};
}

/* Moves on to the next event, of which only the plain kinds are let through. */
static int next(struct reader *in, const struct where *w)
{
    if (in->has_event) yaml_event_delete(&in->event);
    in->has_event = yaml_parser_parse(&in->parser, &in->event);
    if (!in->has_event) return fail_syntax(in);
    const yaml_event_t *event = &in->event;
    const unsigned char *anchor = NULL, *tag = NULL;
    if (event->type == YAML_ALIAS_EVENT) return fail(in, w, "aliases are not accepted");
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (anchor) return fail(in, w, "anchors are not accepted");
    if (tag) return fail(in, w, "tags are not accepted");
    return E_OK;
}

/* Nothing after the colon, or one of YAML's words for it: as if the line were not there. */
static bool is_null(const yaml_event_t *event)
{
    if (event->type != YAML_SCALAR_EVENT || event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    struct str text = scalar_text(event);
    return !text.n || str_eq(text, STR("~")) || str_eq(text, STR("null"));
}

static struct value value_of(const yaml_event_t *event)
{
    if (event->type == YAML_SEQUENCE_START_EVENT) return (struct value){.kind = VALUE_LIST};
    if (event->type == YAML_MAPPING_START_EVENT) return (struct value){.kind = VALUE_MAP};
    if (is_null(event)) return (struct value){.kind = VALUE_NULL};
    return (struct value){.kind = VALUE_TEXT, .text = scalar_text(event)};
}

static int fail_unknown(const struct reader *in, const struct record *r, struct str key,
                        const struct where *w)
{
    const struct field *f = record_nearest(r, key);
    int rc = where_fail(w, in->walk.err, E_MALFORMED, "unknown key%s%s%s",
                        f ? "; did you mean " : "", f ? f->name : "", f ? "?" : "");
    return located(in, in->event.start_mark, rc);
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
    if (rc) return located(in, in->event.start_mark, rc);
    if (list->n) memcpy(bigger.items, list->items, list->n * walk_item_bytes(f));
    bigger.n = list->n;
    *room = more;
    *list = bigger;
    return E_OK;
}

static int read_item(struct reader *in, const struct field *f, void *out, int depth,
                     const struct where *w)
{
    struct value v = value_of(&in->event);
    if (!f->of) {
        int rc = value_text(&in->walk, &v, out, w);
        return rc ? located(in, in->event.start_mark, rc) : E_OK;
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
    for (; !rc && in->event.type != YAML_SEQUENCE_END_EVENT; rc = rc ? rc : next(in, w)) {
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
    struct value v = value_of(&in->event);
    if (v.kind != VALUE_TEXT) return fail(in, up, "a key must be text");
    struct where w = {.up = up, .name = v.text};
    for (size_t i = 0; i < before->n; i++)
        if (str_eq(LIST_AT(*before, struct pair, i)->key, v.text))
            return fail(in, &w, "given twice");
    int rc = value_text(&in->walk, &v, &out->key, &w);
    if (rc) return located(in, in->event.start_mark, rc);
    w.name = out->key;
    rc = next(in, &w);
    if (rc) return rc;
    v = value_of(&in->event);
    rc = value_text(&in->walk, &v, &out->value, &w);
    return rc ? located(in, in->event.start_mark, rc) : E_OK;
}

static int read_map(struct reader *in, const struct field *f, struct list *list,
                    const struct where *w)
{
    size_t room = 0;
    int rc = next(in, w);
    for (; !rc && in->event.type != YAML_MAPPING_END_EVENT; rc = rc ? rc : next(in, w)) {
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
    struct value v = value_of(&in->event);
    struct list list = {0};
    yaml_mark_t start = in->event.start_mark;
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
    yaml_mark_t start = in->event.start_mark;
    int rc = walk_depth(&in->walk, depth, up);
    if (rc) return located(in, start, rc);
    for (rc = next(in, up); !rc && in->event.type != YAML_MAPPING_END_EVENT;
         rc = rc ? rc : next(in, up)) {
        if (in->event.type != YAML_SCALAR_EVENT) return fail(in, up, "a key must be text");
        struct str key = scalar_text(&in->event);
        struct where w = {.up = up, .name = key};
        const struct field *f = record_field(r, key);
        if (!f) return fail_unknown(in, r, key, &w);
        if (!seen_add(&given, r, f)) return fail(in, &w, "given twice");
        w = where_field(up, f);
        rc = next(in, &w);
        if (rc) return rc;
        if (is_null(&in->event)) continue;
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
    yaml_mark_t start = in->event.start_mark;
    if (in->event.type == YAML_MAPPING_START_EVENT) return read_record(in, r, out, 1, NULL);
    bool is_empty = in->event.type == YAML_STREAM_END_EVENT || is_null(&in->event);
    if (!is_empty) return fail(in, NULL, "must be a map of keys and values");
    int rc = seen_check(&none, r, out, NULL, in->walk.err);
    return rc ? located(in, start, rc) : E_OK;
}

static int read_stream(struct reader *in, const struct record *r, void *out)
{
    int rc = next(in, NULL);      /* the stream's start */
    if (!rc) rc = next(in, NULL); /* the document's start, or the end when there is none */
    if (!rc && in->event.type == YAML_DOCUMENT_START_EVENT) rc = next(in, NULL);
    if (!rc) rc = read_document(in, r, out);
    if (rc || in->event.type == YAML_STREAM_END_EVENT) return rc;
    rc = next(in, NULL); /* the document's end */
    if (!rc) rc = next(in, NULL);
    if (!rc && in->event.type != YAML_STREAM_END_EVENT)
        rc = fail(in, NULL, "more than one document");
    return rc;
}

int yaml_decode(const struct record *r, struct str bytes, struct arena *a, void *out, struct err *e)
{
    struct reader in = {.bytes = bytes};
    int rc = walk_begin(&in.walk, bytes, a, e);
    if (!rc && bytes.n > YAML_BYTES_MAX)
        rc = err_set(e, E_TOO_LARGE, "larger than %zu bytes", YAML_BYTES_MAX);
    if (rc) return rc;
    int made = yaml_parser_initialize(&in.parser);
    EBB_ASSERT(made); /* out of memory */
    const void *text = bytes.p ? bytes.p : "";
    yaml_parser_set_encoding(&in.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&in.parser, text, bytes.n);
    rc = read_stream(&in, r, out);
    if (in.has_event) yaml_event_delete(&in.event);
    yaml_parser_delete(&in.parser);
    return rc;
}
