/* SPDX-License-Identifier: Apache-2.0
 * The services' alarms: real ones in the region, whose states come and go, are told of in events of
 * which some are lost, and stay as they are once nothing goes wrong any more. */
#ifndef EBB_TESTS_SIM_ALARMS_H
#define EBB_TESTS_SIM_ALARMS_H

#include "tests/sim/scene.h"

struct aws_operation;

#define SIM_ALARMS_OF_SERVICE 2
/* One drain and the wait for the next, at most. */
#define ALARMS_DRAIN_MS ((int64_t)10 * 60 * 1000)

struct sim_alarm {
    struct str name;
    size_t service;
    bool in_alarm, is_listed; /* by an entry of the configuration */
    int64_t last_off_at;      /* when it was not in ALARM for the last time */
};

struct sim_alarms {
    struct sim_alarm items[SIM_SERVICES_MAX * SIM_ALARMS_OF_SERVICE];
    size_t n;
    int64_t poll_ms;                      /* 0: alarms are told of and nothing more */
    int64_t lost_percent;                 /* events that never come */
    int64_t changed_at[SIM_SERVICES_MAX]; /* since when any or none of its alarms is in ALARM */
};

/* Makes the alarms, lets them change, and chooses the settings that are about them; in a course, which
 * has its own events, they only are there. */
void alarms_make(struct sim *sim);
/* How long one service may take from its first task to the floor. */
int64_t alarms_time_ms(const struct sim *sim, size_t service);
/* How long, once nothing goes wrong any more, all services with an alarm in ALARM may take to the
 * floor; then that is judged, and all alarms are over: a service whose drains must be undone would be
 * asked for others for ever. 0: no alarm is polled. */
int64_t alarms_extra_ms(const struct sim *sim);
void alarms_are_over(struct sim *sim, void *ctx, uint64_t unused);
/* Whether one of the service's alarms is in ALARM now; and such a one that Ebb must know of. */
bool alarms_any(const struct sim *sim, size_t service);
bool alarms_any_watched(const struct sim *sim, size_t service);
/* Whether the alarm was in ALARM all the time since then. */
bool alarms_was_on_since(const struct sim *sim, struct str name, int64_t since_ms);

#endif
