/* SPDX-License-Identifier: Apache-2.0
 * Records as msgpack (specification of 2013-08, with str and bin told apart): a map from field name
 * to value. The library writes; msgpack_reader.h says why it does not read. */
#include <msgpack.h>

#include "lib/record/msgpack_reader.h"

/* Encoding. */

static int add_bytes(void *ctx, const char *bytes, size_t n)
{
    buf_add(ctx, (struct str){bytes, n});
    return 0;
}

static void pack_text(msgpack_packer *pk, struct str s)
{
    struct buf repaired;
    buf_init(&repaired, s.n * 3 + 1);
    if (!str_is_utf8(s)) {
        buf_add_utf8(&repaired, s);
        s = buf_view(&repaired);
    }
    /* The callback cannot fail; the buffer remembers that it was too small. */
    (void)msgpack_pack_str(pk, s.n);
    (void)msgpack_pack_str_body(pk, s.p ? s.p : "", s.n);
    buf_release(&repaired);
}

static int pack_record(const struct encode *c, msgpack_packer *pk, const struct record *r,
                       const void *in, int depth, const struct where *up);

static int pack_list(const struct encode *c, msgpack_packer *pk, const struct field *f,
                     const struct list *list, int depth, const struct where *w)
{
    const unsigned char *items = list->items;
    int rc = E_OK;
    (void)msgpack_pack_array(pk, list->n);
    for (size_t i = 0; !rc && i < list->n; i++) {
        struct where item = where_item(w, i);
        if (f->of)
            rc = pack_record(c, pk, f->of, items + i * f->of->size, depth + 1, &item);
        else
            pack_text(pk, *LIST_AT(*list, struct str, i));
    }
    return rc;
}

static int pack_field(const struct encode *c, msgpack_packer *pk, const struct field *f,
                      const void *in, int depth, const struct where *w)
{
    const void *at = field_in(f, in);
    const struct list *list = at;
    int rc = encode_check(c, f, in, depth, w);
    if (rc) return rc;
    switch (f->kind) {
    case FIELD_STR:
    case FIELD_SECRET: pack_text(pk, *(const struct str *)at); break;
    case FIELD_INT:
    case FIELD_TIME:
    case FIELD_SPAN: (void)msgpack_pack_int64(pk, *(const int64_t *)at); break;
    case FIELD_BOOL:
        (void)(*(const bool *)at ? msgpack_pack_true(pk) : msgpack_pack_false(pk));
        break;
    case FIELD_DOUBLE: (void)msgpack_pack_double(pk, *(const double *)at); break;
    case FIELD_ENUM: pack_text(pk, enum_word(f->names, *(const int *)at)); break;
    case FIELD_RECORD: return pack_record(c, pk, f->of, at, depth + 1, w);
    case FIELD_LIST: return pack_list(c, pk, f, list, depth, w);
    case FIELD_MAP:
        (void)msgpack_pack_map(pk, list->n);
        for (size_t i = 0; i < list->n; i++) {
            pack_text(pk, LIST_AT(*list, struct pair, i)->key);
            pack_text(pk, LIST_AT(*list, struct pair, i)->value);
        }
        break;
    }
    return E_OK;
}

static int pack_record(const struct encode *c, msgpack_packer *pk, const struct record *r,
                       const void *in, int depth, const struct where *up)
{
    size_t n = 0;
    int rc = E_OK;
    for (size_t i = 0; i < r->n; i++)
        n += encode_has(c, &r->fields[i], in);
    (void)msgpack_pack_map(pk, n);
    for (size_t i = 0; !rc && i < r->n; i++) {
        const struct field *f = &r->fields[i];
        struct where w = where_field(up, f);
        if (!encode_has(c, f, in)) continue;
        pack_text(pk, str_from(f->name));
        rc = pack_field(c, pk, f, in, depth, &w);
    }
    return rc;
}

int msgpack_encode(const struct record *r, const void *in, struct buf *out, struct err *e)
{
    struct encode c = {.out = out, .err = e, .secrets = false};
    msgpack_packer pk;
    msgpack_packer_init(&pk, out, add_bytes);
    int rc = pack_record(&c, &pk, r, in, 1, NULL);
    return rc ? rc : encode_end(&c, r);
}

