/* SPDX-License-Identifier: Apache-2.0
 * Every error has one code and every code one class, both from the table below (design: rules of
 * failure 5). An int function returns 0 or a code of this table (they are negative); `struct err`
 * carries the words. */
#ifndef EBB_BASE_ERR_H
#define EBB_BASE_ERR_H

#include "lib/base/str.h"

enum err_class {
    ERR_CLASS_NONE,
    ERR_CLASS_RETRY,     /* the same call may succeed later */
    ERR_CLASS_PERMANENT, /* it will not: the input or the right is missing */
    ERR_CLASS_OURS,      /* a bug of ours */
    ERR_CLASS_FATAL,     /* the process cannot go on */
};

/*    name                 value  text                                            class */
#define EBB_ERRORS(X)                                                                              \
    X(E_TIMEOUT, -1, "timed out", RETRY)                                                           \
    X(E_UNREACHABLE, -2, "cannot be reached", RETRY)                                               \
    X(E_THROTTLED, -3, "throttled", RETRY)                                                         \
    X(E_UNAVAILABLE, -4, "not available now", RETRY)                                               \
    X(E_UNKNOWN_OUTCOME, -5, "sent, but whether it took effect is not known", RETRY)               \
    X(E_LATE, -6, "not sent: its not_after has passed", RETRY)                                     \
    X(E_CONFLICT, -7, "somebody else moved it first", RETRY)                                       \
    X(E_BUSY, -8, "held by somebody else", RETRY)                                                  \
    X(E_STATE_LOST, -9, "state was lost and is not rebuilt yet", RETRY)                            \
    X(E_EXPIRED, -10, "credentials have expired", RETRY)                                           \
    X(E_STOPPED, -11, "given up, because the process stops", RETRY)                                \
    X(E_NOT_FOUND, -20, "not found", PERMANENT)                                                    \
    X(E_REFUSED, -21, "refused", PERMANENT)                                                        \
    X(E_DENIED, -22, "not allowed", PERMANENT)                                                     \
    X(E_MALFORMED, -23, "malformed", PERMANENT)                                                    \
    X(E_TOO_LARGE, -24, "larger than allowed", PERMANENT)                                          \
    X(E_BUG, -40, "a bug in Ebb", OURS)                                                            \
    X(E_CONFIG, -60, "configuration", FATAL)                                                       \
    X(E_MISSING, -61, "something needed at start is missing", FATAL)                               \
    X(E_FATAL, -62, "cannot go on", FATAL)

enum err_code {
    E_OK = 0,
#define X(name, value, text, class) name = value,
    EBB_ERRORS(X)
#undef X
};

#define ERR_TEXT_BYTES 400

struct err {
    int code;
    char text[ERR_TEXT_BYTES]; /* complete enough to be shown to a person; never a secret */
};

enum err_class err_class_of(int code);
/* The constant words of a code, "ok" for 0. */
const char *err_text(int code);
/* The name of a code without its E_, in lower case: the form logs and records use. */
struct str err_name(int code);

/* Writes code and words, returns code, so a caller may `return err_set(e, ...)`. e may be NULL. */
int err_set(struct err *e, int code, const char *format, ...) EBB_PRINTF(3, 4);
/* Puts "prefix: " before the words already there; returns the code already there. */
int err_prefix(struct err *e, const char *format, ...) EBB_PRINTF(2, 3);

#define EBB_ASSERT(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) err_assert_failed(#condition, __FILE__, __LINE__);                       \
    } while (0)
_Noreturn void err_assert_failed(const char *condition, const char *file, int line);

#endif
