/* SPDX-License-Identifier: Apache-2.0
 * What operators were told, for the invariant that judges it (inv_control.c). */
#ifndef EBB_TESTS_SIM_INV_CONTROL_H
#define EBB_TESTS_SIM_INV_CONTROL_H

#include "lib/bus/bus.h"
#include "schemas/control.h"
#include "tests/sim/sim.h"

struct reply;

#define SIM_SCOPES_MAX 16
#define SIM_ORDERS_MAX 512

/* What was said of a scope. */
struct said_control {
    struct str scope;
    struct control written; /* the newest that ebb.state has */
    int64_t set_version;    /* the last that Redis took */
};

/* Somebody was told that a drain is cancelled, or closed. */
struct told_order {
    struct str drain_id;
    bool closes;
};

struct orders {
    struct said_control said[SIM_SCOPES_MAX];
    size_t said_n;
    struct told_order told[SIM_ORDERS_MAX];
    size_t told_n;
};

void inv_control_told(struct sim *sim, struct str drain_id, bool closes);
void inv_control_record(struct sim *sim, const struct bus_message *message);
/* A script was run, with that reply. */
void inv_control_script(struct sim *sim, const char *script, const struct str *args, size_t n,
                        const struct reply *reply);
void inv_control_final(struct sim *sim);
/* What was said in Redis is in ebb.state as well; until then a history is not over. */
bool inv_control_is_settled(const struct sim *sim);
/* Somebody's pause of the service holds. */
bool inv_control_is_paused(const struct sim *sim, struct str service);
/* The drain, or one of this task or at this address, was closed: what it had taken away nobody has
 * given back. */
bool inv_control_excuses(const struct sim *sim, struct str drain_id, struct str task_arn,
                         struct str address);

#endif
