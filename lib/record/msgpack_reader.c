/* SPDX-License-Identifier: Apache-2.0
 * See msgpack_reader.h. The heads are those of the specification of 2013-08. */
#include "lib/record/msgpack_reader.h"

#include <string.h>

static bool take(struct msgpack_reader *in, size_t n, const unsigned char **out)
{
    if (in->n < n) return false;
    *out = in->p;
    in->p += n;
    in->n -= n;
    return true;
}

/* A big-endian number of 1, 2, 4 or 8 bytes. */
static bool take_number(struct msgpack_reader *in, size_t bytes, uint64_t *out)
{
    const unsigned char *p;
    if (!take(in, bytes, &p)) return false;
    *out = 0;
    for (size_t i = 0; i < bytes; i++)
        *out = *out << 8 | p[i];
    return true;
}

static bool take_body(struct msgpack_reader *in, enum value_kind kind, uint64_t n, struct value *v)
{
    const unsigned char *p;
    if (n > in->n || !take(in, (size_t)n, &p)) return false;
    *v = (struct value){.kind = kind, .text = {(const void *)p, (size_t)n}};
    return true;
}

/* A list or a map. Every item takes a byte at least, so a claim of more items than bytes is a lie
 * that is found before anything is allocated. */
static bool take_items(const struct msgpack_reader *in, enum value_kind kind, uint64_t n,
                       struct value *v)
{
    *v = (struct value){.kind = kind, .integer = (int64_t)n};
    return n <= (kind == VALUE_MAP ? in->n / 2 : in->n);
}

static bool take_integer(struct msgpack_reader *in, size_t bytes, bool is_signed, struct value *v)
{
    uint64_t bits;
    if (!take_number(in, bytes, &bits)) return false;
    *v = (struct value){.kind = VALUE_INT, .integer = (int64_t)bits};
    if (is_signed) {
        /* Moved up and back down, so that the sign bit of the narrow number fills the wide one. */
        size_t shift = 64 - 8 * bytes;
        v->integer = (int64_t)(bits << shift) >> shift;
    } else if (bits > INT64_MAX) {
        v->kind = VALUE_HUGE;
    }
    return true;
}

static bool take_float(struct msgpack_reader *in, size_t bytes, struct value *v)
{
    uint64_t bits;
    if (!take_number(in, bytes, &bits)) return false;
    *v = (struct value){.kind = VALUE_DOUBLE};
    uint32_t narrow_bits = (uint32_t)bits;
    float narrow;
    memcpy(&narrow, &narrow_bits, sizeof(narrow));
    memcpy(&v->number, &bits, sizeof(v->number));
    if (bytes == sizeof(narrow)) v->number = (double)narrow;
    return true;
}

/* One head and, unless it is a list or a map, its body. False when it is cut off or none. */
static bool take_value(struct msgpack_reader *in, struct value *v)
{
    uint64_t head, n;
    *v = (struct value){.kind = VALUE_NULL};
    if (!take_number(in, 1, &head)) return false;
    if (head <= 0x7f || head >= 0xe0) {
        *v = (struct value){.kind = VALUE_INT, .integer = (int8_t)head};
        return true;
    }
    if (head <= 0x8f) return take_items(in, VALUE_MAP, head & 0x0f, v);
    if (head <= 0x9f) return take_items(in, VALUE_LIST, head & 0x0f, v);
    if (head <= 0xbf) return take_body(in, VALUE_TEXT, head & 0x1f, v);
    if (head == 0xc0) return true;
    if (head == 0xc1) return false;
    if (head <= 0xc3) {
        *v = (struct value){.kind = VALUE_BOOL, .integer = head == 0xc3};
        return true;
    }
    /* The low bits of the head say how wide the number after it is. */
    if (head <= 0xc6)
        return take_number(in, (size_t)1 << (head - 0xc4), &n) && take_body(in, VALUE_BYTES, n, v);
    if (head <= 0xc9) /* ext: the type is one byte more */
        return take_number(in, (size_t)1 << (head - 0xc7), &n) &&
               take_body(in, VALUE_BYTES, n + 1, v);
    if (head <= 0xcb) return take_float(in, head == 0xca ? 4 : 8, v);
    if (head <= 0xcf) return take_integer(in, (size_t)1 << (head - 0xcc), false, v);
    if (head <= 0xd3) return take_integer(in, (size_t)1 << (head - 0xd0), true, v);
    if (head <= 0xd8) return take_body(in, VALUE_BYTES, ((uint64_t)1 << (head - 0xd4)) + 1, v);
    if (head <= 0xdb)
        return take_number(in, (size_t)1 << (head - 0xd9), &n) && take_body(in, VALUE_TEXT, n, v);
    size_t width = head & 1 ? 4 : 2;
    return take_number(in, width, &n) &&
           take_items(in, head <= 0xdd ? VALUE_LIST : VALUE_MAP, n, v);
}

int msgpack_read(const struct walk *k, struct msgpack_reader *in, struct value *v,
                 const struct where *w)
{
    if (take_value(in, v)) return E_OK;
    return where_fail(w, k->err, E_MALFORMED, "not msgpack, or cut off");
}

int msgpack_skip(const struct walk *k, struct msgpack_reader *in, const struct where *w)
{
    uint64_t left[WALK_NESTING_MAX] = {1};
    for (size_t depth = 1; depth > 0;) {
        struct value v;
        if (!left[depth - 1]) {
            depth--;
            continue;
        }
        left[depth - 1]--;
        int rc = msgpack_read(k, in, &v, w);
        if (rc) return rc;
        if (v.kind != VALUE_LIST && v.kind != VALUE_MAP) continue;
        if (depth == WALK_NESTING_MAX)
            return where_fail(w, k->err, E_TOO_LARGE, "more than %d levels deep", WALK_NESTING_MAX);
        left[depth++] = (uint64_t)v.integer * (v.kind == VALUE_MAP ? 2 : 1);
    }
    return E_OK;
}
