/* SPDX-License-Identifier: Apache-2.0
 * Goal: event patterns match what EventBridge documents, and what is no pattern or no JSON is
 * refused. Method: a table of patterns against events, a list of broken documents. */
#include "tests/support/test.h"
#include "world/region/json.h"
#include "world/region/pattern.h"

struct pattern_row {
    const char *pattern, *event;
    int matches; /* -1: no pattern */
};

static const struct pattern_row pattern_rows[] = {
    {"{\"a\":[\"x\"]}", "{\"a\":\"x\"}", 1},
    {"{\"a\":[\"x\"]}", "{\"a\":\"y\"}", 0},
    {"{\"a\":[\"x\"]}", "{}", 0},
    {"{\"a\":[\"x\",\"y\"]}", "{\"a\":\"y\"}", 1},
    {"{\"a\":[\"x\"]}", "{\"a\":[\"q\",\"x\"]}", 1},
    {"{\"a\":{\"b\":[1]}}", "{\"a\":{\"b\":1.0}}", 1},
    {"{\"a\":{\"b\":[1]}}", "{\"a\":{\"b\":\"1\"}}", 0},
    {"{\"a\":{\"b\":[1]}}", "{\"a\":1}", 0},
    {"{\"a\":[null]}", "{\"a\":null}", 1},
    {"{\"a\":[true]}", "{\"a\":false}", 0},
    {"{\"a\":[{\"prefix\":\"ab\"}]}", "{\"a\":\"abc\"}", 1},
    {"{\"a\":[{\"prefix\":\"ab\"}]}", "{\"a\":\"ba\"}", 0},
    {"{\"a\":[{\"suffix\":\"bc\"}]}", "{\"a\":\"abc\"}", 1},
    {"{\"a\":[{\"equals-ignore-case\":\"ABC\"}]}", "{\"a\":\"abc\"}", 1},
    {"{\"a\":[{\"anything-but\":\"x\"}]}", "{\"a\":\"y\"}", 1},
    {"{\"a\":[{\"anything-but\":\"x\"}]}", "{\"a\":\"x\"}", 0},
    {"{\"a\":[{\"anything-but\":\"x\"}]}", "{}", 0},
    {"{\"a\":[{\"anything-but\":[\"x\",3]}]}", "{\"a\":3}", 0},
    {"{\"a\":[{\"anything-but\":{\"prefix\":\"x\"}}]}", "{\"a\":\"xy\"}", 0},
    {"{\"a\":[{\"anything-but\":{\"prefix\":\"x\"}}]}", "{\"a\":\"yx\"}", 1},
    {"{\"a\":[{\"exists\":true}]}", "{\"a\":0}", 1},
    {"{\"a\":[{\"exists\":true}]}", "{\"b\":0}", 0},
    {"{\"a\":[{\"exists\":false}]}", "{\"b\":0}", 1},
    {"{\"a\":[{\"exists\":false}]}", "{\"a\":0}", 0},
    {"{\"a\":[{\"exists\":false},\"x\"]}", "{\"a\":\"x\"}", 1},
    {"{\"a\":[{\"numeric\":[\">\",0,\"<=\",5]}]}", "{\"a\":5}", 1},
    {"{\"a\":[{\"numeric\":[\">\",0,\"<=\",5]}]}", "{\"a\":5.1}", 0},
    {"{\"a\":[{\"numeric\":[\"=\",3]}]}", "{\"a\":\"3\"}", 0},
    {"{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}", "{\"b\":2}", 1},
    {"{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}", "{\"b\":3}", 0},
    {"{\"a\":[]}", "{}", -1},
    {"{}", "{}", -1},
    {"{\"a\":\"x\"}", "{}", -1},
    {"{\"a\":[{\"cidr\":\"10.0.0.0/8\"}]}", "{}", -1},
    {"{\"a\":[{\"numeric\":[\">\"]}]}", "{}", -1},
    {"{\"a\":[[1]]}", "{}", -1},
    {"[1]", "{}", -1},
    {"{\"a\":[1]", "{}", -1},
};

TEST(patterns_match_as_documented)
{
    for (size_t i = 0; i < EBB_COUNT(pattern_rows); i++) {
        const struct pattern_row *row = &pattern_rows[i];
        struct arena a;
        struct pattern *pattern;
        struct json *event;
        struct err e;
        arena_init(&a);
        int code = pattern_compile(str_from(row->pattern), &a, &pattern, &e);
        assert_int_equal(json_parse(str_from(row->event), &a, &event), 0);
        int matches = code ? -1 : pattern_matches(pattern, event);
        if (matches != row->matches) fail_msg("%s against %s", row->pattern, row->event);
        arena_release(&a);
    }
}

TEST(json_trees_refuse_what_is_not_json)
{
    static const char *const bad[] = {"",    "{",          "[1,]",        "{\"a\"}", "01",
                                      "1.",  "\"\\x\"",    "\"\\ud800\"", "tru",     "\"a",
                                      "1 2", "{\"a\":1,}", "-",           "\"\n\"",  "[1 2]"};
    struct arena a;
    struct json *tree;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(bad); i++)
        if (json_parse(str_from(bad[i]), &a, &tree) == 0) fail_msg("%s was taken", bad[i]);
    assert_int_equal(json_parse(STR(" \"\\u00e9\\ud83d\\ude00\\n\" "), &a, &tree), 0);
    assert_str(tree->text, "\xc3\xa9\xf0\x9f\x98\x80\n");
    struct str deep = arena_format(&a, "%0100d", 0);
    char *nested = arena_alloc(&a, deep.n);
    for (size_t i = 0; i < deep.n; i++)
        nested[i] = '[';
    assert_int_not_equal(json_parse((struct str){nested, deep.n}, &a, &tree), 0);
    arena_release(&a);
}
