/* SPDX-License-Identifier: Apache-2.0
 * Goal: the small things everything stands on. Method: tables of values, and edges. */
#include "lib/base/arn.h"
#include "lib/base/buf.h"
#include "lib/base/crypto.h"
#include "lib/base/time_text.h"
#include "tests/support/test.h"

#include <string.h>

TEST(numbers_fill_their_text)
{
    int64_t n = 0;
    assert_true(str_to_int(STR("9223372036854775807"), &n));
    assert_true(n == INT64_MAX);
    assert_true(str_to_int(STR("-9223372036854775808"), &n));
    assert_true(n == INT64_MIN);
    assert_false(str_to_int(STR("9223372036854775808"), &n));
    assert_false(str_to_int(STR("-9223372036854775809"), &n));
    assert_false(str_to_int(STR(""), &n));
    assert_false(str_to_int(STR("-"), &n));
    assert_false(str_to_int(STR("12 "), &n));
    assert_false(str_to_int(STR("0x10"), &n));
}

TEST(clipping_cuts_no_character)
{
    assert_str(str_clip(STR("abc"), 3), "abc");
    assert_str(str_clip(STR("abcd"), 3), "abc");
    assert_str(str_clip(STR("ab\xe2\x82\xac"), 4), "ab");
    assert_str(str_clip(STR("ab\xe2\x82\xacx"), 5), "ab\xe2\x82\xac");
    assert_int_equal(str_clip(STR("\xe2\x82\xac"), 2).n, 0);
}

TEST(patterns_match_whole_names)
{
    assert_true(str_matches(STR("demo/calls"), STR("demo/calls")));
    assert_true(str_matches(STR("demo/calls"), STR("*")));
    assert_true(str_matches(STR("demo/calls"), STR("demo/*")));
    assert_true(str_matches(STR("demo/calls"), STR("*/c?lls")));
    assert_true(str_matches(STR("aaab"), STR("*a*b")));
    assert_true(str_matches(STR(""), STR("*")));
    assert_false(str_matches(STR("demo/calls2"), STR("demo/calls")));
    assert_false(str_matches(STR("demo/calls"), STR("demo/")));
    assert_false(str_matches(STR("demo/calls"), STR("?")));
    assert_false(str_matches(STR(""), STR("?")));
}

TEST(cutting_ends_absent)
{
    struct str rest = STR("a:b:");
    assert_str(str_cut(&rest, ':'), "a");
    assert_str(str_cut(&rest, ':'), "b");
    assert_true(rest.p != NULL);
    assert_str(str_cut(&rest, ':'), "");
    assert_null(rest.p);
}

