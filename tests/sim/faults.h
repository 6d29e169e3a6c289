/* SPDX-License-Identifier: Apache-2.0
 * What goes wrong. Each history chooses some of the rows below, and how often; none acts any more
 * once the history's quiet time has come.
 *
 * A row of a call says what becomes of one call of a port; a row of an event happens by itself. What
 * tasks and distributors are like is chosen with the scene (plan.h): tasks that refuse or hang at the
 * start, lie, have no cancel, call back never, early, late, twice or for another drain, leave when
 * drained; few addresses, so that the next task has the last one's. */
#ifndef EBB_TESTS_SIM_FAULTS_H
#define EBB_TESTS_SIM_FAULTS_H

#include "tests/sim/sim.h"

/* Every call that leaves a process, by whom it is for. */
#define SIM_PORTS(X)                                                                               \
    X(ANY, "any")                                                                                  \
    X(REDIS, "redis")                                                                              \
    X(KAFKA, "kafka")                                                                              \
    X(AWS, "aws")                                                                                  \
    X(DISTRIBUTOR, "distributor") /* an AWS call too: the invocation of its function */            \
    X(TASK, "task")                                                                                \
    X(CALLBACK, "callback") /* of a task, to us */

/*    port         mode           what                                         most, of a million */
#define SIM_CALL_FAULTS(X)                                                                         \
    X(ANY, DIES_BEFORE, "the process dies before the call gets out", 400)                          \
    X(ANY, DIES_AFTER, "the process dies once the call took effect", 400)                          \
    X(REDIS, BEFORE, "redis is not reached", 60000)                                                \
    X(REDIS, LOST, "redis does not answer: the command was not run", 60000)                        \
    X(REDIS, AFTER, "redis does not answer: the command was run", 60000)                           \
    X(REDIS, NOSCRIPT, "redis has forgotten its scripts", 20000)                                   \
    X(KAFKA, BEFORE, "a record is refused, surely not stored", 60000)                              \
    X(KAFKA, LOST, "a record's acknowledgement does not come: it was not stored", 60000)           \
    X(KAFKA, AFTER, "a record's acknowledgement does not come: it was stored", 60000)              \
    X(KAFKA, LATE, "a record is stored after others that were sent later", 60000)                  \
    X(AWS, THROTTLED, "AWS throttles", 100000)                                                     \
    X(AWS, BEFORE, "AWS is not reached", 60000)                                                    \
    X(AWS, LOST, "AWS does not answer: it had no effect", 60000)                                   \
    X(AWS, AFTER, "AWS's answer is lost: it took effect", 60000)                                   \
    X(AWS, ERROR, "AWS answers 500: it had no effect", 60000)                                      \
    X(AWS, ERROR_AFTER, "AWS answers 500: it took effect", 60000)                                  \
    X(AWS, DENIED, "AWS refuses: AccessDenied", 10000)                                             \
    X(AWS, LATE, "an AWS call takes long", 60000)                                                  \
    X(DISTRIBUTOR, REFUSES, "the distributor answers that it did not", 150000)                     \
    X(DISTRIBUTOR, REFUSES_AFTER, "the distributor did it, and answers that it did not", 100000)   \
    X(DISTRIBUTOR, HANGS, "the distributor does not answer in time, and does nothing", 100000)     \
    X(DISTRIBUTOR, LATE, "the distributor does it when nobody waits any more", 60000)              \
    X(TASK, BEFORE, "a task is not reached", 100000)                                               \
    X(TASK, LOST, "a task does not answer: it was not asked", 100000)                              \
    X(TASK, AFTER, "a task's answer is lost", 100000)                                              \
    X(TASK, ERROR, "a task answers 500, and did nothing", 60000)                                   \
    X(TASK, BUSY, "a task answers 503, and did nothing", 60000)                                    \
    X(TASK, REFUSES, "a task answers 409, and did nothing", 60000)                                 \
    X(CALLBACK, BEFORE, "a task's callback does not arrive", 200000)                               \
    X(CALLBACK, AFTER, "the answer to a callback is lost", 200000)

