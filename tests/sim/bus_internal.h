/* SPDX-License-Identifier: Apache-2.0
 * What the files of the bus model share. */
#ifndef EBB_TESTS_SIM_BUS_INTERNAL_H
#define EBB_TESTS_SIM_BUS_INTERNAL_H

#include "lib/bus/window.h"
#include "lib/run/handle.h"
#include "lib/run/worker.h"
#include "schemas/message.h"
#include "tests/sim/bus_model.h"
#include "tests/sim/process.h"

#define SIM_TOPICS_MAX  16
#define SIM_MEMBERS_MAX 64
#define SIM_HANDLERS    2

struct stored {
    struct bus_message message;
    bool is_finished; /* some handler has */
    bool is_poison;   /* whoever works on it dies */
    bool is_dead_letter;
    int losses; /* how often it was lost with whoever worked on it: by death, or standing still; */
    int near;   /* and how often of those because another message killed; */
    int late;   /* and with whoever worked on after giving it back, perhaps before it was noted; */
    int unsaid; /* and how often Redis did not hear, or answer, who gave it back */
};

struct partition {
    struct stored *items;
    size_t n, max;
    size_t compacted; /* below it, of each key only the last record there is left */
    struct consumer *owner;
    uint64_t generation;
    int64_t committed; /* the group's */
};

struct topic {
    struct bus_model *bus;
    struct str name;
    struct partition partitions[SIM_PARTITIONS];
    struct consumer *consumers;
    bool rebalances; /* one is on its way */
};

struct bus_model {
    struct sim *sim;
    struct topic topics[SIM_TOPICS_MAX]; /* those of the stages first */
    size_t topics_n;
    bool poisons_next;
    void (*on_append)(struct sim *sim, const struct bus_message *message);
    /* For whoever watches a group; may be NULL. */
    void (*on_handed)(struct process *to, const struct bus_message *message);
    void (*on_revoked)(struct process *from, int partition);
};

/* A message in some handler's hands. */
struct queued {
    struct handler *handler;
    struct bus_message message;
    uint64_t generation; /* of the partition, when it was handed out */
    struct handling handling;
    struct queued *next;
};

struct handler {
    struct consumer *consumer;
    struct queued *first, **last;
    bool is_busy;
    const struct queued *in_hand; /* and not given back */
    const struct queued *works_on;
    const char *role; /* the stage's name */
    char holder[PROCESS_NAME_BYTES + 16];
    struct ports ports;
};

struct consumer {
    struct sim *sim;
    struct topic *topic;
    struct process *process; /* NULL: it died */
    struct worker_options options;
    struct consumer *next_of_all; /* there ever were in the topic */
    bool is_member;
    bool commits; /* one is on its way */
    struct window windows[SIM_PARTITIONS];
    bool owned[SIM_PARTITIONS];
    int64_t next[SIM_PARTITIONS]; /* offset */
    size_t taken[SIM_PARTITIONS]; /* since it was assigned */
    struct handler handlers[SIM_HANDLERS];
};

struct topic *topic_named(struct bus_model *bus, struct str name);
void topic_rebalance(struct topic *t);
void consumer_pump(struct consumer *c);
void consumer_assigned(struct consumer *c, int partition);
void consumer_revoked(struct consumer *c, int partition);
void consumer_free(struct consumer *c);

#endif
