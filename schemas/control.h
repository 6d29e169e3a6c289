/* SPDX-License-Identifier: Apache-2.0
 * Control records: what people (or Ebb's own brake) have said about drains to come, of one service,
 * of an account, or of everything. Redis decides by them, and `ebb.state` keeps them for good, so
 * that what was said outlives any Redis; of two records of one scope the higher version counts. */
#ifndef EBB_SCHEMAS_CONTROL_H
#define EBB_SCHEMAS_CONTROL_H

#include "lib/record/record.h"

/* As with struct drain: fields are added at the end, and none changes its meaning. */
#define CONTROL_FORMAT 1

enum control_kind {
    CONTROL_OTHER = ENUM_OTHER, /* of a newer program: left alone */
    CONTROL_PAUSE,              /* no drain begins; those that are open go on */
    CONTROL_RESUME,             /* the pause before it is over */
};

struct control {
    int64_t format;
    int kind;         /* enum control_kind */
    struct str scope; /* a service's key, "account:" and its number, or CONTROL_EVERYTHING */
    int64_t until;    /* PAUSE: over by itself then; 0: when somebody resumes */
    struct str by, why;
    int64_t at, version;
};

extern const struct record CONTROL_RECORD;
extern const struct enum_names CONTROL_KINDS;

#define CONTROL_EVERYTHING     "everything"
#define CONTROL_ACCOUNT_PREFIX "account:"
/* Who pauses an account whose scale-in went wrong. */
#define CONTROL_BY_EBB "ebb"
/* Begins the keys of control records on `ebb.state`, where those of drains are their ids. */
#define CONTROL_KEY_PREFIX "control:"

/* "account:123456789012", of the account or of a service in it. */
struct str control_account(struct arena *a, struct str account);
struct str control_account_of(struct arena *a, struct str service);

/* Of a newer program, which alone may write it anew. */
bool control_is_newer(const struct control *c);
bool control_pauses(const struct control *c, int64_t now_ms);
/* Whether a control of that scope is about the service. */
bool control_is_about(struct str scope, struct str service, struct arena *a);
/* "account:123456789012 is paused by ann until 2026-11-21T18:00:00.000Z: a deployment". */
struct str control_text(const struct control *c, struct arena *a);

#endif
