/* SPDX-License-Identifier: Apache-2.0
 * Kafka in memory: topics of partitions, and groups that share them. What was acknowledged stays;
 * what was not may be there or not. A group hands every message from the last stored offset on to
 * whoever has its partition; after a rebalance, or a death, what was not stored comes again. */
#ifndef EBB_TESTS_SIM_BUS_MODEL_H
#define EBB_TESTS_SIM_BUS_MODEL_H

#include "lib/bus/bus.h"
#include "tests/sim/sim.h"

#define SIM_PARTITIONS   6
#define SIM_SESSION_MS   ((int64_t)10 * 1000)
#define SIM_COMMIT_MS    ((int64_t)500)
#define SIM_REBALANCE_MS ((int64_t)300)
#define SIM_WINDOW       50

struct bus_model;
struct consumer;
struct worker_options;

struct bus_model *bus_model_new(struct sim *sim);
void bus_model_free(struct bus_model *bus);

/* Whatever the network does, this is what the broker does. */
void bus_model_append(struct bus_model *bus, const struct bus_record *record);
/* Every record of the topic, by partition and offset; until the callback returns a code. */
int bus_model_read(struct bus_model *bus, struct str topic, bus_read_callback *callback, void *ctx,
                   struct err *e);

/* Of ebb.state, only the newest record of each key is left. */
void bus_model_compact(struct bus_model *bus);

/* A member of the topic's group, of this life of the process; its handlers run handle(). */
struct consumer *consumer_join(struct process *process, const struct worker_options *options);
/* In order: leaves the group and joins it again a moment later. Otherwise its process is dead, which
 * the group notices only when its session ends. */
void consumer_leave(struct consumer *consumer, bool in_order);
/* Its process stands still: past its session the group goes on without it, and it joins again. */
void consumer_stands_still(struct consumer *consumer, int64_t until_ms);

/* Messages that some group has not finished: 0 when all is worked off. */
size_t bus_model_unfinished(const struct bus_model *bus);

#endif
