/* SPDX-License-Identifier: Apache-2.0
 * Redis's protocol, RESP2: a command to bytes, bytes to a reply in the caller's arena. No I/O. */
#ifndef EBB_STORE_RESP_H
#define EBB_STORE_RESP_H

#include "lib/store/store.h"

#define REDIS_COMMAND_BYTES_MAX  ((size_t)64 << 20)
#define REDIS_COMMAND_ARGS_MAX   ((size_t)1 << 16)
#define REDIS_REPLY_BYTES_MAX    ((size_t)64 << 20) /* on the wire */
#define REDIS_REPLY_ELEMENTS_MAX ((size_t)500000)   /* of all lists of one reply together */
#define REDIS_REPLY_DEPTH_MAX    6                  /* lists within lists; hiredis stops at 7 */

struct redis_command {
    char *bytes;
    size_t n;
    bool is_secret; /* cleanse the bytes when released */
};

/* An absent argument is sent as an empty one. E_TOO_LARGE when over a limit above. */
int redis_command_init(struct redis_command *command, const struct str *args, size_t n,
                       struct err *e) EBB_MUST_CHECK;
void redis_command_release(struct redis_command *command);

/* Reads one reply at a time. After an error it cannot be used again. */
struct redis_reader;
struct redis_reader *redis_reader_new(void);
void redis_reader_free(struct redis_reader *reader);

/* What comes next goes into *out and a; both are borrowed until the reply is complete. */
void redis_reader_begin(struct redis_reader *reader, struct arena *a, struct reply *out);
/* Takes bytes in; *complete says whether *out is whole now. E_MALFORMED when they are not RESP2 or
 * go on after the reply, E_TOO_LARGE when over a limit above. */
int redis_reader_feed(struct redis_reader *reader, struct str bytes, bool *complete,
                      struct err *e) EBB_MUST_CHECK;

#endif
