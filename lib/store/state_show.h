/* SPDX-License-Identifier: Apache-2.0
 * Reads that only people's commands ask for: who holds a lease, which drain a task is in, the last
 * few looks. Nothing decides on them. */
#ifndef EBB_STORE_STATE_SHOW_H
#define EBB_STORE_STATE_SHOW_H

#include "lib/store/state.h"

struct lease_fact {
    bool held;
    struct str holder;
    int64_t left_ms; /* until it ends by itself */
};

int state_read_lease(const struct store_port *port, struct str name, struct arena *a,
                     struct lease_fact *out, struct err *e) EBB_MUST_CHECK;

/* The open drain of a task; absent when it is in none. */
int state_drain_of_task(const struct store_port *port, struct str task_arn, struct arena *a,
                        struct str *drain_id, struct err *e) EBB_MUST_CHECK;

/* The newest `most` looks, newest first, as the JSON of VERDICT_RECORD. about is a service key or a
 * drain id. */
int state_read_last_looks(const struct store_port *port, struct str about, bool is_drain,
                          size_t most, struct arena *a, struct str_list *out,
                          struct err *e) EBB_MUST_CHECK;

#endif
