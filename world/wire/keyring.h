/* SPDX-License-Identifier: Apache-2.0
 * The access keys the simulated region knows: secret, session token with its end, the identity the
 * key stands for, and what that identity may do. Not thread-safe: the wire's mutex guards it. */
#ifndef EBB_WORLD_WIRE_KEYRING_H
#define EBB_WORLD_WIRE_KEYRING_H

#include "lib/base/arena.h"
#include "lib/record/record.h"

struct key {
    struct str access_key_id, secret_access_key;
    struct str session_token; /* absent for a long-lived key */
    int64_t expires_at_ms;    /* wall clock; 0 = never */
    struct str user_arn;      /* the identity, as STS names it and as refusals name it */
    struct list allow, deny;  /* of struct str: "ecs:*", "sqs:ReceiveMessage"; allow of n == 0
                                 allows everything */
};

struct keyring {
    struct arena memory;
    struct key *keys;
    size_t n, size;
};

void keyring_init(struct keyring *ring);
void keyring_release(struct keyring *ring);
/* Adds a key, or replaces the one with the same id; copies everything. E_TOO_LARGE when the ring is
 * full, E_MALFORMED when the id or the secret is missing or the id has a byte a scope cannot
 * carry. */
int keyring_put(struct keyring *ring, const struct key *key, struct err *e) EBB_MUST_CHECK;
/* The key copied into the arena, so that it may be used after the mutex is given back; NULL when
 * there is none of that id. */
const struct key *keyring_find(const struct keyring *ring, struct str access_key_id,
                               struct arena *a);

enum permission {
    PERMISSION_GRANTED,
    PERMISSION_NOT_GRANTED, /* no line allows it */
    PERMISSION_DENIED,      /* a line of deny names it: deny wins over allow */
};
/* action is "ecs:UpdateService"; case does not count, as in IAM. */
enum permission key_permission(const struct key *key, struct str action);

#endif
