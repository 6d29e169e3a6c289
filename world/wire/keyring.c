/* SPDX-License-Identifier: Apache-2.0
 * See keyring.h. Policies are the part of IAM that Ebb's own policy needs to be tried against:
 * lists of actions with wildcards, an explicit deny before any allow, nothing by resource. */
#include "world/wire/keyring.h"

#include <string.h>

#include "lib/aws/sigv4.h"

#define KEYS_MAX         256
#define KEY_ID_BYTES_MAX 128
#define ACTION_BYTES_MAX 256

void keyring_init(struct keyring *ring)
{
    *ring = (struct keyring){0};
    arena_init(&ring->memory);
}

void keyring_release(struct keyring *ring)
{
    arena_release(&ring->memory);
    *ring = (struct keyring){0};
}

static struct list copy_texts(struct arena *a, struct list from)
{
    struct str *items = ARENA_ARRAY(a, from.n, struct str);
    for (size_t i = 0; i < from.n; i++)
        items[i] = arena_copy(a, *LIST_AT(from, struct str, i));
    return LIST_OF(items, from.n);
}

static struct key copy_key(struct arena *a, const struct key *from)
{
    struct key copy = *from;
    copy.access_key_id = arena_copy(a, from->access_key_id);
    copy.secret_access_key = arena_copy(a, from->secret_access_key);
    if (from->session_token.p) copy.session_token = arena_copy(a, from->session_token);
    copy.user_arn = arena_copy(a, from->user_arn);
    copy.allow = copy_texts(a, from->allow);
    copy.deny = copy_texts(a, from->deny);
    return copy;
}

static struct key *find(const struct keyring *ring, struct str access_key_id)
{
    for (size_t i = 0; i < ring->n; i++)
        if (str_eq(ring->keys[i].access_key_id, access_key_id)) return &ring->keys[i];
    return NULL;
}

/* The id stands before the first '/' of a credential scope, which stands before a ','. */
static bool is_key_id(struct str id)
{
    if (id.n == 0 || id.n > KEY_ID_BYTES_MAX) return false;
    for (size_t i = 0; i < id.n; i++)
        if (id.p[i] <= ' ' || id.p[i] >= 0x7F || memchr("/,=", id.p[i], 3)) return false;
    return true;
}

int keyring_put(struct keyring *ring, const struct key *key, struct err *e)
{
    if (!is_key_id(key->access_key_id))
        return err_set(e, E_MALFORMED,
                       "accessKeyId: 1 to %d visible characters without '/', ',' and '='",
                       KEY_ID_BYTES_MAX);
    if (str_is_empty(key->secret_access_key))
        return err_set(e, E_MALFORMED, "secretAccessKey: must not be empty");
    if (key->secret_access_key.n > SIGV4_SECRET_MAX)
        return err_set(e, E_TOO_LARGE, "secretAccessKey: longer than %zu bytes", SIGV4_SECRET_MAX);
    struct key *place = find(ring, key->access_key_id);
    if (!place) {
        if (ring->n == KEYS_MAX)
            return err_set(e, E_TOO_LARGE, "the keyring holds at most %d keys", KEYS_MAX);
        if (!ring->keys) ring->keys = ARENA_ARRAY(&ring->memory, KEYS_MAX, struct key);
        place = &ring->keys[ring->n++];
    }
    *place = copy_key(&ring->memory, key);
    return E_OK;
}

const struct key *keyring_find(const struct keyring *ring, struct str access_key_id,
                               struct arena *a)
{
    const struct key *found = find(ring, access_key_id);
    if (!found) return NULL;
    struct key *copy = ARENA_NEW(a, struct key);
    *copy = copy_key(a, found);
    return copy;
}

/* Lower case into a buffer of the caller; a longer action matches nothing. */
static struct str lowered(struct str s, char *out)
{
    if (s.n > ACTION_BYTES_MAX) return STR_NONE;
    for (size_t i = 0; i < s.n; i++)
        out[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] - 'A' + 'a' : s.p[i]);
    return (struct str){out, s.n};
}

static bool lists(struct list patterns, struct str action)
{
    char action_text[ACTION_BYTES_MAX], pattern_text[ACTION_BYTES_MAX];
    struct str wanted = lowered(action, action_text);
    for (size_t i = 0; wanted.p && i < patterns.n; i++) {
        struct str pattern = lowered(*LIST_AT(patterns, struct str, i), pattern_text);
        if (pattern.p && str_matches(wanted, pattern)) return true;
    }
    return false;
}

enum permission key_permission(const struct key *key, struct str action)
{
    if (lists(key->deny, action)) return PERMISSION_DENIED;
    if (key->allow.n == 0 || lists(key->allow, action)) return PERMISSION_GRANTED;
    return PERMISSION_NOT_GRANTED;
}
