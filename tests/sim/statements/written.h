/* SPDX-License-Identifier: Apache-2.0
 * A history written by hand: one service (demo/calls), Ebb in some processes, and nothing happens but what the test
 * does. What a test asserts is what an operator would see: ECS, the distributor, the topics, the tasks. */
#ifndef EBB_TESTS_SIM_STATEMENTS_WRITTEN_H
#define EBB_TESTS_SIM_STATEMENTS_WRITTEN_H

#include "lib/effect/effect.h"
#include "tests/sim/faults.h"
#include "tests/sim/process.h"
#include "tests/sim/sim.h"
#include "tests/support/test.h"
#include "world/region/log.h"
#include "world/region/snapshot.h"
#include "world/region/tasks.h"

#define SECOND_MS ((int64_t)1000)
#define MINUTE_MS (60 * SECOND_MS)

#define WRITTEN_DRAINS_MAX 32
#define WRITTEN_KEY        "demo/calls"
#define WRITTEN_SECRET     "writtenSECRETthatNothingMayHold"

/* Zero members are the usual: 4 tasks, 1 process, a floor of 1, no cooldown, 100 an hour, 1 at once, 5 minutes for a
 * drain, a status every 5 s, 3 attempts. */
struct written_options {
    uint64_t seed;
    int64_t tasks, processes;
    struct app_options app; /* cluster, service and distributor are set here */
    int64_t scheduler_ms;   /* how soon ECS notices a lowered count */
    int64_t floor, at_once, per_hour, cooldown_ms, drain_timeout_ms, attempts;
    int on_deadline;
};

struct written;
typedef void written_act(struct written *w);

struct written {
    struct sim sim; /* first: what hooks are given is this */
    struct arena arena;
    struct written_options options;
    struct sim_options sim_options;
    struct app_options app;
    struct service_settings settings;
    struct role_context context;
    const char *awaited; /* the line of the trace at which `act` is done, once */
    written_act *act;
    struct process *who; /* made the call of that line */
    bool (*until)(struct written *w);
    /* What the topics say: the newest record of each drain in the order they came, verdicts by reason. */
    struct drain drains[WRITTEN_DRAINS_MAX];
    size_t drains_n;
    int64_t verdicts[REASONS], dead_letters, drain_messages;
};

/* Of the bus: a record was stored. */
void written_stored(struct sim *sim, const struct bus_message *message);

void written_begin(struct written *w, const struct written_options *options);
void written_end(struct written *w);

/* The service's alarm says ALARM: an event of that id, now in SQS. */
void written_alarm(struct written *w, const char *id);
/* The same, of another time. */
void written_alarm_of(struct written *w, const char *id, int64_t time_ms);
/* At the next line of the trace that contains the words: the effect it tells of has happened, its answer is not there
 * yet. */
void written_when(struct written *w, const char *words, written_act *act);
/* From now on, or no more, every such call ends so. */
void written_fault(struct written *w, enum call_fault fault, bool on);
/* Changes the application's behaviour to w->app. */
void written_app(struct written *w);
/* So many of a hundred of the distributor's answers are errors, without effect. */
void written_distributor(struct written *w, int64_t error_percent);
/* Everybody else's hand on the desired count. */
void written_desire(struct written *w, int64_t desired);

/* Its newest task, with a session on it, drains because of event-1. */
void written_drain(struct written *w);

/* Lets so much time pass; or until the condition holds, and fails the test when it does not within that time. */
void written_pass(struct written *w, int64_t ms);
void written_wait(struct written *w, bool (*until)(struct written *w), int64_t most_ms,
                  const char *for_what);

/* Fails the test unless the i-th drain is there, and in that state. */
void written_is(struct written *w, size_t i, enum drain_state state);
/* How often the region's log has that: reason and subject may be absent. by_us: only of Ebb's own calls. */
int64_t written_count(struct written *w, enum log_kind kind, struct str reason, struct str subject);
/* By how much Ebb lowered the count, by the region's own log. */
int64_t written_lowered(struct written *w);
struct snapshot_service written_service(struct written *w);
/* The i-th task of the service as it is, in the order they started; stopped ones too. */
struct snapshot_task written_task(struct written *w, size_t i);
/* The task by its ARN. */
struct snapshot_task written_task_named(struct written *w, struct str arn);
/* So many sessions on every task, without end. */
void written_sessions(struct written *w, int64_t count);
/* Every session on the task ends. */
void written_empty(struct written *w, struct str arn);
/* What the callback's desk answers to such a request. */
int written_callback(struct written *w, struct str method, struct str token, struct str body);

/* Conditions. */
bool all_drains_are_final(struct written *w);
bool a_drain_drains(struct written *w);

#endif
