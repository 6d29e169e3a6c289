/* SPDX-License-Identifier: Apache-2.0
 * Ranges of positions, as LRANGE and ZRANGE take them: negative ones count from the end. */
#ifndef EBB_TESTS_SIM_REDIS_LIST_COMMANDS_H
#define EBB_TESTS_SIM_REDIS_LIST_COMMANDS_H

#include "tests/sim/redis_call.h"

struct model_range {
    int64_t first, last;
};

/* The i-th argument and the one after it. */
bool model_arg_range(struct model_call *c, size_t i, struct model_range *out);
/* What of n things it takes: count of them, the first is `from`. */
void model_range_limit(struct model_range *range, size_t n, size_t *from, size_t *count);

#endif
