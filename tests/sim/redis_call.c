/* SPDX-License-Identifier: Apache-2.0
 * See redis_call.h: running a command and answering it. The words are those of Redis 7.0. */
#include "tests/sim/redis_call.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES  ((size_t)32)
#define SCORE_MAX_BYTES 32
/* Integers below it are printed by %.17g as integers are. */
#define PLAIN_MAX 1e17

const struct model_command *model_command_find(const struct redis_model *m, struct str name)
{
    char lower[NAME_MAX_BYTES];
    if (name.n > sizeof(lower)) return NULL;
    for (size_t i = 0; i < name.n; i++)
        lower[i] = (char)tolower((unsigned char)name.p[i]);
    const struct model_item *item = model_table_find(&m->commands, (struct str){lower, name.n});
    return item ? item->as.command : NULL;
}

bool model_command_takes(const struct model_command *command, size_t n)
{
    return command->arity < 0 ? n >= (size_t)-command->arity : n == (size_t)command->arity;
}

void model_call_run(struct model_call *c)
{
    const struct model_command *command = model_command_find(c->m, c->args[0]);
    if (!command)
        model_error_unknown(c, c->args[0]);
    else if (!model_command_takes(command, c->n))
        model_error_arity(c, command->name);
    else
        command->run(c);
}

int64_t model_now_ms(const struct model_call *c)
{
    return c->now_us / 1000;
}

bool model_arg_is(const struct model_call *c, size_t i, const char *word)
{
    return str_eq_nocase(c->args[i], str_from(word));
}

void model_reply_status(struct model_call *c, const char *text)
{
    *c->out = (struct reply){.kind = REPLY_STR, .text = str_from(text)};
    c->is_status = true;
}

void model_reply_int(struct model_call *c, int64_t value)
{
    *c->out = (struct reply){.kind = REPLY_INT, .integer = value};
}

struct reply model_item_text(struct model_call *c, struct str text)
{
    return (struct reply){.kind = REPLY_STR, .text = c->in_script ? text : arena_copy(c->a, text)};
}

void model_reply_text(struct model_call *c, struct str text)
{
    *c->out = model_item_text(c, text);
}

void model_reply_nil(struct model_call *c)
{
    *c->out = (struct reply){.kind = REPLY_NIL};
}

struct reply *model_reply_list(struct model_call *c, size_t n)
{
    *c->out = (struct reply){.kind = REPLY_LIST, .n = n};
    c->out->items = n ? ARENA_ARRAY(c->a, n, struct reply) : NULL;
    return c->out->items;
}

struct reply model_item_score(struct model_call *c, double score)
{
    char text[SCORE_MAX_BYTES];
    int n = 0;
    if (isinf(score))
        n = snprintf(text, sizeof(text), score > 0 ? "inf" : "-inf");
    else if (fabs(score) < PLAIN_MAX && score == floor(score))
        n = snprintf(text, sizeof(text), "%lld", (long long)score);
    else
        n = snprintf(text, sizeof(text), "%.17g", score);
    return (struct reply){.kind = REPLY_STR,
                          .text = arena_copy(c->a, (struct str){text, (size_t)n})};
}

void model_error(struct model_call *c, const char *format, ...)
{
    char text[ERR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    EBB_ASSERT(n >= 0);
    *c->out = (struct reply){.kind = REPLY_ERROR, .text = arena_copy(c->a, str_from(text))};
}

void model_error_syntax(struct model_call *c)
{
    model_error(c, "ERR syntax error");
}

void model_error_arity(struct model_call *c, const char *name)
{
    model_error(c, "ERR wrong number of arguments for '%s' command", name);
}

void model_error_unknown(struct model_call *c, struct str what)
{
    struct str name = c->args[0];
    if (what.p == name.p)
        model_error(c, "ERR the model does not know %.*s", STR_ARG(name));
    else
        model_error(c, "ERR the model does not know %.*s %.*s", STR_ARG(name), STR_ARG(what));
}

/* As Redis's string2ll: nothing but digits, no zero before others, no sign but a minus. */
static bool is_plain_int(struct str s)
{
    size_t sign = s.n > 0 && s.p[0] == '-';
    if (s.n == sign || s.n > 20) return false;
    if (s.p[sign] == '0') return s.n == 1;
    for (size_t i = sign; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return true;
}

bool model_arg_int(struct model_call *c, size_t i, int64_t *out)
{
    if (is_plain_int(c->args[i]) && str_to_int(c->args[i], out)) return true;
    model_error(c, "ERR value is not an integer or out of range");
    return false;
}

bool model_arg_score(struct model_call *c, size_t i, double *out)
{
    const char *text = arena_cstr(c->a, c->args[i]);
    size_t n = c->args[i].n;
    char *end;
    errno = 0;
    *out = strtod(text, &end);
    bool is_over = errno == ERANGE && (isinf(*out) || fpclassify(*out) == FP_ZERO);
    bool whole = n > 0 && !isspace((unsigned char)text[0]) && (size_t)(end - text) == n;
    if (whole && !is_over && !isnan(*out)) return true;
    model_error(c, "ERR value is not a valid float");
    return false;
}
