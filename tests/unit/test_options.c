/* SPDX-License-Identifier: Apache-2.0
 * Goal: a command line means what a person would expect, and a mistake is told in one line with the
 * exit code of the table. Method: command lines given to command_parse and to whole commands, what
 * they print caught in a file. */
#include "commands/command.h"

#include "commands/drain.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define WORDS_MAX 12

static const struct command DRAIN = {"drain",      "drain SERVICE|TASK", "ask for a drain",
                                     "more of it", &DRAIN_OPTIONS,       drain_command};
static const struct command WHY = {"why", "why SERVICE", "what was decided",
                                   NULL,  &WHY_OPTIONS,  why_command};
static const struct command STATUS = {"status", "status [SERVICE]", "open drains",
                                      NULL,     &SHOW_OPTIONS,      status_command};
static const struct command TIMELINE = {"timeline", "timeline DRAIN|TASK", "all that was done",
                                        NULL,       &SHOW_OPTIONS,         timeline_command};
static const struct command TOPICS = {"topics", "topics [create]", "the topics",
                                      NULL,     &TOPICS_OPTIONS,   topics_command};
static const struct command SETTINGS = {"settings", "settings",        "every setting",
                                        NULL,       &SETTINGS_OPTIONS, settings_command};

static const struct command RUN = {"run", "run [ROLE...]", "run roles",
                                   NULL,  &RUN_OPTIONS,    run_command};
static const struct command WORK = {"work", "work STAGE...", "work",
                                    NULL,   &RUN_OPTIONS,    run_command};
static const struct command RELAY = {"relay", "relay",      "receive events",
                                     NULL,    &RUN_OPTIONS, run_command};

/* Standard output and standard error, both into one file for a while. */
struct catch
{
    int file, out, err;
};

static void catch_begin(struct catch *c)
{
    fflush(stdout);
    fflush(stderr);
    c->file = memfd_create("said", 0);
    c->out = dup(STDOUT_FILENO);
    c->err = dup(STDERR_FILENO);
    assert_true(c->file >= 0 && c->out >= 0 && c->err >= 0);
    dup2(c->file, STDOUT_FILENO);
    dup2(c->file, STDERR_FILENO);
}

static struct str catch_end(struct catch *c, struct arena *a)
{
    fflush(stdout);
    fflush(stderr);
    dup2(c->out, STDOUT_FILENO);
    dup2(c->err, STDERR_FILENO);
    off_t n = lseek(c->file, 0, SEEK_END);
    char *bytes = arena_alloc(a, (size_t)n + 1);
    assert_int_equal(pread(c->file, bytes, (size_t)n, 0), n);
    close(c->file);
    close(c->out);
    close(c->err);
    return (struct str){bytes, (size_t)n};
}

struct parsed {
    struct drain_options options;
    struct arguments given;
    int exit_code;
    bool ok;
    struct str said;
};

/* argv ends with NULL and begins with the command's name, as main gives it. */
static struct parsed parse(struct arena *a, char **argv)
{
    struct parsed p = {.exit_code = -1};
    struct catch c;
    int argc = 0;
    while (argv[argc])
        argc++;
    catch_begin(&c);
    p.ok = command_parse(&DRAIN, argc, argv, a, &p.options, &p.given, &p.exit_code) == 0;
    p.said = catch_end(&c, a);
    return p;
}

#define PARSE(a, ...) parse((a), (char *[]){"drain", __VA_ARGS__, NULL})

TEST(options_in_both_forms_switches_and_words)
{
    struct arena a;
    arena_init(&a);
    struct parsed p =
        PARSE(&a, "--by", "me", "demo/sip", "--config=x=y", "--wait", "--timeout=30s");
    assert_true(p.ok);
    assert_str(p.options.by, "me");
    assert_str(p.options.config, "x=y");
    assert_true(p.options.wait);
    assert_false(p.options.dry_run);
    assert_int_equal(p.options.timeout_ms, 30000);
    assert_int_equal(p.given.n, 1);
    assert_str(p.given.words[0], "demo/sip");
    p = PARSE(&a, "demo/sip");
    assert_int_equal(p.options.timeout_ms, (int64_t)5 * 3600 * 1000);
    p = PARSE(&a, "--wait=false", "x");
    assert_true(p.ok && !p.options.wait);
    arena_release(&a);
}

