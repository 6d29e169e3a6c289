/* SPDX-License-Identifier: Apache-2.0
 * The stateful applications that run as tasks (design: the task's contract), and their load. A task
 * that is RUNNING takes sessions from its service's distributor; a draining one refuses them; when
 * a draining task is empty it calls back. Every session is accounted for. */
#ifndef EBB_WORLD_REGION_TASKS_H
#define EBB_WORLD_REGION_TASKS_H

#include "world/region/region.h"

/* How the application of a service behaves; set before or while it runs, effective for the next
 * thing each task does. Zero is the well-behaved application without load. */
struct app_options {
    struct str cluster, service; /* which service; it need not exist yet */

    /* Load. Sessions arrive at random times (Poisson); absent distributor = all running tasks. */
    int64_t arrivals_per_hour;
    int64_t session_mean_ms; /* 3 min */
    bool session_fixed;      /* every session lasts exactly the mean; else exponential */
    int64_t capacity;        /* sessions that are 100 % of a task's CPU; 10 */
    struct str distributor;  /* name of the Lambda function whose exclusions count */

    /* Life of its tasks; 0 = the region's. */
    int64_t start_ms, stop_ms;
    int64_t sigterm_grace_ms; /* keeps its sessions that long after SIGTERM (at most 120 s); 0 =
                                 cuts them at once */

    /* Behaviour at the contract. */
    bool exits_when_drained; /* the process ends itself once empty, after the callback */
    bool no_cancel;          /* POST /drain/cancel answers 404 */
    bool no_status;          /* GET /drain/status answers 404 */
    int64_t start_status; /* answer of /drain/start instead of working: 500, 404, ...; 0 = works */
    bool start_hangs;     /* accepts the connection, never answers; has no effect */
    int64_t start_delay_ms;  /* answers late; the effect is at once: its callback may come first */
    int64_t callback_copies; /* the same callback that often; 0 = once */
    bool callback_never;
    int64_t callback_delay_ms;  /* waits after becoming empty */
    bool callback_wrong_drain;  /* names another drainId */
    bool callback_before_empty; /* says "empty" at once, sessions or not */
    bool lies_about_task;       /* /drain/status names another task */
    bool not_tasks;             /* tasks of this service run no application of ours: no answers */
};
extern const struct record app_options_record;

/* E_MALFORMED when an option cannot be. */
int region_app_set(struct region *region, const struct app_options *options,
                   struct err *e) EBB_MUST_CHECK;

/* One HTTP request to a task. Whoever listens for the tasks looks the task up by the address the
 * client connected to, which is the one ECS shows (privateIPv4Address). */
struct task_request {
    struct str address; /* "10.0.0.11" */
    struct str method, path, body;
};

struct task_reply {
    bool unreachable; /* nobody has that address: refuse the connection */
    bool hangs;       /* never answer */
    int64_t delay_ms; /* answer that much later; the effect has happened */
    int status;
    struct str body; /* JSON */
};
void region_task_request(struct region *region, const struct task_request *request, struct arena *a,
                         struct task_reply *reply);

/* Addresses of all tasks whose network interface is attached: struct str items. For a wire that
 * opens one listener each. Changes only in region_advance and region_call. */
struct list region_task_addresses(const struct region *region, struct arena *a);
/* Counts up whenever that list changes. */
uint64_t region_task_addresses_version(const struct region *region);

/* Calls the tasks make to the outside: POST url, "Authorization: Bearer <token>", a JSON body. */
struct region_outgoing {
    uint64_t id;
    struct str url, token, body;
    struct str task_arn;
    int64_t attempt; /* 1, 2, ... */
};
/* The next one that is due; false when there is none. It is in flight until region_outgoing_done()
 * says what came of it; a task that stops takes its calls with it. */
bool region_take_outgoing(struct region *region, struct arena *a, struct region_outgoing *out);
/* http_status 0 = no answer. 2xx and 4xx (but 408, 429) end it; anything else is tried again, with
 * backoff. An id that is no more is nothing. */
void region_outgoing_done(struct region *region, uint64_t id, int http_status);

/* For tests and demonstrations; task is an ARN or an id. E_NOT_FOUND for one that is not running.
 */
int region_task_die(struct region *region, struct str task, struct str reason) EBB_MUST_CHECK;
int region_task_reclaim(struct region *region, struct str task) EBB_MUST_CHECK;
/* Puts sessions on one task, past the distributor; duration_ms 0 = until told otherwise.
 * E_TOO_LARGE for more than 100,000 at once. */
int region_sessions_add(struct region *region, struct str task, int64_t count,
                        int64_t duration_ms) EBB_MUST_CHECK;
/* Ends up to count sessions that were added without a duration (all with count 0), as completed. */
int region_sessions_end(struct region *region, struct str task, int64_t count) EBB_MUST_CHECK;

#endif
