/* SPDX-License-Identifier: Apache-2.0
 * Goal: what a table says about a struct holds: absence, limits, required fields, enum words, text.
 * Method: the record of tests/support/record_sample.h, small tables of input and expected error. */
#include <math.h>
#include <stdlib.h>

#include "tests/support/record_sample.h"
#include "tests/support/test.h"

static const struct field *field_named(const struct record *r, const char *name)
{
    const struct field *f = record_field(r, str_from(name));
    assert_non_null(f);
    return f;
}

TEST(record_absence_is_zero_unless_always)
{
    struct sample s = {0};
    for (size_t i = 0; i < SAMPLE.n; i++) {
        const struct field *f = &SAMPLE.fields[i];
        assert_int_equal(field_is_absent(f, &s), !(f->flags & FIELD_ALWAYS));
    }
    s.name = STR("");
    s.trunk.leaves.n = 1;
    s.timeout_ms = 1;
    assert_false(field_is_absent(field_named(&SAMPLE, "name"), &s));
    assert_false(field_is_absent(field_named(&SAMPLE, "trunk"), &s));
    assert_false(field_is_absent(field_named(&SAMPLE, "timeout"), &s));
    assert_null(record_field(&SAMPLE, STR("nam")));
}

TEST(record_enum_words_and_values)
{
    assert_int_equal(enum_value(&TINTS, STR("green")), TINT_GREEN);
    assert_int_equal(enum_value(&TINTS, STR("violet")), ENUM_OTHER);
    assert_int_equal(enum_value(&TINTS, STR("")), ENUM_OTHER);
    assert_str(enum_word(&TINTS, TINT_RED), "red");
    assert_str(enum_word(&TINTS, 3), "other");
    assert_str(enum_word(&TINTS, -1), "other");
}

TEST(record_field_check_names_the_field_and_the_limit)
{
    struct str long_text = {calloc(1, FIELD_STR_MAX_DEFAULT + 1), FIELD_STR_MAX_DEFAULT + 1};
    struct str tags[] = {STR("a"), long_text};
    struct sample s = {.name = STR("x"), .count = 1001, .ratio = NAN, .password = long_text};
    struct leaf leaf = {.weight = -1};
    struct err e;
    s.tags = LIST_OF(tags, 2);
    assert_int_equal(field_check(field_named(&SAMPLE, "name"), &s, &e), E_MALFORMED);
    assert_string_equal(e.text, "name: shorter than 2 bytes");
    assert_int_equal(field_check(field_named(&SAMPLE, "count"), &s, &e), E_MALFORMED);
    assert_string_equal(e.text, "count: must be from -10 to 1000");
    assert_int_equal(field_check(field_named(&SAMPLE, "ratio"), &s, &e), E_MALFORMED);
    assert_int_equal(field_check(field_named(&SAMPLE, "password"), &s, &e), E_TOO_LARGE);
    assert_string_equal(e.text, "password: longer than 65536 bytes");
    assert_int_equal(field_check(field_named(&SAMPLE, "tags"), &s, &e), E_TOO_LARGE);
    assert_string_equal(e.text, "tags[1]: longer than 65536 bytes");
    s.tags.n = 21;
    assert_int_equal(field_check(field_named(&SAMPLE, "tags"), &s, &e), E_TOO_LARGE);
    assert_string_equal(e.text, "tags: more than 20 items");
    assert_int_equal(field_check(field_named(&LEAF, "weight"), &leaf, &e), E_MALFORMED);
    assert_string_equal(e.text, "weight: must be from 0 to 100 percent");
    s.count = -10;
    assert_ok(field_check(field_named(&SAMPLE, "count"), &s, &e), e);
    assert_int_equal(field_check(field_named(&LEAF, "weight"), &leaf, NULL), E_MALFORMED);
    free((void *)(uintptr_t)long_text.p);
}

