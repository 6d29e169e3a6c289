/* SPDX-License-Identifier: Apache-2.0
 * What a history plays in: services with their tasks and load, Ebb's configuration, the events that
 * ask for drains, and what others do. */
#ifndef EBB_TESTS_SIM_SCENE_H
#define EBB_TESTS_SIM_SCENE_H

#include "tests/sim/sim.h"

struct aws_operation;

#define SIM_CLUSTER      "demo"
#define SIM_FUNCTION     "kamailio"
#define SIM_ACCOUNT      "123456789012"
#define SIM_REGION       "us-east-1"
#define SIM_SECRET       "simulatedCALLBACKsecretThatNothingMayHold"
#define SIM_POLL_MS      1500 /* between two receives */
#define SIM_SERVICES_MAX 8
#define SIM_EVENTS_MAX   512

struct scene_event {
    struct str id, body;
    bool is_answered; /* a verdict or a dead letter names it */
};

struct scene {
    struct str services[SIM_SERVICES_MAX]; /* names */
    int64_t tasks[SIM_SERVICES_MAX];
    size_t services_n;
    struct scene_event events[SIM_EVENTS_MAX];
    size_t events_n;
    bool others_interfere; /* deaths and foreign changes: what they cost is not ours */
};

/* Region, Redis, bus, configuration, processes; the events are on their way. */
void scene_make(struct sim *sim);
void scene_free(struct sim *sim);

/* What faults.c lets happen. */
void scene_task_dies(struct sim *sim);
void scene_others_move_desired(struct sim *sim);
void scene_repeat_event(struct sim *sim);

/* A call of somebody else's. */
int scene_call(struct sim *sim, const struct aws_operation *operation, const void *in, void *out);

#endif
