/* SPDX-License-Identifier: Apache-2.0
 * Goal: commands are formatted and replies read exactly, whatever pieces the bytes come in, within
 * limits; and what servers say of themselves is understood. Method: bytes in tables, no server. */
#include "lib/store/resp.h"

#include <stdlib.h>
#include <string.h>

#include "lib/store/error_reply.h"
#include "lib/store/greet.h"
#include "lib/store/reply.h"
#include "tests/support/test.h"

/* Reads bytes cut into pieces of that size; the code of the first piece that is refused. */
static int read_pieces(struct str bytes, size_t piece, struct arena *a, struct reply *out,
                       bool *complete, struct err *e)
{
    struct redis_reader *reader = redis_reader_new();
    redis_reader_begin(reader, a, out);
    int code = 0;
    *complete = false;
    for (size_t at = 0; at < bytes.n && !code; at += piece) {
        size_t n = bytes.n - at < piece ? bytes.n - at : piece;
        assert_false(*complete);
        code = redis_reader_feed(reader, (struct str){bytes.p + at, n}, complete, e);
    }
    redis_reader_free(reader);
    return code;
}

TEST(store_resp_formats_binary_arguments)
{
    struct str args[] = {STR("SET"), {"a\0\r\n", 4}, STR_NONE, STR("")};
    struct redis_command command;
    struct err e = {0};
    assert_ok(redis_command_init(&command, args, EBB_COUNT(args), &e), e);
    static const char EXPECTED[] = "*4\r\n$3\r\nSET\r\n$4\r\na\0\r\n\r\n$0\r\n\r\n$0\r\n\r\n";
    assert_int_equal(command.n, sizeof(EXPECTED) - 1);
    assert_memory_equal(command.bytes, EXPECTED, command.n);
    redis_command_release(&command);
}

TEST(store_resp_refuses_commands_over_the_limits)
{
    struct redis_command command;
    struct err e = {0};
    struct str *many = calloc(REDIS_COMMAND_ARGS_MAX + 1, sizeof(*many));
    assert_non_null(many);
    assert_int_equal(redis_command_init(&command, many, REDIS_COMMAND_ARGS_MAX + 1, &e),
                     E_TOO_LARGE);
    assert_ok(redis_command_init(&command, many, REDIS_COMMAND_ARGS_MAX, &e), e);
    redis_command_release(&command);
    free(many);
    struct str large = {"", REDIS_COMMAND_BYTES_MAX + 1}; /* its bytes are never looked at */
    assert_int_equal(redis_command_init(&command, &large, 1, &e), E_TOO_LARGE);
    assert_null(command.bytes);
}

TEST(store_resp_reads_every_kind_in_any_pieces)
{
    static const char BYTES[] = "*7\r\n:-42\r\n$-1\r\n+OK\r\n-ERR no\r\n$3\r\na\0b\r\n*-1\r\n"
                                "*2\r\n*0\r\n$0\r\n\r\n";
    struct str bytes = {BYTES, sizeof(BYTES) - 1};
    for (size_t piece = 1; piece <= bytes.n; piece++) {
        struct arena a;
        arena_init(&a);
        struct reply reply;
        struct err e = {0};
        bool complete;
        assert_ok(read_pieces(bytes, piece, &a, &reply, &complete, &e), e);
        assert_true(complete);
        assert_int_equal(reply.kind, REPLY_LIST);
        assert_int_equal(reply.n, 7);
        assert_int_equal(reply.items[0].kind, REPLY_INT);
        assert_int_equal(reply.items[0].integer, -42);
        assert_int_equal(reply.items[1].kind, REPLY_NIL);
        assert_true(reply_is_ok(&reply.items[2]));
        assert_int_equal(reply.items[3].kind, REPLY_ERROR);
        assert_str(reply.items[3].text, "ERR no");
        assert_int_equal(reply.items[4].text.n, 3);
        assert_memory_equal(reply.items[4].text.p, "a\0b", 3);
        assert_int_equal(reply.items[5].kind, REPLY_NIL);
        assert_int_equal(reply.items[6].items[0].kind, REPLY_LIST);
        assert_int_equal(reply.items[6].items[0].n, 0);
        assert_str(reply.items[6].items[1].text, "");
        arena_release(&a);
    }
}

struct refused_row {
    const char *bytes;
    int code;
};