TEST(services_have_one_key_in_both_arn_formats)
{
    struct arena a;
    struct service_key key;
    arena_init(&a);
    assert_int_equal(
        service_key_from_arn(STR("arn:aws:ecs:eu-west-1:123456789012:service/demo/calls"), STR_NONE,
                             &key),
        0);
    assert_str(service_key_format(&a, &key), "aws:eu-west-1:123456789012:demo/calls");
    assert_int_equal(service_key_from_arn(STR("arn:aws:ecs:eu-west-1:123456789012:service/calls"),
                                          STR("arn:aws:ecs:eu-west-1:123456789012:cluster/demo"),
                                          &key),
                     0);
    assert_str(service_key_format(&a, &key), "aws:eu-west-1:123456789012:demo/calls");
    assert_str(service_key_arn(&a, &key), "arn:aws:ecs:eu-west-1:123456789012:service/demo/calls");
    assert_str(service_key_resource_id(&a, &key), "service/demo/calls");
    /* An old-format ARN without a cluster names no service (systems.md 000 Q). */
    assert_int_equal(
        service_key_from_arn(STR("arn:aws:ecs:eu-west-1:1:service/calls"), STR_NONE, &key),
        E_MALFORMED);
    assert_int_equal(
        service_key_from_arn(STR("arn:aws:ecs:eu-west-1:1:task/demo/x"), STR("demo"), &key),
        E_MALFORMED);
    assert_int_equal(
        service_key_from_arn(STR("arn:aws:ecs:eu-west-1:1:service/a/b/c"), STR("demo"), &key),
        E_MALFORMED);
    /* Nor does one that no key can be made of. */
    assert_int_equal(
        service_key_from_arn(STR("arn:aws:ecs:eu)west-1:1:service/a/b"), STR_NONE, &key),
        E_MALFORMED);
    assert_int_equal(
        service_key_from_arn(STR("arn:aws:ecs:eu-west-1:1:service/b"), STR("a:b"), &key),
        E_MALFORMED);
    assert_int_equal(service_key_parse(STR("aws:eu-west-1:1:demo/calls"), &key), 0);
    assert_int_equal(service_key_parse(STR("aws:eu-west-1:1:demo"), &key), E_MALFORMED);
    assert_int_equal(service_key_parse(STR("aws:eu-west-1:1:demo/a/b"), &key), E_MALFORMED);
    /* Names that AWS gives to nothing: they would end in host names, ARNs and requests. */
    static const char *const WRONG[] = {
        "AWS:eu-west-1:1:demo/calls",       "aws:eu_west_1:1:demo/calls",
        "aws:-eu-west-1:1:demo/calls",      "aws:eu-west-1-:1:demo/calls",
        "aws:eu-west-1.evil:1:demo/calls",  "aws:eu-west-1:12x:demo/calls",
        "aws:eu-west-1:1:de mo/calls",      "aws:eu-west-1:1:demo/cal*s",
        "aws:eu-west-1:1:demo/caf\xc3\xa9",
    };
    for (size_t i = 0; i < EBB_COUNT(WRONG); i++)
        assert_int_equal(service_key_parse(str_from(WRONG[i]), &key), E_MALFORMED);
    char name[257];
    memset(name, 'x', sizeof(name) - 1);
    name[256] = '\0';
    assert_int_equal(service_key_parse(arena_format(&a, "aws:eu-west-1:1:demo/%.255s", name), &key),
                     0);
    assert_int_equal(service_key_parse(arena_format(&a, "aws:eu-west-1:1:demo/%s", name), &key),
                     E_MALFORMED);
    assert_int_equal(service_key_parse(arena_format(&a, "aws:eu-west-1:1:%s/calls", name), &key),
                     E_MALFORMED);
    struct arn arn;
    static const char *const NO_ARN[] = {"arn::ecs:eu-west-1:1:task/x",
                                         "arn:aws::eu-west-1:1:task/x",
                                         "arn:aws:ecs:eu-west-1:1:", "arn:aws:ecs:eu-west-1:1"};
    for (size_t i = 0; i < EBB_COUNT(NO_ARN); i++)
        assert_int_equal(arn_parse(str_from(NO_ARN[i]), &arn), E_MALFORMED);
    assert_str(arn_task_id(STR("arn:aws:ecs:eu-west-1:1:task/demo/0123")), "0123");
    assert_str(arn_task_id(STR("arn:aws:ecs:eu-west-1:1:task/0123")), "0123");
    arena_release(&a);
}

TEST(times_of_aws_in_all_their_forms)
{
    static const struct {
        const char *text;
        int64_t ms;
    } ROWS[] = {
        {"2019-10-02T17:04:40Z", 1570035880000},
        {"2019-10-02T17:04:40.989Z", 1570035880989},
        {"2019-10-02T17:04:40.989+0000", 1570035880989},
        {"2019-10-02T19:04:40.989+02:00", 1570035880989},
        {"2019-10-02T17:04:40.9891234Z", 1570035880989},
        {"1970-01-01T00:00:00Z", 0},
        {"2024-02-29T23:59:59Z", 1709251199000},
        {"9999-12-31T23:59:59Z", 253402300799000},
    };
    struct arena a;
    int64_t ms;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        assert_int_equal(time_parse_iso(str_from(ROWS[i].text), &ms), 0);
        assert_true(ms == ROWS[i].ms);
        int64_t again;
        assert_int_equal(time_parse_iso(time_format_iso(&a, ms), &again), 0);
        assert_true(again == ms);
        assert_int_equal(time_parse_basic(time_format_basic(&a, ms), &again), 0);
        assert_true(again == ms / 1000 * 1000);
    }
    static const char *BAD[] = {"1970-01-01T00:00:00+0020",
                                "9999-12-31T23:59:59-0001",
                                "",
                                "2019-10-02",
                                "2019-02-29T00:00:00Z",
                                "2019-13-01T00:00:00Z",
                                "2019-10-02T24:00:00Z",
                                "2019-10-02T17:04:40",
                                "2019-10-02T17:04:40.Z",
                                "2019-10-02T17:04:40Zx",
                                "2019-10-02 17:04:40Z",
                                "1969-12-31T23:59:59Z"};
    for (size_t i = 0; i < EBB_COUNT(BAD); i++)
        assert_int_equal(time_parse_iso(str_from(BAD[i]), &ms), E_MALFORMED);
    /* A clock that was never set is told as it is. */
    assert_str(time_format_iso(&a, -1), "1969-12-31T23:59:59.999Z");
    arena_release(&a);
}

