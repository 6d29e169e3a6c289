/* SPDX-License-Identifier: Apache-2.0
 * A real Redis and the model of it side by side: whatever is sent through the port goes to both,
 * and the first reply that differs is kept. Time is the machine's on both sides, read a moment
 * apart, so numbers near the present may differ a little; all others may not. */
#ifndef EBB_TESTS_CONTRACT_BOTH_STORES_H
#define EBB_TESTS_CONTRACT_BOTH_STORES_H

#include "tests/sim/redis_port.h"
#include "tests/support/redis.h"

#define BOTH_DIFFERENCE_BYTES 4000

struct both_stores {
    struct test_redis *redis;
    struct store *store;
    struct redis_model *model;
    struct store_port port; /* to both; answers what the real one answered */
    struct arena arena;     /* of the replies compared; the caller clears it */
    struct clock clock;
    struct str run_id; /* of both */
    /* The model has the words and the digits of Redis 7.0; of another version only codes and values
     * are compared. */
    bool is_same_version;
    bool is_verbose; /* print every command */
    char difference[BOTH_DIFFERENCE_BYTES];
};

void both_stores_open(struct both_stores *b);
void both_stores_close(struct both_stores *b);

/* One command to both; its words are those of text. */
void both_stores_say(struct both_stores *b, const char *text);
/* Compares everything that is in them. */
void both_stores_compare(struct both_stores *b);
/* Both ended the key, whose life is a moment. */
void both_stores_wait_for_end(struct both_stores *b, struct str key);

bool both_stores_differ(const struct both_stores *b);

#endif
