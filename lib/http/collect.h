/* SPDX-License-Identifier: Apache-2.0
 * Takes the pieces of one reply as they come and makes the http_response of them, within limits. */
#ifndef EBB_HTTP_COLLECT_H
#define EBB_HTTP_COLLECT_H

#include "lib/base/buf.h"
#include "lib/http/http.h"

#define HTTP_REPLY_HEADERS_MAX      100
#define HTTP_REPLY_HEADER_BYTES_MAX ((size_t)64 * 1024)

struct http_collect {
    struct arena *arena;
    struct buf body;
    struct http_header *headers; /* HTTP_REPLY_HEADERS_MAX of them */
    size_t headers_n, header_bytes;
    int status;          /* of the status line seen last, 0 before it */
    bool headers_ended;  /* the blank line after the final headers was seen */
    const char *refusal; /* which limit was passed; NULL as long as none was */
};

void http_collect_init(struct http_collect *c, struct arena *a, size_t body_max);
void http_collect_release(struct http_collect *c);

/* One line of the head, its line end included or not. Lines of interim replies (1xx) are forgotten
 * when the next status line comes; trailers are left out. False when a limit is passed. */
bool http_collect_line(struct http_collect *c, struct str line);
bool http_collect_body(struct http_collect *c, struct str piece);

/* The reply, in the arena. */
void http_collect_view(struct http_collect *c, struct http_response *out);

#endif