TEST(options_mistakes_are_told)
{
    static const struct {
        const char *word, *says;
    } cases[] = {
        {"--wiat", "unknown option '--wiat', did you mean --wait?"},
        {"--color", "unknown option '--color'"},
        {"-w", "unknown option '-w'"},
        {"--by", "a value is missing after '--by'"},
        {"--timeout=soon", "--timeout: must be a span of time such as 250ms, 30s, 15m, 4h or 1d"},
        {"--timeout=1ms", "--timeout: must be "},
        {"--wait=perhaps", "--wait: must be true or false"},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(cases); i++) {
        char word[32];
        (void)snprintf(word, sizeof(word), "%s", cases[i].word); /* they are short */
        struct parsed p = PARSE(&a, word);
        assert_false(p.ok);
        assert_int_equal(p.exit_code, EXIT_CODE_USAGE);
        assert_true(str_starts(p.said, arena_format(&a, "ebb drain: %s", cases[i].says)));
        assert_true(str_ends(p.said, STR("; `ebb drain --help` lists the options\n")));
        assert_int_equal(str_find(p.said, '\n'), p.said.n - 1); /* one line */
    }
    arena_release(&a);
}

TEST(options_help_lists_every_option)
{
    struct arena a;
    arena_init(&a);
    struct parsed p = PARSE(&a, "--help");
    assert_false(p.ok);
    assert_int_equal(p.exit_code, EXIT_CODE_OK);
    assert_contains(p.said,
                    "usage: ebb drain SERVICE|TASK [OPTION...]\n\nask for a drain\n\nmore of it\n");
    for (size_t i = 0; i < DRAIN_OPTIONS.n; i++)
        assert_contains(p.said, arena_format(&a, "  --%s ", DRAIN_OPTIONS.fields[i].name).p);
    assert_contains(p.said, "--timeout VALUE");
    assert_contains(p.said, "(default 5h)");
    struct parsed same = PARSE(&a, "-h");
    assert_str(same.said, p.said.p);
    assert_int_equal(same.exit_code, EXIT_CODE_OK);
    arena_release(&a);
}

/* ---------------------------------------------------------------------------- whole commands */

static int run(struct arena *a, const struct command *command, struct str *said, const char *words)
{
    struct str rest = str_from(words);
    char *argv[WORDS_MAX + 1] = {0};
    int argc = 0;
    struct catch c;
    argv[argc++] = arena_alloc(a, 1); /* the name is not looked at */
    while (rest.n && argc < WORDS_MAX) {
        struct str word = str_cut(&rest, ' ');
        char *copy = arena_alloc(a, word.n + 1);
        for (size_t i = 0; i < word.n; i++)
            copy[i] = word.p[i];
        argv[argc++] = copy;
    }
    catch_begin(&c);
    int exit_code = command->run(command, argc, argv);
    *said = catch_end(&c, a);
    return exit_code;
}

TEST(commands_refuse_a_wrong_number_of_words)
{
    static const struct {
        const struct command *command;
        const char *words;
    } cases[] = {{&WHY, ""},        {&WHY, "a b"},        {&STATUS, "a b"},
                 {&TIMELINE, ""},   {&TIMELINE, "a b"},   {&DRAIN, ""},
                 {&DRAIN, "a b"},   {&TOPICS, "destroy"}, {&TOPICS, "create it"},
                 {&SETTINGS, "all"}};
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(cases); i++) {
        struct str said;
        assert_int_equal(run(&a, cases[i].command, &said, cases[i].words), EXIT_CODE_USAGE);
        assert_contains(said, arena_format(&a, "usage: ebb %s", cases[i].command->usage).p);
    }
    struct str said;
    assert_int_equal(run(&a, &DRAIN, &said, "a/b --wait --dry-run"), EXIT_CODE_USAGE);
    assert_contains(said, "--dry-run begins nothing");
    arena_release(&a);
}

