/* SPDX-License-Identifier: Apache-2.0
 * See show.h. */
#include "schemas/show.h"

#define RECORD(struct_name, shown_name, rows, text)                                                \
    {                                                                                              \
        .name = shown_name, .size = sizeof(struct struct_name), .fields = (rows),                  \
        .n = EBB_COUNT(rows), .help = text                                                         \
    }
#define FORMAT_ROW(S)                                                                              \
    F_INT(S, format, "v", .flags = FIELD_ALWAYS, .max = 1000, .help = "version of this format")
#define LISTED_MAX 100000

static const struct field DRAIN_FIELDS[] = {
    F_RECORD(struct shown_drain, drain, struct drain, DRAIN_RECORD, "drain", .help = "its record"),
    F_STR(struct shown_drain, public_state, "publicState",
          .help = "RUNNING, DRAINING or SCALED_OUT"),
    F_INT(struct shown_drain, age_ms, "ageMs", .flags = FIELD_ALWAYS, .max = INT64_MAX,
          .unit = "ms", .help = "since it was claimed"),
    F_RECORD(struct shown_drain, last_status, struct step_note, STEP_RECORD, "lastStatus",
             .help = "the last word of the task that was noted"),
};
static const struct record DRAIN_OF_STATUS = RECORD(shown_drain, "open drain", DRAIN_FIELDS, "");

static const struct field ALARM_FIELDS[] = {
    F_STR(struct shown_alarm, name, "name", .help = "its name"),
    F_ENUM(struct shown_alarm, state, ALARM_STATES, "state", .flags = FIELD_ALWAYS,
           .help = "as it was last seen"),
    F_TIME(struct shown_alarm, since, "since", .help = "it has that state"),
    F_TIME(struct shown_alarm, seen_at, "seenAt", .help = "when it was read, or heard of"),
};
static const struct record ALARM_RECORD = RECORD(shown_alarm, "alarm", ALARM_FIELDS, "");

static const struct field SERVICE_FIELDS[] = {
    F_STR(struct shown_service, service, "service", .help = "its key"),
    F_LIST(struct shown_service, drains, DRAIN_OF_STATUS, "drains", .flags = FIELD_ALWAYS,
           .max = LISTED_MAX, .help = "its open drains, the oldest first"),
    F_LIST(struct shown_service, alarms, ALARM_RECORD, "alarms", .max = LISTED_MAX,
           .help = "its alarms that are watched"),
    F_RECORD(struct shown_service, last_look, struct verdict_note, VERDICT_RECORD, "lastLook",
             .help = "how the last look at it ended"),
};
static const struct record SERVICE_OF_STATUS = RECORD(shown_service, "service", SERVICE_FIELDS, "");

static const struct field STATUS_FIELDS[] = {
    FORMAT_ROW(struct shown_status),
    F_TIME(struct shown_status, time, "time", .help = "when it was read"),
    F_BOOL(struct shown_status, state_is_whole, "stateIsWhole", .flags = FIELD_ALWAYS,
           .help = "false: claims are refused until state is rebuilt"),
    F_STR(struct shown_status, epoch, "epoch", .help = "the run of Redis that state belongs to"),
    F_STR(struct shown_status, run_id, "runId", .help = "the run of Redis that answered"),
    F_BOOL(struct shown_status, timers_are_led, "timersAreLed", .flags = FIELD_ALWAYS,
           .help = "some process publishes timers"),
    F_STR(struct shown_status, timers_leader, "timersLeader", .help = "which process"),
    F_INT(struct shown_status, timers_lease_left_ms, "timersLeaseLeftMs", .max = INT64_MAX,
          .unit = "ms", .help = "until another may lead"),
    F_LIST(struct shown_status, services, SERVICE_OF_STATUS, "services", .flags = FIELD_ALWAYS,
           .max = LISTED_MAX, .help = "services that were looked at"),
    F_LIST(struct shown_status, pauses, CONTROL_RECORD, "pauses", .max = LISTED_MAX,
           .help = "what is paused now"),
};
const struct record SHOWN_STATUS_RECORD =
    RECORD(shown_status, "status", STATUS_FIELDS, "what ebb status answers");

