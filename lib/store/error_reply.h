/* SPDX-License-Identifier: Apache-2.0
 * What the error replies of a server mean to us: which say that it cannot serve now, which that we
 * are not allowed, and which are about the command itself. */
#ifndef EBB_STORE_ERROR_REPLY_H
#define EBB_STORE_ERROR_REPLY_H

#include "lib/base/arena.h"
#include "lib/base/err.h"

/* E_UNAVAILABLE or E_DENIED when the error is about the server or our rights, 0 when it is about
 * the command. in_script also looks into the words a failing script wraps around it. */
int redis_error_reply_code(struct str words, bool in_script) EBB_MUST_CHECK;
/* The same, and *e gets what it means and the server's words. */
int redis_error_reply_set(struct str words, bool in_script, struct err *e) EBB_MUST_CHECK;

/* True when the connection should not be used again after this error: behind the same name another
 * server may be the primary now, or the login is no longer known. */
bool redis_error_reply_ends_connection(struct str words, bool in_script);

/* The first word, "MOVED", when it looks like one; else "no code". */
struct str redis_error_word(struct str words);
/* s up to its first byte that is not printable ASCII, and not longer than fits an error text. */
struct str redis_printable_head(struct str s);
/* The words made printable and cut, for an error text; a C string in a. */
const char *redis_error_reply_text(struct arena *a, struct str words);

#endif
