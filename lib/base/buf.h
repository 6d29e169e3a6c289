/* SPDX-License-Identifier: Apache-2.0
 * A growing byte buffer with a required maximum. Going over it is sticky: the buffer empties
 * itself, every later append does nothing, and buf_failed() says so once, at the end. */
#ifndef EBB_BASE_BUF_H
#define EBB_BASE_BUF_H

#include "lib/base/arena.h"

struct buf {
    char *p;
    size_t n, size, max;
    bool failed;
};

/* max_bytes is the most it may ever hold. */
void buf_init(struct buf *b, size_t max_bytes);
void buf_release(struct buf *b);
/* Empties it and forgets a failure; keeps the memory. */
void buf_clear(struct buf *b);

void buf_add(struct buf *b, struct str s);
void buf_add_char(struct buf *b, char c);
void buf_add_text(struct buf *b, const char *text);
void buf_add_format(struct buf *b, const char *format, ...) EBB_PRINTF(2, 3);
/* s as UTF-8: bytes that are not become U+FFFD. */
void buf_add_utf8(struct buf *b, struct str s);
/* s as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD. */
void buf_add_json_string(struct buf *b, struct str s);
/* Every byte outside A-Z a-z 0-9 - . _ ~ as %XX (RFC 3986 section 2.3); bytes of `keep` stay as
 * they are. */
void buf_add_percent(struct buf *b, struct str s, const char *keep);

bool buf_failed(const struct buf *b);
/* Borrowed until the next append, clear or release. */
struct str buf_view(const struct buf *b);

#endif
