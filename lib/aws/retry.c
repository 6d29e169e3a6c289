/* SPDX-License-Identifier: Apache-2.0
 * Backoff and quota; see retry.h. */
#include "lib/aws/retry.h"

#define BACKOFF_MAX_MS        ((int64_t)20000)
#define BACKOFF_DOUBLINGS_MAX 5 /* 2^5 seconds are over the maximum already */

void retry_quota_init(struct retry_quota *quota)
{
    atomic_init(&quota->left, RETRY_QUOTA_MAX);
}

bool retry_quota_take(struct retry_quota *quota, int cost)
{
    int left = atomic_load(&quota->left);
    do {
        if (left < cost) return false;
    } while (!atomic_compare_exchange_weak(&quota->left, &left, left - cost));
    return true;
}

void retry_quota_give(struct retry_quota *quota, int amount)
{
    int left = atomic_load(&quota->left), more;
    do {
        more = left + amount < RETRY_QUOTA_MAX ? left + amount : RETRY_QUOTA_MAX;
    } while (!atomic_compare_exchange_weak(&quota->left, &left, more));
}

int64_t retry_backoff_ms(int attempt, double unit)
{
    int doublings = attempt - 1 < BACKOFF_DOUBLINGS_MAX ? attempt - 1 : BACKOFF_DOUBLINGS_MAX;
    int64_t most_ms = (int64_t)1000 << (doublings > 0 ? doublings : 0);
    if (most_ms > BACKOFF_MAX_MS) most_ms = BACKOFF_MAX_MS;
    return (int64_t)(unit * (double)most_ms);
}
