/* SPDX-License-Identifier: Apache-2.0
 * Goal: msgpack from a stranger does no harm: claims are checked before memory is taken, types are
 * held to the table, errors name the place. Method: hand-written bytes. */
#include "tests/support/record_sample.h"
#include "tests/support/test.h"

/* WALK_NESTING_MAX of lib/record/walk.h. */
#define WALK_TEST_NESTING ((size_t)64)
#define BYTES(literal)                                                                             \
    {                                                                                              \
        ("" literal), sizeof("" literal) - 1                                                       \
    }
/* A map of one entry and its key, "name", which the sample requires. */
#define NAME "\xa4name\xa2xy"

struct row {
    struct str bytes;
    int code;
    const char *text;
};

static void check(const struct record *r, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct arena a;
        struct sample out = {0};
        struct err e = {0};
        arena_init(&a);
        int rc = msgpack_decode(r, rows[i].bytes, &a, &out, &e);
        if (rc != rows[i].code) fail_msg("row %zu: %d, %s", i, rc, e.text);
        assert_string_equal(e.text, rows[i].text);
        /* A lie about a size costs nothing. */
        assert_true(a.used_bytes < 4096);
        arena_release(&a);
    }
}

TEST(record_msgpack_claims_are_not_believed)
{
    static const struct row ROWS[] = {
        {BYTES("\xdf\xff\xff\xff\xff"), E_MALFORMED, "not msgpack, or cut off"},
        {BYTES("\x82" NAME "\xa4tags\xdd\x80\x00\x00\x00"), E_MALFORMED,
         "tags: not msgpack, or cut off"},
        {BYTES("\x82" NAME "\xa8"
               "branches\xdd\x7f\xff\xff\xff\x80"),
         E_MALFORMED, "branches: not msgpack, or cut off"},
        {BYTES("\x81\xa4name\xdb\xff\xff\xff\xffxy"), E_MALFORMED, "name: not msgpack, or cut off"},
        {BYTES("\x81\xa7unknown\xc6\xff\xff\xff\xff"), E_MALFORMED,
         "unknown: not msgpack, or cut off"},
        {BYTES("\x81\xa7unknown\xc9\xff\xff\xff\xff\x01"), E_MALFORMED,
         "unknown: not msgpack, or cut off"},
        {BYTES("\x81\xa7unknown\xdf\x40\x00\x00\x00"), E_MALFORMED,
         "unknown: not msgpack, or cut off"},
        {BYTES("\x82" NAME "\xa4tags\x9f"
               "\xa0\xa0\xa0\xa0\xa0\xa0\xa0\xa0"
               "\xa0\xa0\xa0\xa0\xa0\xa0\xa0"),
         E_OK, ""},
        {BYTES("\x82" NAME "\xa4tags\xdc\x00\x15"
               "\xa0\xa0\xa0\xa0\xa0\xa0\xa0\xa0\xa0\xa0"
               "\xa0\xa0\xa0\xa0\xa0\xa0\xa0\xa0\xa0\xa0\xa0"),
         E_TOO_LARGE, "tags: more than 20 items"},
        {BYTES("\xc1"), E_MALFORMED, "not msgpack, or cut off"},
        {BYTES(""), E_MALFORMED, "not msgpack, or cut off"},
        {{NULL, 0}, E_MALFORMED, "not msgpack, or cut off"},
    };
    check(&SAMPLE, ROWS, EBB_COUNT(ROWS));
}

