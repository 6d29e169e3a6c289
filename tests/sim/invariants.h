/* SPDX-License-Identifier: Apache-2.0
 * What must hold in every history, whatever goes wrong in it; one file each. They judge by what the
 * region's log says of who did what, by what is on the topics, by what Redis holds and ran.
 *
 * | file | holds | whatever of this is injected (faults.h, plan.h) |
 * |---|---|---|
 * | inv_events.c | every event that SQS took has a verdict or a dead letter in the end | crashes between receiving and publishing, lost and doubled records, events twice, late, overtaken |
 * | inv_drains.c | a task has at most one open drain, on ebb.state and in Redis; in the end all are final | everything |
 * | inv_records.c | a version says one thing only; after a recovery Redis has all that ebb.state had; what was stored last of a drain is its newest version | wipes, failovers, compaction, zombies, lost acknowledgements |
 * | inv_limits.c | claims keep cooldown, hour and number at once | redeliveries, wipes, failovers, Redis's clock |
 * | inv_order.c | no task is told to drain while the distributor sends it work; none gets work again before it accepts it; no address is let go before its task is gone | distributors that refuse, hang, act late; lost answers |
 * | inv_outside.c | nothing outside precedes the record on ebb.state that permits it; who drains is protected; the deadline counts from the start; orders have a latest time | crashes between any two calls, frozen processes, lost acknowledgements |
 * | inv_hand.c | by our hand: desired is never set below the floor; only drained tasks are stopped; in observe mode nothing is touched | others' counts, deployments and stops, deaths, stale answers |
 * | inv_count.c | by our hand a service's count is lowered by exactly as many as were drained for it | lost answers of UpdateService, crashes around it, two workers at once |
 * | inv_cut.c | no session is cut by our hand but by a deadline set to do so | tasks that call back early, late, twice, wrongly, never |
 * | inv_control.c | no claim while a pause is acknowledged; cancelled drains serve again, closed ones say so; the account's limit | OPERATOR, everything |
 * | inv_poison.c | a message that kills its worker each time is a dead letter, no other is for that, and nothing waits behind it | POISON, crashes, rebalances |
 * | inv_foreign.c | what a newer version wrote is left alone; what nobody understands is a dead letter | NEWER, NONSENSE |
 * | inv_protection.c | the task of an open drain is protected until it is given; nobody's longer protection is shortened by our hand; none of ours is left on a task that serves again | PROTECT, lost answers, crashes around them, stale answers |
 * | inv_budget.c | calls to AWS stay within the configured share of AWS's own buckets | more calls than there is budget for, throttling, a Redis that is away |
 * | inv_end.c | in the end distributors shut nobody out, no running task drains, no intent is open | everything |
 * | inv_level.c | an alarm that stays in ALARM takes its service to the floor; with cancelWhenOk nothing is begun and nothing lowered but in a look that saw an alarm in ALARM, and what is undone as over was over | events lost, alarms that come and go, CloudWatch that does not answer |
 * | inv_turns.c | of services that wait for the account's limit none gets slot after slot while another waits | a low limit, distributors and tasks that refuse |
 * | inv_secrets.c | the secret is in no byte of Redis and of any topic | |
 * | consumer.c | an offset is stored only when everything below it is finished | rebalances, crashes, frozen processes |
 *
 * Excused is only what docs/scale.md says that no order of calls can give, each where it is asked. */
#ifndef EBB_TESTS_SIM_INVARIANTS_H
#define EBB_TESTS_SIM_INVARIANTS_H

#include "lib/budget/buckets.h"
#include "tests/sim/inv_control.h"
#include "tests/sim/ledger.h"
#include "tests/sim/plan.h"
#include "tests/sim/watch.h"

struct aws_operation;
struct reply;

/* What the region's log says of a task's protection, and what another had set last. */
struct seen_protection {
    struct str arn;
    int64_t until_ms, at_ms; /* and when that was set */
    bool is_ours;
    int64_t theirs_until_ms, theirs_at_ms;
    bool theirs_is_off; /* we took it off, as the task was given to ECS */
    int64_t blocked_ms; /* who undid a drain of the task was last told that it cannot be set */
};

struct protections {
    struct seen_protection *items;
    size_t n, max;
};

/* The API budget as it would have to be, tokens in thousandths. */
struct seen_bucket {
    int64_t tokens, at_ms;
    int64_t anew, redis_off_ms; /* how often, and how far, Redis was another than before */
};

/* How often each service got a slot of the account while another waited, and since when it did. */
struct turns {
    int64_t missed[SIM_SERVICES_MAX][SIM_SERVICES_MAX]; /* by the waiting one, then the other */
    int64_t waits_since[SIM_SERVICES_MAX];              /* 0: it does not */
};

