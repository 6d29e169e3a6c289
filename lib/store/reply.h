/* SPDX-License-Identifier: Apache-2.0
 * Reading replies without trusting their shape: a reply of the wrong kind gives an absent text, a
 * nil item or E_MALFORMED, never a crash. */
#ifndef EBB_STORE_REPLY_H
#define EBB_STORE_REPLY_H

#include "lib/store/store.h"

/* "OK", as SET and other writes answer. */
bool reply_is_ok(const struct reply *reply);
bool reply_is_nil(const struct reply *reply);
/* An integer reply, or text that is one (fields of hashes). E_MALFORMED otherwise. */
int reply_int(const struct reply *reply, int64_t *out) EBB_MUST_CHECK;
/* The bytes of a text; absent for every other kind, so for nil too. */
struct str reply_text(const struct reply *reply);
/* The i-th item of a list; a nil reply when there is none. Never NULL. */
const struct reply *reply_item(const struct reply *reply, size_t i);

/* A list that alternates names and values, as HGETALL answers. */
struct reply_pair {
    struct str name;
    const struct reply *value;
};
/* How many pairs; 0 when it is not a list. */
size_t reply_pairs_n(const struct reply *reply);
/* The i-th pair; i is less than reply_pairs_n. */
struct reply_pair reply_pair_at(const struct reply *reply, size_t i);
/* The text of the first pair of that name; absent when there is none. */
struct str reply_pair_text(const struct reply *reply, struct str name);

#endif
