/* SPDX-License-Identifier: Apache-2.0
 * What the commands answer with --json: one document each, for programs. Times are milliseconds
 * since 1970, words are those of the other records. */
#ifndef EBB_SCHEMAS_SHOW_H
#define EBB_SCHEMAS_SHOW_H

#include "lib/verify/verify.h"
#include "schemas/control.h"
#include "schemas/drain.h"
#include "schemas/message.h"

#define SHOW_FORMAT 1

/* ebb status */
struct shown_drain {
    struct drain drain;
    struct str public_state; /* the original documents' word */
    int64_t age_ms;
    struct step_note last_status; /* the last word of the task that was noted */
};
struct shown_alarm {
    struct str name;
    int state; /* enum alarm_state */
    int64_t since, seen_at;
};
struct shown_service {
    struct str service;
    struct list drains; /* of struct shown_drain, the oldest first */
    struct list alarms; /* of struct shown_alarm: those that are watched, as last seen */
    struct verdict_note last_look;
};
struct shown_status {
    int64_t format, time;
    bool state_is_whole; /* else claims are refused until the timers role has rebuilt it */
    bool timers_are_led;
    struct str epoch, run_id, timers_leader;
    int64_t timers_lease_left_ms;
    struct list services; /* of struct shown_service */
    struct list pauses;   /* of struct control: those that hold now */
};
extern const struct record SHOWN_STATUS_RECORD;

/* ebb why */
struct shown_looks {
    int64_t format, time;
    struct str service;
    struct list alarms; /* of struct shown_alarm */
    struct list looks;  /* of struct verdict_note, newest first */
    struct list pauses; /* of struct control: what holds the service up now */
};
extern const struct record SHOWN_LOOKS_RECORD;

/* ebb timeline */
struct shown_timeline {
    int64_t format, time;
    struct drain drain;     /* absent once it has expired */
    struct list looks;      /* of struct verdict_note, oldest first */
    struct list other_ones; /* of struct str: earlier drains of the same task */
};
extern const struct record SHOWN_TIMELINE_RECORD;

/* ebb drain */
struct shown_request {
    int64_t format, time;
    struct str cause, service, task, asked_by;
    struct verdict_note decision; /* of select; absent while it is not waited for */
    struct drain drain;           /* as it was last seen */
    bool is_dry_run, timed_out;
};
extern const struct record SHOWN_REQUEST_RECORD;

/* ebb pause, resume, cancel, close */
struct shown_order {
    int64_t format, time;
    struct str answer;  /* in a sentence */
    struct drain drain; /* as it is afterwards: cancel, close */
    struct list pauses; /* of struct control, as they are afterwards: pause, resume */
};
extern const struct record SHOWN_ORDER_RECORD;

/* ebb dead */
struct shown_letter {
    struct str place; /* partition/offset on ebb.dead: its name */
    struct str key;
    struct dead_letter letter;
};
struct shown_letters {
    int64_t format;
    struct list letters; /* of struct shown_letter, the oldest first */
};
extern const struct record SHOWN_LETTERS_RECORD;

/* ebb topics */
struct shown_topic {
    struct str name;
    bool exists, created, compacted;
    int64_t partitions; /* as ebb makes it */
};
struct shown_topics {
    int64_t format;
    struct list topics; /* of struct shown_topic */
};
extern const struct record SHOWN_TOPICS_RECORD;

/* ebb verify-aws */
struct shown_verify {
    int64_t format, time;
    struct verify_report report;
};
extern const struct record SHOWN_VERIFY_RECORD;

/* ebb settings */
struct shown_setting {
    struct str path, kind, variable, fallback, unit, help;
    struct list words; /* of struct str: what an enumeration takes */
    bool required, is_secret;
    int64_t min, max;
};
struct shown_settings {
    int64_t format;
    struct list settings; /* of struct shown_setting */
};
extern const struct record SHOWN_SETTINGS_RECORD;

#endif
