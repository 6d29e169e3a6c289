/* SPDX-License-Identifier: Apache-2.0
 * Effects: the things a stage can want done, each with one row below; and steps, what a stage
 * answers when it is asked "what now?": one effect, or the verdict that ends its look. A stage does
 * nothing itself. */
#ifndef EBB_EFFECT_EFFECT_H
#define EBB_EFFECT_EFFECT_H

#include "schemas/drain.h"

/* READ asks; NOTE writes down what was heard, for later looks, and moves nothing; STATE moves our
 * own state; OUTSIDE changes something that others see; PUBLISH writes to Kafka. In observe mode,
 * and for `ebb drain --dry-run`, a look ends before its first STATE, OUTSIDE or PUBLISH effect. */
enum effect_class {
    EFFECT_CLASS_READ,
    EFFECT_CLASS_NOTE,
    EFFECT_CLASS_STATE,
    EFFECT_CLASS_OUTSIDE,
    EFFECT_CLASS_PUBLISH
};

/*    name               word                 class    what */
#define EBB_EFFECTS(X)                                                                             \
    X(READ_LIMITS, "read_limits", READ, "cooldown, hour, open drains: what `claim` would say now") \
    X(READ_DRAIN, "read_drain", READ, "the drain's record")                                        \
    X(READ_DRAINED, "read_drained", READ, "the service's drained tasks and its open intent")       \
    X(READ_SERVICE, "read_service", READ, "ECS DescribeServices")                                  \
    X(READ_FLOOR, "read_floor", READ, "Application Auto Scaling DescribeScalableTargets")          \
    X(READ_TASKS, "read_tasks", READ, "ECS ListTasks and DescribeTasks of the service")            \
    X(READ_TASK, "read_task", READ, "ECS DescribeTasks of the drain's task")                       \
    X(READ_PROTECTION, "read_protection", READ,                                                    \
      "ECS GetTaskProtection of the service's running tasks")                                      \
    X(READ_TASK_PROTECTION, "read_task_protection", READ,                                          \
      "ECS GetTaskProtection of the drain's task")                                                 \
    X(READ_BUDGET, "read_budget", READ, "tokens of the API budget for a look under the lease")     \
    X(READ_STATUS, "read_status", READ, "the task's GET /drain/status")                            \
    X(READ_ALARMS, "read_alarms", READ, "what was last noted of the service's alarms")             \
    X(READ_TRIGGER, "read_trigger", READ,                                                          \
      "CloudWatch DescribeAlarms of the drain's alarm and the service's others")                   \
    X(NOTE_ALARM, "note_alarm", NOTE, "what was heard of an alarm, which is watched from now on")  \
    X(CLAIM, "claim", STATE, "take a slot for a new drain, all limits checked at once")            \
    X(MOVE, "move", STATE, "the drain's record becomes another")                                   \
    X(TAKE_LEASE, "take_lease", STATE, "the service's scale lease")                                \
    X(PUT_INTENT, "put_intent", STATE, "write down what will be asked of ECS")                     \
    X(CLOSE_INTENT, "close_intent", STATE, "the intent is settled")                                \
    X(BRAKE, "brake", STATE, "count a wrong victim; the third in an hour pauses the account")      \
    X(PROTECT, "protect", OUTSIDE, "ECS UpdateTaskProtection, on")                                 \
    X(UNPROTECT, "unprotect", OUTSIDE, "ECS UpdateTaskProtection, off")                            \
    X(EXCLUDE, "exclude", OUTSIDE, "the distributor sends nothing new to the address")             \
    X(RESTORE, "restore", OUTSIDE, "the distributor sends work to the address again")              \
    X(RELEASE, "release", OUTSIDE, "the distributor forgets the address")                          \
    X(START, "start", OUTSIDE, "the task's POST /drain/start")                                     \
    X(CANCEL, "cancel", OUTSIDE, "the task's POST /drain/cancel")                                  \
    X(LOWER, "lower", OUTSIDE, "ECS UpdateService, desired count lowered")                         \
    X(STOP_TASK, "stop_task", OUTSIDE, "ECS StopTask")                                             \
    X(RECORD, "record", PUBLISH, "the drain's record to ebb.state, acknowledged")                  \
    X(ASK, "ask", PUBLISH, "the next stage's message, acknowledged")

enum effect_kind {
#define X(name, word, class, help) EFFECT_##name,
    EBB_EFFECTS(X)
#undef X
        EFFECT_KINDS
};

