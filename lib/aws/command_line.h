/* SPDX-License-Identifier: Apache-2.0
 * A command line into words, and a program run with a bound on its time and output. No shell is
 * ever asked: nothing is expanded. */
#ifndef EBB_AWS_COMMAND_LINE_H
#define EBB_AWS_COMMAND_LINE_H

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"

/* Words as a POSIX shell would separate them: blanks, '...', "..." and backslashes. The array ends
 * with NULL. E_MALFORMED for an open quote, no word, or too many. */
int command_line_split(struct str text, struct arena *a, char ***out, struct err *e) EBB_MUST_CHECK;

struct command_result {
    int exit_code;             /* 128 + n when signal n ended it */
    struct str output, errors; /* of the arena; both cut at their limits */
};

/* Runs it with the environment of this process, an empty standard input and no other file open.
 * After timeout_ms it and what it started in its process group are killed: E_TIMEOUT. E_TOO_LARGE
 * when it prints more than output_max; E_CONFIG when it cannot be started. */
int command_line_run(char *const *words, int64_t timeout_ms, size_t output_max,
                     const struct clock *clock, struct arena *a, struct command_result *out,
                     struct err *e) EBB_MUST_CHECK;

#endif