TEST(commands_say_what_is_missing)
{
    struct arena a;
    struct str said;
    arena_init(&a);
    unsetenv("REDIS_URL");
    unsetenv("KAFKA_BROKERS");
    unsetenv("EBB_CONFIG");
    assert_int_equal(run(&a, &STATUS, &said, ""), EXIT_CODE_CONFIG);
    assert_str(said, "ebb status: redis.url: missing; say where Redis is (REDIS_URL)\n");
    assert_int_equal(run(&a, &TOPICS, &said, ""), EXIT_CODE_CONFIG);
    assert_str(said, "ebb topics: kafka.brokers: missing; say where Kafka is (KAFKA_BROKERS)\n");
    assert_int_equal(run(&a, &WHY, &said, "x --config /nowhere/ebb.yaml"), EXIT_CODE_CONFIG);
    assert_contains(said, "/nowhere/ebb.yaml: No such file");
    setenv("REDIS_URL", "redis://127.0.0.1:1", 1);
    assert_int_equal(run(&a, &STATUS, &said, ""), EXIT_CODE_MISSING);
    assert_contains(said, "127.0.0.1:1");
    unsetenv("REDIS_URL");
    arena_release(&a);
}

TEST(roles_are_named_by_who_runs_them)
{
    static const struct {
        const struct command *command;
        const char *words, *says;
    } cases[] = {
        {&WORK, "", "ebb work: usage: ebb work STAGE...\n"},
        {&WORK, "relay",
         "ebb work: there is no stage 'relay'; stages are select, remove, drain, scale\n"},
        {&RUN, "select tel",
         "ebb run: there is no role 'tel'; roles are callback, relay, timers, select, remove, "
         "drain, scale\n"},
        {&RELAY, "timers", "ebb relay: usage: ebb relay\n"},
    };
    struct arena a;
    struct str said;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(cases); i++) {
        assert_int_equal(run(&a, cases[i].command, &said, cases[i].words), EXIT_CODE_USAGE);
        assert_str(said, cases[i].says);
    }
    arena_release(&a);
}

TEST(roles_are_told_all_their_mistakes_before_anything_is_opened)
{
    static const char *const SAYS[] = {
        "ebb run: kafka.brokers: missing",
        "ebb run: redis.url: missing",
        "ebb run: callback.secret: missing",
        "ebb run: sqs.queues: missing",
        "ebb run: environment variable EBB_METRICS_LISTEN: \"here\" ",
    };
    struct arena a;
    struct str said;
    arena_init(&a);
    unsetenv("REDIS_URL");
    unsetenv("KAFKA_BROKERS");
    unsetenv("EBB_CONFIG");
    setenv("EBB_METRICS_LISTEN", "here", 1);
    assert_int_equal(run(&a, &RUN, &said, ""), EXIT_CODE_CONFIG);
    for (size_t i = 0; i < EBB_COUNT(SAYS); i++)
        assert_true(str_starts(str_cut(&said, '\n'), str_from(SAYS[i])));
    assert_int_equal(said.n, 0);
    /* Each role needs what is its own. */
    setenv("KAFKA_BROKERS", "127.0.0.1:1", 1);
    setenv("REDIS_URL", "redis://127.0.0.1:1", 1);
    assert_int_equal(run(&a, &RUN, &said, "timers callback"), EXIT_CODE_CONFIG);
    assert_contains(str_cut(&said, '\n'), "callback.secret: missing");
    assert_contains(str_cut(&said, '\n'), "EBB_METRICS_LISTEN");
    assert_int_equal(said.n, 0);
    unsetenv("KAFKA_BROKERS");
    unsetenv("REDIS_URL");
    unsetenv("EBB_METRICS_LISTEN");
    arena_release(&a);
}

TEST(settings_command_prints_all_forms)
{
    struct arena a;
    struct str said;
    arena_init(&a);
    assert_int_equal(run(&a, &SETTINGS, &said, ""), EXIT_CODE_OK);
    assert_contains(said, "services[].cooldown");
    assert_int_equal(run(&a, &SETTINGS, &said, "--json"), EXIT_CODE_OK);
    assert_true(str_starts(said, STR("{\"v\":1,\"settings\":[{\"path\":\"region\",")));
    assert_int_equal(run(&a, &SETTINGS, &said, "--markdown"), EXIT_CODE_OK);
    assert_str(said, test_read_file(&a, "docs/settings.md").p);
    arena_release(&a);
}