TEST(spans_as_people_write_them)
{
    static const struct {
        int64_t ms;
        const char *text;
    } ROWS[] = {
        {999, "999 ms"}, {59950, "59.9 s"}, {3599999, "59 min 59 s"}, {90061000, "25 h 1 min"}};
    struct arena a;
    int64_t ms;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++)
        assert_str(time_format_span(&a, ROWS[i].ms), ROWS[i].text);
    arena_release(&a);
    assert_int_equal(time_parse_span(STR("250ms"), &ms), 0);
    assert_int_equal(ms, 250);
    assert_int_equal(time_parse_span(STR("900"), &ms), 0);
    assert_int_equal(ms, 900000);
    assert_int_equal(time_parse_span(STR("4h"), &ms), 0);
    assert_int_equal(ms, 14400000);
    assert_int_equal(time_parse_span(STR("-1s"), &ms), E_MALFORMED);
    assert_int_equal(time_parse_span(STR("s"), &ms), E_MALFORMED);
    assert_int_equal(time_parse_span(STR("9223372036854775807d"), &ms), E_MALFORMED);
}

TEST(buffers_keep_their_maximum)
{
    struct buf b;
    buf_init(&b, 10);
    buf_add_text(&b, "0123456789");
    assert_false(buf_failed(&b));
    buf_add_char(&b, 'x');
    assert_true(buf_failed(&b));
    buf_add_text(&b, "y");
    assert_str(buf_view(&b), "");
    buf_clear(&b);
    assert_false(buf_failed(&b));
    buf_release(&b);
}

TEST(json_strings_are_utf8)
{
    struct buf b;
    buf_init(&b, 1000);
    buf_add_json_string(&b, STR("a\"\\\n\x01\xC3\xA9\xFF\xED\xA0\x80"));
    assert_str(buf_view(&b),
               "\"a\\\"\\\\\\n\\u0001\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    buf_release(&b);
}

TEST(digests_are_the_standards)
{
    struct arena a;
    arena_init(&a);
    struct sha256 d = crypto_sha256(STR("abc"));
    assert_str(crypto_hex(&a, &d, SHA256_BYTES),
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    /* RFC 4231, test case 2. */
    d = crypto_hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"));
    assert_str(crypto_hex(&a, &d, SHA256_BYTES),
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_str(crypto_sha1_hex(&a, STR("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_str(crypto_md5_hex(&a, STR("abc")), "900150983cd24fb0d6963f7d28e17f72");
    struct str out;
    assert_str(crypto_base64(&a, STR("any carnal pleas")), "YW55IGNhcm5hbCBwbGVhcw==");
    assert_int_equal(crypto_base64_decode(&a, STR("YW55IGNhcm5hbCBwbGVhcw=="), &out), 0);
    assert_str(out, "any carnal pleas");
    assert_int_equal(crypto_base64_decode(&a, STR("YW5="), &out), 0);
    assert_int_equal(crypto_base64_decode(&a, STR("YW=5"), &out), E_MALFORMED);
    assert_int_equal(crypto_base64_decode(&a, STR("YW5"), &out), E_MALFORMED);
    assert_true(crypto_equal(STR("abc"), STR("abc")));
    assert_false(crypto_equal(STR("abc"), STR("abd")));
    assert_false(crypto_equal(STR("abc"), STR("ab")));
    arena_release(&a);
}

TEST(prefixes_keep_the_code_and_fit)
{
    struct err e;
    assert_int_equal(err_set(&e, E_TIMEOUT, "%s", "timed out"), E_TIMEOUT);
    assert_int_equal(err_prefix(&e, "redis %s", "a:1"), E_TIMEOUT);
    assert_string_equal(e.text, "redis a:1: timed out");
    for (int i = 0; i < 100; i++)
        (void)err_prefix(&e, "%s", "a long prefix indeed");
    assert_true(strlen(e.text) < ERR_TEXT_BYTES);
    assert_memory_equal(e.text, "a long prefix indeed: a", 23);
}

TEST(arenas_hand_out_zeroed_memory_again)
{
    struct arena a;
    arena_init(&a);
    for (int round = 0; round < 3; round++) {
        for (size_t n = 1; n < 40000; n = n * 3 + 1) {
            unsigned char *p = arena_alloc(&a, n);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xAA, n);
        }
        arena_clear(&a);
    }
    arena_release(&a);
}
