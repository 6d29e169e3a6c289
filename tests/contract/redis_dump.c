/* SPDX-License-Identifier: Apache-2.0
 * Everything a real Redis holds, asked for in one script; see compare_replies.h. */
#include <stdlib.h>

#include "lib/base/buf.h"
#include "tests/contract/compare_replies.h"
#include "tests/support/test.h"

#define DUMP_BYTES_MAX ((size_t)16 * 1024 * 1024)

/* Per key: its name, its type, when it ends, and what is in it. Redis before 7.0 says only how long it
 * lives. */
static const char SCRIPT[] = "local out = {} "
                             "for _, key in ipairs(redis.call('KEYS', '*')) do "
                             "  local kind, held = redis.call('TYPE', key)['ok'], nil "
                             "  if kind == 'string' then held = {redis.call('GET', key)} "
                             "  elseif kind == 'list' then held = redis.call('LRANGE', key, 0, -1) "
                             "  elseif kind == 'hash' then held = redis.call('HGETALL', key) "
                             "  else held = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') end "
                             "  local ends = redis.pcall('PEXPIRETIME', key) "
                             "  if type(ends) == 'table' then "
                             "    ends = redis.call('PTTL', key) "
                             "    if ends >= 0 then ends = ends + ARGV[1] end "
                             "  end "
                             "  out[#out + 1] = {key, kind, ends, held} "
                             "end return out";

/* A key, or a field and what belongs to it. */
struct pair {
    const struct reply *name, *value;
};

static int by_name(const void *a, const void *b)
{
    const struct pair *one = a, *other = b;
    return str_compare(one->name->text, other->name->text);
}

static void add_text(struct buf *b, struct str s)
{
    buf_add_format(b, " %zu:", s.n);
    buf_add(b, s);
}

static void add_pairs(struct buf *b, const struct reply *held, bool are_scores, struct arena *a)
{
    size_t n = held->n / 2;
    struct pair *pairs = ARENA_ARRAY(a, n, struct pair);
    for (size_t i = 0; i < n; i++)
        pairs[i] = (struct pair){&held->items[2 * i], &held->items[2 * i + 1]};
    if (n) qsort(pairs, n, sizeof(*pairs), by_name);
    for (size_t i = 0; i < n; i++) {
        add_text(b, pairs[i].name->text);
        if (are_scores)
            buf_add_format(b, " %.17g", strtod(arena_cstr(a, pairs[i].value->text), NULL));
        else
            add_text(b, pairs[i].value->text);
    }
}

static void add_key(struct buf *b, const struct reply *key, struct arena *a)
{
    struct str kind = key->items[1].text;
    const struct reply *held = &key->items[3];
    int64_t end_ms = key->items[2].integer;
    buf_add(b, key->items[0].text);
    buf_add_char(b, ' ');
    if (end_ms >= 0) buf_add_format(b, "until %lld ", (long long)end_ms);
    buf_add(b, kind);
    bool are_scores = str_eq(kind, STR("zset"));
    if (are_scores || str_eq(kind, STR("hash")))
        add_pairs(b, held, are_scores, a);
    else
        for (size_t i = 0; i < held->n; i++)
            add_text(b, held->items[i].text);
    buf_add_char(b, '\n');
}

struct str redis_dump(struct store *store, int64_t now_ms, struct arena *a)
{
    struct store_port port = store_port_of(store);
    struct str args[] = {STR("EVAL"), str_from(SCRIPT), STR("0"),
                         arena_format(a, "%lld", (long long)now_ms)};
    struct reply keys;
    struct err e = {0};
    assert_ok(store_command(&port, args, EBB_COUNT(args), a, &keys, &e), e);
    assert_int_equal(keys.kind, REPLY_LIST);
    struct pair *sorted = ARENA_ARRAY(a, keys.n, struct pair);
    for (size_t i = 0; i < keys.n; i++)
        sorted[i] = (struct pair){&keys.items[i].items[0], &keys.items[i]};
    if (keys.n) qsort(sorted, keys.n, sizeof(*sorted), by_name);
    struct buf b;
    buf_init(&b, DUMP_BYTES_MAX);
    for (size_t i = 0; i < keys.n; i++)
        add_key(&b, sorted[i].value, a);
    assert_false(buf_failed(&b));
    struct str out = arena_copy(a, buf_view(&b));
    buf_release(&b);
    return out;
}
