/* SPDX-License-Identifier: Apache-2.0
 * Ends connections that take too long over one step, however steadily their bytes trickle: the
 * time-out of libmicrohttpd only sees silence. */
#ifndef EBB_HTTP_WATCH_H
#define EBB_HTTP_WATCH_H

#include "lib/http/socket.h"

struct http_watch;

struct http_watched {
    struct http_watched *next, *previous;
    int fd;
    bool exempt;      /* its request is with a handler: we are the slow ones */
    int64_t since_ms; /* monotonic time at which its present step began */
    char peer[HTTP_ADDRESS_BYTES], local[HTTP_ADDRESS_BYTES];
};

/* step_max_ms: accepting to a whole request, reply to sent, sent to the next whole request. */
struct http_watch *http_watch_new(int64_t step_max_ms);
/* Nothing is watched any more. */
void http_watch_free(struct http_watch *watch);

struct http_watched *http_watch_add(struct http_watch *watch, int fd);
/* Before the fd is closed. */
void http_watch_remove(struct http_watch *watch, struct http_watched *take_watched);
/* The next step begins. */
void http_watch_step(struct http_watch *watch, struct http_watched *watched, bool exempt);

#endif
