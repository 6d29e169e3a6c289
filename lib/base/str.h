/* SPDX-License-Identifier: Apache-2.0
 * Borrowed strings: a pointer and a length, passed by value. Outside bytes are never assumed to end
 * in NUL. An absent string has p == NULL; an empty one has p != NULL and n == 0. */
#ifndef EBB_BASE_STR_H
#define EBB_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EBB_MUST_CHECK   __attribute__((warn_unused_result))
#define EBB_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define EBB_COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct str {
    const char *p;
    size_t n;
};

/* A string literal as a str; refuses anything but a literal. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_NONE     ((struct str){NULL, 0})
/* For printf's "%.*s". */
#define STR_ARG(s) ((int)(s).n), ((s).p ? (s).p : "")

/* Borrows a NUL-terminated string; NULL gives the absent string. */
struct str str_from(const char *text);

bool str_eq(struct str a, struct str b);
bool str_eq_nocase(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* True when text is absent or has no bytes. */
bool str_is_empty(struct str s);

/* Without leading and trailing blanks (space, tab, CR, LF). */
struct str str_trim(struct str s);

/* Cuts s at the first separator: the part before it is returned and s becomes what follows; without
 * a separator all of s is returned and s becomes absent. */
struct str str_cut(struct str *s, char separator);

/* Position of the first byte equal to c, or -1. */
int64_t str_find(struct str s, char c);
/* True when part occurs in s. */
bool str_contains(struct str s, struct str part);

/* A decimal integer that fills all of s; false for anything else, overflow included. */
bool str_to_int(struct str s, int64_t *out);

/* Shell-like match of the whole of s: '*' is any run of bytes, '?' one byte. */
bool str_matches(struct str s, struct str pattern);

/* Bytes of the UTF-8 sequence s begins with, or 0 when it begins with none (RFC 3629 section 4). */
size_t str_utf8_length(struct str s);
/* All of s is UTF-8. NUL is text like any other character. */
bool str_is_utf8(struct str s);

/* The beginning of s, at most so many bytes, that cuts no UTF-8 sequence in two. */
struct str str_clip(struct str s, size_t bytes_max);

/* A copy with a NUL behind it, for free(); NULL of an absent s. Unlike strndup it never looks for a
 * NUL in s, which need not have one. */
char *str_dup(struct str s);

/* memcmp order, shorter first on a tie: for qsort of strings. */
int str_compare(struct str a, struct str b);

#endif