TEST(record_field_check_of_a_field_with_a_least_value_alone)
{
    static const struct field BIG = F_INT(struct sample, big, "big", .min = 5, .unit = "ms");
    static const struct field TAGS = F_STRS(struct sample, tags, "tags", .min = 2);
    struct str tags[] = {STR("a"), STR("b")};
    struct sample s = {.tags = LIST_OF(tags, 1)};
    struct err e;
    s.big = 4;
    assert_int_equal(field_check(&BIG, &s, &e), E_MALFORMED);
    assert_string_equal(e.text, "big: must be at least 5 ms");
    assert_int_equal(field_check(&TAGS, &s, &e), E_MALFORMED);
    assert_string_equal(e.text, "tags: fewer than 2 items");
    s.tags.n = 2;
    assert_ok(field_check(&TAGS, &s, &e), e);
}

TEST(record_check_finds_what_is_missing_inside_too)
{
    struct arena a;
    struct sample s;
    struct err e = {0};
    arena_init(&a);
    sample_fill(&s, &a);
    assert_ok(record_check(&SAMPLE, &s, &e), e);
    LIST_AT(LIST_AT(s.branches, struct branch, 0)->leaves, struct leaf, 1)->status = STR_NONE;
    assert_int_equal(record_check(&SAMPLE, &s, &e), E_MALFORMED);
    assert_string_equal(e.text, "branches[0].leaves[1].status: required, and missing");
    s.name = STR_NONE;
    assert_int_equal(record_check(&SAMPLE, &s, &e), E_MALFORMED);
    assert_string_equal(e.text, "name: required, and missing");
    assert_int_equal(record_check(&NEST, sample_nest(&a, RECORD_DEPTH_MAX + 1), &e), E_TOO_LARGE);
    assert_ok(record_check(&NEST, sample_nest(&a, RECORD_DEPTH_MAX), &e), e);
    arena_release(&a);
}

TEST(record_field_from_text_sets_every_kind)
{
    static const char *const GIVEN[][2] = {
        {"name", "some name"},
        {"password", "pw"},
        {"count", "-10"},
        {"big", "9223372036854775807"},
        {"enabled", "true"},
        {"ratio", "-1.5e3"},
        {"tint", "red"},
        {"timeout", "2m"},
        {"createdAt", "1970-01-01T00:00:01Z"},
        {"tags", "a, b ,c"},
        {"labels", "k=v, l = w=x"},
    };
    struct arena a;
    struct sample s = {0};
    struct err e = {0};
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(GIVEN); i++) {
        const struct field *f = field_named(&SAMPLE, GIVEN[i][0]);
        assert_ok(field_from_text(f, str_from(GIVEN[i][1]), &a, &s, &e), e);
    }
    assert_str(s.name, "some name");
    assert_str(s.password, "pw");
    assert_int_equal(s.count, -10);
    assert_true(s.big == INT64_MAX);
    assert_true(s.enabled);
    assert_true(s.ratio < -1499.9 && s.ratio > -1500.1);
    assert_int_equal(s.tint, TINT_RED);
    assert_int_equal(s.timeout_ms, 120000);
    assert_int_equal(s.created_at_ms, 1000);
    assert_int_equal(s.tags.n, 3);
    assert_str(*LIST_AT(s.tags, struct str, 1), "b");
    assert_int_equal(s.labels.n, 2);
    assert_str(LIST_AT(s.labels, struct pair, 1)->key, "l");
    assert_str(LIST_AT(s.labels, struct pair, 1)->value, "w=x");
    assert_ok(field_from_text(field_named(&SAMPLE, "tags"), STR(" "), &a, &s, &e), e);
    assert_int_equal(s.tags.n, 0);
    arena_release(&a);
}