static const struct field LOOKS_FIELDS[] = {
    FORMAT_ROW(struct shown_looks),
    F_TIME(struct shown_looks, time, "time", .help = "when it was read"),
    F_STR(struct shown_looks, service, "service", .help = "its key"),
    F_LIST(struct shown_looks, alarms, ALARM_RECORD, "alarms", .max = LISTED_MAX,
           .help = "its alarms that are watched"),
    F_LIST(struct shown_looks, looks, VERDICT_RECORD, "looks", .flags = FIELD_ALWAYS,
           .max = LISTED_MAX, .help = "the last looks at it, newest first"),
    F_LIST(struct shown_looks, pauses, CONTROL_RECORD, "pauses", .max = LISTED_MAX,
           .help = "what holds it up now"),
};
const struct record SHOWN_LOOKS_RECORD =
    RECORD(shown_looks, "looks", LOOKS_FIELDS, "what ebb why answers");

static const struct field TIMELINE_FIELDS[] = {
    FORMAT_ROW(struct shown_timeline),
    F_TIME(struct shown_timeline, time, "time", .help = "when it was read"),
    F_RECORD(struct shown_timeline, drain, struct drain, DRAIN_RECORD, "drain",
             .help = "its record; absent once it has expired"),
    F_LIST(struct shown_timeline, looks, VERDICT_RECORD, "looks", .flags = FIELD_ALWAYS,
           .max = LISTED_MAX, .help = "all looks at it, oldest first"),
    F_STRS(struct shown_timeline, other_ones, "otherDrains", .max = LISTED_MAX,
           .help = "earlier drains of the same task"),
};
const struct record SHOWN_TIMELINE_RECORD =
    RECORD(shown_timeline, "timeline", TIMELINE_FIELDS, "what ebb timeline answers");

static const struct field REQUEST_FIELDS[] = {
    FORMAT_ROW(struct shown_request),
    F_TIME(struct shown_request, time, "time", .help = "when it was asked"),
    F_STR(struct shown_request, cause, "cause", .help = "id of the request"),
    F_STR(struct shown_request, service, "service", .help = "the service asked for"),
    F_STR(struct shown_request, task, "task", .help = "the task asked for"),
    F_STR(struct shown_request, asked_by, "askedBy", .help = "who asked"),
    F_BOOL(struct shown_request, is_dry_run, "isDryRun", .help = "nothing was asked for"),
    F_BOOL(struct shown_request, timed_out, "timedOut",
           .help = "the end was not seen within --timeout"),
    F_RECORD(struct shown_request, decision, struct verdict_note, VERDICT_RECORD, "decision",
             .help = "what select decided"),
    F_RECORD(struct shown_request, drain, struct drain, DRAIN_RECORD, "drain",
             .help = "the drain as it was last seen"),
};
const struct record SHOWN_REQUEST_RECORD =
    RECORD(shown_request, "request", REQUEST_FIELDS, "what ebb drain answers");

static const struct field ORDER_FIELDS[] = {
    FORMAT_ROW(struct shown_order),
    F_TIME(struct shown_order, time, "time", .help = "when it was ordered"),
    F_STR(struct shown_order, answer, "answer", .help = "what came of it, for people"),
    F_RECORD(struct shown_order, drain, struct drain, DRAIN_RECORD, "drain",
             .help = "the drain as it is afterwards"),
    F_LIST(struct shown_order, pauses, CONTROL_RECORD, "pauses", .max = LISTED_MAX,
           .help = "what is paused afterwards"),
};
const struct record SHOWN_ORDER_RECORD =
    RECORD(shown_order, "order", ORDER_FIELDS, "what ebb pause, resume, cancel and close answer");

static const struct field LETTER_FIELDS[] = {
    F_STR(struct shown_letter, place, "place", .help = "partition/offset on ebb.dead"),
    F_STR(struct shown_letter, key, "key", .help = "its key there"),
    F_RECORD(struct shown_letter, letter, struct dead_letter, DEAD_LETTER_RECORD, "letter",
             .help = "what it holds"),
};
static const struct record LETTER_RECORD = RECORD(shown_letter, "letter", LETTER_FIELDS, "");
static const struct field LETTERS_FIELDS[] = {
    FORMAT_ROW(struct shown_letters),
    F_LIST(struct shown_letters, letters, LETTER_RECORD, "letters", .flags = FIELD_ALWAYS,
           .max = LISTED_MAX, .help = "dead letters, the oldest first"),
};
const struct record SHOWN_LETTERS_RECORD =
    RECORD(shown_letters, "letters", LETTERS_FIELDS, "what ebb dead answers");

