/* SPDX-License-Identifier: Apache-2.0
 * What a person types: one command, one file, one row in main.c. */
#ifndef EBB_COMMANDS_COMMAND_H
#define EBB_COMMANDS_COMMAND_H

#include "lib/record/record.h"

/* Exit codes; docs/exit-codes.md has the same list, and a lint holds the two together. */
#define EBB_EXITS(X)                                                                               \
    X(OK, 0, "done")                                                                               \
    X(FAILED, 1, "the command could not do what was asked; its message says why")                  \
    X(USAGE, 2, "the command line is wrong")                                                       \
    X(CONFIG, 3, "the configuration is missing, wrong or contradicts itself")                      \
    X(MISSING, 4, "something needed at start cannot be reached, is missing or refuses us")         \
    X(STOPPED, 5, "a role could not go on and the process stopped itself")                         \
    X(NOTHING, 6, "there is nothing to show: no such drain, task or service")                      \
    X(BROKEN, 7, "AWS does not behave as Ebb believes")                                            \
    X(BUG, 70, "a bug in Ebb")

enum exit_code {
#define X(name, value, text) EXIT_CODE_##name = value,
    EBB_EXITS(X)
#undef X
};

struct command {
    const char *name, *usage, *help;
    const char *more; /* what its own --help says besides; NULL: nothing */
    /* Options as a record: its fields are --names. NULL: none. */
    const struct record *options;
    int (*run)(const struct command *self, int argc, char **argv);
};

/* Options that every command has under the same names. */
#define F_CONFIG(type)                                                                             \
    F_STR(type, config, "config", .max = 4096, .help = "path of ebb.yaml (or EBB_CONFIG)")
#define F_JSON(type) F_BOOL(type, json, "json", .help = "one JSON document, for programs")

/* What was typed: options into the record (defaults filled in), and the words that are no options.
 */
struct arguments {
    struct str *words;
    size_t n;
};

/* Reads the command line of a command. 0; or -1 when the process is to end with *exit_code: after
 * --help, which was printed, or a mistake, of which one line was printed. */
int command_parse(const struct command *c, int argc, char **argv, struct arena *a, void *options,
                  struct arguments *out, int *exit_code) EBB_MUST_CHECK;

/* Prints "ebb NAME: words" on standard error and gives the exit code that belongs to the error. */
int command_fail(const struct command *c, const struct err *e);
int command_fail_with(const struct command *c, enum exit_code code, const char *format, ...)
    EBB_PRINTF(3, 4);

int run_command(const struct command *self, int argc, char **argv);
int status_command(const struct command *self, int argc, char **argv);
int why_command(const struct command *self, int argc, char **argv);
int timeline_command(const struct command *self, int argc, char **argv);
int drain_command(const struct command *self, int argc, char **argv);
int pause_command(const struct command *self, int argc, char **argv);
int resume_command(const struct command *self, int argc, char **argv);
int cancel_command(const struct command *self, int argc, char **argv);
int close_command(const struct command *self, int argc, char **argv);
int dead_command(const struct command *self, int argc, char **argv);
int topics_command(const struct command *self, int argc, char **argv);
int settings_command(const struct command *self, int argc, char **argv);
int verify_aws_command(const struct command *self, int argc, char **argv);

extern const struct record RUN_OPTIONS, SHOW_OPTIONS, WHY_OPTIONS, DRAIN_OPTIONS, PAUSE_OPTIONS,
    RESUME_OPTIONS, CANCEL_OPTIONS, CLOSE_OPTIONS, DEAD_OPTIONS, TOPICS_OPTIONS, SETTINGS_OPTIONS,
    VERIFY_AWS_OPTIONS;

#endif
