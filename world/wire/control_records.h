/* SPDX-License-Identifier: Apache-2.0
 * What the control API is told and tells, beside the region's own records. */
#ifndef EBB_WORLD_WIRE_CONTROL_RECORDS_H
#define EBB_WORLD_WIRE_CONTROL_RECORDS_H

#include "world/wire/wire.h"

extern const struct record key_record; /* struct key, keyring.h */

/* Members whose absence is not zero are -1 before decoding. */
struct control_load {
    struct str service;  /* "cluster/name" */
    int64_t rate;        /* sessions an hour; 0 ends the load */
    int64_t duration_ms; /* mean of a session */
};
struct control_time {
    int64_t advance_ms;
    double speed;
    bool pause, resume;
};
struct control_service {
    struct str service;
};
struct control_desired {
    struct str service;
    int64_t desired;
};
struct control_task {
    struct str reason;
};
struct control_sessions {
    int64_t add, end; /* end -1 = none, 0 = all */
    int64_t duration_ms;
};
extern const struct record control_load_record, control_time_record, control_service_record,
    control_desired_record, control_task_record, control_sessions_record;

struct control_departures {
    struct list departures; /* of struct str */
};
extern const struct record control_departures_record;

struct control_state {
    bool ok;
    int64_t now_ms;
    double speed;
    bool paused;
    int64_t task_port;
};
struct control_log {
    struct list entries; /* of struct log_entry */
};
extern const struct record control_state_record, control_log_record;

/* Reads a document of a person, JSON or YAML: unknown keys are refused, and the error says where.
 */
int control_decode(const struct record *record, struct str text, struct arena *a, void *out,
                   struct err *e) EBB_MUST_CHECK;

#endif
