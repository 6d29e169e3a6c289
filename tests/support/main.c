/* SPDX-License-Identifier: Apache-2.0
 * Runs every test the linker gathered, or those whose names match the pattern given ("*sigv4*"), or
 * one part of several that run side by side ("--part", "2/4": every fourth file, from the second).
 */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct test_row __start_ebb_tests[], __stop_ebb_tests[];

void test_assert_str(struct str actual, const char *expected, const char *file, int line)
{
    if (str_eq(actual, str_from(expected))) return;
    print_error("\"%.*s\"\n  is not\n\"%s\"\n", STR_ARG(actual), expected);
    _fail(file, line);
}

void test_assert_contains(struct str actual, const char *part, const char *file, int line)
{
    if (str_contains(actual, str_from(part))) return;
    print_error("\"%.*s\"\n  does not contain\n\"%s\"\n", STR_ARG(actual), part);
    _fail(file, line);
}

struct str test_read_file(struct arena *a, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("%s cannot be opened; tests run from the project's folder", path);
    size_t size = 1 << 20;
    char *bytes = arena_alloc(a, size);
    size_t n = fread(bytes, 1, size, file);
    (void)fclose(file); /* only read */
    if (n == size) fail_msg("%s is larger than a test file should be", path);
    return (struct str){bytes, n};
}

struct part {
    int64_t number, of;
};

/* "2/4" */
static bool read_part(const char *text, struct part *out)
{
    struct str of = str_from(text), number = str_cut(&of, '/');
    return str_to_int(number, &out->number) && str_to_int(of, &out->of) && out->number >= 1 &&
           out->number <= out->of;
}

/* Files stay whole: what their tests share is made once. */
static size_t choose(const struct part *part, struct CMUnitTest *out)
{
    size_t n = 0, all = (size_t)(__stop_ebb_tests - __start_ebb_tests);
    int64_t file = -1;
    for (size_t i = 0; i < all; i++) {
        const struct test_row *row = &__start_ebb_tests[i];
        if (!i || strcmp(row->file, row[-1].file) != 0) file++;
        if (file % part->of != part->number - 1) continue;
        out[n++] = (struct CMUnitTest){.name = row->name, .test_func = row->run};
    }
    return n;
}

int main(int argc, char **argv)
{
    struct part part = {1, 1};
    bool is_part = argc > 2 && !strcmp(argv[1], "--part");
    if (is_part && !read_part(argv[2], &part)) {
        (void)fprintf(stderr, "--part wants something like 2/4, not '%s'\n", argv[2]);
        return 2;
    }
    struct CMUnitTest *tests =
        calloc((size_t)(__stop_ebb_tests - __start_ebb_tests), sizeof(*tests));
    if (!tests) abort();
    size_t n = choose(&part, tests);
    /* A test that takes the program with it must be the last one named in the log. */
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 2) cmocka_set_test_filter(argv[1]);
    int failed = _cmocka_run_group_tests(argv[0], tests, n, NULL, NULL);
    free(tests);
    return failed ? 1 : 0;
}