/* How an effect ended. UNKNOWN is followed by reading, never by assuming. */
enum outcome {
    OUTCOME_NONE,    /* not tried in this look */
    OUTCOME_OK,      /* done, and that was confirmed */
    OUTCOME_REFUSED, /* it will not be done; trying again changes nothing */
    OUTCOME_RETRY,   /* surely not done; it may work later */
    OUTCOME_UNKNOWN, /* it may have happened */
};

/* The call ECS has for ten tasks at most; scale works in such rounds. */
#define EFFECT_TASKS_MAX 10

/* What is wanted. Which members count depends on the kind; all strings are borrowed from the view.
 */
struct effect {
    enum effect_kind kind;
    struct drain drain; /* CLAIM, MOVE, RECORD and all that concern one drain: its record; for MOVE
                           as it shall become, its version the one it was read with */
    bool refund;        /* MOVE: give cooldown and hour back, it never began */
    int64_t backoff_until;              /* MOVE: no claim for the service before that; 0 = none */
    const char *topic;                  /* ASK */
    struct str tasks[EFFECT_TASKS_MAX]; /* PROTECT, UNPROTECT, STOP_TASK (the first): task ARNs */
    size_t tasks_n;
    int64_t protect_minutes;       /* PROTECT */
    int64_t desired, base, others; /* PUT_INTENT, LOWER */
    int64_t not_after; /* PUT_INTENT and all that changes the outside: not sent after; 0 none */
    int64_t serving, floor; /* CLAIM: tasks that serve now, and how few are enough */
};

enum verdict_kind {
    VERDICT_DONE,    /* the stage's work on this message is complete */
    VERDICT_REFUSED, /* decided not to act; reason says why */
    VERDICT_WOULD,   /* observe mode: what would have been done */
    VERDICT_WAIT,    /* look again at .at (a timer in Redis holds it) */
    VERDICT_RETRY,   /* something is not reachable now; look again soon, with backoff */
    VERDICT_DEAD,    /* cannot ever be worked on: dead letter */
};

/* Reasons are one list, so that dashboards, documents and tests use one word for one thing. The
 * first five, the two failures and no_ip are the original documents' words. */
