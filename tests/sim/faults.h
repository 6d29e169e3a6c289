/* SPDX-License-Identifier: Apache-2.0
 * What goes wrong. Each history chooses some of the rows below, and how often; none acts any more
 * once the history's quiet time has come.
 *
 * A row of a call says what becomes of one call of a port; a row of an event happens by itself. */
#ifndef EBB_TESTS_SIM_FAULTS_H
#define EBB_TESTS_SIM_FAULTS_H

#include "tests/sim/sim.h"

/*    name              what                                                   most, of a million */
#define SIM_CALL_FAULTS(X)                                                                         \
    X(REDIS_BEFORE, "redis does not answer: the command was not run", 60000)                       \
    X(REDIS_AFTER, "redis does not answer: the command was run", 60000)                            \
    X(REDIS_NOSCRIPT, "redis has forgotten its scripts", 20000)                                    \
    X(KAFKA_BEFORE, "a record is refused, surely not stored", 60000)                               \
    X(KAFKA_LOST, "a record's acknowledgement does not come: it was not stored", 60000)            \
    X(KAFKA_AFTER, "a record's acknowledgement does not come: it was stored", 60000)               \
    X(AWS_THROTTLED, "AWS throttles", 100000)                                                      \
    X(AWS_BEFORE, "AWS is not reached", 60000)                                                     \
    X(AWS_LOST, "AWS does not answer: it had no effect", 60000)                                    \
    X(AWS_AFTER, "AWS's answer is lost: it took effect", 60000)                                    \
    X(AWS_LATE, "an AWS call takes long", 60000)                                                   \
    X(TASK_BEFORE, "a task is not reached", 100000)                                                \
    X(TASK_AFTER, "a task's answer is lost", 100000)                                               \
    X(CALLBACK_BEFORE, "a task's callback does not arrive", 200000)                                \
    X(CALLBACK_AFTER, "the answer to a callback is lost", 200000)

/*    name              what                                        mean seconds between two, least */
#define SIM_EVENT_FAULTS(X)                                                                        \
    X(CRASH, "a process dies and is started again", 20)                                            \
    X(FREEZE, "a process stands still, past its leases and sessions", 60)                          \
    X(CLOCK, "a process's clock drifts, or steps", 60)                                             \
    X(REBALANCE, "a consumer leaves its group and joins again", 40)                                \
    X(WIPE, "redis begins anew, empty", 200)                                                       \
    X(FAILOVER, "redis becomes an older copy of itself", 200)                                      \
    X(DEATH, "a task dies", 120)                                                                   \
    X(DESIRED, "somebody else moves a desired count", 120)                                         \
    X(DOUBLE, "an event is delivered once more, or late", 20)                                      \
    X(STALE, "ECS's answers lag behind for a while", 120)

enum call_fault {
    FAULT_IS_NONE,
#define X(name, text, most) FAULT_OF_##name,
    SIM_CALL_FAULTS(X)
#undef X
        CALL_FAULTS
};

enum event_fault {
#define X(name, text, seconds) EVENT_OF_##name,
    SIM_EVENT_FAULTS(X)
#undef X
        EVENT_FAULTS
};

struct faults {
    int64_t per_million[CALL_FAULTS];
    int64_t mean_ms[EVENT_FAULTS]; /* 0: does not happen */
    uint64_t happened_call[CALL_FAULTS], happened_event[EVENT_FAULTS];
    struct redis_copy *copy; /* what a failover goes back to */
    int64_t copied_at;
};

/* Chooses; and begins the events. */
void faults_choose(struct sim *sim);
void faults_free(struct sim *sim);
/* The first of the n that acts on this call; FAULT_IS_NONE. */
enum call_fault fault_of_call(struct sim *sim, const enum call_fault *which, size_t n);
/* What this history has chosen, for a person. */
void faults_print(const struct sim *sim);

#endif
