/* SPDX-License-Identifier: Apache-2.0
 * See json.h. */
#include "world/region/json.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"

#define NUMBER_BYTES_MAX 64

struct reader {
    const char *p, *end;
    struct arena *a;
};

static int read_value(struct reader *r, int depth, struct json **out);

static void skip_blanks(struct reader *r)
{
    while (r->p < r->end && strchr(" \t\r\n", *r->p) && *r->p)
        r->p++;
}

static bool take(struct reader *r, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n) != 0) return false;
    r->p += n;
    return true;
}

static bool read_hex4(struct reader *r, unsigned *out)
{
    if (r->end - r->p < 4) return false;
    unsigned value = 0;
    for (int i = 0; i < 4; i++) {
        char c = *r->p++;
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                                : 16;
        if (digit == 16) return false;
        value = value * 16 + digit;
    }
    *out = value;
    return true;
}

static size_t write_utf8(char *out, unsigned c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    out[0] = (char)(first[n] | c);
    return n;
}

/* After the backslash; n gets the bytes written. */
static bool read_escape(struct reader *r, char *out, size_t *n)
{
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (r->p == r->end) return false;
    char c = *r->p++;
    const char *at = c ? strchr(names, c) : NULL;
    if (at) {
        *out = meanings[at - names];
        *n = 1;
        return true;
    }
    unsigned unit, low;
    if (c != 'u' || !read_hex4(r, &unit)) return false;
    if (unit >= 0xDC00 && unit <= 0xDFFF) return false;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        if (!take(r, "\\u") || !read_hex4(r, &low) || low < 0xDC00 || low > 0xDFFF) return false;
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    *n = write_utf8(out, unit);
    return true;
}

static int read_string(struct reader *r, struct str *out)
{
    if (!take(r, "\"")) return E_MALFORMED;
    const char *quote = r->p;
    /* No escape makes text longer, so what is left until the quote is room enough. */
    while (quote < r->end && *quote != '"')
        quote += *quote == '\\' ? 2 : 1;
    if (quote >= r->end) return E_MALFORMED;
    char *text = arena_alloc(r->a, (size_t)(quote - r->p) + 1);
    size_t n = 0;
    while (*r->p != '"') {
        unsigned char c = (unsigned char)*r->p++;
        if (c < 0x20) return E_MALFORMED;
        if (c != '\\') {
            text[n++] = (char)c;
            continue;
        }
        size_t more;
        if (!read_escape(r, text + n, &more) || r->p >= r->end) return E_MALFORMED;
        n += more;
    }
    r->p++;
    *out = (struct str){text, n};
    return 0;
}

static size_t digits(struct reader *r)
{
    const char *begin = r->p;
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
        r->p++;
    return (size_t)(r->p - begin);
}

static int read_number(struct reader *r, struct json *value)
{
    const char *begin = r->p;
    (void)take(r, "-"); /* may be there */
    bool zero = r->p < r->end && *r->p == '0';
    size_t whole = digits(r);
    if (whole == 0 || (zero && whole > 1)) return E_MALFORMED;
    if (take(r, ".") && digits(r) == 0) return E_MALFORMED;
    if (take(r, "e") || take(r, "E")) {
        if (!take(r, "+")) (void)take(r, "-"); /* may be there */
        if (digits(r) == 0) return E_MALFORMED;
    }
    value->text = arena_copy(r->a, (struct str){begin, (size_t)(r->p - begin)});
    if (value->text.n > NUMBER_BYTES_MAX) return E_MALFORMED;
    value->kind = JSON_NUMBER;
    value->number = strtod(value->text.p, NULL);
    return 0;
}

static int read_children(struct reader *r, int depth, struct json *value)
{
    bool object = value->kind == JSON_OBJECT;
    const char *closing = object ? "}" : "]";
    struct json **end = &value->first;
    skip_blanks(r);
    if (take(r, closing)) return 0;
    for (;;) {
        struct str name = STR_NONE;
        skip_blanks(r);
        if (object) {
            if (read_string(r, &name)) return E_MALFORMED;
            skip_blanks(r);
            if (!take(r, ":")) return E_MALFORMED;
        }
        if (read_value(r, depth + 1, end)) return E_MALFORMED;
        (*end)->name = name;
        end = &(*end)->next;
        skip_blanks(r);
        if (take(r, closing)) return 0;
        if (!take(r, ",")) return E_MALFORMED;
    }
}

static int read_value(struct reader *r, int depth, struct json **out)
{
    if (depth > JSON_TREE_DEPTH_MAX) return E_MALFORMED;
    struct json *value = *out = ARENA_NEW(r->a, struct json);
    skip_blanks(r);
    if (r->p == r->end) return E_MALFORMED;
    if (*r->p == '"') {
        value->kind = JSON_STRING;
        return read_string(r, &value->text);
    }
    if (take(r, "{")) {
        value->kind = JSON_OBJECT;
        return read_children(r, depth, value);
    }
    if (take(r, "[")) {
        value->kind = JSON_ARRAY;
        return read_children(r, depth, value);
    }
    if (take(r, "null")) return 0;
    if (take(r, "true") || take(r, "false")) {
        value->kind = JSON_BOOL;
        value->truth = r->p[-1] == 'e' && r->p[-2] == 'u';
        return 0;
    }
    return read_number(r, value);
}

int json_parse(struct str text, struct arena *a, struct json **out)
{
    if (!text.p) return E_MALFORMED;
    struct reader r = {text.p, text.p + text.n, a};
    int code = read_value(&r, 0, out);
    skip_blanks(&r);
    return code || r.p != r.end ? E_MALFORMED : 0;
}

const struct json *json_member(const struct json *object, struct str name)
{
    const struct json *found = NULL;
    if (!object || object->kind != JSON_OBJECT) return NULL;
    for (const struct json *child = object->first; child; child = child->next)
        if (str_eq(child->name, name)) found = child;
    return found;
}
