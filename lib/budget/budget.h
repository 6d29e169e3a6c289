/* SPDX-License-Identifier: Apache-2.0
 * The API budget: Ebb's calls to AWS, of all its processes together, stay within a share of AWS's
 * own limits, so that what else calls AWS in the account is left its part. A call asks before it is
 * made, and is put off when there is no token for it: nothing ever waits here. Thread-safe. */
#ifndef EBB_BUDGET_BUDGET_H
#define EBB_BUDGET_BUDGET_H

#include "lib/base/clock.h"
#include "lib/budget/buckets.h"
#include "lib/store/store.h"

/* The code of a call that was put off: E_THROTTLED, so it is no attempt. */
#define BUDGET_CODE "api_budget"

struct budget;

struct budget_options {
    struct store_port store;
    struct clock clock;
    int64_t share; /* percent of AWS's limits */
};

struct budget *budget_new(const struct budget_options *options);
void budget_free(struct budget *b);

/* Who calls, on whose account. The port made of it takes a token for each call and hands it on. */
struct budget_use {
    struct budget *budget; /* NULL: nothing is limited */
    struct aws_port aws;   /* who really calls */
    struct str account;
    enum priority priority;
    /* Under a lease: nothing is put off, the bucket may go into debt. */
    bool owes;
    /* Buckets that one of its calls has taken a token from, a bit each. The next ones go into debt
     * too: an answer of several pages is of no use in half. */
    unsigned begun;
    /* Taken ahead, for calls in that region, and not called for yet. */
    int64_t ahead[BUCKETS];
    struct str region;
    int64_t wait_ms; /* the last call was put off for so long; 0: it was made */
};

/* The use outlives the port. */
struct aws_port budget_port(struct budget_use *use);

/* Takes so many tokens of each bucket ahead, for calls that are to come, or none of any: then
 * *wait_ms is how long to wait, else 0. At most what the priority has before the next less urgent
 * one: who needs several at once would never find them among those who need one each. Without
 * Redis nothing is taken. */
void budget_take_ahead(struct budget_use *use, struct str region, const int64_t calls[BUCKETS],
                       struct arena *a, int64_t *wait_ms);
/* What was taken ahead and not called for. What cannot be given back is lost, as is that of a
 * process that dies: the buckets fill again. */
void budget_give_back(struct budget_use *use, struct arena *a);

/* What a bucket has of its own share: tokens, and tokens a second, in thousandths. */
int64_t budget_burst(int64_t share, enum bucket bucket);
int64_t budget_rate(int64_t share, enum bucket bucket);

struct budget_counts {
    int64_t taken[BUCKETS]; /* tokens */
    int64_t put_off[BUCKETS][PRIORITIES];
    int64_t put_off_ms[BUCKETS]; /* what those were told to wait, together */
    int64_t throttled[BUCKETS];  /* calls that AWS throttled all the same */
    int64_t alone;               /* calls that went by this process's own rate, without Redis */
};
void budget_count(struct budget *b, struct budget_counts *out);

#endif
