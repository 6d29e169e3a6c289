/* SPDX-License-Identifier: Apache-2.0
 * Which alarms are watched, what was last known of each, and which services' alarms have asked of
 * late. Notes only: nothing is done because of one alone, CloudWatch is asked first. */
#ifndef EBB_STORE_STATE_ALARMS_H
#define EBB_STORE_STATE_ALARMS_H

#include "lib/store/state.h"

/* How long an alarm is watched that nobody has heard of, or read. */
#define STATE_ALARM_LIFE_MS ((int64_t)30 * 24 * 3600 * 1000)
#define STATE_ALARMS_MAX    200 /* of a service; more are not noted */

struct alarm_note {
    struct str name;
    int state; /* enum alarm_state */
    int64_t since;
    bool is_gone; /* state_note_alarms: CloudWatch does not know it, or it is not the service's */
    int64_t seen_at; /* state_read_alarms */
};
struct alarm_notes {
    struct alarm_note *items;
    size_t n;
};

/* As they were at seen_at. look_at: when an alarm has left ALARM, the service's open drains are
 * looked at no later than that; 0: nobody is to look. */
int state_note_alarms(const struct store_port *port, struct str service,
                      const struct alarm_notes *notes, int64_t seen_at, int64_t look_at,
                      struct arena *a, struct err *e) EBB_MUST_CHECK;
int state_read_alarms(const struct store_port *port, struct str service, struct arena *a,
                      struct alarm_notes *out, struct err *e) EBB_MUST_CHECK;
/* The services that have notes. */
int state_watched(const struct store_port *port, struct arena *a, struct str_list *out,
                  struct err *e) EBB_MUST_CHECK;

/* The service's alarms have asked: for pace_ms from now they are not to ask again. */
int state_alarms_asked(const struct store_port *port, struct str service, int64_t pace_ms,
                       struct arena *a, struct err *e) EBB_MUST_CHECK;
int state_have_alarms_asked(const struct store_port *port, struct str service, struct arena *a,
                            bool *out, struct err *e) EBB_MUST_CHECK;

#endif
