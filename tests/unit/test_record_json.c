/* SPDX-License-Identifier: Apache-2.0
 * Goal: JSON from AWS, from Lambda functions and from people: what is accepted means one thing,
 * what is not is refused with the place and without quoting it. Method: tables of text. */
#include <string.h>

#include "tests/support/record_sample.h"
#include "tests/support/test.h"

/* JSON_VALUES_MAX of lib/record/json.c, and more. */
#define MANY_VALUES 400001

struct row {
    const char *json;
    int code;
    const char *text;
};

static int decode(struct arena *a, struct str json, struct sample *out, struct err *e)
{
    *out = (struct sample){0};
    return json_decode(&SAMPLE, json, a, out, e);
}

TEST(record_json_refuses_with_place)
{
    static const struct row ROWS[] = {
        {"", E_MALFORMED, "line 1, column 0: it ends too early"},
        {"[]", E_MALFORMED, "must be an object"},
        {"null", E_MALFORMED, "line 1, column 4: not JSON"},
        {"{\"name\":\"xy\"} {}", E_MALFORMED, "line 1, column 15: something follows the document"},
        {"{\"name\":\"xy\"", E_MALFORMED, "line 1, column 12: it ends too early"},
        {"{\"name\":\"hunter2\n\"}", E_MALFORMED, "line 1, column 16: not JSON"},
        {"{\"name\":\"a\xff\"}", E_MALFORMED, "line 1, column 10: not UTF-8"},
        {"{\"na\\u0000me\":1}", E_MALFORMED, "line 1, column 13: a key with a NUL"},
        {"{\"name\":\"xy\",\"big\":9223372036854775808}", E_MALFORMED,
         "line 1, column 38: a number too large"},
        {"{\"name\":\"xy\",\"ratio\":1e999}", E_MALFORMED, "line 1, column 26: a number too large"},
        {"{\"name\":\"xy\",\"ratio\":NaN}", E_MALFORMED, "line 1, column 24: not JSON"},
        {"{}", E_MALFORMED, "name: required, and missing"},
        {"{\"name\":null}", E_MALFORMED, "name: required, and missing"},
        {"{\"name\":1}", E_MALFORMED, "name: must be text, is a whole number"},
        {"{\"name\":\"x\"}", E_MALFORMED, "name: shorter than 2 bytes"},
        {"{\"name\":\"xy\",\"count\":\"1\"}", E_MALFORMED,
         "count: must be a whole number, is text"},
        {"{\"name\":\"xy\",\"count\":1.5}", E_MALFORMED,
         "count: must be a whole number, is a number with a fraction"},
        {"{\"name\":\"xy\",\"createdAt\":1e300}", E_MALFORMED,
         "createdAt: must be a time, is a number with a fraction"},
        {"{\"name\":\"xy\",\"createdAt\":\"1970-01-01T00:00:00+00:01\"}", E_MALFORMED,
         "createdAt: must be a time, is text"},
        {"{\"name\":\"xy\",\"createdAt\":\"yesterday\"}", E_MALFORMED,
         "createdAt: must be a time, is text"},
        {"{\"name\":\"xy\",\"tags\":[\"a\",null]}", E_MALFORMED,
         "tags[1]: must be text, is nothing"},
        {"{\"name\":\"xy\",\"labels\":{\"a\":\"b\",\"c\":2}}", E_MALFORMED,
         "labels.c: must be text, is a whole number"},
        {"{\"name\":\"xy\",\"branches\":[{},{\"leaves\":[{\"status\":[]}]}]}", E_MALFORMED,
         "branches[1].leaves[0].status: must be text, is a list"},
        {"{\"name\":\"xy\",\"branches\":[1]}", E_MALFORMED, "branches[0]: must be a map"},
        {"{\"name\":\"xy\",\"branches\":{}}", E_MALFORMED, "branches: must be a list, is a map"},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct err e = {0};
        struct sample out;
        assert_int_equal(decode(&a, str_from(ROWS[i].json), &out, &e), ROWS[i].code);
        assert_string_equal(e.text, ROWS[i].text);
        assert_int_equal(decode(&a, str_from(ROWS[i].json), &out, NULL), ROWS[i].code);
    }
    arena_release(&a);
}

/* jansson passes over a NUL after a number or a literal. */
TEST(record_json_has_no_nul_byte_anywhere)
{
    static const struct str WRONG[] = {
        STR("{\"name\":\"xy\",\"count\":1\0}"),
        STR("{\"name\":\"xy\",\"enabled\":true\0\0}"),
        STR("{\"name\":\"xy\",\"more\":null\0,\"count\":1}"),
        STR("{\"name\":\"x\0y\"}"),
        STR("{\"name\":\"xy\"}\0"),
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(WRONG); i++) {
        struct err e = {0};
        struct sample out;
        assert_int_equal(decode(&a, WRONG[i], &out, &e), E_MALFORMED);
        assert_string_equal(e.text, "JSON with a NUL byte in it");
    }
    arena_release(&a);
}

TEST(record_json_last_of_several_counts_and_unknown_is_skipped)
{
    struct arena a;
    struct sample out;
    struct err e = {0};
    arena_init(&a);
    assert_ok(decode(&a,
                     STR("{\"name\":\"first\",\"x\":[{\"name\":1}],\"count\":1,\"name\":\"last\","
                         "\"count\":null, \"tint\":\"violet\"}"),
                     &out, &e),
              e);
    assert_str(out.name, "last");
    assert_int_equal(out.count, 0);
    assert_int_equal(out.tint, ENUM_OTHER);
    assert_ok(decode(&a, STR("{\"name\":\"a\\u0000b\"}"), &out, &e), e);
    assert_int_equal(out.name.n, 3);
    assert_memory_equal(out.name.p, "a\0b", 3);
    arena_release(&a);
}

