/* SPDX-License-Identifier: Apache-2.0
 * What a history plays in, made of its plan: the region with its services, Ebb's configuration and
 * processes, the events that ask for drains; and what others do meanwhile. */
#ifndef EBB_TESTS_SIM_SCENE_H
#define EBB_TESTS_SIM_SCENE_H

#include "schemas/drain.h"
#include "tests/sim/foreign.h"
#include "tests/sim/plan.h"

struct aws_operation;

#define SIM_CLUSTER   "demo"
#define SIM_FUNCTION  "kamailio"
#define SIM_ACCOUNT   "123456789012"
#define SIM_REGION    "us-east-1"
#define SIM_SECRET    "simulatedCALLBACKsecretThatNothingMayHold"
#define SIM_OTHERS    "AKIAOTHERS" /* the access key of everybody else */
#define SIM_POLL_MS   1500         /* between two receives */
#define SIM_KEY(name) "aws:" SIM_REGION ":" SIM_ACCOUNT ":" SIM_CLUSTER "/" name

struct scene_event {
    struct str id, body, alarm;
    int64_t at_ms;
    bool is_over;     /* it says that the alarm is OK */
    bool is_answered; /* a verdict or a dead letter names it */
    bool is_heard;    /* a verdict does: its alarm was noted */
};

struct scene {
    struct plan plan;
    struct str services[SIM_SERVICES_MAX]; /* names */
    struct str paths[SIM_SERVICES_MAX];    /* "cluster/name", as the region has them */
    struct str keys[SIM_SERVICES_MAX];     /* as Ebb has them */
    size_t services_n;
    struct scene_event events[SIM_EVENTS_MAX];
    size_t events_n;
    struct sim_alarms *alarms;
    struct foreign foreign;
    int64_t held_until_ms; /* what is asked before arrives then only */
};

/* Region, Redis, bus, configuration, processes; the events are on their way. */
void scene_make(struct sim *sim);
void scene_free(struct sim *sim);

/* What fault_events.c lets happen (others.c). */
void others_kill_a_task(struct sim *sim, bool reclaim);
void others_stop_a_task(struct sim *sim);
void others_protect_a_task(struct sim *sim);
void others_move_desired(struct sim *sim);
void others_deploy(struct sim *sim);
void others_repeat_event(struct sim *sim);
/* And what is written to topics and Redis (foreign.c). */
void others_echo(struct sim *sim);
void others_write_newer(struct sim *sim);
void others_write_nonsense(struct sim *sim);

/* An event of the service's alarm is on its way: what EventBridge would tell of such a state. */
void scene_tell(struct sim *sim, size_t service, struct str alarm, struct str state);
/* A newer record of a drain is on ebb.state: what a course has in store for that. */
void scene_drain_moved(struct sim *sim, const struct drain *drain);

/* A call of somebody else's. */
int scene_call(struct sim *sim, const struct aws_operation *operation, const void *in, void *out);
void scene_send_event(struct sim *sim, struct str body);

#endif
