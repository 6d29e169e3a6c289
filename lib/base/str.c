/* SPDX-License-Identifier: Apache-2.0
 * Operations on borrowed strings; none allocates. */
#include "lib/base/str.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct str str_from(const char *text)
{
    if (!text) return STR_NONE;
    return (struct str){text, strlen(text)};
}

bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_eq_nocase(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool str_ends(struct str s, struct str suffix)
{
    if (s.n < suffix.n) return false;
    return suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0;
}

bool str_is_empty(struct str s)
{
    return s.n == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
    while (s.n && is_blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

int64_t str_find(struct str s, char c)
{
    const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
    return at ? at - s.p : -1;
}

bool str_contains(struct str s, struct str part)
{
    return part.n == 0 || (s.n && memmem(s.p, s.n, part.p, part.n));
}

struct str str_cut(struct str *s, char separator)
{
    struct str all = *s;
    int64_t at = str_find(all, separator);
    if (at < 0) {
        *s = STR_NONE;
        return all;
    }
    *s = (struct str){all.p + at + 1, all.n - (size_t)at - 1};
    return (struct str){all.p, (size_t)at};
}

bool str_to_int(struct str s, int64_t *out)
{
    bool negative = s.n && s.p[0] == '-';
    size_t i = negative ? 1 : 0;
    int64_t value = 0;
    if (i == s.n) return false;
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        int digit = s.p[i] - '0';
        /* Counted downwards, so that INT64_MIN has no special case. */
        if (__builtin_mul_overflow(value, (int64_t)10, &value)) return false;
        if (__builtin_sub_overflow(value, (int64_t)digit, &value)) return false;
    }
    if (!negative && value == INT64_MIN) return false;
    *out = negative ? value : -value;
    return true;
}

bool str_matches(struct str s, struct str pattern)
{
    size_t i = 0, k = 0, star = SIZE_MAX, resume = 0;
    while (i < s.n) {
        if (k < pattern.n && (pattern.p[k] == '?' || pattern.p[k] == s.p[i]) &&
            pattern.p[k] != '*') {
            i++;
            k++;
        } else if (k < pattern.n && pattern.p[k] == '*') {
            star = k++;
            resume = i;
        } else if (star != SIZE_MAX) {
            /* The last star takes one byte more and the rest is tried again. */
            k = star + 1;
            i = ++resume;
        } else {
            return false;
        }
    }
    while (k < pattern.n && pattern.p[k] == '*')
        k++;
    return k == pattern.n;
}

size_t str_utf8_length(struct str s)
{
    if (!s.n) return 0;
    const unsigned char *p = (const void *)s.p;
    if (p[0] < 0x80) return 1;
    size_t length = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || length > s.n) return 0;
    for (size_t i = 1; i < length; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    /* Longer than needed, halves of surrogate pairs, and above U+10FFFF. */
    if (p[0] == 0xE0 && p[1] < 0xA0) return 0;
    if (p[0] == 0xED && p[1] > 0x9F) return 0;
    if (p[0] == 0xF0 && p[1] < 0x90) return 0;
    if (p[0] == 0xF4 && p[1] > 0x8F) return 0;
    return length;
}

bool str_is_utf8(struct str s)
{
    while (s.n) {
        size_t length = str_utf8_length(s);
        if (!length) return false;
        s = (struct str){s.p + length, s.n - length};
    }
    return true;
}

struct str str_clip(struct str s, size_t bytes_max)
{
    if (s.n <= bytes_max) return s;
    size_t n = bytes_max;
    while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    return (struct str){s.p, n};
}

char *str_dup(struct str s)
{
    if (!s.p) return NULL;
    char *copy = malloc(s.n + 1);
    if (!copy) abort();
    memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    return copy;
}

int str_compare(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    if (order) return order;
    return a.n < b.n ? -1 : a.n > b.n;
}
