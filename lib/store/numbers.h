/* SPDX-License-Identifier: Apache-2.0
 * Integers as Redis takes and gives them: decimal text. */
#ifndef EBB_STORE_NUMBERS_H
#define EBB_STORE_NUMBERS_H

#include "lib/base/arena.h"

static inline struct str number_text(struct arena *a, int64_t value)
{
    return arena_format(a, "%lld", (long long)value);
}

#endif
