/* SPDX-License-Identifier: Apache-2.0
 * The stages: one step of an operation each, one topic, one consumer group, one file in this
 * folder. A stage is a pure function: from what is known and the time, what is wanted next. To add
 * one: its file, one row below, and its topic in schemas/message.h. */
#ifndef EBB_WORKERS_STAGE_H
#define EBB_WORKERS_STAGE_H

#include "lib/effect/view.h"

/* By how much two processes' clocks may differ. */
#define CLOCKS_MS ((int64_t)5 * 1000)
/* A call of the distributor or a start is sent so soon after its record says so, or not at all. */
#define SEND_MS ((int64_t)10 * 1000)

/* In the order of an operation. A row is `struct step NAME_next(...)`, its topic and its help. */
/*    name    topic         what it does */
#define EBB_STAGES(X)                                                                              \
    X(select, TOPIC_SELECT, "choose the task to drain, or say why none")                           \
    X(remove, TOPIC_REMOVE, "tell the distributor: nothing new, back again, forget it")            \
    X(drain, TOPIC_DRAIN, "tell the task to finish its work, and watch it")                        \
    X(scale, TOPIC_SCALE, "lower the desired count so that exactly the drained tasks stop")

struct stage {
    struct str name;
    const char *topic; /* also the consumer group's name, behind "ebb." */
    /* No I/O, no clock, no globals; memory only what the view holds. */
    struct step (*next)(const struct view *v, int64_t now_ms);
    const char *help;
};

#define X(name, topic, help) struct step name##_next(const struct view *v, int64_t now_ms);
EBB_STAGES(X)
#undef X

extern const struct stage STAGES[];
extern const size_t STAGES_N;
/* NULL when there is none of that name. */
const struct stage *stage_named(struct str name);
const struct stage *stage_of_topic(struct str topic);

/* What all stages share, so that one thing is done in one way (moves.c). */

/* The record as it becomes when a drain moves on: the new state, its times, and when it is looked
 * at next. */
struct drain enter(const struct drain *d, enum drain_state state, int64_t now_ms);
/* The same, with the reason for undoing it or for how it ends. */
struct drain enter_because(const struct drain *d, enum drain_state state, enum reason reason,
                           int64_t now_ms);
struct step move(const struct drain *becomes);
/* The task is gone: its address is released, and the drain ends as `becomes`. */
struct step move_to_release(const struct drain *d, enum drain_state becomes, enum reason reason,
                            int64_t now_ms);
/* The drain is undone. */
struct step move_to_undo(const struct drain *d, enum reason reason, int64_t now_ms);
/* These three give cooldown and hour back when the drain never began. */
struct step move_unless_begun(const struct drain *becomes, int64_t now_ms);
/* Stage scale's C8. What is not protected any more its owner took off: nobody sets it again. */
struct step move_to_give(const struct drain *d, bool is_protected, int64_t now_ms);

/* Undoing: whether the task must be told to accept work again before the distributor may send any.
 */
bool must_cancel_first(const struct drain *d);

/* Somebody ended the drain although it was not confirmed: true, and *out what is left to do. */
bool was_closed(const struct held *h, int64_t now_ms, struct step *out);

/* A try of something outside failed: writes that down; is_backing_off says that the next try is not
 * due yet. */
struct step note_failure(const struct drain *d, int64_t now_ms);
bool is_backing_off(const struct drain *d, int64_t now_ms);
/* The try was throttled, by AWS or by our own budget: that is no try, and says nothing of whether
 * it can be done. The look ends, and comes again. */
struct step put_off(const struct view *v, enum effect_kind tried);
/* Why something outside is tried again: it answered with an error, or it did not answer. */
enum reason why_again(const struct view *v);
/* Makes the record durable, then waits until it is due. */
struct step wait_for_due(const struct held *h, enum reason reason);

/* Whether ECS says that the drain's task is there and stays. When that is not known yet, or the
 * task is being stopped or gone (STOPPED, or MISSING in two looks in a row), *out says what to do
 * about it; a gone task's drain ends as `becomes`, unless its record says how already. */
bool task_is_there(const struct view *v, const struct held *h, enum drain_state becomes,
                   int64_t now_ms, struct step *out);
/* StopTask; first it is made durable how the drain ends by it, so that this end can be told from a
 * death. */
struct step stop_task(const struct held *h, enum drain_state becomes);

/* What cannot be done for so long is undone. */
#define BLOCKED_DEADLINE_MS ((int64_t)30 * 60 * 1000)

/* With cancelWhenOk (trigger.c). Whether an alarm asks for the drain now, as CloudWatch says: asked
 * before something is done because of it. False: *out is what to do about it; since_ms is since when
 * the drain has been waiting here. */
bool still_asked_for(const struct view *v, const struct held *h, int64_t since_ms, int64_t now_ms,
                     struct step *out);
/* The same while it is only waited for: CloudWatch is asked when nothing noted is in ALARM, and an
 * alarm that cannot be read changes nothing. */
bool may_go_on(const struct view *v, const struct held *h, int64_t now_ms, struct step *out);

/* Wait before the n-th further try of something outside that failed: 1 s, 2 s, 4 s ... at most a
 * minute. */
int64_t backoff_ms(int64_t attempts);

#endif
