/* SPDX-License-Identifier: Apache-2.0
 * The canonical path, query and headers of Signature Version 4. */
#include "lib/aws/sigv4_canonical.h"

#include <stdlib.h>
#include <string.h>

/* A request line and its headers are limited long before they come here; this only bounds memory.
 */
#define CANONICAL_MAX ((size_t)1024 * 1024)

/* Moves a buffer's text into the arena. */
static struct str take(struct buf *b, struct arena *a)
{
    EBB_ASSERT(!buf_failed(b));
    struct str text = b->n ? arena_copy(a, buf_view(b)) : STR("");
    buf_release(b);
    return text;
}

/* RFC 3986 section 5.2.4, and runs of slashes count as one. */
static struct str remove_dot_segments(struct str path, struct arena *a)
{
    struct str *kept = ARENA_ARRAY(a, path.n / 2 + 1, struct str);
    size_t n = 0;
    bool closed = str_ends(path, STR("/"));
    for (struct str rest = path; rest.p;) {
        struct str segment = str_cut(&rest, '/');
        if (segment.n == 0 || str_eq(segment, STR("."))) continue;
        if (!str_eq(segment, STR("..")))
            kept[n++] = segment;
        else if (n > 0)
            n--;
    }
    struct buf out;
    buf_init(&out, CANONICAL_MAX);
    for (size_t i = 0; i < n; i++) {
        buf_add_char(&out, '/');
        buf_add(&out, kept[i]);
    }
    if (closed || n == 0) buf_add_char(&out, '/');
    return take(&out, a);
}

struct str sigv4_canonical_path(struct str path, bool twice, struct arena *a)
{
    if (!twice) return path.n ? path : STR("/");
    struct str plain = remove_dot_segments(path, a);
    struct buf out;
    buf_init(&out, CANONICAL_MAX);
    buf_add_percent(&out, plain, "/");
    return take(&out, a);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Undoes the wire's escapes and escapes again, so that ":" and "%3a" sign alike. A '%' that begins
 * no escape is itself; a '+' is a plus, not a blank. */
static struct str escape_again(struct str wire, struct arena *a)
{
    char *plain = arena_alloc(a, wire.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < wire.n; i++) {
        int high = wire.p[i] == '%' && i + 2 < wire.n ? hex_digit(wire.p[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(wire.p[i + 2]) : -1;
        plain[n++] = low >= 0 ? (char)(high * 16 + low) : wire.p[i];
        if (low >= 0) i += 2;
    }
    struct buf out;
    buf_init(&out, CANONICAL_MAX);
    buf_add_percent(&out, (struct str){plain, n}, "");
    return take(&out, a);
}

static int compare_pairs(const void *left, const void *right)
{
    const struct http_header *l = left, *r = right;
    int order = str_compare(l->name, r->name);
    return order ? order : str_compare(l->value, r->value);
}

struct str sigv4_canonical_query(struct str query, struct arena *a)
{
    if (!query.n) return STR("");
    size_t max = 1, n = 0;
    for (size_t i = 0; i < query.n; i++)
        max += query.p[i] == '&';
    struct http_header *pairs = ARENA_ARRAY(a, max, struct http_header);
    for (struct str rest = query; rest.p && n < max;) {
        struct str value = str_cut(&rest, '&');
        struct str name = str_cut(&value, '=');
        pairs[n++] = (struct http_header){escape_again(name, a), escape_again(value, a)};
    }
    qsort(pairs, n, sizeof(pairs[0]), compare_pairs);
    struct buf out;
    buf_init(&out, CANONICAL_MAX);
    for (size_t i = 0; i < n; i++) {
        if (i) buf_add_char(&out, '&');
        buf_add(&out, pairs[i].name);
        buf_add_char(&out, '=');
        buf_add(&out, pairs[i].value);
    }
    return take(&out, a);
}

static struct str lower(struct str s, struct arena *a)
{
    char *text = arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        text[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + ('a' - 'A')) : s.p[i];
    return (struct str){text, s.n};
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The value without outer blanks, every run of inner ones as a single space. */
static void add_folded(struct buf *out, struct str value)
{
    bool pending = false, begun = false;
    for (size_t i = 0; i < value.n; i++) {
        if (is_blank(value.p[i])) {
            pending = begun;
            continue;
        }
        if (pending) buf_add_char(out, ' ');
        buf_add_char(out, value.p[i]);
        pending = false;
        begun = true;
    }
}

struct named {
    struct str name, value;
    size_t position;
};

/* By name; those of one name stay in the order they are sent in. */
static int compare_headers(const void *left, const void *right)
{
    const struct named *l = left, *r = right;
    int order = str_compare(l->name, r->name);
    return order ? order : (l->position > r->position) - (l->position < r->position);
}

struct str sigv4_canonical_headers(const struct http_header *headers, size_t n, struct arena *a,
                                   struct str *names)
{
    struct named *sorted = ARENA_ARRAY(a, n + 1, struct named);
    struct buf lines, list;
    buf_init(&lines, CANONICAL_MAX);
    buf_init(&list, CANONICAL_MAX);
    for (size_t i = 0; i < n; i++)
        sorted[i] = (struct named){lower(headers[i].name, a), headers[i].value, i};
    qsort(sorted, n, sizeof(sorted[0]), compare_headers);
    for (size_t i = 0; i < n; i++) {
        bool again = i > 0 && str_eq(sorted[i].name, sorted[i - 1].name);
        if (!again) {
            if (i) buf_add_char(&list, ';');
            buf_add(&list, sorted[i].name);
            buf_add(&lines, sorted[i].name);
        }
        buf_add_char(&lines, again ? ',' : ':');
        add_folded(&lines, sorted[i].value);
        bool last = i + 1 == n || !str_eq(sorted[i].name, sorted[i + 1].name);
        if (last) buf_add_char(&lines, '\n');
    }
    *names = take(&list, a);
    return take(&lines, a);
}
