/* SPDX-License-Identifier: Apache-2.0
 * What the region looks like now, for the control API, the demo and tests: the truth, not what AWS
 * would show (no consistency delay, no paging). JSON is made from the records by the wire. */
#ifndef EBB_WORLD_REGION_SNAPSHOT_H
#define EBB_WORLD_REGION_SNAPSHOT_H

#include "world/region/region.h"

struct snapshot_task {
    struct str arn, id, address, task_definition;
    struct str last_status, desired_status;
    int64_t created_ms, started_ms, stopped_ms; /* 0 = not yet */
    int64_t protected_until_ms;                 /* 0 = not protected */
    int64_t sessions;                           /* held now */
    bool draining, drained;                     /* what the application says of itself */
    bool excluded;                              /* its distributor sends it nothing */
    struct str drain_id;
    struct str stop_cause, stopped_reason;
    int64_t completed, refused, cut; /* sessions of its life */
};

struct snapshot_service {
    struct str key; /* "cluster/name" */
    struct str arn, status;
    int64_t desired, running, pending;
    int64_t deployments;
    double load_percent;                                    /* CPUUtilization now */
    int64_t sessions, arrived, completed, refused, nowhere; /* nowhere: no task to send it to */
    int64_t cut, cut_by_user, cut_by_scale_in, cut_by_deployment, cut_by_exit, cut_by_other;
    int64_t min_capacity, max_capacity; /* of its scalable target; max 0 = none */
    struct list tasks;     /* struct snapshot_task, stopped ones of the last hour too */
    struct str last_event; /* newest service event message */
};

struct snapshot_queue {
    struct str name, url, arn;
    int64_t visible, in_flight, delayed;
    int64_t sent, received, deleted, redriven;
};

struct snapshot_alarm {
    struct str name, state, reason;
    int64_t since_ms;
    double value; /* last datapoint */
};

struct snapshot_calls {
    struct str operation;
    int64_t calls, refused, throttled;
};

struct region_snapshot {
    int64_t now_ms;
    struct str account, region, partition;
    struct list services, queues, alarms, calls;
    struct list excluded; /* struct str: "function address drainId" */
    int64_t sessions, arrived, completed, refused, nowhere, cut;
    int64_t tasks_running, callbacks_waiting, log_entries;
    struct str log_hash; /* 16 hex */
};

extern const struct record snapshot_task_record, snapshot_service_record, snapshot_queue_record,
    snapshot_alarm_record, snapshot_calls_record, region_snapshot_record;

void region_snapshot(const struct region *region, struct arena *a, struct region_snapshot *out);
/* One service by "cluster/name"; E_NOT_FOUND. */
int region_snapshot_service(const struct region *region, struct str key, struct arena *a,
                            struct snapshot_service *out) EBB_MUST_CHECK;

struct snapshot_counts {
    int64_t desired, deployments;
};
/* Only its counts, for those who ask after every event; E_NOT_FOUND. */
int region_snapshot_counts(const struct region *region, struct str key,
                           struct snapshot_counts *out) EBB_MUST_CHECK;

#endif