/* Decoding. */

static int read_record(const struct walk *k, const struct record *r, size_t n,
                       struct msgpack_reader *in, void *out, int depth, const struct where *up);

static int read_item(const struct walk *k, const struct field *f, struct msgpack_reader *in,
                     void *out, int depth, const struct where *w)
{
    struct value v;
    int rc = msgpack_read(k, in, &v, w);
    if (rc) return rc;
    if (!f->of) return value_text(k, &v, out, w);
    if (v.kind != VALUE_MAP) return where_fail(w, k->err, E_MALFORMED, "must be a map");
    return read_record(k, f->of, (size_t)v.integer, in, out, depth + 1, w);
}

static int read_list(const struct walk *k, const struct field *f, size_t n,
                     struct msgpack_reader *in, void *record, int depth, const struct where *w)
{
    struct list *list = field_at(f, record);
    int rc = walk_items(k, f, n, list, w);
    unsigned char *items = list->items;
    for (size_t i = 0; !rc && i < n; i++) {
        struct where item = where_item(w, i);
        struct pair *pair = f->kind == FIELD_MAP ? LIST_AT(*list, struct pair, i) : NULL;
        struct value v = {0};
        if (!pair) {
            rc = read_item(k, f, in, items + i * walk_item_bytes(f), depth, &item);
            continue;
        }
        rc = msgpack_read(k, in, &v, &item);
        if (!rc) rc = value_text(k, &v, &pair->key, &item);
        item.name = pair->key;
        if (!rc) rc = msgpack_read(k, in, &v, &item);
        if (!rc) rc = value_text(k, &v, &pair->value, &item);
    }
    return rc ? rc : field_check_at(f, record, w, k->err);
}

static int read_field(const struct walk *k, const struct field *f, const struct value *v,
                      struct msgpack_reader *in, void *out, int depth, const struct where *w)
{
    if (f->kind == FIELD_RECORD && v->kind == VALUE_MAP)
        return read_record(k, f->of, (size_t)v->integer, in, field_at(f, out), depth + 1, w);
    if ((f->kind == FIELD_LIST && v->kind == VALUE_LIST) ||
        (f->kind == FIELD_MAP && v->kind == VALUE_MAP))
        return read_list(k, f, (size_t)v->integer, in, out, depth, w);
    return value_set(k, f, v, out, w);
}

static int read_record(const struct walk *k, const struct record *r, size_t n,
                       struct msgpack_reader *in, void *out, int depth, const struct where *up)
{
    struct seen seen = {0};
    int rc = walk_depth(k, depth, up);
    for (size_t i = 0; !rc && i < n; i++) {
        struct value key, v;
        rc = msgpack_read(k, in, &key, up);
        if (rc) return rc;
        if (key.kind != VALUE_TEXT)
            return where_fail(up, k->err, E_MALFORMED, "a field's name is not text");
        struct where w = {.up = up, .name = key.text};
        const struct field *f = record_field(r, key.text);
        if (!f) {
            rc = msgpack_skip(k, in, &w);
            continue;
        }
        rc = msgpack_read(k, in, &v, &w);
        if (rc) return rc;
        if (v.kind == VALUE_NULL) continue;
        if (!seen_add(&seen, r, f)) return where_fail(&w, k->err, E_MALFORMED, "given twice");
        rc = read_field(k, f, &v, in, out, depth, &w);
    }
    return rc ? rc : seen_check(&seen, r, out, up, k->err);
}

int msgpack_decode(const struct record *r, struct str bytes, struct arena *a, void *out,
                   struct err *e)
{
    struct msgpack_reader in = {(const void *)bytes.p, bytes.n};
    struct walk k;
    struct value v;
    int rc = walk_begin(&k, bytes, a, e);
    if (!rc) rc = msgpack_read(&k, &in, &v, NULL);
    if (rc) return rc;
    if (v.kind != VALUE_MAP) return err_set(e, E_MALFORMED, "must be a map");
    rc = read_record(&k, r, (size_t)v.integer, &in, out, 1, NULL);
    if (rc) return rc;
    if (in.n) return err_set(e, E_MALFORMED, "%zu bytes after the record", in.n);
    return E_OK;
}
