/* SPDX-License-Identifier: Apache-2.0
 * What one look of a stage knows. `next` only reads it; view_learn alone writes it, from the
 * results of effects. A fact that is not known is asked for by the clause that needs it, and
 * forgotten as soon as something we did may have changed it. All memory is the message's arena. */
#ifndef EBB_EFFECT_VIEW_H
#define EBB_EFFECT_VIEW_H

#include "lib/effect/effect.h"
#include "schemas/config.h"
#include "schemas/message.h"

/* READ_LIMITS and CLAIM: what the claim script said. */
struct limits_fact {
    bool known;
    enum reason refusal; /* REASON_NONE: a claim would be granted */
    /* Of what is refused. Without a refusal: drains open in the account, and how many may be there,
     * 0 = any number. */
    int64_t have, need;
    int64_t at;               /* when it may be asked again, 0 = unknown */
    struct str seen_drain_id; /* EVENT_SEEN: the drain this event began */
    struct str about;         /* PAUSED: who paused what until when, and why */
    struct str *open_tasks;   /* ARNs of tasks with an open drain */
    size_t open_tasks_n;
};

struct service_fact {
    bool known, exists, active, daemon, foreign_controller, deploying;
    struct str arn, cluster_arn;
    int64_t desired;
};

struct floor_fact {
    bool known, exists; /* exists: a scalable target or a configured minimum says min */
    int64_t min;
};

struct task_fact {
    struct str arn, address;
    bool running; /* ECS wants it to run and it does */
    bool wanted;  /* ECS wants it to run (pending ones too) */
    int64_t started_at;
    bool protection_known, is_protected;
    int64_t protected_until;
};

struct tasks_fact {
    bool known, protection_known;
    struct task_fact *tasks; /* of the service, desiredStatus RUNNING */
    size_t n;
};

/* READ_TASK: the drain's own task. */
struct task_state_fact {
    bool known;
    struct str arn;    /* of the task it is about */
    bool exists;       /* ECS knows it */
    bool stopping;     /* on its way to be stopped: its process may still run */
    bool stopped;      /* it is no more */
    bool by_scheduler; /* ECS's own scheduler stopped it, or is about to */
};

/* READ_TASK_PROTECTION, and what PROTECT and UNPROTECT of one task made of it. */
struct protection_fact {
    bool known;
    struct str arn; /* of the task it is about */
    bool exists;    /* ECS keeps a protection for it: a running task of a service */
    bool is_protected;
    int64_t until, as_of; /* as_of: ECS was asked then */
    bool was_granted;     /* it answered our PROTECT */
};

/* READ_STATUS: what the task itself says. A reply without its own ARN is not known (addresses are
 * reused). */
struct status_fact {
    bool known;
    bool draining, empty;
    struct str drain_id; /* the drain it says it is in; absent = none */
    int64_t sessions;
};

/* READ_ALARMS, READ_TRIGGER: whether an alarm of the service asks for a drain. */
struct alarms_fact {
    bool known, in_alarm;
    struct str alarm; /* one that does */
};

/* What was asked of ECS and is not settled yet; one a service. */
struct intent_fact {
    bool open;
    int64_t base, to, not_after;
    int64_t others; /* running tasks that were not drained, when it was written */
};

/* A drain's record as last read or written, and how far the order of every move (design: state) has
 * come with it. */
struct held {
    struct drain record;
    bool recorded; /* ebb.state has acknowledged this version */
    bool asked;    /* the next stage was told of this version */
    bool unsent;   /* this look made this version, and did not send it to ebb.state yet */
};

struct attempt {
    enum outcome outcome; /* of the last try in this look */
    struct str code;      /* AWS's or our code, absent when it went well */
    bool throttled;       /* not done, because too much is asked: no try, and says nothing of one */
    bool answered;        /* it did not go well, and that was the answer of who was asked */
    int64_t again_at;     /* not before then, wall clock: the API budget's word; 0 = it has none */
    int times;
};

struct view {
    const struct message *message;
    const struct service_settings *settings; /* NULL: no entry matches */
    struct arena *arena;
    struct str traceparent; /* of the message, absent when it had none */
    bool proven;            /* the message's proof shows that the task itself called back */

    bool drain_known, drain_exists;
    struct held drain;
    struct limits_fact limits, claim;
    struct service_fact service;
    struct floor_fact floor;
    struct tasks_fact tasks;
    struct task_state_fact task;
    struct protection_fact protection;
    struct status_fact status;
    struct alarms_fact noted; /* READ_ALARMS: as it was when somebody last read or heard of them */
    struct alarms_fact trigger; /* READ_TRIGGER: as CloudWatch says it is */
    bool drained_known;
    struct held
        *drained; /* the service's drains in DRAINED, and those this look moved on from it */
    size_t drained_n;
    struct intent_fact intent;
    struct intent_fact settled; /* the one this look closed */
    bool is_stale;              /* protections were set, or CloudWatch asked, since ECS was read */
    int64_t lease_until;        /* TAKE_LEASE: the service is ours until then */
    bool call_is_noted;  /* this look has written down the call of the distributor that is next */
    bool start_is_noted; /* and the start that is next */
    struct attempt did[EFFECT_KINDS];
};

/* What performing an effect brought back. The member that counts is the one of the effect's kind.
 */
struct result {
    enum outcome outcome;
    bool throttled, answered; /* see struct attempt */
    int64_t again_at;         /* the same */
    struct str code;          /* "ThrottlingException", "conflict", "http_409"; absent when OK */
    struct str detail;        /* for people; never a secret */
    struct limits_fact limits;
    struct service_fact service;
    struct floor_fact floor;
    struct tasks_fact tasks;
    struct task_state_fact task;
    struct protection_fact protection;
    struct status_fact status;
    struct alarms_fact alarms; /* READ_ALARMS, READ_TRIGGER */
    int64_t protected_until;   /* PROTECT: the nearest expiry ECS granted */
    bool drain_exists;
    struct drain drain; /* READ_DRAIN, CLAIM, MOVE (also after a conflict: what is there now) */
    bool recorded;      /* READ_DRAIN */
    struct held *drains;
    size_t drains_n;
    int64_t lease_until;
    struct intent_fact intent;
};

/* What the view has of that drain. */
const struct held *view_held(const struct view *v, struct str drain_id);
void view_learn(struct view *v, const struct effect *effect, const struct result *result);

/* The order of every move: the record is made durable, then the next stage is told, and only then
 * is the look over. topic NULL: nobody is to be told. */
struct step hand_on(const struct held *h, const char *topic, enum verdict_kind kind,
                    enum reason reason);

/* The topic of the stage that looks at a drain in that state; NULL for final and unknown states. */
const char *topic_of_state(int state);

#endif
