/* SPDX-License-Identifier: Apache-2.0
 * See regressions.h. */
#include "tests/sim/regressions.h"

#include "tests/sim/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 64

/* The line as words, in place: parted by blanks, or whole between two '. */
static int words_of(char *line, char **words)
{
    int n = 0;
    words[n++] = line; /* a program's name, which nobody reads */
    for (char *at = line; *at && n < WORDS_MAX;) {
        char end = ' ';
        while (*at == ' ')
            at++;
        if (!*at) break;
        if (*at == '\'') end = *at++;
        words[n++] = at;
        while (*at && *at != end)
            at++;
        if (*at) *at++ = '\0';
    }
    words[n] = NULL;
    return n;
}

static bool play_line(const char *path, int number, char *line, char *found)
{
    char *words[WORDS_MAX + 1];
    struct sim_command command;
    struct violation violation;
    int n = words_of(line, words);
    if (!options_read(n, words, &command)) {
        (void)printf("%s:%d: cannot be played\n", path, number);
        return false;
    }
    struct sim_options *o = &command.options;
    if (o->size < 0) o->size = options_size_of(o->seed);
    play_in_course(o, &violation);
    if (!violation.format) return true;
    (void)printf("%s:%d: again:%s\n", path, number, found);
    report_print(o, &violation, true);
    return false;
}

bool regressions_play(const char *path)
{
    char *line = NULL;
    size_t size = 0;
    int number = 0, played = 0, failed = 0;
    FILE *file = fopen(path, "r");
    if (!file) {
        (void)printf("%s: cannot be opened\n", path);
        return false;
    }
    while (getline(&line, &size, file) >= 0) {
        number++;
        line[strcspn(line, "\n")] = '\0';
        if (!line[0] || line[0] == '#') continue;
        char *found = strchr(line, '|');
        if (found) *found++ = '\0';
        played++;
        failed += !play_line(path, number, line, found ? found : "");
    }
    free(line);
    (void)fclose(file);
    (void)printf("%d regressions, %d violated\n", played, failed);
    return played && !failed;
}
