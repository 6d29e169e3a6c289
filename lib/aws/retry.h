/* SPDX-License-Identifier: Apache-2.0
 * The standard retry mode of AWS's SDKs: how long to wait, and a quota shared by all calls of a
 * client, so that a service in trouble is not asked three times as much. Thread-safe. */
#ifndef EBB_AWS_RETRY_H
#define EBB_AWS_RETRY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define RETRY_QUOTA_MAX    500
#define RETRY_COST         5
#define RETRY_COST_TIMEOUT 10
#define RETRY_GAIN         1 /* of a call that needed no retry */

struct retry_quota {
    atomic_int left;
};

void retry_quota_init(struct retry_quota *quota);
/* False when there is not that much left; nothing is taken then. */
bool retry_quota_take(struct retry_quota *quota, int cost);
/* After a success: what its last retry took, or RETRY_GAIN. */
void retry_quota_give(struct retry_quota *quota, int amount);

/* Before the attempt that follows the attempt-th (from 1); unit is a random number of [0, 1). */
int64_t retry_backoff_ms(int attempt, double unit);

#endif
