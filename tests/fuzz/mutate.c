/* SPDX-License-Identifier: Apache-2.0
 * See mutate.h. Not guided by anything: what it cannot find `make fuzz` looks for. */
#include "tests/fuzz/mutate.h"

#include <string.h>

#define CHANGES_MAX 6
#define RUN_MAX     64

/* What parsers trip over. */
static const struct str WORDS[] = {
    STR("\0"),
    STR("\xFF"),
    STR("\xC3\xA9"),
    STR("\xED\xA0\x80"),
    STR("\xEF\xBB\xBF"),
    STR("\""),
    STR("\\"),
    STR("\\u0000"),
    STR("\\ud800"),
    STR("{"),
    STR("}"),
    STR("["),
    STR("]"),
    STR(":"),
    STR(","),
    STR("null"),
    STR("true"),
    STR("-1"),
    STR("0"),
    STR("1e999"),
    STR("-0.0"),
    STR("0.1"),
    STR("1e-400"),
    STR("18446744073709551616"),
    STR("9223372036854775807"),
    STR("-9223372036854775808"),
    STR("4294967296"),
    STR("\n"),
    STR("\r\n"),
    STR("\n\n"),
    STR("\t"),
    STR(" "),
    STR("%00"),
    STR("%"),
    STR("%2"),
    STR("&"),
    STR("="),
    STR("&amp;"),
    STR("&#0;"),
    STR("<!DOCTYPE"),
    STR("<![CDATA["),
    STR("]]>"),
    STR("</a>"),
    STR("<a/>"),
    STR("- "),
    STR(": "),
    STR("&a"),
    STR("*a"),
    STR("!!str"),
    STR("~"),
    STR("$-1\r\n"),
    STR("*1000000\r\n"),
    STR("\xDF\xFF\xFF\xFF\xFF"),
    STR("\xDB\xFF\xFF\xFF\xFF"),
    STR("\xCF\xFF\xFF\xFF\xFF"),
    STR("arn:aws:ecs:"),
    STR("9999-12-31T23:59:59Z"),
    STR("/"),
    STR("@"),
};

static uint64_t next(uint64_t *state)
{
    /* splitmix64. */
    uint64_t z = (*state += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t n)
{
    return n ? (size_t)(next(state) % n) : 0;
}

struct text {
    char *p;
    size_t n, max;
};

static void remove_at(struct text *t, size_t at, size_t n)
{
    if (n > t->n - at) n = t->n - at;
    memmove(t->p + at, t->p + at + n, t->n - at - n);
    t->n -= n;
}

static void insert_at(struct text *t, size_t at, struct str s)
{
    if (s.n > t->max - t->n) return;
    memmove(t->p + at + s.n, t->p + at, t->n - at);
    memcpy(t->p + at, s.p, s.n);
    t->n += s.n;
}

static void insert_own(struct text *t, uint64_t *chance, size_t at)
{
    char run[RUN_MAX];
    size_t from = below(chance, t->n), n = 1 + below(chance, RUN_MAX);
    if (n > t->n - from) n = t->n - from;
    memcpy(run, t->p + from, n);
    insert_at(t, at, (struct str){run, n});
}

static void change(struct text *t, uint64_t *chance, const struct str *seeds, size_t seeds_n)
{
    size_t at = below(chance, t->n + 1);
    struct str word = WORDS[below(chance, EBB_COUNT(WORDS))];
    switch (below(chance, 9)) {
    case 0: remove_at(t, at, 1 + below(chance, RUN_MAX)); break;
    case 1: remove_at(t, at, 1); break;
    case 2: insert_at(t, at, word); break;
    case 3:
        remove_at(t, at, word.n);
        insert_at(t, at, word);
        break;
    case 4:
        if (at < t->n) t->p[at] = (char)(t->p[at] ^ (1 << below(chance, 8)));
        break;
    case 5:
        if (at < t->n) t->p[at] = (char)next(chance);
        break;
    case 6: insert_own(t, chance, at); break;
    case 7: {
        struct str other = seeds[below(chance, seeds_n)];
        size_t from = below(chance, other.n);
        t->n = at;
        insert_at(t, at, (struct str){other.p + from, other.n - from});
        break;
    }
    default: t->n = at; break;
    }
}

size_t fuzz_mutate(const struct str *seeds, size_t seeds_n, uint64_t number, char *out,
                   size_t out_max)
{
    uint64_t chance = number;
    struct text t = {.p = out, .max = out_max};
    struct str seed = seeds[below(&chance, seeds_n)];
    insert_at(&t, 0, seed);
    for (size_t i = 1 + below(&chance, CHANGES_MAX); i > 0; i--)
        change(&t, &chance, seeds, seeds_n);
    return t.n;
}
