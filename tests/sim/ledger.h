/* SPDX-License-Identifier: Apache-2.0
 * Every claim that Redis granted, at which time of its own, and what its scripts made of it since:
 * what inv_limits.c counts. */
#ifndef EBB_TESTS_SIM_LEDGER_H
#define EBB_TESTS_SIM_LEDGER_H

#include "schemas/drain.h"
#include "tests/sim/sim.h"

struct reply;

struct claim_facts {
    int state;     /* of the drain, in Redis */
    bool refunded; /* given back: it never began */
    bool is_there; /* in Redis, or it was lost with Redis's state */
};

struct claim {
    struct str id, service;
    int64_t at_ms;      /* Redis's time, as the claim answered */
    int64_t claimed_ms; /* as its worker's clock had it: what a merge goes by */
    struct claim_facts now, copied;
    bool was_lost; /* ever: its time may be the worker's since */
    bool in_copy;
};

struct ledger {
    struct claim *claims;
    size_t n, max;
    int64_t epoch_read_ms; /* when the leader that began the epoch began to read ebb.state */
};

/* The claim that was just granted; NULL when the script was no such. */
const struct claim *ledger_script(struct sim *sim, const char *script, const struct str *args,
                                  size_t n, const struct reply *reply);
/* Whether a drain was claimed once more after Redis had lost that it was. */
bool ledger_was_claimed_anew(const struct ledger *ledger, struct str id);
/* The newest claim of the drain; NULL when there is none. */
const struct claim *ledger_claim(const struct ledger *ledger, struct str id);
void ledger_lost(struct ledger *ledger, bool is_copy);
void ledger_copied(struct ledger *ledger);
void ledger_free(struct ledger *ledger);

#endif
