/* SPDX-License-Identifier: Apache-2.0
 * See message.h. */
#include "schemas/message.h"

#include "lib/base/arn.h"
#include "schemas/event.h"

static const struct str ALARM_WORDS[] = {
    [ALARM_OTHER] = {"OTHER", 5},
    [ALARM_OK] = {"OK", 2},
    [ALARM_ALARM] = {"ALARM", 5},
    [ALARM_INSUFFICIENT_DATA] = {"INSUFFICIENT_DATA", 17},
};
const struct enum_names ALARM_STATES = {ALARM_WORDS, EBB_COUNT(ALARM_WORDS)};

static const struct field MESSAGE_FIELDS[] = {
    F_INT(struct message, format, "v", .flags = FIELD_ALWAYS | FIELD_REQUIRED, .min = 1,
          .max = 1000, .help = "version of this record's format"),
    F_STR(struct message, id, "id", .flags = FIELD_REQUIRED, .min = 1, .max = 128,
          .help = "of this message"),
    F_STR(struct message, service, "service", .flags = FIELD_REQUIRED, .min = 1,
          .max = SERVICE_KEY_MAX,
          .help = "partition:region:account:cluster/name; the message's key too"),
    F_STR(struct message, drain_id, "drainId", .max = 64, .help = "the drain to look at"),
    F_STR(struct message, cause, "cause", .max = 256, .help = "id of the event that began it"),
    F_TIME(struct message, time, "time", .help = "of the event, or of this message"),
    F_STR(struct message, alarm, "alarm", .max = ALARM_NAME_MAX,
          .help = "name of the alarm that changed"),
    F_ENUM(struct message, alarm_state, ALARM_STATES, "alarmState", .help = "what it changed to"),
    F_STR(struct message, task, "task", .max = 512, .help = "the task an operator chose"),
    F_STR(struct message, asked_by, "askedBy", .max = 256, .help = "the operator who asked"),
    F_STR(struct message, proof, "proof", .max = 128,
          .help = "shows that the task itself called back"),
};
const struct record MESSAGE_RECORD = {.name = "message",
                                      .size = sizeof(struct message),
                                      .fields = MESSAGE_FIELDS,
                                      .n = EBB_COUNT(MESSAGE_FIELDS),
                                      .help = "a request to look at a service or a drain"};

static const struct field DEAD_FIELDS[] = {
    F_INT(struct dead_letter, format, "v", .flags = FIELD_ALWAYS | FIELD_REQUIRED, .min = 1,
          .max = 1000, .help = "version of this record's format"),
    F_STR(struct dead_letter, origin, "origin", .max = 1024,
          .help = "queue, or topic/partition/offset"),
    F_STR(struct dead_letter, error, "error", .max = 1024, .help = "what was wrong"),
    F_STR(struct dead_letter, body, "body", .max = 512 * 1024,
          .help = "the bytes received, in base64"),
    F_STR(struct dead_letter, message_id, "messageId", .max = 256,
          .help = "id given by the origin"),
    F_INT(struct dead_letter, body_bytes, "bodyBytes", .max = INT64_MAX,
          .help = "size of the original"),
    F_TIME(struct dead_letter, received_at, "receivedAt", .help = "first seen"),
    F_TIME(struct dead_letter, time, "time", .help = "given up"),
    F_INT(struct dead_letter, times, "times", .max = INT64_MAX, .help = "how often it was tried"),
};
const struct record DEAD_LETTER_RECORD = {.name = "dead letter",
                                          .size = sizeof(struct dead_letter),
                                          .fields = DEAD_FIELDS,
                                          .n = EBB_COUNT(DEAD_FIELDS),
                                          .help = "a message that could not be worked on"};

static const struct field STEP_FIELDS[] = {
    F_STR(struct step_note, effect, "effect", .max = 64, .help = "what was done"),
    F_STR(struct step_note, outcome, "outcome", .max = 32, .help = "ok, refused, retry or unknown"),
    F_STR(struct step_note, code, "code", .max = 128, .help = "error code, where there was one"),
    F_STR(struct step_note, detail, "detail", .max = STEP_DETAIL_MAX, .help = "for people"),
    F_TIME(struct step_note, at, "at", .help = "when it began"),
    F_INT(struct step_note, took_ms, "tookMs", .max = INT64_MAX, .unit = "ms",
          .help = "how long it took"),
};
const struct record STEP_RECORD = {.name = "step",
                                   .size = sizeof(struct step_note),
                                   .fields = STEP_FIELDS,
                                   .n = EBB_COUNT(STEP_FIELDS),
                                   .help = "one effect of a look"};

static const struct field VERDICT_FIELDS[] = {
    F_INT(struct verdict_note, format, "v", .flags = FIELD_ALWAYS | FIELD_REQUIRED, .min = 1,
          .max = 1000, .help = "version of this record's format"),
    F_STR(struct verdict_note, id, "id", .max = 128, .help = "of the message looked at"),
    F_STR(struct verdict_note, stage, "stage", .max = 32, .help = "which stage looked"),
    F_STR(struct verdict_note, service, "service", .max = SERVICE_KEY_MAX,
          .help = "the service's key"),
    F_STR(struct verdict_note, drain_id, "drainId", .max = 64, .help = "the drain"),
    F_STR(struct verdict_note, task_arn, "taskArn", .max = 512, .help = "the task"),
    F_STR(struct verdict_note, cause, "cause", .max = 256, .help = "id of the event that began it"),
    F_STR(struct verdict_note, verdict, "verdict", .max = 32, .help = "how the look ended"),
    F_STR(struct verdict_note, reason, "reason", .max = 64, .help = "why, as a word"),
    F_STR(struct verdict_note, why, "why", .max = 4096, .help = "why, for people"),
    F_STR(struct verdict_note, state, "state", .max = 32, .help = "of the drain after the look"),
    F_TIME(struct verdict_note, time, "time", .help = "when the look ended"),
    F_INT(struct verdict_note, took_ms, "tookMs", .max = INT64_MAX, .unit = "ms",
          .help = "how long it took"),
    F_TIME(struct verdict_note, event_time, "eventTime", .help = "of the event or message"),
    F_LIST(struct verdict_note, steps, STEP_RECORD, "steps", .max = 1000,
           .help = "what was done, in order"),
};
const struct record VERDICT_RECORD = {.name = "verdict",
                                      .size = sizeof(struct verdict_note),
                                      .fields = VERDICT_FIELDS,
                                      .n = EBB_COUNT(VERDICT_FIELDS),
                                      .help = "how one look of a stage ended"};
