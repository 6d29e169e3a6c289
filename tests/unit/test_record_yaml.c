/* SPDX-License-Identifier: Apache-2.0
 * Goal: configuration means what it says, and every mistake is told with its line, its column and,
 * where there is one, the remedy. Method: golden files of PyYAML and a table of mistakes. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/record_sample.h"
#include "tests/support/test.h"

TEST(record_yaml_reads_what_pyyaml_writes)
{
    static const char *const FILES[] = {
        "tests/vectors/record/sample.yaml",
        "tests/vectors/record/foreign.yaml",
    };
    struct arena a;
    struct sample expected;
    struct err e = {0};
    arena_init(&a);
    sample_fill(&expected, &a);
    for (size_t i = 0; i < EBB_COUNT(FILES); i++) {
        struct sample out = {0};
        assert_ok(yaml_decode(&SAMPLE, test_read_file(&a, FILES[i]), &a, &out, &e), e);
        sample_assert_equal(&out, &expected);
    }
    arena_release(&a);
}

TEST(record_yaml_scalars_are_what_the_table_says)
{
    static const char TEXT[] = "# comment\n"
                               "name: 0123456789012\n"
                               "password: 'null'\n"
                               "tint: green\n"
                               "timeout: 30s\n"
                               "ratio: 1e3\n"
                               "count:\n"
                               "big: ~\n"
                               "enabled: false\n"
                               "tags: [no, \"\", 1.0]\n"
                               "labels: {yes: on, '': x}\n"
                               "detail: |\n"
                               "  {\"a\":\n"
                               "   1}\n"
                               "trunk:\n"
                               "  leaves:\n"
                               "  - status: A\n"
                               "  - {status: B, weight: 0}\n";
    struct arena a;
    struct err e = {0};
    struct sample out = {.count = 3, .enabled = true};
    arena_init(&a);
    assert_ok(yaml_decode(&SAMPLE, str_from(TEXT), &a, &out, &e), e);
    assert_str(out.name, "0123456789012");
    assert_str(out.password, "null");
    assert_int_equal(out.timeout_ms, 30000);
    assert_int_equal(out.count, 3);
    assert_int_equal(out.big, 0);
    assert_false(out.enabled);
    assert_str(*LIST_AT(out.tags, struct str, 0), "no");
    assert_str(*LIST_AT(out.tags, struct str, 1), "");
    assert_str(*LIST_AT(out.tags, struct str, 2), "1.0");
    assert_str(LIST_AT(out.labels, struct pair, 0)->value, "on");
    assert_str(out.detail, "{\"a\":\n 1}\n");
    /* An item that says nothing has the fallback, one that says zero has zero. */
    assert_int_equal(LIST_AT(out.trunk.leaves, struct leaf, 0)->weight, 7);
    assert_int_equal(LIST_AT(out.trunk.leaves, struct leaf, 1)->weight, 0);
    arena_release(&a);
}

TEST(record_yaml_mistakes_are_told_with_line_and_column)
{
    static const char *const ROWS[][2] = {
        {"name: xy\ncolour: red\n", "line 2, column 1: colour: unknown key"},
        {"name: xy\ntnit: red\n", "line 2, column 1: tnit: unknown key; did you mean tint?"},
        {"name: xy\nbranches:\n- id: a\n  leafs: []\n",
         "line 4, column 3: branches[0].leafs: unknown key; did you mean leaves?"},
        {"name: xy\nname: xz\n", "line 2, column 1: name: given twice"},
        {"name:\nname: xz\n", "line 2, column 1: name: given twice"},
        {"name: xy\nlabels: {a: b, a: c}\n", "line 2, column 16: labels.a: given twice"},
        {"name: xy\ncount: ten\n", "line 2, column 8: count: must be a whole number"},
        {"name: xy\ncount: 1001\n", "line 2, column 8: count: must be from -10 to 1000"},
        {"name: xy\ncount: [1]\n", "line 2, column 8: count: must be a whole number, is a list"},
        {"name: xy\nenabled: yes\n", "line 2, column 10: enabled: must be true or false"},
        {"name: xy\ntint: other\n", "line 2, column 7: tint: must be one of: red, green"},
        {"name: xy\ntags: a\n", "line 2, column 7: tags: must be a list, is text"},
        {"name: xy\ntags: [a, [b]]\n", "line 2, column 11: tags[1]: must be text, is a list"},
        {"name: xy\ntags: [a, ~]\n", "line 2, column 11: tags[1]: must be text, is nothing"},
        {"name: xy\ntrunk: oak\n", "line 2, column 8: trunk: must be a map, is text"},
        {"name: xy\nbranches:\n- oak\n", "line 3, column 3: branches[0]: must be a map"},
        {"name: xy\nlabels: {a: {}}\n", "line 2, column 13: labels.a: must be text, is a map"},
        {"name: xy\nbranches:\n- leaves:\n  - weight: 1\n",
         "line 4, column 5: branches[0].leaves[0].status: required, and missing"},
        {"count: 1\n", "line 1, column 1: name: required, and missing"},
        {"", "line 1, column 1: name: required, and missing"},
        {"---\n", "line 2, column 1: name: required, and missing"},
        {"name: x\n", "line 1, column 7: name: shorter than 2 bytes"},
        {"name: &a xy\n", "line 1, column 7: name: anchors are not accepted"},
        {"name: *a\n", "line 1, column 7: name: aliases are not accepted"},
        {"name: !!str xy\n", "line 1, column 7: name: tags are not accepted"},
        {"tags: !x [a]\n", "line 1, column 7: tags: tags are not accepted"},
        {"trunk: &x {}\n", "line 1, column 8: trunk: anchors are not accepted"},
        {"<<: {}\n", "line 1, column 1: <<: unknown key"},
        {"? [a]\n: b\n", "line 1, column 3: a key must be text"},
        {"name: xy\n---\nname: xy\n", "line 2, column 1: more than one document"},
        {"- a\n", "line 1, column 1: must be a map of keys and values"},
        {"text\n", "line 1, column 1: must be a map of keys and values"},
        {"name: xy\n\tcount: 1\n", NULL},
        {"name: \"xy\n", NULL},
        {"name: [\n", NULL},
        {"name: xy\ntags: \xff\n", "line 2, column 7: invalid leading UTF-8 octet"},
        {"name: a\x01\n", "line 1, column 8: control characters are not allowed"},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct sample out = {0};
        struct err e = {0};
        int rc = yaml_decode(&SAMPLE, str_from(ROWS[i][0]), &a, &out, &e);
        if (rc != E_MALFORMED) fail_msg("%s: %d %s", ROWS[i][0], rc, e.text);
        assert_true(str_starts(str_from(e.text), STR("line ")));
        if (ROWS[i][1]) assert_string_equal(e.text, ROWS[i][1]);
        assert_int_equal(yaml_decode(&SAMPLE, str_from(ROWS[i][0]), &a, &out, NULL), E_MALFORMED);
    }
    arena_release(&a);
}

