/* SPDX-License-Identifier: Apache-2.0
 * When are two answers the same? Exactly, but for the time that passed between asking the one and
 * the other, and for orders that mean nothing. */
#ifndef EBB_TESTS_CONTRACT_COMPARE_REPLIES_H
#define EBB_TESTS_CONTRACT_COMPARE_REPLIES_H

#include "lib/store/store.h"

struct reply_rules {
    int64_t now_ms;
    bool is_same_version; /* else words and digits may differ, codes and values not */
    bool is_time;         /* TIME */
    bool is_left;         /* PTTL: counts down meanwhile */
    bool is_unordered;    /* KEYS, SCAN */
    bool is_info;         /* the model has fewer lines */
    bool is_claim;        /* has and needs milliseconds */
    bool is_by_score;     /* ZRANGEBYSCORE: each of the two has times of its own clock */
};

/* of is a command's or a script's name. */
struct reply_rules reply_rules_of(struct str of, int64_t now_ms, bool is_same_version);
bool reply_is_same(const struct reply *real, const struct reply *model,
                   const struct reply_rules *rules);
/* Equal, but that numbers close to the present may differ a little. */
bool text_is_same(struct str real, struct str model, const struct reply_rules *rules);
/* For people. */
struct str reply_shown(struct arena *a, const struct reply *reply);

/* Everything a real Redis holds, in the form of redis_model_dump. */
struct str redis_dump(struct store *store, int64_t now_ms, struct arena *a);

#endif
