/* SPDX-License-Identifier: Apache-2.0
 * What a process of Ebb has in common, whatever it runs: its configuration, and the real side of
 * each port. */
#ifndef EBB_RUN_PROCESS_H
#define EBB_RUN_PROCESS_H

#include "lib/run/role.h"

#include <stdatomic.h>

enum process_needs {
    NEEDS_STORE = 1,
    NEEDS_BUS = 2,
    NEEDS_AWS = 4,
    NEEDS_TOPICS = 8,  /* with NEEDS_BUS: Ebb's topics exist */
    NEEDS_RIGHTS = 16, /* with NEEDS_STORE: our user may do all that roles do */
    NEEDS_ECS = 32,    /* with NEEDS_AWS: ECS answers, and knows our key */
};

struct process {
    struct arena arena;
    struct config config;
    struct log log;
    struct store *store;
    struct bus *bus;
    struct http_client *http;
    struct aws_client *aws;
    struct budget *budget;
    struct alone *alone;
    atomic_bool speaks;          /* what Kafka's client complains of is logged from now on, */
    atomic_llong quiet_ms;       /* as a warning not before then */
    struct role_context context; /* holds the ports of what was opened */
};

/* Reads the configuration (config_path absent: EBB_CONFIG; neither: only the environment) and opens
 * what is needed. One clear line in *e naming cause and remedy. process_close also after a failure.
 */
int process_open(struct process *p, struct str config_path, unsigned needs, struct str role,
                 struct err *e) EBB_MUST_CHECK;
/* Opens what is needed besides, later: for commands that find out on their way. What is open stays.
 */
int process_need(struct process *p, unsigned needs, struct err *e) EBB_MUST_CHECK;
/* E_CONFIG when a setting is missing without which something of that cannot be opened: asked
 * beforehand by who tells all mistakes at once. */
int process_check(const struct process *p, unsigned needs, struct err *e) EBB_MUST_CHECK;
/* E_CONFIG when a setting is missing without which one of these cannot be opened: asked beforehand
 * by who tells all mistakes at once. */
int process_check(const struct process *p, enum process_needs need, struct err *e) EBB_MUST_CHECK;
void process_close(struct process *p);
/* It has started: until now an error was told once, by whoever called us, and the log was still. */
void process_has_started(struct process *p);
/* It is time to stop: what only waits for something to happen (a long poll) ends now. */
void process_stop_waiting(struct process *p);

/* The topics Ebb needs, as the configuration wants them made. */
struct bus_topic *process_topics(struct process *p, size_t *n);

#endif
