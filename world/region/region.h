/* SPDX-License-Identifier: Apache-2.0
 * The simulated AWS region: a function of its seed, the calls made into it and virtual time. No
 * I/O, no clock, no threads, no globals: the same seed and the same inputs at the same times give
 * the same log, byte for byte (region_log_hash).
 *
 * Not thread-safe; the wire holds one lock around every call. Time only moves in region_advance();
 * all other functions happen at region_now_ms(). Strings passed in are copied; strings handed out
 * are in the arena given, unless a comment says otherwise.
 *
 * Reading order: region.h (life and calls), operations.h (what AWS offers), tasks.h (the stateful
 * applications), distributor.h, fault.h, log.h, snapshot.h. model.h is for world/region only. */
#ifndef EBB_WORLD_REGION_REGION_H
#define EBB_WORLD_REGION_REGION_H

#include "lib/record/record.h"

struct region;
struct aws_operation; /* lib/aws/aws.h */

/* Everything may be left zero or absent; the fallbacks are in the comments. */
struct region_options {
    int64_t seed;
    struct str account;   /* "123456789012" */
    struct str region;    /* "us-east-1" */
    struct str partition; /* "aws" */
    struct str endpoint;  /* begin of every QueueUrl: "https://sqs.<region>.amazonaws.com" */
    int64_t start_ms;     /* wall clock at birth; 2026-01-01T00:00:00Z */
    int64_t consistency_delay_ms;        /* ECS reads may be up to that old; 0 = never */
    bool throttling_off;                 /* token buckets of peers.md 5.10 answer nothing */
    int64_t scheduler_delay_ms;          /* ECS notices a change about that much later; 1 s */
    int64_t task_start_ms, task_stop_ms; /* about how long tasks take to start and stop; 30 s, 20 s;
                                            an application's own options win */
    struct str address_first;            /* of the pool tasks get addresses from; "10.0.0.10" */
    int64_t address_count;               /* 4096 */
    int64_t container_instances;         /* tasks of a DAEMON service; 2 */
    int64_t event_duplicate_percent;     /* events delivered to SQS twice, of 100; 0 */
    int64_t event_delay_max_ms;          /* each delivery is late by up to that, so order is lost */
    int64_t event_lost_percent;          /* never delivered, of 100; 0 */
};
extern const struct record region_options_record;

/* E_MALFORMED with the words when an option cannot be. */
int region_new(const struct region_options *options, struct region **out,
               struct err *e) EBB_MUST_CHECK;
void region_free(struct region *region);

int64_t region_now_ms(const struct region *region);
/* Does everything due up to now_ms, in order of time and then of being asked for; time then is
 * now_ms. A now_ms in the past changes nothing. */
void region_advance(struct region *region, int64_t now_ms);
/* When the next thing happens by itself; INT64_MAX when nothing will. */
int64_t region_next_due_ms(const struct region *region);

/* QueueUrls made from now on begin so: the port is known only after the server listens. */
void region_set_endpoint(struct region *region, struct str endpoint);
/* May be changed while it runs. */
void region_set_consistency_delay_ms(struct region *region, int64_t delay_ms);
void region_set_throttling(struct region *region, bool on);
void region_set_event_faults(struct region *region, int64_t duplicate_percent, int64_t delay_max_ms,
                             int64_t lost_percent);

/* Borrowed for the region's life. */
struct str region_account(const struct region *region);
struct str region_name(const struct region *region);
struct str region_partition(const struct region *region);

/* Who calls. All may be absent: then the account's root. */
struct caller {
    struct str access_key_id, arn, user_id;
};

#define AWS_ERROR_TEXT_BYTES 512

/* A refusal as AWS words it; the wire puts it into JSON or XML. */
struct aws_error {
    int http_status;
    const char *code;       /* "ThrottlingException"; constant text, never NULL after a refusal */
    const char *query_code; /* what query clients know it as ("AWS.SimpleQueueService.
                               NonExistentQueue"); NULL = the same as code */
    bool sender;            /* the caller's fault; false = the receiver's */
    char message[AWS_ERROR_TEXT_BYTES];
};

/* What the region offers for one AWS operation. */
struct region_operation {
    const struct aws_operation *shape; /* name, service, records of input and output */
    const char *id; /* "ecs:UpdateService": for IAM actions, faults and the log */
    bool writes;    /* has its entry in the log */
    int (*run)(struct region *region, const struct caller *caller, const void *in, struct arena *a,
               void *out, struct aws_error *err);
};

/* All of them; for the wire's routing and for documentation. */
const struct region_operation *region_operations(size_t *n);
/* host_prefix is aws_service.host_prefix ("ecs", "sqs", "monitoring", ...); NULL when the region
 * does not offer it. */
const struct region_operation *region_operation_find(struct str host_prefix, struct str name);
/* The same by the shape a client calls with. */
const struct region_operation *region_operation_of(const struct aws_operation *shape);

/* One call: AWS's token bucket, the operation, the log. in and out are structs of the operation's
 * records, out zeroed by the caller. 0, or E_REFUSED with *err filled (E_THROTTLED for a throttled
 * one). Faults are not applied here: see fault.h. caller may be NULL. */
int region_call(struct region *region, const struct caller *caller,
                const struct region_operation *operation, const void *in, struct arena *a,
                void *out, struct aws_error *err) EBB_MUST_CHECK;

#endif
