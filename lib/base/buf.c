/* SPDX-License-Identifier: Apache-2.0
 * See buf.h. Doubles its memory up to the maximum. */
#include "lib/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES ((size_t)256)

void buf_init(struct buf *b, size_t max_bytes)
{
    *b = (struct buf){.max = max_bytes};
}

void buf_release(struct buf *b)
{
    free(b->p);
    *b = (struct buf){.max = b->max};
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->failed = false;
}

static bool reserve(struct buf *b, size_t more)
{
    if (b->failed) return false;
    if (more > b->max || b->n > b->max - more) {
        b->failed = true;
        b->n = 0;
        return false;
    }
    size_t need = b->n + more;
    if (need <= b->size) return true;
    size_t size = b->size ? b->size : FIRST_BYTES;
    while (size < need)
        size *= 2;
    char *p = realloc(b->p, size);
    if (!p) abort();
    b->p = p;
    b->size = size;
    return true;
}

void buf_add(struct buf *b, struct str s)
{
    if (!s.n || !reserve(b, s.n)) return;
    memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, (struct str){&c, 1});
}

void buf_add_text(struct buf *b, const char *text)
{
    buf_add(b, str_from(text));
}

void buf_add_format(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0) abort();
    /* One byte more for vsnprintf's NUL, which is not counted in n. */
    if (reserve(b, (size_t)n + 1)) {
        (void)vsnprintf(b->p + b->n, (size_t)n + 1, format, again); /* measured just above */
        b->n += (size_t)n;
    }
    va_end(again);
}

/* The bytes of s from i on. */
static struct str from(struct str s, size_t i)
{
    return (struct str){s.p + i, s.n - i};
}

void buf_add_utf8(struct buf *b, struct str s)
{
    for (size_t i = 0, length; i < s.n; i += length ? length : 1) {
        length = str_utf8_length(from(s, i));
        buf_add(b, length ? (struct str){s.p + i, length} : STR("\xEF\xBF\xBD"));
    }
}

void buf_add_json_string(struct buf *b, struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    buf_add_char(b, '"');
    for (size_t i = 0; i < s.n;) {
        size_t length = str_utf8_length(from(s, i));
        if (length == 0) {
            buf_add_text(b, "\xEF\xBF\xBD");
            i++;
        } else if (p[i] == '"' || p[i] == '\\') {
            buf_add_char(b, '\\');
            buf_add_char(b, s.p[i++]);
        } else if (p[i] == '\n') {
            buf_add_text(b, "\\n");
            i++;
        } else if (p[i] < 0x20 || p[i] == 0x7F) {
            buf_add_format(b, "\\u%04x", p[i++]);
        } else {
            buf_add(b, (struct str){s.p + i, length});
            i += length;
        }
    }
    buf_add_char(b, '"');
}

void buf_add_percent(struct buf *b, struct str s, const char *keep)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain || (c && (strchr("-._~", c) || strchr(keep, c))))
            buf_add_char(b, c);
        else
            buf_add_format(b, "%%%02X", (unsigned char)c);
    }
}

bool buf_failed(const struct buf *b)
{
    return b->failed;
}

struct str buf_view(const struct buf *b)
{
    return (struct str){b->p ? b->p : "", b->n};
}