TEST(record_json_times_are_seconds_from_aws_and_milliseconds_from_us)
{
    static const struct {
        const char *json;
        int64_t aws_ms, plain_ms;
    } ROWS[] = {
        {"{\"name\":\"xy\",\"createdAt\":1700000000}", 1700000000000, 1700000000},
        {"{\"name\":\"xy\",\"createdAt\":1700000000.0}", 1700000000000, 1700000000},
        {"{\"name\":\"xy\",\"createdAt\":1.700000000123E9}", 1700000000123, -1},
        {"{\"name\":\"xy\",\"createdAt\":-1.5}", -1500, -1},
        {"{\"name\":\"xy\",\"createdAt\":\"2023-11-14T22:13:20.123Z\"}", 1700000000123,
         1700000000123},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct sample out, plain = {0};
        struct err e = {0};
        struct str json = str_from(ROWS[i].json);
        assert_ok(decode(&a, json, &out, &e), e);
        assert_int_equal(out.created_at_ms, ROWS[i].aws_ms);
        int rc = json_decode_plain(&SAMPLE, json, &a, &plain, &e);
        assert_int_equal(rc, ROWS[i].plain_ms == -1 ? E_MALFORMED : E_OK);
        if (!rc) assert_int_equal(plain.created_at_ms, ROWS[i].plain_ms);
    }
    struct sample before = {.name = STR("xy"), .created_at_ms = -1};
    struct err e = {0};
    struct buf b;
    buf_init(&b, 1000);
    assert_ok(json_encode(&SAMPLE, &before, JSON_AWS, &b, &e), e);
    assert_str(buf_view(&b), "{\"name\":\"xy\",\"createdAt\":-0.001,\"always\":0}");
    buf_release(&b);
    arena_release(&a);
}

TEST(record_json_text_keeps_any_value)
{
    static const char *const ROWS[][2] = {
        {"7", "7"},
        {"\"a\\\"\\u00e9\"", "\"a\\\"\xC3\xA9\""},
        {"[ ]", "[]"},
        {"{ }", "{}"},
        {"false", "false"},
        {"{\"b\":[0.1, 1.0,-1e3 , null],\"a\":{\"x\":\"\\u0000\"}}",
         "{\"b\":[0.1,1.0,-1000.0,null],\"a\":{\"x\":\"\\u0000\"}}"},
    };
    struct arena a;
    struct err e = {0};
    struct buf b;
    arena_init(&a);
    buf_init(&b, 1000);
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct sample out;
        struct str json = arena_format(&a, "{\"name\":\"xy\",\"detail\":%s}", ROWS[i][0]);
        assert_ok(decode(&a, json, &out, &e), e);
        assert_str(out.detail, ROWS[i][1]);
        buf_clear(&b);
        assert_ok(json_encode(&SAMPLE, &out, JSON_PLAIN, &b, &e), e);
        assert_contains(buf_view(&b), ROWS[i][1]);
    }
    arena_release(&a);
    buf_release(&b);
}

TEST(record_json_text_that_is_none_is_not_written)
{
    struct sample s = {.name = STR("xy"), .detail = STR("1},{\"name\":\"forged\"")};
    struct err e = {0};
    struct buf b;
    buf_init(&b, 1000);
    assert_int_equal(json_encode(&SAMPLE, &s, JSON_PLAIN, &b, &e), E_MALFORMED);
    assert_contains(str_from(e.text), "detail: ");
    buf_clear(&b);
    s.detail = STR("");
    assert_ok(json_encode(&SAMPLE, &s, JSON_PLAIN, &b, &e), e);
    assert_str(buf_view(&b), "{\"name\":\"xy\",\"detail\":null,\"always\":0}");
    buf_release(&b);
}

TEST(record_json_text_too_long_is_refused)
{
    struct arena a;
    struct buf b;
    struct err e = {0};
    struct sample out;
    arena_init(&a);
    buf_init(&b, 200000);
    buf_add_text(&b, "{\"name\":\"xy\",\"detail\":[\"");
    for (int i = 0; i < 65536; i++)
        buf_add_char(&b, 'x');
    buf_add_text(&b, "\"]}");
    assert_int_equal(decode(&a, buf_view(&b), &out, &e), E_TOO_LARGE);
    assert_string_equal(e.text, "detail: longer than 65536 bytes");
    buf_release(&b);
    arena_release(&a);
}

TEST(record_json_shape_is_limited_before_it_is_parsed)
{
    static const struct {
        const char *repeat;
        int times, code;
    } ROWS[] = {
        {"[", 63, E_MALFORMED},           {"[", 64, E_TOO_LARGE},
        {"{\"a\":", 100000, E_TOO_LARGE}, {"1,", MANY_VALUES, E_TOO_LARGE},
        {"\\\"[{,", 1000, E_MALFORMED},
    };
    struct arena a;
    struct buf b;
    struct err e = {0};
    struct sample out;
    arena_init(&a);
    buf_init(&b, (size_t)10 << 20);
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        buf_clear(&b);
        buf_add_text(&b, "{\"x\":");
        /* Brackets inside of a string are not nesting. */
        if (ROWS[i].repeat[0] == '\\') buf_add_char(&b, '"');
        for (int k = 0; k < ROWS[i].times; k++)
            buf_add_text(&b, ROWS[i].repeat);
        assert_int_equal(decode(&a, buf_view(&b), &out, &e), ROWS[i].code);
    }
    buf_release(&b);
    arena_release(&a);
}