TEST(record_field_from_text_says_what_is_allowed)
{
    static const char *const GIVEN[][3] = {
        {"count", "ten", "count: must be a whole number"},
        {"count", "", "count: must be a whole number"},
        {"count", "1001", "count: must be from -10 to 1000"},
        {"big", "9223372036854775808", "big: must be a whole number"},
        {"enabled", "yes", "enabled: must be true or false"},
        {"ratio", "nan", "ratio: must be a number"},
        {"ratio", "0x10", "ratio: must be a number"},
        {"ratio", " 1", "ratio: must be a number"},
        {"ratio", "1e999", "ratio: must be a number"},
        {"tint", "other", "tint: must be one of: red, green"},
        {"tint", "blue", "tint: must be one of: red, green"},
        {"timeout", "soon", "timeout: must be a span of time such as 250ms, 30s, 15m, 4h or 1d"},
        {"createdAt", "today", "createdAt: must be a time such as 2019-10-02T17:04:40Z"},
        {"trunk", "x", "trunk: must be a map"},
        {"branches", "x", "branches: must be a list of maps"},
        {"tags", "a,,b", "tags[1]: empty"},
        {"labels", "a=b,c", "labels[1]: must be key=value"},
        {"name", "\xff\xfe", "name: text that is not UTF-8"},
    };
    struct arena a;
    struct sample s = {0};
    struct err e = {0};
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(GIVEN); i++) {
        const struct field *f = field_named(&SAMPLE, GIVEN[i][0]);
        assert_int_equal(field_from_text(f, str_from(GIVEN[i][1]), &a, &s, &e), E_MALFORMED);
        assert_string_equal(e.text, GIVEN[i][2]);
    }
    arena_release(&a);
}

/* The error has room for some of the words only, and says that there are more. */
TEST(record_field_from_text_names_as_many_words_as_fit)
{
    struct str words[100] = {STR("other")};
    struct enum_names names = {words, EBB_COUNT(words)};
    const struct field tint = F_ENUM(struct sample, tint, names, "tint");
    struct arena a;
    struct sample s = {0};
    struct err e = {0};
    arena_init(&a);
    for (size_t i = 1; i < EBB_COUNT(words); i++)
        words[i] = arena_format(&a, "word-%zu", i);
    assert_int_equal(field_from_text(&tint, STR("blue"), &a, &s, &e), E_MALFORMED);
    assert_contains(str_from(e.text), "tint: must be one of: word-1, word-2, ");
    assert_true(str_ends(str_from(e.text), STR(", ...")));
    assert_ok(field_from_text(&tint, STR("word-99"), &a, &s, &e), e);
    assert_int_equal(s.tint, 99);
    arena_release(&a);
}

TEST(record_defaults_fill_what_is_absent)
{
    static const struct field BAD_FIELDS[] = {
        F_INT(struct leaf, weight, "weight", .max = 10, .fallback = "11"),
    };
    static const struct record BAD = RECORD_OF(struct leaf, BAD_FIELDS);
    struct arena a;
    struct sample s = {.count = 5};
    struct leaf leaf = {0};
    struct err e = {0};
    arena_init(&a);
    assert_ok(record_defaults(&SAMPLE, &s, &a, &e), e);
    assert_int_equal(s.count, 5);
    assert_true(s.enabled);
    assert_int_equal(s.tint, TINT_GREEN);
    assert_int_equal(s.timeout_ms, 30000);
    assert_null(s.name.p);
    assert_int_equal(record_defaults(&BAD, &leaf, &a, &e), E_BUG);
    assert_int_equal(e.code, E_BUG);
    arena_release(&a);
}

TEST(record_nearest_suggests_within_two_mistakes)
{
    assert_ptr_equal(record_nearest(&SAMPLE, STR("nmae")), field_named(&SAMPLE, "name"));
    assert_ptr_equal(record_nearest(&SAMPLE, STR("enabeld")), field_named(&SAMPLE, "enabled"));
    assert_ptr_equal(record_nearest(&SAMPLE, STR("time_out")), field_named(&SAMPLE, "timeout"));
    assert_null(record_nearest(&SAMPLE, STR("colour")));
    assert_null(record_nearest(&SAMPLE, STR("")));
    assert_null(record_nearest(&SAMPLE, STR("x")));
}
