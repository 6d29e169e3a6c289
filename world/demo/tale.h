/* SPDX-License-Identifier: Apache-2.0
 * What happened, line by line: printed at once where there is no live screen, and kept for the
 * screen to show. tell.c makes lines of the world's log and of Ebb's verdicts. */
#ifndef EBB_WORLD_DEMO_TALE_H
#define EBB_WORLD_DEMO_TALE_H

#include "lib/base/str.h"

#define TALE_LINES_KEPT 64 /* more than any screen shows */
#define TALE_WHO_BYTES  12
#define TALE_TEXT_BYTES 160

enum tone { TONE_PLAIN, TONE_TITLE, TONE_GOOD, TONE_BAD, TONE_EBB, TONE_FAINT };

struct tale_line {
    int64_t at_ms; /* since the demo began */
    enum tone tone;
    char who[TALE_WHO_BYTES]; /* empty: a title */
    char text[TALE_TEXT_BYTES];
};

struct tale {
    bool prints; /* each line at once */
    struct tale_line lines[TALE_LINES_KEPT];
    size_t n; /* told so far; the last TALE_LINES_KEPT are kept */
};

void tale_add(struct tale *t, int64_t at_ms, enum tone tone, const char *who, const char *format,
              ...) EBB_PRINTF(5, 6);
/* The i-th told, or NULL when it is kept no more, or not there yet. */
const struct tale_line *tale_line(const struct tale *t, size_t i);

struct demo;
/* Lines of what the last look found new, in the order it happened. */
void tell_news(struct demo *d);

#endif
