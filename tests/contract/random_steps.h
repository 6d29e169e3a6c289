/* SPDX-License-Identifier: Apache-2.0
 * Random steps on two stores side by side: Ebb's own functions, and plain commands that also spoil
 * what those functions expect. Few keys and few drains, so that steps meet each other. Everything
 * is drawn from the seed. */
#ifndef EBB_TESTS_CONTRACT_RANDOM_STEPS_H
#define EBB_TESTS_CONTRACT_RANDOM_STEPS_H

#include "tests/contract/both_stores.h"

struct random_steps {
    struct both_stores *b;
    uint64_t state;
    /* The scripts' clock is ahead of the machine's and set by the steps: then everything that is
     * derived from it is exact. Otherwise it is the machine's time. */
    bool owns_clock;
    int64_t clock_ms;
};

void random_steps_init(struct random_steps *r, struct both_stores *b, uint64_t seed);
uint64_t draw_below(struct random_steps *r, uint64_t n);
bool draw_chance(struct random_steps *r, uint64_t one_in);

/* One call of state.h. */
void random_state_step(struct random_steps *r);
/* One command. */
void random_command_step(struct random_steps *r);

/* Names both kinds of steps share. */
#define RANDOM_DRAINS 4
struct str random_service(struct random_steps *r);
struct str random_drain_id(struct random_steps *r);
struct str random_task(struct random_steps *r);
struct str random_address(struct random_steps *r);
struct str random_event(struct random_steps *r);
struct str random_lease(struct random_steps *r);
/* random_control_steps.c: what is said of scopes, and what is counted. */
int random_control(struct random_steps *r, struct arena *a, struct err *e);
int random_count(struct random_steps *r, struct arena *a, struct err *e);
#define RANDOM_OF(r, list) ((list)[draw_below((r), EBB_COUNT(list))])

#endif