static const struct field TOPIC_FIELDS[] = {
    F_STR(struct shown_topic, name, "name", .help = "the topic"),
    F_BOOL(struct shown_topic, exists, "exists", .flags = FIELD_ALWAYS, .help = "it is there"),
    F_BOOL(struct shown_topic, created, "created", .help = "it was made just now"),
    F_BOOL(struct shown_topic, compacted, "compacted", .help = "as ebb makes it"),
    F_INT(struct shown_topic, partitions, "partitions", .max = INT32_MAX,
          .help = "as ebb makes it"),
};
static const struct record TOPIC_RECORD = RECORD(shown_topic, "topic", TOPIC_FIELDS, "");
static const struct field TOPICS_FIELDS[] = {
    FORMAT_ROW(struct shown_topics),
    F_LIST(struct shown_topics, topics, TOPIC_RECORD, "topics", .flags = FIELD_ALWAYS,
           .help = "the topics Ebb needs"),
};
const struct record SHOWN_TOPICS_RECORD =
    RECORD(shown_topics, "topics", TOPICS_FIELDS, "what ebb topics answers");

static const struct field VERIFY_FIELDS[] = {
    FORMAT_ROW(struct shown_verify),
    F_TIME(struct shown_verify, time, "time", .help = "when it was done"),
    F_STR(struct shown_verify, report.cluster, "cluster", .help = "ARN of the cluster used"),
    F_STR(struct shown_verify, report.service, "service", .help = "ARN of the service made"),
    F_INT(struct shown_verify, report.proven, "proven", .flags = FIELD_ALWAYS,
          .help = "how many assumptions hold"),
    F_INT(struct shown_verify, report.broken, "broken", .flags = FIELD_ALWAYS,
          .help = "how many do not"),
    F_INT(struct shown_verify, report.not_checked, "notChecked", .flags = FIELD_ALWAYS,
          .help = "of how many nothing is known"),
    F_LIST(struct shown_verify, report.results, VERIFY_RESULT_RECORD, "results",
           .flags = FIELD_ALWAYS, .help = "each of them"),
    F_STRS(struct shown_verify, report.left, "left",
           .help = "what is not removed, or is another run's"),
};
const struct record SHOWN_VERIFY_RECORD =
    RECORD(shown_verify, "verification", VERIFY_FIELDS, "what ebb verify-aws answers");

static const struct field SETTING_FIELDS[] = {
    F_STR(struct shown_setting, path, "path", .help = "where it stands in ebb.yaml"),
    F_STR(struct shown_setting, kind, "kind", .help = "what it takes"),
    F_STR(struct shown_setting, variable, "variable", .help = "the variable that sets it"),
    F_STR(struct shown_setting, fallback, "default", .help = "what holds when it is not set"),
    F_STR(struct shown_setting, unit, "unit", .help = "what min and max count"),
    F_INT(struct shown_setting, min, "min", .min = INT64_MIN, .max = INT64_MAX,
          .help = "the least it may be"),
    F_INT(struct shown_setting, max, "max", .min = INT64_MIN, .max = INT64_MAX,
          .help = "the most it may be"),
    F_STRS(struct shown_setting, words, "words", .help = "what it may be"),
    F_BOOL(struct shown_setting, required, "required", .help = "it must be given"),
    F_BOOL(struct shown_setting, is_secret, "secret", .help = "it is never shown"),
    F_STR(struct shown_setting, help, "help", .help = "what it does"),
};
static const struct record SETTING_RECORD = RECORD(shown_setting, "setting", SETTING_FIELDS, "");
static const struct field SETTINGS_FIELDS[] = {
    FORMAT_ROW(struct shown_settings),
    F_LIST(struct shown_settings, settings, SETTING_RECORD, "settings", .flags = FIELD_ALWAYS,
           .help = "every setting"),
};
const struct record SHOWN_SETTINGS_RECORD =
    RECORD(shown_settings, "settings", SETTINGS_FIELDS, "what ebb settings answers");
