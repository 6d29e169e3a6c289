/* SPDX-License-Identifier: Apache-2.0
 * A C test is a function written with TEST(name) in any file of tests/unit, tests/vectors or
 * tests/contract; it is found by the linker section it puts itself in, never registered. Assertions
 * are cmocka's. */
#ifndef EBB_TESTS_SUPPORT_TEST_H
#define EBB_TESTS_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"

struct test_row {
    const char *name, *file;
    void (*run)(void **state);
};

#define TEST(name)                                                                                 \
    static void name(void **state);                                                                \
    __attribute__((used, section("ebb_tests"),                                                     \
                   aligned(sizeof(void *)))) static const struct test_row test_row_##name = {      \
        #name, __FILE__, name};                                                                    \
    static void name(__attribute__((unused)) void **state)

/* The str and the literal are equal; shows both when not. */
#define assert_str(actual, expected) test_assert_str((actual), (expected), __FILE__, __LINE__)
/* The call returned 0; shows the error's words when not. */
#define assert_ok(call, e)                                                                         \
    do {                                                                                           \
        int assert_ok_code = (call);                                                               \
        if (assert_ok_code) fail_msg("%s: %s", err_text(assert_ok_code), (e).text);                \
    } while (0)
#define assert_contains(actual, part) test_assert_contains((actual), (part), __FILE__, __LINE__)

void test_assert_str(struct str actual, const char *expected, const char *file, int line);
void test_assert_contains(struct str actual, const char *part, const char *file, int line);
/* The bytes of a file, relative to the project's folder; fails the test when it cannot be read. */
struct str test_read_file(struct arena *a, const char *path);

#endif
