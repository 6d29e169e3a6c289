/* SPDX-License-Identifier: Apache-2.0
 * Reads msgpack head by head over the bytes, without allocating. The library's unpacker is not
 * used: it allocates what a head claims before it knows whether the bytes are there. */
#ifndef EBB_RECORD_MSGPACK_READER_H
#define EBB_RECORD_MSGPACK_READER_H

#include "lib/record/walk.h"

/* What is left to read. */
struct msgpack_reader {
    const unsigned char *p;
    size_t n;
};

/* One value; of a list or a map only its head. Text is borrowed from the bytes. E_MALFORMED when it
 * is cut off, is none, or claims more items than there are bytes. */
int msgpack_read(const struct walk *k, struct msgpack_reader *in, struct value *v,
                 const struct where *w) EBB_MUST_CHECK;
/* Passes over one value with all that is in it. */
int msgpack_skip(const struct walk *k, struct msgpack_reader *in,
                 const struct where *w) EBB_MUST_CHECK;

#endif
