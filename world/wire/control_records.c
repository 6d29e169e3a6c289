/* SPDX-License-Identifier: Apache-2.0
 * See control_records.h. */
#include "world/wire/control_records.h"

#include "lib/record/walkers.h"
#include "world/region/log.h"

#define ACTION_BYTES_MAX 256
#define ACTIONS_MAX      200

static const struct field key_fields[] = {
    F_STR(struct key, access_key_id, "accessKeyId", .flags = FIELD_REQUIRED, .max = 128),
    F_SECRET(struct key, secret_access_key, "secretAccessKey", .flags = FIELD_REQUIRED, .max = 256),
    F_SECRET(struct key, session_token, "sessionToken", .max = 4096),
    F_TIME(struct key, expires_at_ms, "expiresAt"),
    F_STR(struct key, user_arn, "userArn", .max = 512),
    F_STRS(struct key, allow, "allow", .max = ACTIONS_MAX),
    F_STRS(struct key, deny, "deny", .max = ACTIONS_MAX),
};
const struct record key_record = RECORD_OF(struct key, key_fields);

static const struct field load_fields[] = {
    F_STR(struct control_load, service, "service", .flags = FIELD_REQUIRED),
    F_INT(struct control_load, rate, "rate", .unit = "sessions an hour"),
    F_SPAN(struct control_load, duration_ms, "duration"),
};
const struct record control_load_record = RECORD_OF(struct control_load, load_fields);

static const struct field time_fields[] = {
    F_INT(struct control_time, advance_ms, "advanceMs", .unit = "ms"),
    F_DOUBLE(struct control_time, speed, "speed"),
    F_BOOL(struct control_time, pause, "pause"),
    F_BOOL(struct control_time, resume, "resume"),
};
const struct record control_time_record = RECORD_OF(struct control_time, time_fields);

static const struct field service_fields[] = {
    F_STR(struct control_service, service, "service", .flags = FIELD_REQUIRED),
};
const struct record control_service_record = RECORD_OF(struct control_service, service_fields);

static const struct field desired_fields[] = {
    F_STR(struct control_desired, service, "service", .flags = FIELD_REQUIRED),
    F_INT(struct control_desired, desired, "desired"),
};
const struct record control_desired_record = RECORD_OF(struct control_desired, desired_fields);

static const struct field task_fields[] = {
    F_STR(struct control_task, reason, "reason", .max = 255),
};
const struct record control_task_record = RECORD_OF(struct control_task, task_fields);

static const struct field sessions_fields[] = {
    F_INT(struct control_sessions, add, "add"),
    F_INT(struct control_sessions, end, "end"),
    F_SPAN(struct control_sessions, duration_ms, "duration"),
};
const struct record control_sessions_record = RECORD_OF(struct control_sessions, sessions_fields);

static const struct field departures_fields[] = {
    F_STRS(struct control_departures, departures, "departures"),
};
const struct record control_departures_record =
    RECORD_OF(struct control_departures, departures_fields);

static const struct field state_fields[] = {
    F_BOOL(struct control_state, ok, "ok", .flags = FIELD_ALWAYS),
    F_TIME(struct control_state, now_ms, "nowMs", .flags = FIELD_ALWAYS),
    F_DOUBLE(struct control_state, speed, "speed", .flags = FIELD_ALWAYS),
    F_BOOL(struct control_state, paused, "paused", .flags = FIELD_ALWAYS),
    F_INT(struct control_state, task_port, "taskPort", .flags = FIELD_ALWAYS),
};
const struct record control_state_record = RECORD_OF(struct control_state, state_fields);

static const struct field log_fields[] = {
    F_LIST(struct control_log, entries, log_entry_record, "entries", .flags = FIELD_ALWAYS,
           .max = LOG_ENTRIES_MAX),
};
const struct record control_log_record = RECORD_OF(struct control_log, log_fields);

int control_decode(const struct record *record, struct str text, struct arena *a, void *out,
                   struct err *e)
{
    if (str_is_empty(str_trim(text))) text = STR("{}");
    return yaml_decode(record, text, a, out, e);
}
