/* SPDX-License-Identifier: Apache-2.0
 * See fuzz.h. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "lib/http/field.h"

#define BETWEEN "\n--\n"

extern const struct fuzz_target __start_ebb_fuzz[], __stop_ebb_fuzz[];

const struct fuzz_target *fuzz_at(size_t number)
{
    size_t n = (size_t)(__stop_ebb_fuzz - __start_ebb_fuzz);
    return number < n ? &__start_ebb_fuzz[number] : NULL;
}

const struct fuzz_target *fuzz_find(const char *name)
{
    const struct fuzz_target *t;
    for (size_t i = 0; (t = fuzz_at(i)); i++)
        if (!strcmp(t->name, name)) return t;
    return NULL;
}

struct str fuzz_line(struct str *rest)
{
    struct str line = str_cut(rest, '\n');
    return line.n && line.p[line.n - 1] == '\r' ? (struct str){line.p, line.n - 1} : line;
}

struct str fuzz_part(struct str *rest)
{
    struct str all = *rest;
    for (size_t end = 0; end + sizeof(BETWEEN) - 1 <= all.n; end++)
        if (!memcmp(all.p + end, BETWEEN, sizeof(BETWEEN) - 1)) {
            *rest =
                (struct str){all.p + end + sizeof(BETWEEN) - 1, all.n - end - sizeof(BETWEEN) + 1};
            return (struct str){all.p, end};
        }
    *rest = STR_NONE;
    return all;
}

size_t fuzz_choose(struct str word, size_t n)
{
    size_t sum = word.n;
    for (size_t i = 0; i < word.n; i++)
        sum = sum * 31 + (unsigned char)word.p[i];
    return sum % n;
}

void fuzz_check_failure(int code, const struct err *e)
{
    EBB_ASSERT(code < 0);
    EBB_ASSERT(code == e->code);
    EBB_ASSERT(code != E_BUG);
    EBB_ASSERT(err_class_of(code) != ERR_CLASS_NONE);
    EBB_ASSERT(e->text[0]);
    EBB_ASSERT(memchr(e->text, 0, sizeof(e->text)) != NULL);
}

bool fuzz_is_plain(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7F) return false;
    return str_is_utf8(text);
}

void fuzz_read_http(struct str input, struct arena *a, struct fuzz_http *out)
{
    struct str rest = input;
    *out = (struct fuzz_http){.first = fuzz_line(&rest)};
    while (rest.p) {
        struct str value = fuzz_line(&rest);
        if (!value.n) break;
        struct str name = str_cut(&value, ':');
        if (out->headers_n == FUZZ_HEADERS_MAX) continue;
        out->headers[out->headers_n++] =
            (struct http_header){http_field_lower(a, str_trim(name)), str_trim(value)};
    }
    out->body = rest;
}

static int64_t now(void *ctx)
{
    (void)ctx;
    return FUZZ_NOW_MS;
}

struct clock fuzz_clock(void)
{
    return (struct clock){.wall_ms = now, .mono_ms = now};
}
