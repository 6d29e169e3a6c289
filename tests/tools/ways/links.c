/* SPDX-License-Identifier: Apache-2.0
 * See links.h. */
#include "tests/tools/ways/links.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 512

/* Both ends see a reset. It is freed once no event can name it any more. */
static void kill_link(struct link *l)
{
    struct linger reset = {.l_onoff = 1};
    for (int i = 0; i < 2 && !l->is_dead; i++) {
        (void)setsockopt(l->ends[i].fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
        (void)close(l->ends[i].fd);
    }
    l->is_dead = true;
}

void links_bury(struct ways *all)
{
    for (struct link **at = &all->links; *at;) {
        struct link *l = *at;
        if (l->is_dead) {
            *at = l->next;
            free(l);
        } else {
            at = &l->next;
        }
    }
}

/* Carries what can be; false when the link is broken. */
static bool carry(struct ways *all, struct link *l, int side)
{
    struct flow *f = &l->flows[side];
    if (f->n == 0 && !f->ended && !l->way->held[side]) {
        ssize_t got = recv(l->ends[side].fd, f->bytes, PIECE, MSG_DONTWAIT);
        if (got < 0) return errno == EAGAIN || errno == EINTR;
        f->n = (size_t)got;
        f->done = 0;
        f->due_ms = all->now_ms + l->way->delay_ms;
        f->ended = got == 0;
        if (f->ended && shutdown(l->ends[!side].fd, SHUT_WR)) return false;
    }
    if (f->n == 0 || l->way->held[side] || all->now_ms < f->due_ms) return true;
    ssize_t sent =
        send(l->ends[!side].fd, f->bytes + f->done, f->n - f->done, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    f->done += (size_t)sent;
    if (f->done == f->n) f->n = 0;
    return true;
}

/* What is to be heard of at each end: bytes to read if there is room, room to write if there are bytes. */
static void listen_to(struct ways *all, struct link *l)
{
    for (int i = 0; i < 2; i++) {
        const struct flow *from = &l->flows[i], *to = &l->flows[!i];
        bool reads = from->n == 0 && !from->ended && !l->way->held[i];
        bool writes = to->n > 0 && !l->way->held[!i] && all->now_ms >= to->due_ms;
        struct epoll_event event = {.events = (reads ? EPOLLIN : 0U) | (writes ? EPOLLOUT : 0U),
                                    .data.ptr = &l->ends[i]};
        if (event.events == l->ends[i].events) continue;
        l->ends[i].events = event.events;
        if (epoll_ctl(all->epoll_fd, EPOLL_CTL_MOD, l->ends[i].fd, &event)) kill_link(l);
    }
}

static void go_on(struct ways *all, struct link *l)
{
    bool both_ended = l->flows[UP].ended && l->flows[DOWN].ended;
    if (!l->is_dead && (!carry(all, l, UP) || !carry(all, l, DOWN) || both_ended)) kill_link(l);
    if (!l->is_dead) listen_to(all, l);
}

void link_happen(struct ways *all, struct end *end, uint32_t events)
{
    bool hears = (events & EPOLLIN) && (end->events & EPOLLIN);
    if (end->link->is_dead) return;
    if ((events & EPOLLERR) || ((events & EPOLLHUP) && !hears)) kill_link(end->link);
    go_on(all, end->link);
}

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* Where one way leads to any address, all addresses of the loopback device are listened on, and no other's. */
int way_open(struct ways *all, struct way *w)
{
    struct sockaddr_in address = loopback(w->port);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = w};
    int yes = 1;
    if (w->fd >= 0) return 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (w->same_address) address.sin_addr.s_addr = htonl(INADDR_ANY);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
        setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", sizeof("lo")) ||
        bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, BACKLOG) ||
        epoll_ctl(all->epoll_fd, EPOLL_CTL_ADD, fd, &event)) {
        if (fd >= 0) (void)close(fd);
        return -1;
    }
    w->fd = fd;
    return 0;
}

/* A connection to the next server in turn that takes one; -1. What loopback refuses, it refuses at once. */
static int connect_to(struct way *w, int client)
{
    struct sockaddr_in to = loopback(0);
    socklen_t size = sizeof(to);
    if (w->same_address && getsockname(client, (struct sockaddr *)&to, &size)) return -1;
    for (size_t i = 0; i < w->servers_n; i++) {
        to.sin_port = htons((uint16_t)w->servers[w->turn++ % w->servers_n]);
        struct pollfd now = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                             .events = POLLOUT};
        if (now.fd < 0) return -1;
        bool is_refused =
            connect(now.fd, (struct sockaddr *)&to, sizeof(to)) && errno != EINPROGRESS;
        if (!is_refused && poll(&now, 1, 0) >= 0 && !(now.revents & (POLLERR | POLLHUP)))
            return now.fd;
        (void)close(now.fd);
    }
    return -1;
}

void way_accept(struct ways *all, struct way *w)
{
    struct sockaddr_in from;
    socklen_t size = sizeof(from);
    int client = accept4(w->fd, (struct sockaddr *)&from, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) return;
    struct link *l = calloc(1, sizeof(*l));
    if (!l) abort();
    l->way = w;
    l->next = all->links;
    l->ends[0] = (struct end){.link = l, .fd = client};
    l->ends[1] = (struct end){.link = l, .fd = connect_to(w, client)};
    all->links = l;
    for (int i = 0; i < 2; i++) {
        struct epoll_event event = {.data.ptr = &l->ends[i]};
        if (epoll_ctl(all->epoll_fd, EPOLL_CTL_ADD, l->ends[i].fd, &event)) kill_link(l);
    }
    go_on(all, l);
}

void way_cut(struct ways *all, const struct way *w)
{
    for (struct link *l = all->links; l; l = l->next)
        if (l->way == w) kill_link(l);
}

void links_go_on(struct ways *all)
{
    for (struct link *l = all->links; l; l = l->next)
        go_on(all, l);
}

void way_close(struct way *w)
{
    if (w->fd >= 0) (void)close(w->fd);
    w->fd = -1;
}
