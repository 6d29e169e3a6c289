/* SPDX-License-Identifier: Apache-2.0
 * One call of the control API, for the files that carry them out. */
#ifndef EBB_WORLD_WIRE_CONTROL_H
#define EBB_WORLD_WIRE_CONTROL_H

#include "world/wire/control_records.h"

struct control {
    struct wire *wire;     /* its lock is held */
    struct region *region; /* the wire's, brought up to now */
    const struct http_incoming *request;
    struct arena *a;
    struct str name; /* what stands in the path where the table says {id} */
    struct err e;
    /* The answer; record NULL = {"ok":true}. */
    const struct record *record;
    const void *answer;
};

/* Decodes the request's body, strictly. */
int control_body(struct control *c, const struct record *record, void *out) EBB_MUST_CHECK;

/* One function each: 0, or a code with c->e. */
struct control_row {
    const char *method, *path; /* "/world/task/{id}/kill" */
    int (*run)(struct control *c);
    const char *help;
};
/* Rows end with method NULL. */
extern const struct control_row CONTROL_READS[], CONTROL_SETTINGS[], CONTROL_TASKS[];

#endif
