/* SPDX-License-Identifier: Apache-2.0
 * The region from inside: what every file of world/region shares. Nothing outside it includes this.
 * ECS's own things are in ecs_model.h, alarms, rules, queues and functions in event_model.h. */
#ifndef EBB_WORLD_REGION_MODEL_H
#define EBB_WORLD_REGION_MODEL_H

#include "world/region/fault.h"
#include "world/region/heap.h"
#include "world/region/log.h"
#include "world/region/region.h"
#include "world/region/throttle.h"
#include "world/region/vector.h"

#define UUID_BYTES 37

/* Chance is drawn from streams of its own for each purpose, so that one more read of AWS does not
 * change who is stopped next. */
enum stream {
    STREAM_IDS,
    STREAM_VICTIMS,
    STREAM_TIMES,
    STREAM_LOAD,
    STREAM_EVENTS,
    STREAM_FAULTS,
    STREAM_READS,
    STREAMS_N
};

struct kept_log {
    struct log_entry *entries; /* a ring */
    size_t first, n, size;
    int64_t written;
    uint64_t hash;
};

/* How often one operation was called. */
struct call_count {
    const struct region_operation *operation;
    int64_t calls, refused, throttled;
};

/* Tasks by their ids; see task_index.c. */
struct task;
struct task_index {
    struct task **slots;
    size_t size, n;
};

struct region {
    int64_t now_ms;
    struct region_options options; /* its strings are in text */
    struct arena text;             /* lives as long as the region */
    uint64_t random[STREAMS_N];
    struct heap heap;
    struct throttle throttle;
    struct kept_log log;
    struct call_count *calls; /* one a row of the operations' table */

    struct vector clusters, definitions, services, apps;
    struct vector tasks;   /* by rising number; purged an hour after they stopped */
    struct vector targets; /* scalable targets */
    struct vector alarms, rules, queues, functions;
    struct vector faults, outgoing;

    uint64_t departures; /* bits by enum departure */
    struct task_index task_ids;
    struct task **address_holders; /* of each address of the pool; NULL = free */
    uint32_t address_first;
    uint64_t addresses_version;
    uint64_t numbers; /* of services, tasks, deployments, messages, calls to the outside */

    /* The call being made now, for the log; absent while time does things by itself. */
    struct str caller_key;
    const char *caller_operation;
};

/* --- region.c --- */
/* Later than now or now; run gets subject and detail back. */
void region_at(struct region *region, int64_t at_ms,
               void (*run)(struct region *, uint64_t subject, uint64_t detail), uint64_t subject,
               uint64_t detail);
uint64_t region_number(struct region *region);
/* "arn:<partition>:<service>:<region>:<account>:<resource>" */
struct str region_arn(const struct region *region, struct arena *a, const char *service,
                      const char *format, ...) EBB_PRINTF(4, 5);

/* --- random.c --- */
void random_init(struct region *region, int64_t seed);
uint64_t random_bits(struct region *region, enum stream stream);
/* 0 .. n-1; n > 0 */
int64_t random_below(struct region *region, enum stream stream, int64_t n);
/* True percent times of a hundred. */
bool random_percent(struct region *region, enum stream stream, int64_t percent);
/* Around mean, from 3/4 to 5/4 of it; for durations nobody promises. */
int64_t random_about(struct region *region, int64_t mean_ms);
/* Exponential with that mean, at least 1. */
int64_t random_exponential(struct region *region, double mean_ms);
void random_hex(struct region *region, char *out, size_t chars); /* and a NUL */
void random_uuid(struct region *region, char out[UUID_BYTES]);

/* --- calls.c --- */
/* Fills *err with 400 of the sender and returns E_REFUSED. */
int refuse(struct aws_error *err, const char *code, const char *format, ...) EBB_PRINTF(3, 4);
size_t operations_count(void);

/* --- log.c --- */
/* Sets number and time, and the caller of the call under way where access_key_id is absent; copies
 * the strings. */
void log_add(struct region *region, struct log_entry entry);
void log_release(struct kept_log *log);

/* --- paging.c --- */
/* A page of what has rising numbers. The token is opaque to callers and good for one kind of list
 * only ("services/demo"). */
struct page {
    uint64_t after; /* numbers up to this one were on earlier pages */
    int64_t limit;
};
/* max_results 0 = fallback. The words of err are AWS's for ECS. */
int page_begin(struct page *page, struct str kind, struct str token, int64_t max_results,
               int64_t fallback, struct arena *a, struct aws_error *err) EBB_MUST_CHECK;
struct str page_token(struct arena *a, struct str kind, uint64_t last);

#endif
