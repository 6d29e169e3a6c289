/* SPDX-License-Identifier: Apache-2.0
 * ways_tool NAME=LISTEN:PORT[,PORT...] ...: ways to servers on this machine, each of which can be shut, held in one
 * direction or both, and slowed. With "*" before the port the server is at the address the client connected to.
 * Loopback only. Standard input is a socket: a command a line, answered with a line; it ends with that.
 *
 *   shut WAY        connections are reset, new ones refused
 *   cut WAY         connections are reset, new ones taken
 *   hold WAY up     nothing more is carried to the server ("down": to the client, "both")
 *   slow WAY MS     each piece is carried that much later
 *   open WAY        as it was at first; what was held goes on */
#include "lib/base/clock.h"
#include "tests/tools/ways/links.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_MAX  256
#define COMMAND_MAX 256
#define IDLE_MS     1000
#define SLOW_STEP   2 /* ms; how exactly slow ways keep their time */

/* NULL, or what is wrong with it. */
static const char *obey(struct ways *all, struct str line)
{
    struct way *w = NULL;
    struct str verb = str_cut(&line, ' '), name = str_cut(&line, ' ');
    int64_t ms = 0;
    for (size_t i = 0; i < all->n; i++)
        if (str_eq(name, str_from(all->items[i].name))) w = &all->items[i];
    if (!w) return "no such way";
    if (str_eq(verb, STR("cut")) || str_eq(verb, STR("shut"))) way_cut(all, w);
    if (str_eq(verb, STR("shut"))) {
        way_close(w);
    } else if (str_eq(verb, STR("hold"))) {
        w->held[UP] = str_eq(line, STR("up")) || str_eq(line, STR("both"));
        w->held[DOWN] = str_eq(line, STR("down")) || str_eq(line, STR("both"));
        if (!w->held[UP] && !w->held[DOWN]) return "hold up, down or both";
    } else if (str_eq(verb, STR("slow"))) {
        if (!str_to_int(line, &ms) || ms < 1) return "slow by how many ms?";
        w->delay_ms = ms;
    } else if (str_eq(verb, STR("open"))) {
        w->held[UP] = w->held[DOWN] = false;
        w->delay_ms = 0;
        if (way_open(all, w)) return strerror(errno);
    } else if (!str_eq(verb, STR("cut"))) {
        return "no such command";
    }
    links_go_on(all);
    return NULL;
}

/* False at the end of the input, or when nobody reads the answers. */
static bool read_commands(struct ways *all, char *text, size_t *n)
{
    char *end;
    ssize_t got = read(STDIN_FILENO, text + *n, COMMAND_MAX - *n);
    if (got <= 0) return false;
    *n += (size_t)got;
    while ((end = memchr(text, '\n', *n)) != NULL) {
        const char *wrong = obey(all, (struct str){text, (size_t)(end - text)});
        if (dprintf(STDIN_FILENO, "%s\n", wrong ? wrong : "ok") < 0) return false;
        *n -= (size_t)(end - text) + 1;
        memmove(text, end + 1, *n);
    }
    return *n < COMMAND_MAX;
}

static bool read_way(struct way *w, struct str text)
{
    struct str name = str_cut(&text, '='), port = str_cut(&text, ':');
    int64_t number = 0;
    *w = (struct way){.fd = -1};
    if (name.n == 0 || name.n >= sizeof(w->name) || !str_to_int(port, &number)) return false;
    memcpy(w->name, name.p, name.n);
    w->port = (int)number;
    w->same_address = str_starts(text, STR("*"));
    if (w->same_address) (void)str_cut(&text, '*');
    while (text.n && w->servers_n < SERVERS_MAX && str_to_int(str_cut(&text, ','), &number))
        w->servers[w->servers_n++] = (int)number;
    return w->servers_n && !text.n;
}

int main(int argc, char **argv)
{
    struct ways all = {.epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
    struct epoll_event events[EVENTS_MAX], commands = {.events = EPOLLIN};
    struct clock clock = clock_system();
    char text[COMMAND_MAX];
    size_t text_n = 0;
    if (argc < 2 || argc > WAYS_MAX + 1 ||
        epoll_ctl(all.epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &commands))
        return 2;
    for (; all.n < (size_t)argc - 1; all.n++)
        if (!read_way(&all.items[all.n], str_from(argv[all.n + 1])) ||
            way_open(&all, &all.items[all.n])) {
            fprintf(stderr, "%s: %s\n", argv[all.n + 1],
                    errno ? strerror(errno) : "cannot be read");
            return 1;
        }
    printf("ready\n");
    (void)fflush(stdout);
    for (;;) {
        bool is_slow = false;
        for (size_t i = 0; i < all.n; i++)
            is_slow = is_slow || all.items[i].delay_ms;
        int n = epoll_wait(all.epoll_fd, events, EVENTS_MAX, is_slow ? SLOW_STEP : IDLE_MS);
        all.now_ms = clock_mono_ms(&clock);
        for (int i = 0; i < n; i++) {
            void *what = events[i].data.ptr;
            if (!what && !read_commands(&all, text, &text_n)) return 0;
            if (what >= (void *)all.items && what < (void *)&all.items[WAYS_MAX])
                way_accept(&all, what);
            else if (what)
                link_happen(&all, what, events[i].events);
        }
        if (is_slow) links_go_on(&all);
        links_bury(&all);
    }
}