#define EBB_REASONS(X)                                                                             \
    X(NONE, "none", "")                                                                            \
    X(COOLDOWN, "cooldown", "the last drain of this service began too short a time ago")           \
    X(HOURLY_LIMIT, "hourly_limit", "as many drains as allowed began within the last hour")        \
    X(CONCURRENCY_LIMIT, "concurrency_limit", "as many drains as allowed are open")                \
    X(AT_MIN_CAPACITY, "at_min_capacity", "one task fewer would be below the floor")               \
    X(ALREADY_DRAINING, "already_draining", "the task is being drained already")                   \
    X(TASK_NOT_FOUND, "task_not_found", "the task is not one of the service's running tasks")      \
    X(NO_IP, "no_ip", "the task has no private address")                                           \
    X(KAMAILIO_FAILED, "kamailio_failed", "the distributor did not confirm the removal")           \
    X(ASTERISK_FAILED, "asterisk_failed", "the task did not accept the start")                     \
    X(NOT_MANAGED, "not_managed", "no entry of the configuration matches the service")             \
    X(NOT_IN_ALARM, "not_in_alarm", "the alarm is not in ALARM")                                   \
    X(EVENT_TOO_OLD, "event_too_old", "the event is older than allowed")                           \
    X(EVENT_SEEN, "event_seen", "this event has already begun a drain")                            \
    X(RECENTLY_DRAINED, "recently_drained", "the task was drained or undone a moment ago")         \
    X(ADDRESS_HELD, "address_held", "another open drain holds the task's address")                 \
    X(BACKOFF, "backoff", "a drain of this service failed a moment ago")                           \
    X(PAUSED, "paused", "drains are paused")                                                       \
    X(ACCOUNT_LIMIT, "account_limit", "as many drains as allowed are open in the account")         \
    X(STATE_LOST, "state_lost", "state in Redis was lost and is not rebuilt yet")                  \
    X(NO_FLOOR, "no_floor", "no scalable target and no minTasks say how few are enough")           \
    X(SERVICE_NOT_FOUND, "service_not_found", "ECS does not know the service")                     \
    X(SERVICE_NOT_ACTIVE, "service_not_active", "the service is not ACTIVE")                       \
    X(DAEMON_SERVICE, "daemon_service", "a DAEMON service has no desired count to lower")          \
    X(FOREIGN_CONTROLLER, "foreign_controller",                                                    \
      "another deployment controller owns the desired count")                                      \
    X(DEPLOYING, "deploying", "a deployment is in progress")                                       \
    X(TASKS_PENDING, "tasks_pending", "fewer tasks run than desired")                              \
    X(NO_CANDIDATE, "no_candidate", "no running task is free to be drained")                       \
    X(CLAIMED, "claimed", "a drain was begun")                                                     \
    X(REMOVED, "removed", "the distributor sends nothing new to the task")                         \
    X(DRAINING, "draining", "the task finishes its work")                                          \
    X(DRAINED, "drained", "nothing is left on the task")                                           \
    X(DEADLINE, "deadline", "the time for draining was up")                                        \
    X(CANCELLED, "cancelled", "somebody asked for the drain to be undone")                         \
    X(CLOSED, "closed", "somebody ended the drain without its being confirmed")                    \
    X(UNDOING, "undoing", "the drain is being undone")                                             \
    X(TRIGGER_OVER, "trigger_over", "no alarm of the service asks for it any more")                \
    X(TRIGGER_UNKNOWN, "trigger_unknown", "whether the alarm is over cannot be read")              \
    X(RESTORED, "restored", "the task serves again")                                               \
    X(RELEASING, "releasing", "the task is gone; its address is being given free")                 \
    X(SCALED_OUT, "scaled_out", "the drained task was stopped by our scale-in")                    \
    X(REPLACED, "replaced", "the empty task was stopped and ECS replaces it")                      \
    X(TASK_GONE, "task_gone", "the task stopped by itself")                                        \
    X(NO_SUCH_DRAIN, "no_such_drain", "there is no record of such a drain")                        \
    X(NOT_OURS, "not_ours", "the drain is not at this stage")                                      \
    X(NEWER_STATE, "newer_state", "written by a newer version of Ebb; left alone")                 \
    X(BLOCKED, "blocked", "ECS refuses the protection: more tasks protected than desired")         \
    X(PROTECTION_REFUSED, "protection_refused", "ECS refuses to protect the task")                 \
    X(INTENT_OPEN, "intent_open", "what was asked of ECS may still take effect")                   \
    X(STOPPING, "stopping", "waiting for the drained tasks to stop")                               \
    X(LEASE_HELD, "lease_held", "another worker scales this service")                              \
    X(NOTHING_DRAINED, "nothing_drained", "the service has no drained task")                       \
    X(WRONG_TASK_STOPPED, "wrong_task_stopped",                                                    \
      "a task that was not drained stopped while we lowered the count")                            \
    X(UNREACHABLE, "unreachable", "something needed did not answer")                               \
    X(ANSWERED_ERROR, "answered_error", "something needed answered with an error")                 \
    X(LATE_REMOVAL, "late_removal",                                                                \
      "a call of the distributor that was never answered may still take effect; one more follows") \
    X(API_BUDGET, "api_budget", "as many calls to AWS as allowed were made; this one waits")       \
    X(CHANGED, "changed", "somebody else moved it; looking again")                                 \
    X(NO_SERVICE, "no_service", "the event names no service")                                      \
    X(NOT_USED, "not_used", "no stage wants such an event")                                        \
    X(MALFORMED, "malformed", "the message cannot be understood")                                  \
    X(TOO_MANY_STEPS, "too_many_steps", "the look did not come to an end")

enum reason {
#define X(name, word, text) REASON_##name,
    EBB_REASONS(X)
#undef X
        REASONS
};

struct verdict {
    enum verdict_kind kind;
    enum reason reason;
    int64_t at; /* WAIT: when to look again, wall clock; RETRY: the same, 0 = soon */
    int64_t have,
        need; /* numbers that explain the reason (running tasks and floor, drains and limit; of cooldown
                 and backoff the ms since and until) */
    struct str subject; /* what it is about: a task ARN, a code of AWS; borrowed from the view */
};

struct step {
    bool is_verdict;
    struct effect effect;
    struct verdict verdict;
};

const char *effect_word(enum effect_kind kind);
enum effect_class effect_class_of(enum effect_kind kind);
struct str outcome_word(enum outcome outcome);
struct str verdict_word(enum verdict_kind kind);
struct str reason_word(enum reason reason);
const char *reason_text(enum reason reason);
enum reason reason_of_word(struct str word);
/* The sentence for people: the reason's, with the numbers and names that explain it. */
struct str verdict_text(const struct verdict *v, struct arena *a);

/* What stages write to say what they want; see workers/ for how they read. */
struct step want(enum effect_kind kind);
struct step want_drain(enum effect_kind kind, const struct drain *drain);
struct step want_ask(const char *topic, const struct drain *drain);
struct step finish(enum verdict_kind kind, enum reason reason);
struct step wait_until(int64_t at, enum reason reason);

#endif