struct invariants {
    struct watch watch;
    struct ledger ledger;
    struct orders orders;
    struct protections protections;
    struct seen_bucket buckets[BUCKETS];
    struct turns turns;
    int64_t redis_anew;   /* how often Redis lost what it held */
    int64_t epoch_of;     /* after which of those the last epoch began */
    int64_t log_read;     /* number of the region's last log entry that was looked at */
    size_t letters, dead; /* nonsense on the stages' topics, and dead letters from there */
};

void invariants_begin(struct sim *sim);
void invariants_end(struct sim *sim);
/* Called with every record that is stored, after everything that happened in the region, and with
 * every script that ran. */
void invariants_record(struct sim *sim, const struct bus_message *message);
void invariants_region(struct sim *sim);
void invariants_script(struct process *process, const char *script, const struct str *args,
                       size_t n, const struct reply *reply);
/* Redis is not what it was: empty, or the copy that was taken. */
void invariants_redis_lost(struct sim *sim, bool is_copy);
void invariants_redis_copied(struct sim *sim);
/* Nothing is left to do: what must hold then. */
void invariants_final(struct sim *sim);
/* Whether everything is final, so that the history may end. */
bool invariants_all_is_final(struct sim *sim);

/* One file each. */
void inv_events_claim(struct sim *sim, const struct seen_drain *seen);
void inv_events_record(struct sim *sim, const struct bus_message *message);
void inv_events_final(struct sim *sim);
void inv_drains_record(struct sim *sim, const struct seen_drain *seen);
void inv_drains_redis(struct sim *sim, const struct drain *drain);
void inv_drains_final(struct sim *sim);
void inv_records_record(struct sim *sim, const struct seen_drain *seen,
                        const struct bus_message *message);
void inv_records_epoch(struct process *process);
void inv_records_final(struct sim *sim);
void inv_limits_claim(struct sim *sim, const struct claim *claim);
void inv_order_entry(struct sim *sim, const struct log_entry *entry);
void inv_outside_entry(struct sim *sim, const struct log_entry *entry);
void inv_outside_record(struct sim *sim, const struct seen_drain *seen);
void inv_outside_call(struct sim *sim, const struct aws_operation *operation, int64_t not_after_ms);
void inv_outside_request(struct sim *sim, struct str method, struct str path, int64_t not_after_ms);
void inv_hand_entry(struct sim *sim, const struct log_entry *entry);
void inv_count_entry(struct sim *sim, const struct log_entry *entry);
void inv_count_final(struct sim *sim);
void inv_cut_entry(struct sim *sim, const struct log_entry *entry);
void inv_poison_record(struct sim *sim, const struct bus_message *message);
void inv_poison_final(struct sim *sim);
/* Redis did not answer who gave back the message with that key. */
void inv_poison_not_given_back(struct sim *sim, struct str key);
void inv_protection_entry(struct sim *sim, const struct log_entry *entry);
void inv_protection_record(struct sim *sim, const struct seen_drain *seen);
/* An answer that one of us gets from AWS. */
void inv_protection_knows(struct sim *sim, const struct aws_operation *shape, const void *output);
/* A call of ours reaches AWS. */
void inv_budget_call(struct sim *sim, const struct aws_operation *operation);
void inv_foreign_record(struct sim *sim, const struct bus_message *message);
void inv_foreign_final(struct sim *sim);
void inv_end_record(struct sim *sim, struct seen_drain *seen);
void inv_end_final(struct sim *sim);
/* In the look that runs: what it asks of AWS, the answer it gets, what a task is about to be told. */
void inv_level_asks(struct sim *sim, const struct aws_operation *shape, const void *input);
void inv_level_knows(struct sim *sim, const struct aws_operation *shape, const void *output);
void inv_level_start(struct sim *sim, struct str path, struct str body);
void inv_level_record(struct sim *sim, const struct seen_drain *seen);
bool inv_level_is_settled(struct sim *sim);
/* An alarm that Ebb must know of is in ALARM, and the service's own limits let it be drained. */
bool inv_level_is_on_its_way(struct sim *sim, size_t service);
void inv_level_final(struct sim *sim);
void inv_turns_claim(struct sim *sim, const struct claim *claim);
void inv_secrets_record(struct sim *sim, const struct bus_message *message);
void inv_secrets_final(struct sim *sim);

/* Somebody else changed which tasks the service has, so near to our lowering its count that no
 * order of calls can tell it apart (docs/scale.md). */
bool is_touched_by_others(struct sim *sim, struct str service);

#endif
