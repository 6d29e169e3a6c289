/* SPDX-License-Identifier: Apache-2.0
 * Whether a request is signed by a key the region knows, and may do what it asks. */
#ifndef EBB_WORLD_WIRE_AUTH_H
#define EBB_WORLD_WIRE_AUTH_H

#include "lib/aws/aws.h"
#include "lib/aws/sigv4.h"
#include "lib/http/server.h"
#include "world/wire/keyring.h"

/* In the order AWS looks: what it says first when several are true. */
enum auth_verdict {
    AUTH_GOOD,
    AUTH_MISSING,       /* no Authorization header */
    AUTH_INCOMPLETE,    /* one that is not a whole signature, or covers too little */
    AUTH_UNKNOWN_KEY,   /* an id nobody has, or a session token that is not the key's */
    AUTH_WRONG_SCOPE,   /* signed for another region, service or day */
    AUTH_STALE,         /* signed too long ago, or in the future */
    AUTH_MISMATCH,      /* the signature is not the one this request has */
    AUTH_EXPIRED_TOKEN, /* a session past its end */
    AUTH_DENIED,        /* signed well, and not allowed to */
};

struct auth_question {
    const struct http_incoming *request;
    struct str region;
    struct str service;    /* the signing name of the service addressed */
    struct str action;     /* "ecs:UpdateService" */
    int64_t now_ms;        /* wall clock */
    const struct key *key; /* that of auth_key_id(), or NULL */
};

/* The key id the request says it is signed with; absent when it says none that can be read. */
struct str auth_key_id(const struct http_incoming *request);

/* The verdict, and in *message AWS's words for it (memory of the arena). */
enum auth_verdict auth_check(const struct auth_question *question, struct arena *a,
                             struct str *message);

/* How a verdict is named: the code and HTTP status depend on the service's protocol. */
struct auth_name {
    const char *json_code, *query_code;
    int json_status, query_status;
};
const struct auth_name *auth_name(enum auth_verdict verdict);

#endif
