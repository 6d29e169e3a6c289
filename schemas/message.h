/* SPDX-License-Identifier: Apache-2.0
 * What travels on the stages' topics. A message has no verb: it says "look at this service" or
 * "look at this drain"; what is done follows from state and from AWS, so any message, old, doubled
 * or forged, causes at most a look. */
#ifndef EBB_SCHEMAS_MESSAGE_H
#define EBB_SCHEMAS_MESSAGE_H

#include "lib/record/record.h"

#define MESSAGE_FORMAT 1
#define MESSAGE_MAX    ((size_t)64 * 1024)

enum alarm_state { ALARM_OTHER = ENUM_OTHER, ALARM_OK, ALARM_ALARM, ALARM_INSUFFICIENT_DATA };

struct message {
    int64_t format;
    struct str id;      /* of this message */
    struct str service; /* key */
    struct str drain_id;
    struct str cause; /* id of the event that began it all */
    int64_t time;     /* of the event, or of the message */
    /* To select only: what was heard. */
    struct str alarm;
    int alarm_state; /* enum alarm_state */
    struct str task; /* an operator's choice of victim: task ARN or id */
    struct str asked_by;
    /* To drain only: proof, by the secret both sides know, that the task itself called back (see
     * distributor/token.h). */
    struct str proof;
};

extern const struct record MESSAGE_RECORD;
extern const struct enum_names ALARM_STATES;

#define TOPIC_SELECT  "ebb.select"
#define TOPIC_REMOVE  "ebb.remove"
#define TOPIC_DRAIN   "ebb.drain"
#define TOPIC_SCALE   "ebb.scale"
#define TOPIC_DEAD    "ebb.dead"
#define TOPIC_HISTORY "ebb.history"
#define TOPIC_STATE   "ebb.state"
/* What is made and checked. A stage is its topic without "ebb."; those of the others keep what the
 * stages said, state only the newest of each key. */
#define EBB_STAGE_TOPICS(X) X(TOPIC_SELECT) X(TOPIC_REMOVE) X(TOPIC_DRAIN) X(TOPIC_SCALE)
#define EBB_OTHER_TOPICS(X) X(TOPIC_DEAD) X(TOPIC_HISTORY) X(TOPIC_STATE)
#define EBB_TOPICS(X)       EBB_STAGE_TOPICS(X) EBB_OTHER_TOPICS(X)
#define TOPIC_STAGE(topic)  (&(topic)[sizeof("ebb.") - 1])

/* A message that could not be worked on, with what is needed to find out why and to send it again.
 */
struct dead_letter {
    int64_t format;
    struct str origin; /* "sqs:<queue>", "kafka:<topic>/<partition>/<offset>" */
    struct str error;  /* one line, with the cause */
    struct str body;   /* as received, base64 */
    struct str message_id;
    int64_t body_bytes; /* of the original; larger than body when it was cut */
    int64_t received_at, time, times;
};
extern const struct record DEAD_LETTER_RECORD;

#define STEP_DETAIL_MAX 512
/* One step of a stage's look, as the timeline shows it. */
struct step_note {
    struct str effect, outcome, code, detail;
    int64_t at, took_ms;
};
/* How one look ended: what `ebb.history` holds. */
struct verdict_note {
    int64_t format;
    struct str id, stage, service, drain_id, task_arn, cause;
    struct str verdict, reason, why; /* words of effect.h; why is for people */
    struct str state;                /* of the drain after the look */
    int64_t time, took_ms, event_time;
    struct list steps; /* of struct step_note */
};
extern const struct record VERDICT_RECORD;
extern const struct record STEP_RECORD;

#endif
