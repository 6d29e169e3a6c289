/* SPDX-License-Identifier: Apache-2.0
 * A role is a part of Ebb that runs until it is stopped: a stage's worker, the relay, the timers,
 * the callback. One process runs one role or several. */
#ifndef EBB_RUN_ROLE_H
#define EBB_RUN_ROLE_H

#include "lib/base/log.h"
#include "lib/effect/ports.h"
#include "lib/run/worker.h"

struct emf;

/* What a role is started with; all of it outlives the role. */
struct role_context {
    struct ports ports;
    struct bus_options bus_options; /* for consumers */
    const struct config *config;
    struct str process; /* unique to this process */
    struct str region;  /* of our calls to AWS, unless they say another */
    struct log log;     /* the role sets its own name */
    struct look_observer observer;
    struct alone_port alone;
    struct emf *emf; /* see emf.h; NULL unless run.emf is set */
};

struct role {
    void *self;
    struct str name;
    void (*stop)(void *self);
    /* A code when it cannot go on, and *e says why; else 0. */
    int (*failure)(void *self, struct err *e);
    /* Whether it does its work now: what readiness is made of. *why says what it waits for. */
    bool (*is_ready)(void *self, struct str *why);
    /* Consumers only: NULL elsewhere. */
    struct bus_consumer_stats (*stats)(void *self);
};

#endif