TEST(record_msgpack_types_are_the_tables)
{
    static const struct row ROWS[] = {
        {BYTES("\x81\xa4name\x07"), E_MALFORMED, "name: must be text, is a whole number"},
        {BYTES("\x81\xa4name\xc4\x02xy"), E_MALFORMED, "name: must be text, is binary data"},
        {BYTES("\x81\xa4name\xa2\xff\xfe"), E_MALFORMED, "name: text that is not UTF-8"},
        {BYTES("\x82" NAME "\xa5"
               "count\xa2"
               "12"),
         E_MALFORMED, "count: must be a whole number, is text"},
        {BYTES("\x82" NAME "\xa5"
               "count\xca\x3f\xc0\x00\x00"),
         E_MALFORMED, "count: must be a whole number, is a number with a fraction"},
        {BYTES("\x82" NAME "\xa5"
               "count\xca\x7f\xc0\x00\x00"),
         E_MALFORMED, "count: must be a whole number, is a number with a fraction"},
        {BYTES("\x82" NAME "\xa5"
               "count\xd1\xff\xf5"),
         E_MALFORMED, "count: must be from -10 to 1000"},
        {BYTES("\x82" NAME "\xa3"
               "big\xcf\x80\x00\x00\x00\x00\x00\x00\x00"),
         E_MALFORMED, "big: must be a whole number, is a number of more than 64 bits"},
        {BYTES("\x82" NAME "\xa3"
               "big\xcb\x43\xe0\x00\x00\x00\x00\x00\x00"),
         E_MALFORMED, "big: must be a whole number, is a number with a fraction"},
        {BYTES("\x82" NAME "\xa5"
               "ratio\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"),
         E_MALFORMED, "ratio: not a finite number"},
        {BYTES("\x82" NAME "\xa5"
               "ratio\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"),
         E_MALFORMED, "ratio: must be a finite number, is a whole number"},
        {BYTES("\x82" NAME "\xa7"
               "enabled\x01"),
         E_MALFORMED, "enabled: must be true or false, is a whole number"},
        {BYTES("\x82" NAME "\xa4tint\x01"), E_MALFORMED, "tint: must be text, is a whole number"},
        {BYTES("\x82" NAME "\xa5trunk\x90"), E_MALFORMED, "trunk: must be a map, is a list"},
        {BYTES("\x82" NAME "\xa4tags\x80"), E_MALFORMED, "tags: must be a list, is a map"},
        {BYTES("\x82" NAME "\xa4tags\x91\xc0"), E_MALFORMED, "tags[0]: must be text, is nothing"},
        {BYTES("\x82" NAME "\xa6labels\x81\xa1k\xc3"), E_MALFORMED,
         "labels.k: must be text, is true or false"},
        {BYTES("\x82" NAME "\xa6labels\x81\x01\xa0"), E_MALFORMED,
         "labels[0]: must be text, is a whole number"},
        {BYTES("\x82" NAME "\xa8"
               "branches\x92\x80\x81\xa6leaves\x91\x81\xa6status\xc2"),
         E_MALFORMED, "branches[1].leaves[0].status: must be text, is true or false"},
        {BYTES("\x82" NAME "\xa8"
               "branches\x91\xa1x"),
         E_MALFORMED, "branches[0]: must be a map"},
        {BYTES("\x82" NAME "\xa8"
               "branches\x91\x81\xa6leaves\x91\x80"),
         E_MALFORMED, "branches[0].leaves[0].status: required, and missing"},
        {BYTES("\x91\x80"), E_MALFORMED, "must be a map"},
        {BYTES("\x82" NAME NAME), E_MALFORMED, "name: given twice"},
        {BYTES("\x82" NAME "\x01\x02"), E_MALFORMED, "a field's name is not text"},
        {BYTES("\x81" NAME "\xc0"), E_MALFORMED, "1 bytes after the record"},
        {BYTES("\x81\xa4name\xc0"), E_MALFORMED, "name: required, and missing"},
    };
    check(&SAMPLE, ROWS, EBB_COUNT(ROWS));
}

TEST(record_msgpack_numbers_convert_where_nothing_is_lost)
{
    static const struct str GIVEN = BYTES("\x84" NAME "\xa5"
                                          "count\xca\x40\x40\x00\x00\xa5ratio\x03"
                                          "\xa9"
                                          "createdAt\xb4"
                                          "1970-01-01T00:00:02Z");
    struct arena a;
    struct sample out = {0};
    struct err e = {0};
    arena_init(&a);
    assert_ok(msgpack_decode(&SAMPLE, GIVEN, &a, &out, &e), e);
    assert_int_equal(out.count, 3);
    assert_true(out.ratio > 2.9 && out.ratio < 3.1);
    assert_int_equal(out.created_at_ms, 2000);
    arena_release(&a);
}

TEST(record_msgpack_keeps_what_out_held)
{
    struct arena a;
    struct sample out = {.count = 42, .enabled = true};
    struct err e = {0};
    arena_init(&a);
    /* nil is absent; an explicit false is not. */
    assert_ok(msgpack_decode(&SAMPLE,
                             STR("\x83" NAME "\xa5"
                                 "count\xc0\xa7"
                                 "enabled\xc2"),
                             &a, &out, &e),
              e);
    assert_int_equal(out.count, 42);
    assert_false(out.enabled);
    arena_release(&a);
}

TEST(record_msgpack_limits_what_it_skips_and_what_it_takes)
{
    struct arena a;
    struct buf b;
    struct sample out = {0};
    struct err e = {0};
    arena_init(&a);
    buf_init(&b, (size_t)64 * 1024 * 1024);
    for (size_t levels = WALK_TEST_NESTING; levels <= WALK_TEST_NESTING + 1; levels++) {
        buf_clear(&b);
        buf_add(&b, STR("\x82" NAME "\xa1u"));
        for (size_t i = 1; i < levels; i++)
            buf_add_char(&b, '\x91');
        buf_add_char(&b, '\xc0');
        assert_int_equal(msgpack_decode(&SAMPLE, buf_view(&b), &a, &out, &e),
                         levels > WALK_TEST_NESTING ? E_TOO_LARGE : E_OK);
        out = (struct sample){0};
    }
    /* 10,000 lists of 10,000 empty records each would take gigabytes. */
    buf_clear(&b);
    buf_add(&b, STR("\x81\xa8"
                    "children\xdc\x27\x10"));
    for (int i = 0; i < 700; i++) {
        buf_add(&b, STR("\x81\xa8"
                        "children\xdc\x27\x10"));
        for (int k = 0; k < 10000; k++)
            buf_add_char(&b, '\x80');
    }
    for (int i = 700; i < 10000; i++)
        buf_add_char(&b, '\x80');
    struct nest nest = {0};
    assert_int_equal(msgpack_decode(&NEST, buf_view(&b), &a, &nest, &e), E_TOO_LARGE);
    assert_contains(str_from(e.text), "bytes of memory");
    assert_true(a.used_bytes < (size_t)80 * 1024 * 1024);
    struct str huge = {buf_view(&b).p, (size_t)9 * 1024 * 1024};
    /* Larger than a document may be; its bytes are not looked at. */
    assert_int_equal(msgpack_decode(&NEST, huge, &a, &nest, &e), E_TOO_LARGE);
    buf_release(&b);
    arena_release(&a);
}
