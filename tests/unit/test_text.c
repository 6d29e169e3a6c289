/* SPDX-License-Identifier: Apache-2.0
 * Goal: times, names and tables read as people say them. Method: tables of values and texts. */
#include "commands/text.h"

#include "tests/support/test.h"

#include <stdlib.h>

#define NOW  ((int64_t)1700000000000) /* 2023-11-14 22:13:20 UTC */
#define MIN  ((int64_t)60 * 1000)
#define HOUR (60 * MIN)

TEST(text_times_are_coarse_and_absolute)
{
    static const struct {
        int64_t at_ms;
        const char *text;
    } cases[] = {
        {0, "-"},
        {NOW, "now"},
        {NOW - 999, "now"},
        {NOW - 12 * 1000, "12 s ago"},
        {NOW - 3 * MIN, "3 min ago"},
        {NOW - 59 * MIN - 59 * 1000, "59 min ago"},
        {NOW - 2 * HOUR, "2 h ago"},
        {NOW - 2 * HOUR - 5 * MIN, "2 h 5 min ago"},
        {NOW - 30 * HOUR, "30 h ago"},
        {NOW - 72 * HOUR, "3 days ago"},
        {NOW + 4 * HOUR + 30 * 1000, "in 4 h"},
        {NOW + 45 * 1000, "in 45 s"},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(cases); i++)
        assert_str(text_ago(&a, NOW, cases[i].at_ms), cases[i].text);
    assert_str(text_when(&a, NOW), "2023-11-14 22:13:20 UTC");
    assert_str(text_when(&a, 0), "-");
    assert_str(text_offset(&a, NOW, NOW + 850), "+850 ms");
    assert_str(text_offset(&a, NOW, NOW - 2500), "-2.5 s");
    arena_release(&a);
}

TEST(text_service_is_the_end_of_its_key)
{
    assert_str(text_service(STR("aws:eu-west-1:123456789012:demo/sip")), "demo/sip");
    assert_str(text_service(STR("no key")), "no key");
}

TEST(text_tables_are_aligned)
{
    static const struct str HEADING[] = {{"A", 1}, {"LONG", 4}, {"LAST", 4}};
    struct arena a;
    struct table t;
    char *said = NULL;
    size_t n = 0;
    arena_init(&a);
    table_init(&t, &a, 3, HEADING);
    for (int i = 0; i < 40; i++) {
        struct str cells[] = {STR("h\xC3\xA9!"), i ? STR("x") : STR_NONE, STR("end")};
        table_add(&t, cells);
    }
    FILE *to = open_memstream(&said, &n);
    assert_non_null(to);
    table_print(&t, "> ", to);
    assert_int_equal(fclose(to), 0);
    struct str rest = {said, n};
    assert_str(str_cut(&rest, '\n'), "> A    LONG  LAST");
    assert_str(str_cut(&rest, '\n'), "> h\xC3\xA9!  -     end");
    for (int i = 1; i < 40; i++)
        assert_str(str_cut(&rest, '\n'), "> h\xC3\xA9!  x     end");
    free(said);
    arena_release(&a);
}
