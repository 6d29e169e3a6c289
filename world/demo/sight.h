/* SPDX-License-Identifier: Apache-2.0
 * What the demo sees: the world's truth from its control API, and Ebb's own records from Redis. It
 * asks both a few times a second and decides nothing. */
#ifndef EBB_WORLD_DEMO_SIGHT_H
#define EBB_WORLD_DEMO_SIGHT_H

#include "schemas/drain.h"
#include "schemas/message.h"
#include "world/region/log.h"
#include "world/region/snapshot.h"

#define SIGHT_DRAIN_ID_BYTES ((size_t)33)

struct sight {
    /* Of the last look; memory of `arena`. */
    struct arena arena;
    bool known;
    struct region_snapshot world;
    struct snapshot_service service;
    bool drain_known;
    struct drain drain;            /* the newest one */
    struct list entries, verdicts; /* what is new: struct log_entry, struct verdict_note */
    /* How far it has come. */
    int64_t last_number;                 /* of the world's log */
    size_t looks_seen;                   /* of the service's, in Redis */
    char drain_id[SIGHT_DRAIN_ID_BYTES]; /* empty: none yet */
};

struct demo;

void sight_init(struct sight *s);
void sight_release(struct sight *s);
/* Looks once; after a failure what was seen before is gone, but nothing new is lost. */
int sight_look(struct demo *d, struct err *e) EBB_MUST_CHECK;

/* A call of the world's control API; body absent = GET. *answer may be NULL. */
int sight_control(struct demo *d, const char *path, struct str body, struct arena *a,
                  struct str *answer, struct err *e) EBB_MUST_CHECK;
/* The whole of the world's log: struct log_entry items. */
int sight_log(struct demo *d, int64_t after_number, struct arena *a, struct list *out,
              struct err *e) EBB_MUST_CHECK;

/* Tasks of the last look that ECS wants and that run. */
size_t sight_serving(const struct sight *s);
/* The fewest sessions one of those holds. */
int64_t sight_fewest_sessions(const struct sight *s);

#endif