/*    name              what                                        mean seconds between two, least */
#define SIM_EVENT_FAULTS(X)                                                                        \
    X(CRASH, "a process dies and is started again", 20)                                            \
    X(FREEZE, "a process stands still, past its leases and sessions", 60)                          \
    X(CLOCK, "a process's clock steps, or begins to drift", 60)                                    \
    X(REDIS_CLOCK, "redis's clock steps", 90)                                                      \
    X(REBALANCE, "a consumer leaves its group and joins again", 40)                                \
    X(WIPE, "redis begins anew, empty", 200)                                                       \
    X(FAILOVER, "redis becomes an older copy of itself", 200)                                      \
    X(COMPACTION, "kafka compacts ebb.state", 60)                                                  \
    X(DENIAL, "AWS refuses one operation for a while", 90)                                         \
    X(DEATH, "a task dies", 120)                                                                   \
    X(RECLAIM, "Fargate takes a task back", 240)                                                   \
    X(DESIRED, "somebody else moves a desired count", 120)                                         \
    X(DEPLOY, "somebody else deploys a service anew", 300)                                         \
    X(PROTECT, "somebody else protects a task, for hours perhaps", 120)                            \
    X(STOP, "somebody else stops a task", 240)                                                     \
    X(OPERATOR, "somebody pauses, resumes, cancels or closes", 10)                                 \
    X(POISON, "a message kills whoever works on it, each time", 120)                               \
    X(DOUBLE, "an event is delivered once more", 20)                                               \
    X(OVERTAKEN, "an event is delivered after later ones", 20)                                     \
    X(STALE, "ECS's answers lag behind for a while", 120)                                          \
    X(ECHO, "some stage is told to look at some drain", 20)                                        \
    X(NEWER, "a newer version of Ebb writes records and messages", 60)                             \
    X(NONSENSE, "somebody writes what nobody understands to a topic", 60)

enum call_port {
#define X(name, word) CALL_##name,
    SIM_PORTS(X)
#undef X
        CALL_PORTS
};

enum call_fault {
    FAULT_IS_NONE,
#define X(port, mode, text, most) FAULT_OF_##port##_##mode,
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

/* One call of a port, by the name the trace shows. */
struct call {
    enum call_port port;
    struct str name;
    const char *role; /* of the task that makes it */
};

struct faults {
    int64_t per_million[CALL_FAULTS];
    int64_t mean_ms[EVENT_FAULTS]; /* 0: does not happen */
    uint64_t happened_call[CALL_FAULTS], happened_event[EVENT_FAULTS];
    struct directed *directed;
    size_t directed_n;
    struct redis_copy *copy; /* what a failover goes back to */
    int64_t copied_at;
    const char *denied; /* the operation that AWS refuses now */
    int64_t denied_until_ms;
};

/* Chooses; and begins the events. */
void faults_choose(struct sim *sim);
void faults_free(struct sim *sim);
/* What becomes of this call. Asked once a call. */
enum call_fault fault_of_call(struct sim *sim, const struct call *call);
/* It happens now (fault_events.c). */
void event_happens(struct sim *sim, enum event_fault kind);

/* Whether calls to Redis fail. */
bool faults_of_redis(const struct faults *faults);

const char *call_fault_name(enum call_fault fault); /* "AWS_AFTER" */
const char *call_fault_text(enum call_fault fault);
const char *event_fault_name(enum event_fault fault);
const char *call_port_word(enum call_port port);
/* A row by its name: bits of sim_options. False when there is none. */
bool fault_bits(struct str name, uint64_t *calls, uint64_t *events);
/* The rows this history has chosen. */
void faults_chosen(const struct sim *sim, uint64_t *calls, uint64_t *events);
/* What this history has chosen, for a person. */
void faults_print(const struct sim *sim);
void faults_list(void);

#endif
