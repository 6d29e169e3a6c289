/* SPDX-License-Identifier: Apache-2.0
 * Runs every test the linker gathered, or those whose names match the pattern given ("*sigv4*"). */
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

int main(int argc, char **argv)
{
    size_t n = (size_t)(__stop_ebb_tests - __start_ebb_tests);
    struct CMUnitTest *tests = calloc(n, sizeof(*tests));
    if (!tests) abort();
    for (size_t i = 0; i < n; i++) {
        tests[i].name = __start_ebb_tests[i].name;
        tests[i].test_func = __start_ebb_tests[i].run;
    }
    /* A test that takes the program with it must be the last one named in the log. */
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc > 1) cmocka_set_test_filter(argv[1]);
    int failed = _cmocka_run_group_tests(argv[0], tests, n, NULL, NULL);
    free(tests);
    return failed ? 1 : 0;
}
