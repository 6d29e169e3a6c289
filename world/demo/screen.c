/* SPDX-License-Identifier: Apache-2.0
 * See screen.h. */
#include "world/demo/screen.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Of ECMA-48 and xterm: another screen and back, cursor hidden and shown, colours off. */
#define ENTER "\033[?1049h\033[?25l\033[2J"
#define LEAVE "\033[0m\033[?25h\033[?1049l"

void screen_write(struct str bytes)
{
    while (bytes.n) {
        ssize_t wrote = write(STDOUT_FILENO, bytes.p, bytes.n);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return; /* the terminal is gone */
        bytes.p += wrote;
        bytes.n -= (size_t)wrote;
    }
}

void screen_measure(struct screen *s)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col || !size.ws_row) return;
    s->columns = size.ws_col;
    s->rows = size.ws_row;
}

bool screen_find(struct screen *s)
{
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
    *s = (struct screen){.color = !no_color || !*no_color};
    if (!isatty(STDOUT_FILENO) || !term || !*term) return false;
    if (str_eq(str_from(term), STR("dumb"))) return false;
    screen_measure(s);
    return s->columns >= SCREEN_COLUMNS_MIN && s->rows >= SCREEN_ROWS_MIN;
}

/* abort() asks us first: an assertion's words are to be seen, and a cursor after them. */
static void leave_before_abort(int number)
{
    (void)number;
    ssize_t ignored = write(STDOUT_FILENO, LEAVE, sizeof(LEAVE) - 1);
    (void)ignored;
}

void screen_enter(struct screen *s)
{
    struct sigaction action = {.sa_handler = leave_before_abort, .sa_flags = (int)SA_RESETHAND};
    if (s->entered) return;
    (void)sigaction(SIGABRT, &action, NULL);
    screen_measure(s);
    screen_write(STR(ENTER));
    s->entered = true;
}

void screen_leave(struct screen *s)
{
    if (!s || !s->entered) return;
    screen_write(STR(LEAVE));
    s->entered = false;
    (void)signal(SIGABRT, SIG_DFL);
}
