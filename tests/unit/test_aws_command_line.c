/* SPDX-License-Identifier: Apache-2.0
 * Goal: a credential_process is split as a shell would, is run without one, and cannot hang, flood
 * or inherit anything. Method: lines and their words; small programs and their ends. */
#include <fcntl.h>
#include <unistd.h>

#include "lib/aws/command_line.h"
#include "tests/support/test.h"

static struct str joined(struct arena *a, const char *line)
{
    char **words;
    struct err e = {0};
    struct str all = STR("");
    if (command_line_split(str_from(line), a, &words, &e)) return arena_format(a, "%s", e.text);
    for (; *words; words++)
        all = arena_format(a, "%.*s<%s>", STR_ARG(all), *words);
    return all;
}

TEST(command_line_is_split_as_a_shell_would)
{
    static const char *const ROWS[][2] = {
        {"a", "<a>"},
        {"  a  b\tc ", "<a><b><c>"},
        {"a 'b c' \"d e\"", "<a><b c><d e>"},
        {"a'b'\"c\"d", "<abcd>"},
        {"a '' \"\" b", "<a><><><b>"},
        {"a\\ b \\'c\\\" \\\\", "<a b><'c\"><\\>"},
        {"\"a \\\"b\\\" \\\\ \\n\"", "<a \"b\" \\ \\n>"},
        {"'a \\n \"b\"'", "<a \\n \"b\">"},
        {"echo $HOME `id` $(id) ; rm -rf * | cat > x && y",
         "<echo><$HOME><`id`><$(id)><;><rm><-rf><*><|><cat><>><x><&&><y>"},
        {"a\\", "<a\\>"},
        {"a 'b", "a quote is not closed"},
        {"a \"b\\\"", "a quote is not closed"},
        {"   ", "there is no word in it"},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++)
        assert_str(joined(&a, ROWS[i][0]), ROWS[i][1]);
    arena_release(&a);
}

static int run(struct arena *a, const char *script, int64_t timeout_ms, size_t output_max,
               struct command_result *out, struct err *e)
{
    struct clock clock = clock_system();
    char **words;
    struct str line = arena_format(a, "/bin/sh -c \"%s\"", script);
    *out = (struct command_result){0};
    if (command_line_split(line, a, &words, e)) return e->code;
    return command_line_run(words, timeout_ms, output_max, &clock, a, out, e);
}

TEST(command_line_gives_what_the_program_said)
{
    struct arena a;
    struct command_result result;
    struct err e = {0};
    arena_init(&a);
    assert_ok(run(&a, "echo out; echo err >&2; cat; exit 7", 10000, 100, &result, &e), e);
    assert_str(result.output, "out\n");
    assert_str(result.errors, "err\n");
    assert_int_equal(result.exit_code, 7);
    assert_ok(run(&a, "kill -9 $$", 10000, 100, &result, &e), e);
    assert_int_equal(result.exit_code, 128 + 9);
    arena_release(&a);
}

TEST(command_line_is_killed_with_all_it_started_when_its_time_is_over)
{
    struct arena a;
    struct command_result result;
    struct err e = {0};
    arena_init(&a);
    assert_int_equal(run(&a, "echo begun; sleep 1000 & sleep 1000", 300, 100, &result, &e),
                     E_TIMEOUT);
    assert_int_equal(result.exit_code, 128 + 9);
    assert_int_equal(run(&a, "exec >&- 2>&-; sleep 1000", 300, 100, &result, &e), E_TIMEOUT);
    arena_release(&a);
}

/* What goes on in the background keeps the pipes open, and is not waited for. */
TEST(command_line_does_not_wait_for_what_was_left_behind)
{
    struct arena a;
    struct command_result result;
    struct err e = {0};
    arena_init(&a);
    assert_ok(run(&a, "echo done; sleep 5 &", 4000, 100, &result, &e), e);
    assert_str(result.output, "done\n");
    arena_release(&a);
}

TEST(command_line_output_has_a_limit)
{
    struct arena a;
    struct command_result result;
    struct err e = {0};
    arena_init(&a);
    assert_int_equal(run(&a, "yes | head -c 1000000", 10000, 100, &result, &e), E_TOO_LARGE);
    assert_ok(run(&a, "head -c 1000000 /dev/zero >&2", 10000, 100, &result, &e), e);
    arena_release(&a);
}

TEST(command_line_program_has_no_file_of_ours)
{
    struct arena a;
    struct command_result result;
    struct err e = {0};
    arena_init(&a);
    int fd = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, as a careless library would */
    assert_true(fd > 2);
    assert_ok(run(&a, "ls /proc/self/fd | tr '\\\\n' ' '", 10000, 100, &result, &e), e);
    /* 3 is the folder that ls reads. */
    assert_str(result.output, "0 1 2 3 ");
    assert_int_equal(close(fd), 0);
    arena_release(&a);
}
