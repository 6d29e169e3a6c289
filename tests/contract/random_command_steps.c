/* SPDX-License-Identifier: Apache-2.0
 * Plain commands with random arguments, wrong ones too; see random_steps.h. */
#include <ctype.h>

#include "lib/store/keys.h"
#include "tests/contract/random_steps.h"
#include "tests/support/test.h"

#define ARGS_MAX ((size_t)16)

/* Words of one small letter stand for something random: k key, v value, f field or member, s score,
 * r end of a range of scores, i position, n life in milliseconds, e the end of one, p pattern,
 * w junk. */
static const char *const FORMS[] = {
    "GET k",
    "SET k v",
    "SET k v PX n",
    "SET k v w",
    "DEL k",
    "DEL k k",
    "EXISTS k k",
    "TYPE k",
    "PEXPIRE k n",
    "PEXPIREAT k e",
    "PTTL k",
    "KEYS p",
    "SCAN 0 COUNT 1000",
    "SCAN 0 MATCH p COUNT 1000",
    "HSET k f v",
    "HSET k f v f v",
    "HGET k f",
    "HMGET k f f",
    "HGETALL k",
    "HEXISTS k f",
    "HLEN k",
    "HDEL k f f",
    "LPUSH k v v",
    "LRANGE k i i",
    "LTRIM k i i",
    "ZADD k s f",
    "ZADD k s f s f",
    "ZADD k LT s f",
    "ZADD k LT s f s f",
    "ZREM k f",
    "ZSCORE k f",
    "ZCARD k",
    "ZRANGE k i i",
    "ZRANGE k i i WITHSCORES",
    "ZREVRANGE k i i",
    "ZREVRANGE k i i WITHSCORES",
    "ZRANGEBYSCORE k r r",
    "ZRANGEBYSCORE k r r WITHSCORES",
    "ZRANGEBYSCORE k r r LIMIT i i",
    "ZRANGEBYSCORE k r r WITHSCORES LIMIT i i",
    "ZCOUNT k r r",
    "ZREMRANGEBYSCORE k r r",
    "TIME",
    "PING",
    "PING v",
    "DBSIZE",
    "INFO server",
    "SCRIPT EXISTS v",
    "SELECT 0",
    "CLIENT SETNAME f",
};

static struct str a_value(struct random_steps *r)
{
    static const struct str VALUES[] = {
        {"", 0},
        {"0", 1},
        {"7", 1},
        {"-1", 2},
        {"3.5", 3},
        {"abc", 3},
        {"a\0b\xff\r\n", 6},
        {"3999999700000", 13},
        {"CLAIMED task", 12},
        {"RELEASING task", 14},
        {"a value that is longer than what fits the sixty-four bytes of small ones", 72},
    };
    return RANDOM_OF(r, VALUES);
}

static struct str a_field(struct random_steps *r)
{
    static const char *const FIELDS[] = {"a",       "a",     "a",      "b",    "b",
                                         "version", "state", "record", "base", ""};
    return draw_chance(r, 4) ? random_drain_id(r) : str_from(RANDOM_OF(r, FIELDS));
}

/* Mostly a key that holds what commands of that first letter want, so that they meet each other. */
static struct str a_key(struct random_steps *r, char command)
{
    if (!draw_chance(r, 3)) {
        if (command == 'H') return STR("{ebb}:b");
        if (command == 'L') return STR("{ebb}:c");
        if (command == 'Z') return STR("{ebb}:d");
    }
    static const char *const PLAIN[] = {"{ebb}:a", "{ebb}:b", "{ebb}:c", "{ebb}:d"};
    struct arena *a = &r->b->arena;
    if (!r->owns_clock || !draw_chance(r, 3)) return str_from(RANDOM_OF(r, PLAIN));
    switch (draw_below(r, 12)) {
    case 0: return KEY_EPOCH;
    case 1: return KEY_TIMERS;
    case 2: return key_event(a, random_service(r), random_event(r));
    case 3: return key_drain(a, random_drain_id(r));
    case 4: return key_open(a, random_service(r));
    case 5: return key_begun(a, random_service(r));
    case 6: return key_task(a, random_task(r));
    case 7: return key_address(a, random_service(r), random_address(r));
    case 8: return key_backoff(a, random_service(r));
    case 9: return key_lease(a, random_lease(r));
    case 10: return key_intent(a, random_service(r));
    default: return key_looks(a, random_service(r));
    }
}

