/* SPDX-License-Identifier: Apache-2.0
 * The runner of one stage: consumes its topic, takes messages to handler threads by key, looks,
 * records the verdict, and finishes or gives back each message. A slow call delays only the
 * services of its own handler. */
#ifndef EBB_RUN_WORKER_H
#define EBB_RUN_WORKER_H

#include "lib/base/log.h"
#include "lib/run/alone.h"
#include "lib/run/look.h"

/* Told of every look, after its verdict was recorded; called on handler threads. */
struct look_observer {
    void *ctx;
    void (*looked)(void *ctx, struct str stage, const struct view *v,
                   const struct look_report *report, int64_t took_ms);
};

struct worker_options {
    struct str stage;  /* its name, in logs and history */
    const char *topic; /* consumed by the group of the same name */
    stage_next *next;
    struct ports ports; /* holder is made per handler */
    struct str process; /* unique to this process: the root of lease holders */
    struct bus_options bus;
    const struct config *config;
    struct log log;
    struct look_observer observer;
    struct alone_port alone; /* of all workers of the process */
};

struct worker;

/* Starts the threads. E_MISSING when the topic does not exist. */
int worker_start(const struct worker_options *options, struct worker **out,
                 struct err *e) EBB_MUST_CHECK;
/* Stops taking, finishes the looks that run, gives the rest back, leaves the group, frees. */
void worker_stop(struct worker *worker);
/* A code when the worker cannot go on (and *e says why), else 0. */
int worker_failure(struct worker *worker, struct err *e);
struct bus_consumer_stats worker_stats(struct worker *worker);

#endif
