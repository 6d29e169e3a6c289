/* SPDX-License-Identifier: Apache-2.0
 * See tale.h. */
#include "world/demo/tale.h"

#include <stdarg.h>
#include <stdio.h>

static void print_line(const struct tale_line *line)
{
    double seconds = (double)line->at_ms / 1000;
    if (line->who[0])
        (void)printf("%6.1f s  %-9s %s\n", seconds, line->who, line->text);
    else
        (void)printf("\n%6.1f s  %s\n", seconds, line->text);
    (void)fflush(stdout); /* who does not read any more misses it */
}

void tale_add(struct tale *t, int64_t at_ms, enum tone tone, const char *who, const char *format,
              ...)
{
    struct tale_line *line = &t->lines[t->n++ % TALE_LINES_KEPT];
    va_list arguments;
    *line = (struct tale_line){.at_ms = at_ms, .tone = tone};
    (void)snprintf(line->who, sizeof(line->who), "%s", who);
    va_start(arguments, format);
    (void)vsnprintf(line->text, sizeof(line->text), format, arguments);
    va_end(arguments);
    if (t->prints) print_line(line);
}

const struct tale_line *tale_line(const struct tale *t, size_t i)
{
    if (i >= t->n || i + TALE_LINES_KEPT < t->n) return NULL;
    return &t->lines[i % TALE_LINES_KEPT];
}
