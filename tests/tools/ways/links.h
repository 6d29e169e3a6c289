/* SPDX-License-Identifier: Apache-2.0
 * Ways to servers, and the links that go over them at the moment; see ways_tool.c. One thread. */
#ifndef EBB_TESTS_TOOLS_WAYS_LINKS_H
#define EBB_TESTS_TOOLS_WAYS_LINKS_H

#include "lib/base/str.h"

#define WAYS_MAX    32
#define SERVERS_MAX 8
#define PIECE       ((size_t)64 * 1024)

enum { UP, DOWN }; /* to the server, to the client; also the end a direction comes from */

struct way {
    char name[40];
    int port, servers[SERVERS_MAX], fd;
    size_t servers_n, turn;
    bool same_address, held[2];
    int64_t delay_ms;
};

struct link;
struct end {
    struct link *link;
    int fd;
    uint32_t events;
};
/* One direction: what was read and is not yet carried. */
struct flow {
    char bytes[PIECE];
    size_t n, done;
    int64_t due_ms;
    bool ended;
};
struct link {
    struct way *way;
    struct end ends[2]; /* client, server */
    struct flow flows[2];
    struct link *next;
    bool is_dead;
};

struct ways {
    struct way items[WAYS_MAX];
    size_t n;
    struct link *links;
    int epoll_fd;
    int64_t now_ms;
};

/* 0, or -1 with errno. One that is open stays as it is. */
int way_open(struct ways *all, struct way *w) EBB_MUST_CHECK;
/* New connections are refused. */
void way_close(struct way *w);
/* Every connection over it is reset. */
void way_cut(struct ways *all, const struct way *w);
void way_accept(struct ways *all, struct way *w);

/* Something was heard of one end. */
void link_happen(struct ways *all, struct end *end, uint32_t events);
/* All look again what they may carry. */
void links_go_on(struct ways *all);
/* Frees those that are dead, which no event may name any more. */
void links_bury(struct ways *all);

#endif
