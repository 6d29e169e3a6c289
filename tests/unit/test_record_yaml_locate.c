/* SPDX-License-Identifier: Apache-2.0
 * Goal: a path leads to the line and column where its value begins, or to what is nearest around
 * it. Method: one document with every form, a table of paths; then the document cut at each byte.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/record/walkers.h"
#include "tests/support/test.h"

static const char DOCUMENT[] = "# comment\n"
                               "region: eu-west-1\n"
                               "services:\n"
                               "  - match: a/b\n"
                               "    mode: act\n"
                               "    distributor:\n"
                               "      function: \"x\"\n"
                               "    alarms: [one, 'two']\n"
                               "  - {match: c/d, mode: observe, task: {port: 80}}\n"
                               "redis:\n"
                               "r\xc3\xa9gion: {x: 1}\n";

TEST(yaml_locate_finds_the_value_or_the_nearest_around_it)
{
    static const struct {
        const char *path;
        size_t line, column;
        bool is_there;
    } ROWS[] = {
        {"", 2, 1, true},
        {"region", 2, 9, true},
        {"services", 4, 3, true},
        {"services[0]", 4, 5, true},
        {"services[0].match", 4, 12, true},
        {"services[0].mode", 5, 11, true},
        {"services[0].distributor", 7, 7, true},
        {"services[0].distributor.function", 7, 17, true},
        {"services[0].distributor.invocation", 7, 7, false},
        {"services[0].task.port", 4, 5, false},
        {"services[0].alarms", 8, 13, true},
        {"services[0].alarms[1]", 8, 19, true},
        {"services[0].alarms[2]", 8, 13, false},
        {"services[1]", 9, 5, true},
        {"services[1].mode", 9, 24, true},
        {"services[1].task.port", 9, 46, true},
        {"services[2].mode", 4, 3, false},
        {"services.mode", 4, 3, false},
        {"services[x]", 4, 3, false},
        {"region.more", 2, 9, false},
        {"region[0]", 2, 9, false},
        {"callback.secret", 2, 1, false},
        {"redis.url", 10, 7, false},
        {"r\xc3\xa9gion.x", 11, 13, true},
    };
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        size_t line = 0, column = 0;
        bool exact = false;
        assert_int_equal(
            yaml_locate(str_from(DOCUMENT), str_from(ROWS[i].path), &line, &column, &exact), E_OK);
        if (line != ROWS[i].line || column != ROWS[i].column || exact != ROWS[i].is_there)
            fail_msg("%s: line %zu, column %zu%s", ROWS[i].path, line, column,
                     exact ? ", exactly" : "");
    }
}

TEST(yaml_locate_survives_cuts_and_what_is_no_yaml)
{
    size_t line, column;
    bool exact;
    for (size_t n = 0; n < sizeof(DOCUMENT); n++) {
        char *cut = malloc(n ? n : 1);
        assert_non_null(cut);
        memcpy(cut, DOCUMENT, n);
        int rc =
            yaml_locate((struct str){cut, n}, STR("services[1].task.port"), &line, &column, &exact);
        assert_true(rc == E_OK || rc == E_MALFORMED);
        assert_true(line >= 1 && column >= 1);
        free(cut);
    }
    assert_int_equal(yaml_locate(STR("a: [\n"), STR("a[0]"), &line, &column, &exact), E_MALFORMED);
    assert_int_equal(yaml_locate(STR_NONE, STR("a"), &line, &column, &exact), E_OK);
    assert_int_equal(line, 1);
    assert_int_equal(column, 1);
}
