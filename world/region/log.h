/* SPDX-License-Identifier: Apache-2.0
 * Who did what, and what became of it: every writing call, every change of a desired count, every
 * task that stopped and why, every session lost. Tests ask it; Ebb never sees it. */
#ifndef EBB_WORLD_REGION_LOG_H
#define EBB_WORLD_REGION_LOG_H

#include "world/region/region.h"

enum log_kind {
    LOG_OTHER,
    LOG_CALL,          /* a writing AWS call; code is absent when it succeeded */
    LOG_DESIRED,       /* a service's desired count moved from `before` to `after` */
    LOG_TASK_STARTED,  /* it reached RUNNING */
    LOG_TASK_STOPPING, /* ECS or somebody began to stop it: see reason; count = sessions it held */
    LOG_TASK_STOPPED,  /* it is gone; its address is free again */
    LOG_SESSIONS_CUT,  /* count sessions ended because their task did; reason as in STOPPING */
    LOG_PROTECTION,    /* after = when it ends (ms), 0 = off; reason "set", "unset", "expired" */
    LOG_DRAIN,       /* the application's side: reason "start", "cancel", "empty", "refused", ... */
    LOG_CALLBACK,    /* the outside's answer to a callback: after = HTTP status, 0 = none */
    LOG_DISTRIBUTOR, /* reason = action, subject = address, detail = drainId */
    LOG_ALARM,       /* subject = alarm, reason = new state */
    LOG_EVENT,       /* an event matched a rule: subject = rule, reason = detail-type, count =
                        deliveries (0 lost, 2 doubled) */
    LOG_FAULT,       /* a fault rule acted: subject = operation, reason = effect */
};
extern const struct enum_names log_kind_names;

/* Why a task stopped; AWS's own stopCode is a coarser word. */
enum stop_cause {
    STOP_NONE,
    STOP_USER,        /* StopTask */
    STOP_SCALE_IN,    /* the scheduler lowered the count */
    STOP_DEPLOYMENT,  /* replaced by a newer deployment */
    STOP_SERVICE,     /* its service was deleted */
    STOP_EXITED,      /* its process ended by itself: drained and left, or died */
    STOP_NOT_STARTED, /* never became RUNNING: no address was free */
    STOP_RECLAIMED,   /* Spot or Fargate retirement: protection is not asked */
    STOP_CAUSES_N
};
extern const struct enum_names stop_cause_names; /* "StopTask", "scale-in", "deployment", ... */

/* Absent fields say nothing. Strings live as long as the entry is kept. */
struct log_entry {
    int64_t number; /* 1, 2, 3, ... in the order things happened */
    int64_t at_ms;
    int kind;                 /* enum log_kind */
    struct str access_key_id; /* of the caller whose call it is or was caused by */
    struct str operation;     /* "ecs:UpdateService" */
    struct str code;          /* AWS's error code of a refused call */
    struct str service;       /* "cluster/name" */
    struct str subject;       /* task ARN, alarm, address, rule */
    struct str reason, detail;
    int cause;             /* enum stop_cause */
    int64_t before, after; /* of a count */
    int64_t count;
};
extern const struct record log_entry_record;

/* The last LOG_ENTRIES_MAX entries are kept. */
#define LOG_ENTRIES_MAX ((size_t)200000)

size_t region_log_count(const struct region *region);
/* i-th of those kept, oldest first; NULL beyond the end. Borrowed until the next call that changes
 * the region. */
const struct log_entry *region_log_at(const struct region *region, size_t i);

struct log_query {
    int kind;                                             /* LOG_OTHER = any */
    int cause;                                            /* STOP_NONE = any */
    struct str service;                                   /* "cluster/name"; absent = any */
    struct str subject, operation, reason, access_key_id; /* absent = any */
    bool succeeded;                                       /* only entries without an error code */
    int64_t after_number;                                 /* only later entries */
    int64_t limit;                                        /* of region_log_find; 0 = all */
};
extern const struct record log_query_record;
/* struct log_entry items, oldest first. */
struct list region_log_find(const struct region *region, const struct log_query *query,
                            struct arena *a);
int64_t region_log_total(const struct region *region, const struct log_query *query);

/* Covers every entry ever written: equal for equal seeds and inputs. */
uint64_t region_log_hash(const struct region *region);

/* How often an operation was called ("ecs:DescribeTasks"), reads included, throttled ones not. */
int64_t region_calls(const struct region *region, struct str operation);

#endif
