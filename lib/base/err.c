/* SPDX-License-Identifier: Apache-2.0
 * See err.h. */
#include "lib/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct err_row {
    int code;
    const char *text;
    enum err_class class;
};

static const struct err_row ROWS[] = {
#define X(name, value, text, class) {value, text, ERR_CLASS_##class},
    EBB_ERRORS(X)
#undef X
};

static const struct err_row *row_of(int code)
{
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++)
        if (ROWS[i].code == code) return &ROWS[i];
    return NULL;
}

enum err_class err_class_of(int code)
{
    const struct err_row *row = row_of(code);
    if (code == E_OK) return ERR_CLASS_NONE;
    return row ? row->class : ERR_CLASS_OURS;
}

const char *err_text(int code)
{
    const struct err_row *row = row_of(code);
    if (code == E_OK) return "ok";
    return row ? row->text : "an error without a name";
}

struct str err_name(int code)
{
    /* Lower case is written out here because records and dashboards keep these words. */
    switch (code) {
    case E_OK: return STR("ok");
    case E_TIMEOUT: return STR("timeout");
    case E_UNREACHABLE: return STR("unreachable");
    case E_THROTTLED: return STR("throttled");
    case E_UNAVAILABLE: return STR("unavailable");
    case E_UNKNOWN_OUTCOME: return STR("unknown_outcome");
    case E_LATE: return STR("late");
    case E_CONFLICT: return STR("conflict");
    case E_BUSY: return STR("busy");
    case E_STATE_LOST: return STR("state_lost");
    case E_EXPIRED: return STR("expired");
    case E_STOPPED: return STR("stopped");
    case E_NOT_FOUND: return STR("not_found");
    case E_REFUSED: return STR("refused");
    case E_DENIED: return STR("denied");
    case E_MALFORMED: return STR("malformed");
    case E_TOO_LARGE: return STR("too_large");
    case E_BUG: return STR("bug");
    case E_CONFIG: return STR("config");
    case E_MISSING: return STR("missing");
    case E_FATAL: return STR("fatal");
    }
    return STR("unnamed");
}

int err_set(struct err *e, int code, const char *format, ...)
{
    if (!e) return code;
    va_list args;
    va_start(args, format);
    e->code = code;
    (void)vsnprintf(e->text, sizeof(e->text), format, args); /* cut to fit is what is wanted */
    va_end(args);
    return code;
}

int err_prefix(struct err *e, const char *format, ...)
{
    char prefix[ERR_TEXT_BYTES];
    va_list args;
    if (!e) return E_BUG;
    va_start(args, format);
    (void)vsnprintf(prefix, sizeof(prefix), format, args); /* cut to fit is what is wanted */
    va_end(args);
    /* The old words move behind the prefix and ": ", as many as there is room for. */
    size_t n = strlen(prefix), old = strlen(e->text);
    if (n + 2 >= sizeof(e->text)) n = sizeof(e->text) - 3;
    if (old > sizeof(e->text) - n - 3) old = sizeof(e->text) - n - 3;
    memmove(e->text + n + 2, e->text, old);
    memcpy(e->text, prefix, n);
    memcpy(e->text + n, ": ", 2);
    e->text[n + 2 + old] = '\0';
    return e->code;
}

_Noreturn void err_assert_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "ebb: assertion failed: %s (%s:%d)\n", condition, file, line);
    abort();
}
