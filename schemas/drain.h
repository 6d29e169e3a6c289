/* SPDX-License-Identifier: Apache-2.0
 * The record of one drain: what Redis holds, and what `ebb.state` keeps for good. Stages read it
 * and say what it should become; only the store's scripts write it, each time with a higher version:
 * one higher, but after Redis was lost. */
#ifndef EBB_SCHEMAS_DRAIN_H
#define EBB_SCHEMAS_DRAIN_H

#include "lib/record/record.h"

/* Adding a field: add it at the end of struct and table; older programs skip it. Changing what a
 * field means: never; add another. DRAIN_FORMAT rises only when an older program must not touch the
 * record. */
#define DRAIN_FORMAT 1

enum drain_state {
    DRAIN_OTHER = ENUM_OTHER, /* of a newer program: left alone */
    DRAIN_CLAIMED,            /* slot taken, nothing outside touched but the task's protection */
    DRAIN_REMOVED,            /* the distributor confirmed that it sends nothing new */
    DRAIN_DRAINING,           /* the task finishes its work */
    DRAIN_DRAINED,            /* nothing is left on the task */
    DRAIN_UNDOING,            /* the task shall serve again */
    DRAIN_RELEASING,          /* the task is gone; its address is being given free */
    DRAIN_SCALED_OUT,         /* final: stopped by our scale-in */
    DRAIN_RESTORED,           /* final: serves again */
    DRAIN_REPLACED, /* final: it could not serve again; stopped once empty, ECS put another in its
                       place */
    DRAIN_GONE,     /* final: it died by itself */
};

enum distributor_confirmation {
    CONFIRMATION_NONE = ENUM_OTHER,
    CONFIRMATION_CONFIRMED,   /* the distributor answered that it is done */
    CONFIRMATION_UNCONFIRMED, /* it only took the order (Lambda's Event mode) */
};

struct drain {
    int64_t format;
    struct str drain_id; /* 16 hex characters; computed once, never again */
    struct str service;  /* key, see arn.h */
    struct str task_arn, cluster_arn, service_arn;
    struct str address; /* private IPv4 of the task */
    int state;          /* enum drain_state */
    int becomes;        /* in RELEASING: the final state it is on its way to */
    int64_t version;
    struct str cause;   /* id of the event that began it */
    struct str trigger; /* alarm name, or who asked */
    int64_t claimed_at, protected_until, remove_sent_at, removed_at, start_sent_at, started_at,
        drained_at;
    int64_t deadline_at;    /* by when the task must be empty; 0 until the start was accepted */
    int64_t unprotected_at; /* given to ECS to be stopped */
    int64_t undoing_at, cancelled_at, stopped_at, finished_at;
    int64_t look_at;        /* when the drain is looked at next, at the latest */
    int64_t attempts;       /* of the present state's outside call */
    int64_t missing;        /* times in a row that ECS did not know the task */
    int confirmation;       /* enum distributor_confirmation */
    int64_t unclear_starts; /* starts that were sent and may have arrived, or not */
    bool start_refused;     /* no start arrived, or the task refused it: it never began */
    bool never_began;       /* the task said so, once no start could be on its way any more */
    bool by_deadline;       /* DRAINED because the time was up, not because it was empty */
    struct str reason;      /* why it is being undone, or why it ended as it did */
    bool by_alarm;          /* trigger is the name of an alarm; else of who asked */
    /* Somebody asked for it to be undone; the stages do it. */
    int64_t cancel_asked_at;
    struct str cancel_asked_by, cancel_why;
    /* Somebody ended it although `unconfirmed` was never confirmed. */
    int64_t closed_at;
    struct str closed_by, close_why, unconfirmed;
    /* The end of the protection we asked for; of the one that another had set before us, 0: none.
     * Without an end asked for, nothing of ours is on the task. */
    int64_t protection_asked, protected_before;
    /* A call of the distributor is under way since then, or nobody knows how it ended; 0: none. */
    int64_t call_sent_at;
    int64_t late_until;    /* an earlier one of which nobody knows may take effect until then */
    int64_t given_back_at; /* the address was taken back, or let go; once more after late_until */
};

extern const struct record DRAIN_RECORD;
extern const struct enum_names DRAIN_STATES;

bool drain_is_final(int state);
/* Of a newer program, which alone may touch it: its state is not known here, or its format says so. */
bool drain_is_newer(const struct drain *d);
/* It ended, or is ending, and its task never began to drain: it costs neither cooldown nor hour. */
bool drain_never_began(const struct drain *d);
/* The names the original documents use towards other programs: RUNNING, DRAINING, SCALED_OUT. */
struct str drain_public_state(int state);

/* First 16 hex characters of SHA-256 of "taskArn:floor(now/600)". */
struct str drain_id_for(struct arena *a, struct str task_arn, int64_t now_ms);

#endif
