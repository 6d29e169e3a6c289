/* SPDX-License-Identifier: Apache-2.0
 * Tokens of the task's contract. A drain's token is HMAC-SHA256(secret, drainId, taskArn): one that
 * leaks is worth one drain. Two secrets are valid while they are rotated. Comparison takes constant
 * time.
 *
 * A proof is what the callback puts on the topic once it has checked a token: another HMAC of the
 * same drain, so that no token is ever written anywhere, and a forged message proves nothing. */
#ifndef EBB_DISTRIBUTOR_TOKEN_H
#define EBB_DISTRIBUTOR_TOKEN_H

#include "schemas/config.h"

struct str token_for(const struct callback_settings *s, struct str drain_id, struct str task_arn,
                     struct arena *a);
bool token_is_right(const struct callback_settings *s, struct str token, struct str drain_id,
                    struct str task_arn, struct arena *a);

struct str token_proof(const struct callback_settings *s, struct str drain_id, struct str task_arn,
                       struct arena *a);
bool token_proof_is_right(const struct callback_settings *s, struct str proof, struct str drain_id,
                          struct str task_arn, struct arena *a);

#endif