static struct str an_argument(struct random_steps *r, char kind, char command)
{
    static const char *const SCORES[] = {
        "0",   "1",   "-1", "1.5", "1e3",           "0x10", "1700000000000", "inf", "-inf",
        "nan", "abc", "",   " 1",  "3999999600000", "0.1",  "1e17",          "-0",  "1e400"};
    static const char *const RANGES[] = {"-inf", "+inf", "-inf", "+inf",         "0",
                                         "(0",   "1",    "(1",   "1.5",          "abc",
                                         "(abc", "",     "(inf", "3999999600000"};
    static const char *const POSITIONS[] = {"0",
                                            "-1",
                                            "0",
                                            "-1",
                                            "1",
                                            "2",
                                            "-2",
                                            "5",
                                            "99",
                                            "-99",
                                            "abc",
                                            "",
                                            "+1",
                                            "01",
                                            "9223372036854775807",
                                            "-9223372036854775808",
                                            "9223372036854775808"};
    static const char *const ENDS[] = {
        "4000000000000", "4000000000001", "1", "0", "-1", "x", "1.5"};
    static const char *const LIVES[] = {"100000", "100000", "9000000000", "0",
                                        "-1",     "abc",    "1.5",        "9223372036854775807"};
    static const char *const PATTERNS[] = {"*", "{ebb}:?", "{ebb}:drain:*", "none", ""};
    static const char *const JUNK[] = {"FOO", "px", "", "LIMIT", "withscores", "MATCH"};
    switch (kind) {
    case 'k': return a_key(r, command);
    case 'v': return a_value(r);
    case 'f': return a_field(r);
    case 's': return str_from(RANDOM_OF(r, SCORES));
    case 'r': return str_from(RANDOM_OF(r, RANGES));
    case 'i': return str_from(RANDOM_OF(r, POSITIONS));
    case 'e': return str_from(RANDOM_OF(r, ENDS));
    case 'n': return str_from(RANDOM_OF(r, LIVES));
    case 'p': return str_from(RANDOM_OF(r, PATTERNS));
    case 'w': return str_from(RANDOM_OF(r, JUNK));
    default: fail_msg("no such kind of argument: %c", kind);
    }
    return STR_NONE;
}

static void say(struct random_steps *r, const struct str *args, size_t n)
{
    struct reply reply;
    struct err e = {0};
    int code = store_command(&r->b->port, args, n, &r->b->arena, &reply, &e);
    (void)code; /* the port compares */
}

static struct str in_lower_case(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = (char)tolower((unsigned char)s.p[i]);
    return (struct str){p, s.n};
}

static void any_command(struct random_steps *r)
{
    struct str args[ARGS_MAX], rest = str_from(RANDOM_OF(r, FORMS));
    size_t n = 0;
    while (rest.p) {
        struct str word = str_cut(&rest, ' ');
        bool is_kind = word.n == 1 && word.p[0] >= 'a' && word.p[0] <= 'z';
        args[n++] = is_kind ? an_argument(r, word.p[0], args[0].p[0]) : word;
    }
    bool is_info = str_eq(args[0], STR("INFO"));
    if (draw_chance(r, 4)) args[0] = in_lower_case(&r->b->arena, args[0]);
    if (draw_chance(r, 20) && n > 1) n--;
    if (draw_chance(r, 20) && !is_info) args[n++] = an_argument(r, 'w', 0);
    say(r, args, n);
}

/* A key whose life is a millisecond; both have lost it before anything else is asked. */
static void end_a_key(struct random_steps *r)
{
    struct str args[] = {STR("PEXPIRE"), a_key(r, RANDOM_OF(r, "HLZ")), STR("1")};
    say(r, args, EBB_COUNT(args));
    both_stores_wait_for_end(r->b, args[1]);
}

static void set_clock(struct random_steps *r)
{
    static const int64_t STEPS_MS[] = {0, 1, 60000, 900000, 900001, 3600000, -60000};
    r->clock_ms += RANDOM_OF(r, STEPS_MS);
    struct str text = arena_format(&r->b->arena, "%lld", (long long)r->clock_ms);
    struct str args[] = {STR("SET"), KEY_CLOCK, draw_chance(r, 40) ? STR("abc") : text};
    say(r, args, EBB_COUNT(args));
}

void random_command_step(struct random_steps *r)
{
    struct str flush[] = {STR("SCRIPT"), STR("FLUSH")};
    uint64_t which = draw_below(r, 60);
    if (which == 0)
        say(r, flush, EBB_COUNT(flush));
    else if (which == 1)
        end_a_key(r);
    else if (which < 10 && r->owns_clock)
        set_clock(r);
    else
        any_command(r);
}
