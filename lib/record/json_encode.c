/* SPDX-License-Identifier: Apache-2.0
 * Records written as JSON, compact, in the order of the table. */
#include "lib/record/walk.h"

static int add_record(const struct encode *c, enum json_style style, const struct record *r,
                      const void *in, int depth, const struct where *up);

static void add_time(struct buf *out, enum json_style style, int64_t ms)
{
    if (style == JSON_PLAIN) {
        buf_add_format(out, "%lld", (long long)ms);
        return;
    }
    /* Sign and digits apart, so that times before 1970 keep their fraction. */
    uint64_t size = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
    buf_add_format(out, "%s%llu.%03llu", ms < 0 ? "-" : "", (unsigned long long)(size / 1000),
                   (unsigned long long)(size % 1000));
}

/* The text goes out as it is, so it must be JSON: what came over another wire could end the
 * document early. */
static int add_json_text(const struct encode *c, struct str text, const struct where *w)
{
    struct err why = {0};
    if (!text.n) {
        buf_add_text(c->out, "null");
        return E_OK;
    }
    int rc = json_check(text, &why);
    if (rc) return where_fail(w, c->err, rc, "%s", why.text);
    buf_add(c->out, text);
    return E_OK;
}

static int add_list(const struct encode *c, enum json_style style, const struct field *f,
                    const struct list *list, int depth, const struct where *w)
{
    const unsigned char *items = list->items;
    int rc = E_OK;
    buf_add_char(c->out, '[');
    for (size_t i = 0; !rc && i < list->n; i++) {
        struct where item = where_item(w, i);
        if (i) buf_add_char(c->out, ',');
        if (f->of)
            rc = add_record(c, style, f->of, items + i * f->of->size, depth + 1, &item);
        else
            buf_add_json_string(c->out, *LIST_AT(*list, struct str, i));
    }
    buf_add_char(c->out, ']');
    return rc;
}

static void add_map(struct buf *out, const struct list *list)
{
    buf_add_char(out, '{');
    for (size_t i = 0; i < list->n; i++) {
        if (i) buf_add_char(out, ',');
        buf_add_json_string(out, LIST_AT(*list, struct pair, i)->key);
        buf_add_char(out, ':');
        buf_add_json_string(out, LIST_AT(*list, struct pair, i)->value);
    }
    buf_add_char(out, '}');
}

static int add_field(const struct encode *c, enum json_style style, const struct field *f,
                     const void *in, int depth, const struct where *w)
{
    const void *at = field_in(f, in);
    struct buf *out = c->out;
    int rc = encode_check(c, f, in, depth, w);
    if (rc) return rc;
    switch (f->kind) {
    case FIELD_STR:
        if (f->flags & FIELD_JSON_TEXT) return add_json_text(c, *(const struct str *)at, w);
        buf_add_json_string(out, *(const struct str *)at);
        break;
    case FIELD_SECRET: buf_add_json_string(out, *(const struct str *)at); break;
    case FIELD_INT:
    case FIELD_SPAN: buf_add_format(out, "%lld", (long long)*(const int64_t *)at); break;
    case FIELD_TIME: add_time(out, style, *(const int64_t *)at); break;
    case FIELD_BOOL: buf_add_text(out, *(const bool *)at ? "true" : "false"); break;
    case FIELD_DOUBLE: encode_double(out, *(const double *)at); break;
    case FIELD_ENUM: buf_add_json_string(out, enum_word(f->names, *(const int *)at)); break;
    case FIELD_RECORD: return add_record(c, style, f->of, at, depth + 1, w);
    case FIELD_LIST: return add_list(c, style, f, at, depth, w);
    case FIELD_MAP: add_map(out, at); break;
    }
    return E_OK;
}

static int add_record(const struct encode *c, enum json_style style, const struct record *r,
                      const void *in, int depth, const struct where *up)
{
    bool first = true;
    int rc = E_OK;
    buf_add_char(c->out, '{');
    for (size_t i = 0; !rc && i < r->n; i++) {
        const struct field *f = &r->fields[i];
        struct where w = where_field(up, f);
        if (!encode_has(c, f, in)) continue;
        if (!first) buf_add_char(c->out, ',');
        first = false;
        buf_add_json_string(c->out, str_from(f->name));
        buf_add_char(c->out, ':');
        rc = add_field(c, style, f, in, depth, &w);
    }
    buf_add_char(c->out, '}');
    return rc;
}

int json_encode(const struct record *r, const void *in, enum json_style style, struct buf *out,
                struct err *e)
{
    struct encode c = {.out = out, .err = e, .secrets = style == JSON_AWS};
    int rc = add_record(&c, style, r, in, 1, NULL);
    return rc ? rc : encode_end(&c, r);
}