static const struct refused_row REFUSED[] = {
    {"HTTP/1.1 400 Bad Request\r\n\r\n", E_MALFORMED},
    {"\x15\x03\x03\x00\x02\x02\x32", E_MALFORMED},
    {":12x\r\n", E_MALFORMED},
    {":99999999999999999999\r\n", E_MALFORMED},
    {"$-2\r\n", E_MALFORMED},
    {"*-2\r\n", E_MALFORMED},
    {"$x\r\n", E_MALFORMED},
    {"*1\r\n?\r\n", E_MALFORMED},
    {"+OK\r\n+OK\r\n", E_MALFORMED},
    {"+OK\r\nx", E_MALFORMED},
    {"*99999999999\r\n", E_MALFORMED},
    {"*2147483647\r\n", E_TOO_LARGE},
    {"*500001\r\n", E_TOO_LARGE},
    {"*2\r\n*250000\r\n", 0},
    {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", 0},
    {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", 0},
    {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", E_TOO_LARGE},
    {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", E_TOO_LARGE},
    {"$9223372036854775807\r\nx", 0}, /* waits for more; the limit on bytes ends that */
};

TEST(store_resp_refuses_garbage_and_what_is_over_limits)
{
    for (size_t i = 0; i < EBB_COUNT(REFUSED); i++) {
        struct arena a;
        arena_init(&a);
        struct reply reply;
        struct err e = {0};
        bool complete;
        struct str bytes = str_from(REFUSED[i].bytes);
        int code = read_pieces(bytes, bytes.n, &a, &reply, &complete, &e);
        if (code != REFUSED[i].code) fail_msg("row %zu: %d, %s", i, code, e.text);
        arena_release(&a);
    }
}

TEST(store_resp_elements_are_counted_over_all_lists)
{
    struct arena a;
    arena_init(&a);
    struct reply reply;
    struct err e = {0};
    bool complete;
    struct redis_reader *reader = redis_reader_new();
    redis_reader_begin(reader, &a, &reply);
    assert_ok(redis_reader_feed(reader, STR("*3\r\n*249999\r\n"), &complete, &e), e);
    char *nils = calloc(249999, 5);
    assert_non_null(nils);
    for (size_t i = 0; i < 249999; i++)
        memcpy(nils + i * 5, "$-1\r\n", 5);
    assert_ok(redis_reader_feed(reader, (struct str){nils, (size_t)249999 * 5}, &complete, &e), e);
    free(nils);
    assert_int_equal(redis_reader_feed(reader, STR("*249999\r\n"), &complete, &e), E_TOO_LARGE);
    redis_reader_free(reader);
    arena_release(&a);
}

TEST(store_resp_bytes_are_limited_before_they_are_kept)
{
    struct arena a;
    arena_init(&a);
    struct reply reply;
    struct err e = {0};
    bool complete;
    struct redis_reader *reader = redis_reader_new();
    redis_reader_begin(reader, &a, &reply);
    struct str huge = {"", REDIS_REPLY_BYTES_MAX + 1}; /* its bytes are never looked at */
    assert_int_equal(redis_reader_feed(reader, huge, &complete, &e), E_TOO_LARGE);
    redis_reader_free(reader);
    arena_release(&a);
}

TEST(store_reply_helpers_accept_any_shape)
{
    struct reply pairs[] = {{.kind = REPLY_STR, .text = STR("a")},
                            {.kind = REPLY_STR, .text = STR("12")},
                            {.kind = REPLY_INT, .integer = 5},
                            {.kind = REPLY_STR, .text = STR("x")},
                            {.kind = REPLY_STR, .text = STR("odd")}};
    struct reply list = {.kind = REPLY_LIST, .items = pairs, .n = 5};
    int64_t n = 0;
    assert_int_equal(reply_int(&pairs[1], &n), 0);
    assert_int_equal(n, 12);
    assert_int_equal(reply_int(&pairs[2], &n), 0);
    assert_int_equal(n, 5);
    assert_int_equal(reply_int(&pairs[0], &n), E_MALFORMED);
    assert_int_equal(reply_int(&list, &n), E_MALFORMED);
    assert_int_equal(reply_pairs_n(&list), 2);
    assert_str(reply_pair_text(&list, STR("a")), "12");
    assert_null(reply_pair_text(&list, STR("odd")).p);
    assert_null(reply_text(&pairs[2]).p);
    assert_true(reply_is_nil(reply_item(&list, 5)));
    assert_true(reply_is_nil(reply_item(&pairs[0], 0)));
    assert_int_equal(reply_pairs_n(&pairs[0]), 0);
}

struct words_row {
    const char *words;
    int code, code_in_script;
};

static const struct words_row WORDS[] = {
    {"LOADING Redis is loading the dataset in memory", E_UNAVAILABLE, E_UNAVAILABLE},
    {"MASTERDOWN Link with MASTER is down", E_UNAVAILABLE, E_UNAVAILABLE},
    {"READONLY You can't write against a read only replica.", E_UNAVAILABLE, E_UNAVAILABLE},
    {"CLUSTERDOWN The cluster is down", E_UNAVAILABLE, E_UNAVAILABLE},
    {"TRYAGAIN Multiple keys request during rehashing of slot", E_UNAVAILABLE, E_UNAVAILABLE},
    {"BUSY Redis is busy running a script.", E_UNAVAILABLE, E_UNAVAILABLE},
    {"OOM command not allowed when used memory > 'maxmemory'.", E_UNAVAILABLE, E_UNAVAILABLE},
    {"MISCONF Redis is configured to save RDB snapshots", E_UNAVAILABLE, E_UNAVAILABLE},
    {"ERR max number of clients reached", E_UNAVAILABLE, E_UNAVAILABLE},
    {"NOAUTH Authentication required.", E_DENIED, E_DENIED},
    {"WRONGPASS invalid username-password pair or user is disabled.", E_DENIED, E_DENIED},
    {"NOPERM this user has no permissions", E_DENIED, E_DENIED},
    {"BUSYKEY Target key name already exists.", 0, 0},
    {"BUSYGROUP Consumer Group name already exists", 0, 0},
    {"WRONGTYPE Operation against a key holding the wrong kind of value", 0, 0},
    {"NOSCRIPT No matching script.", 0, 0},
    {"ERR unknown command 'OOM'", 0, 0},
    {"", 0, 0},
    {"ERR Error running script (call to f_0): @user_script:1: @user_script: 1: -OOM command not "
     "allowed when used memory > 'maxmemory'.",
     0, E_UNAVAILABLE},
    {"ERR Error running script (call to f_0): @user_script:1: @user_script: 1: -READONLY You can't "
     "write against a read only replica.",
     0, E_UNAVAILABLE},
    {"ERR Error running script (call to f_0): @user_script:1: @user_script: 1: The user executing "
     "the script can't run this command or subcommand",
     0, E_DENIED},
};

TEST(store_error_replies_are_told_apart)
{
    for (size_t i = 0; i < EBB_COUNT(WORDS); i++) {
        struct err e = {0};
        struct str words = str_from(WORDS[i].words);
        assert_int_equal(redis_error_reply_set(words, false, &e), WORDS[i].code);
        if (WORDS[i].code) assert_contains(str_from(e.text), WORDS[i].words);
        assert_int_equal(redis_error_reply_code(words, true), WORDS[i].code_in_script);
    }
}

struct info_row {
    const char *info;
    int code;
    const char *part_of_error;
};

static const struct info_row INFO[] = {
    {"redis_version:6.2.0\r\nmaxmemory_policy:noeviction\r\n", 0, ""},
    {"# Server\r\nredis_version:255.255.255\r\nmaxmemory_policy:noeviction\r\n", 0, ""},
    {"redis_version:7.2\r\nmaxmemory_policy:noeviction\r\n", 0, ""},
    {"redis_version:6.0.16\r\nmaxmemory_policy:noeviction\r\n", E_MISSING, "6.2 or later"},
    {"redis_version:7\r\nmaxmemory_policy:noeviction\r\n", E_MISSING, "6.2 or later"},
    {"redis_version:7.0.1\r\nmaxmemory_policy:volatile-ttl\r\n", E_MISSING,
     "maxmemory_policy volatile-ttl: keys that hold drains could be evicted; set it to noeviction"},
    {"redis_version:7.0.1\r\n", E_MISSING, "does not tell its maxmemory_policy"},
    {"redis_version:7.0.1\r\nredis_mode:sentinel\r\n", E_MISSING, "Sentinel"},
    {"redis_version:7.0.1\r\nrole:slave\r\nmaxmemory_policy:noeviction\r\n", E_UNAVAILABLE,
     "replica"},
    {"redis_version:7.0.1\r\nredis_mode:cluster\r\nrole:slave\r\nmaxmemory_policy:noeviction\r\n",
     0, ""},
    {"memcached:1.6\r\n", E_MISSING, "not a Redis"},
    {"", E_MISSING, "not a Redis"},
};

TEST(store_checks_what_info_says)
{
    for (size_t i = 0; i < EBB_COUNT(INFO); i++) {
        struct err e = {0};
        int code = redis_check_info(str_from(INFO[i].info), false, &e);
        if (code != INFO[i].code) fail_msg("row %zu: %d, %s", i, code, e.text);
        assert_contains(str_from(e.text), INFO[i].part_of_error);
    }
    struct err e = {0};
    assert_ok(redis_check_info(STR("redis_version:7.0\nmaxmemory_policy:allkeys-lru"), true, &e),
              e);
}
