/* SPDX-License-Identifier: Apache-2.0
 * What a history plays in, before anything of it exists: services with their tasks, load and
 * settings, the events that ask for drains, how many processes. Drawn from the seed, each part from
 * a stream of its own, so that less of one changes nothing of another; or a course's (courses.h). */
#ifndef EBB_TESTS_SIM_PLAN_H
#define EBB_TESTS_SIM_PLAN_H

#include "tests/sim/sim.h"
#include "world/region/tasks.h"

#define SIM_SERVICES_MAX 16
#define SIM_EVENTS_MAX   512

struct plan_service {
    size_t number;          /* of all the seed has */
    struct app_options app; /* cluster and service are the scene's to fill in */
    int64_t tasks;
    struct service_settings settings; /* match is the scene's to fill in */
};

struct plan_event {
    size_t service; /* its place in the plan */
    int64_t at_ms;  /* after the history's beginning */
};

struct plan {
    struct plan_service services[SIM_SERVICES_MAX];
    size_t services_n;
    struct plan_event events[SIM_EVENTS_MAX];
    size_t events_n;
    size_t processes_n;
    int64_t budget_share; /* percent; 0 is the scene's own */
    bool is_throttled;    /* AWS's own limits count */
    int64_t active_ms;
    int64_t addresses;          /* that the tasks share; few: the next task has the last one's */
    bool distributor_is_broken; /* until a drain is undone because of it */
    bool victim_dies;           /* a while after it was told to drain */
    /* Of a course whose alarm is polled (0: it is not) and listed, and no event comes of it: from when
     * on it is in ALARM, and until when (0: to the end). */
    int64_t alarm_poll_ms, alarm_from_ms, alarm_to_ms;
};

void plan_make(const struct sim *sim, struct plan *out);

#endif