TEST(record_yaml_lists_grow_and_are_limited)
{
    struct arena a;
    struct buf b;
    struct err e = {0};
    arena_init(&a);
    buf_init(&b, (size_t)2 << 20);
    for (int n = 49; n <= 51; n++) {
        struct sample out = {0};
        buf_clear(&b);
        buf_add_text(&b, "name: xy\ntrunk:\n  leaves:\n");
        for (int i = 0; i < n; i++)
            buf_add_format(&b, "  - {status: s%d}\n", i);
        int rc = yaml_decode(&SAMPLE, buf_view(&b), &a, &out, &e);
        assert_int_equal(rc, n > 50 ? E_TOO_LARGE : E_OK);
        if (rc) assert_string_equal(e.text, "line 54, column 5: trunk.leaves: more than 50 items");
        for (int i = 0; !rc && i < n; i++)
            assert_str(LIST_AT(out.trunk.leaves, struct leaf, i)->status,
                       arena_format(&a, "s%d", i).p);
    }
    arena_release(&a);
    buf_release(&b);
}

TEST(record_yaml_depth_and_size_are_limited)
{
    struct arena a;
    struct buf b;
    struct err e = {0};
    struct nest out = {0};
    arena_init(&a);
    buf_init(&b, (size_t)2 << 20);
    for (int i = 0; i < 500; i++)
        buf_add_text(&b, "{children: [");
    assert_int_equal(yaml_decode(&NEST, buf_view(&b), &a, &out, &e), E_TOO_LARGE);
    assert_contains(str_from(e.text), "line 1, column ");
    assert_contains(str_from(e.text), "more than 12 records deep");
    while (b.n <= (size_t)1 << 20)
        buf_add_text(&b, "# 456789\n");
    assert_int_equal(yaml_decode(&NEST, buf_view(&b), &a, &out, &e), E_TOO_LARGE);
    assert_string_equal(e.text, "larger than 1048576 bytes");
    arena_release(&a);
    buf_release(&b);
}

TEST(record_yaml_survives_cuts_and_mutations)
{
    struct arena a;
    arena_init(&a);
    struct str whole = test_read_file(&a, "tests/vectors/record/sample.yaml");
    uint64_t seed = 0x5EED;
    for (size_t n = 0; n < whole.n; n++) {
        struct arena scratch;
        struct sample out = {0};
        struct err e = {0};
        char *bytes = malloc(whole.n);
        assert_non_null(bytes);
        memcpy(bytes, whole.p, whole.n);
        arena_init(&scratch);
        int rc = yaml_decode(&SAMPLE, (struct str){bytes, n}, &scratch, &out, &e);
        assert_true(rc == E_OK || rc == E_MALFORMED || rc == E_TOO_LARGE);
        for (int i = 0; i < 4; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            bytes[(seed >> 33) % whole.n] = (char)(seed >> 25);
            out = (struct sample){0};
            rc = yaml_decode(&SAMPLE, (struct str){bytes, whole.n}, &scratch, &out, &e);
            assert_true(rc == E_OK || rc == E_MALFORMED || rc == E_TOO_LARGE);
        }
        arena_release(&scratch);
        free(bytes);
    }
    arena_release(&a);
}
