/* SPDX-License-Identifier: Apache-2.0
 * What the region's log has told so far, and what became of drains on ebb.state: the facts that
 * invariants judge by. */
#ifndef EBB_TESTS_SIM_WATCH_H
#define EBB_TESTS_SIM_WATCH_H

#include "lib/bus/bus.h"
#include "schemas/drain.h"
#include "tests/sim/sim.h"
#include "world/region/log.h"

struct seen_drain {
    struct str id;
    struct drain newest;  /* of the highest version */
    struct str bytes;     /* of that record */
    int64_t first_ms;     /* when its first record was stored */
    int64_t stored_ms;    /* when the newest was */
    int64_t last_version; /* of the record that was stored last */
    int64_t call_noted; /* when the distributor was last told, by its newest record that says so */
    bool has_wrong_clock; /* some such time was not that of the clock (inv_end.c) */
};

struct seen_task {
    struct str arn, address, service; /* "cluster/name" */
    bool is_draining;                 /* it was told to, and not yet to accept again */
    struct str drain_id;
    bool is_stopping, is_gone;
    int64_t protected_until_ms; /* 0: not */
};

/* An address that the distributor shuts out. */
struct seen_exclusion {
    struct str address, drain_id;
};

struct seen_service {
    struct str key;         /* "cluster/name" */
    int64_t lowered;        /* by our hand, altogether */
    int64_t lowered_ms;     /* when last */
    int64_t others_lowered; /* sum of others' steps down */
    bool others_moved;      /* the count, ever */
    bool others_deployed;
    int64_t deployed_ms; /* when a deployment last replaced a task */
    int64_t crowded_ms; /* when a task last did not start: all want more than there are addresses */
    /* When last something changed which tasks there are, but by our own scale-in. */
    int64_t touched_ms;
};

struct watch {
    struct seen_drain *drains;
    size_t drains_n, drains_max;
    struct seen_task *tasks;
    size_t tasks_n, tasks_max;
    struct seen_exclusion *exclusions;
    size_t exclusions_n, exclusions_max;
    struct seen_service *services;
    size_t services_n, services_max;
};

void watch_entry(struct sim *sim, const struct log_entry *entry);
/* A record of ours on ebb.state; NULL when it is none. */
struct seen_drain *watch_record(struct sim *sim, const struct bus_message *message);

/* The newest drain of the task, or NULL. */
const struct drain *seen_drain_of(const struct sim *sim, struct str task_arn);
struct seen_drain *seen_drain_named(const struct sim *sim, struct str id);
struct seen_task *seen_task_named(const struct sim *sim, struct str arn);
const struct seen_exclusion *seen_exclusion_of(const struct sim *sim, struct str address);
/* Made when it is not there yet. The key is "cluster/name". */
struct seen_service *seen_service_named(struct sim *sim, struct str key);
/* The number of the service with that name, path or key; services_n when there is none. */
size_t planned_service_number(const struct sim *sim, struct str key);
/* What Ebb was told about the service, and what its application is like. key: either form. */
const struct plan_service *planned_service(const struct sim *sim, struct str key);
bool is_by_us(const struct log_entry *entry);

void watch_free(struct watch *watch);

#endif
