/* SPDX-License-Identifier: Apache-2.0
 * See contract.h. */
#include "schemas/contract.h"

#define RECORD(type, rows, words)                                                                  \
    {                                                                                              \
        .name = words, .size = sizeof(type), .fields = (rows), .n = EBB_COUNT(rows)                \
    }

static const struct field START_FIELDS[] = {
    F_STR(struct start_body, task_arn, "taskArn", .flags = FIELD_REQUIRED, .min = 1, .max = 512),
    F_STR(struct start_body, drain_id, "drainId", .flags = FIELD_REQUIRED, .min = 1, .max = 64),
    F_INT(struct start_body, max_drain_seconds, "maxDrainSeconds", .flags = FIELD_ALWAYS, .min = 0,
          .max = INT32_MAX),
    F_STR(struct start_body, callback_url, "callbackUrl", .max = 2048),
    F_STR(struct start_body, token, "token", .max = 256),
};
const struct record START_BODY_RECORD = RECORD(struct start_body, START_FIELDS, "start");

static const struct field DRAIN_FIELDS[] = {
    F_STR(struct drain_body, task_arn, "taskArn", .flags = FIELD_REQUIRED, .min = 1, .max = 512),
    F_STR(struct drain_body, drain_id, "drainId", .flags = FIELD_REQUIRED, .min = 1, .max = 64),
};
const struct record DRAIN_BODY_RECORD = RECORD(struct drain_body, DRAIN_FIELDS, "drain");

static const struct field STATUS_FIELDS[] = {
    F_STR(struct status_body, task_arn, "taskArn", .max = 512),
    F_STR(struct status_body, drain_id, "drainId", .max = 64),
    F_STR(struct status_body, state, "state", .max = 64),
    F_INT(struct status_body, sessions, "sessions", .flags = FIELD_ALWAYS, .min = -1,
          .max = INT32_MAX),
};
const struct record STATUS_BODY_RECORD = RECORD(struct status_body, STATUS_FIELDS, "status");

static const struct field DISTRIBUTOR_FIELDS[] = {
    F_STR(struct distributor_body, action, "action", .max = 128),
    F_STR(struct distributor_body, target_ip, "target_ip", .max = 64),
    F_STR(struct distributor_body, drain_id, "drainId", .max = 64),
};
const struct record DISTRIBUTOR_BODY_RECORD =
    RECORD(struct distributor_body, DISTRIBUTOR_FIELDS, "distributor payload");

static const struct field REPLY_FIELDS[] = {
    F_STR(struct distributor_reply, ok, "ok", .flags = FIELD_JSON_TEXT, .max = 1024),
    F_INT(struct distributor_reply, status_code, "statusCode", .min = 0, .max = 999),
    F_STR(struct distributor_reply, error, "error", .flags = FIELD_JSON_TEXT, .max = 4096),
};
const struct record DISTRIBUTOR_REPLY_RECORD =
    RECORD(struct distributor_reply, REPLY_FIELDS, "distributor reply");

static const struct field MESSAGE_FIELDS[] = {
    F_STR(struct message_body, message, "message", .max = 512),
    F_STR(struct message_body, status, "status", .max = 64),
};
const struct record MESSAGE_BODY_RECORD = RECORD(struct message_body, MESSAGE_FIELDS, "message");
