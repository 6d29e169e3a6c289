/* SPDX-License-Identifier: Apache-2.0
 * The bodies other programs exchange with Ebb: the task's contract (docs/task-contract.md) and the
 * distributor's. Their names are the original documents'. */
#ifndef EBB_SCHEMAS_CONTRACT_H
#define EBB_SCHEMAS_CONTRACT_H

#include "lib/record/record.h"

#define CONTRACT_BODY_MAX ((size_t)16 * 1024)

/* POST /drain/start */
struct start_body {
    struct str task_arn, drain_id;
    int64_t max_drain_seconds;
    struct str callback_url, token;
};
extern const struct record START_BODY_RECORD;

/* POST /drain/cancel, and what a task posts to the callback */
struct drain_body {
    struct str task_arn, drain_id;
};
extern const struct record DRAIN_BODY_RECORD;

/* GET /drain/status. sessions is -1 when the reply does not say: that is not zero. */
struct status_body {
    struct str task_arn, drain_id, state;
    int64_t sessions;
};
extern const struct record STATUS_BODY_RECORD;

/* Lambda payload to the distributor */
struct distributor_body {
    struct str action, target_ip, drain_id;
};
extern const struct record DISTRIBUTOR_BODY_RECORD;

/* What a distributor may answer; all of it is optional. */
struct distributor_reply {
    struct str ok;       /* JSON text: "false" is a refusal */
    int64_t status_code; /* as API Gateway handlers return it; 400 and more is a failure */
    struct str error;
};
extern const struct record DISTRIBUTOR_REPLY_RECORD;

/* What the callback answers, besides its HTTP status. */
struct message_body {
    struct str message, status;
};
extern const struct record MESSAGE_BODY_RECORD;

#endif
