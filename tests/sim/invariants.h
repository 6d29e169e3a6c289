/* SPDX-License-Identifier: Apache-2.0
 * What must hold in every history, whatever goes wrong in it; one file each.
 *
 * | file | holds |
 * |---|---|
 * | inv_events.c | every event that SQS took has a verdict or a dead letter in the end |
 * | inv_drains.c | a task has at most one open drain; versions never go back; in the end all are final |
 * | inv_hand.c | by our hand: desired is never set below the floor, only drained tasks are stopped, and the count is lowered by no more than was drained |
 * | inv_cut.c | no session is cut but by a deadline set to do so, a death, or somebody else's hand |
 * | inv_end.c | in the end distributors shut nobody out, no running task drains, no intent is open |
 * | inv_secrets.c | the secret is in no byte of Redis and of any topic |
 * | consumer.c | an offset is stored only when everything below it is finished |
 */
#ifndef EBB_TESTS_SIM_INVARIANTS_H
#define EBB_TESTS_SIM_INVARIANTS_H

#include "lib/bus/bus.h"
#include "schemas/drain.h"
#include "tests/sim/sim.h"
#include "world/region/log.h"

struct seen_drain {
    struct drain newest;
    struct str id;
};

struct invariants {
    struct seen_drain *drains;
    size_t drains_n, drains_max;
    int64_t log_read;  /* number of the region's last log entry that was looked at */
    int64_t lowered;   /* by our hand, all services */
    bool records_lost; /* state was wiped or failed over: older records may be written again */
};

void invariants_begin(struct sim *sim);
void invariants_end(struct sim *sim);
/* Called with every record that is stored, and after everything that happened in the region. */
void invariants_record(struct sim *sim, const struct bus_message *message);
void invariants_region(struct sim *sim);
/* Nothing is left to do: what must hold then. */
void invariants_final(struct sim *sim);
/* Whether everything is final, so that the history may end. */
bool invariants_all_is_final(const struct sim *sim);

/* One file each. */
void inv_events_record(struct sim *sim, const struct bus_message *message);
void inv_events_final(struct sim *sim);
void inv_drains_record(struct sim *sim, const struct bus_message *message);
void inv_drains_final(struct sim *sim);
void inv_hand_entry(struct sim *sim, const struct log_entry *entry);
void inv_cut_entry(struct sim *sim, const struct log_entry *entry);
void inv_end_final(struct sim *sim);
void inv_secrets_record(struct sim *sim, const struct bus_message *message);
void inv_secrets_final(struct sim *sim);

/* The newest drain of the task, or NULL. */
const struct drain *seen_drain_of(const struct sim *sim, struct str task_arn);

#endif
