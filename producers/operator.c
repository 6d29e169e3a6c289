/* SPDX-License-Identifier: Apache-2.0
 * See operator.h. */
#include "producers/operator.h"

#include "lib/base/time_text.h"
#include "lib/effect/durable.h"
#include "lib/effect/publish.h"
#include "lib/store/state_control.h"
#include "workers/stage.h"

#define ROUNDS_MAX 8 /* each means that somebody else moved the drain first */

/* What an order makes of a drain: false when it changes nothing, and *answer says why. */
typedef bool order_of(const struct drain *d, const struct order *order, int64_t now_ms,
                      struct arena *a, struct drain *becomes, enum order_answer *answer);

/* O1. E_CONFLICT when another version of the drain counts by then: it may not have the order, if Redis
 * lost it before it was stored. */
static int write_order(const struct ports *ports, struct drain *given, struct arena *a,
                       struct err *e)
{
    int64_t version = given->version;
    int code = durable_record(ports, given, true, a, e);
    if (code || given->version == version) return code;
    return err_set(e, E_CONFLICT, "drain %.*s has become version %lld meanwhile",
                   STR_ARG(given->drain_id), (long long)given->version);
}

/* O1, O4. What was ordered before is written once more: whoever did may have died in between. */
static int give(const struct ports *ports, struct str drain_id, const struct order *order,
                order_of *what, struct arena *a, struct drain *out, enum order_answer *answer,
                struct err *e)
{
    bool given = false;
    int code = state_is_whole(&ports->store, a, e);
    if (code) return code;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        struct drain_held held;
        struct drain becomes;
        code = state_read_drain(&ports->store, drain_id, a, &held, e);
        if (!code && !held.exists)
            code = err_set(e, E_NOT_FOUND, "there is no drain %.*s", STR_ARG(drain_id));
        if (code) return code;
        *out = held.record;
        if (!what(&held.record, order, clock_wall_ms(&ports->clock), a, &becomes, answer)) {
            if (given && *answer == ORDER_GIVEN_BEFORE) *answer = ORDER_GIVEN;
            return held.recorded || drain_is_newer(&held.record)
                       ? E_OK
                       : durable_drain(ports, &held.record, a, e);
        }
        struct move_request request = {.becomes = &becomes};
        code = state_move(&ports->store, &request, a, out, e);
        given |= !code;
        if (!code) code = write_order(ports, out, a, e);
        if (code != E_CONFLICT) return code;
    }
    return code;
}

/* ---------------------------------------------------------------- cancel */

/* O2. */
static bool cancels(const struct drain *d, const struct order *order, int64_t now_ms,
                    struct arena *a, struct drain *becomes, enum order_answer *answer)
{
    (void)a;
    *answer = ORDER_GIVEN;
    if (drain_is_newer(d)) *answer = ORDER_NEWER;
    switch ((enum drain_state)d->state) {
    case DRAIN_CLAIMED:
    case DRAIN_REMOVED:
    case DRAIN_DRAINING:
        if (d->cancel_asked_at) *answer = ORDER_GIVEN_BEFORE;
        break;
    case DRAIN_UNDOING:
    case DRAIN_RESTORED: *answer = ORDER_GIVEN_BEFORE; break;
    case DRAIN_DRAINED:
    case DRAIN_RELEASING:
    case DRAIN_SCALED_OUT:
    case DRAIN_REPLACED:
    case DRAIN_GONE: *answer = ORDER_TOO_LATE; break;
    case DRAIN_OTHER: break;
    }
    *becomes = *d;
    becomes->cancel_asked_at = now_ms;
    becomes->cancel_asked_by = order->by;
    becomes->cancel_why = order->why;
    becomes->look_at = now_ms;
    return *answer == ORDER_GIVEN;
}

/* The drain's timer is due as well, so a message that is lost costs little. */
static void tell_stage(const struct ports *ports, const struct drain *d, const struct order *order,
                       struct arena *a)
{
    struct err e = {0};
    const char *topic = topic_of_state(d->state);
    struct message m = message_about(ports, d, a);
    m.asked_by = d->cancel_asked_by;
    if (!topic || !publish_message(&ports->bus, str_from(topic), &m, STR_NONE, a, &e)) return;
    LOG(order->log, LOG_WARN, "stage_not_told", LOG_STR("drainId", d->drain_id),
        LOG_STR("why", str_from(e.text)));
}

/* Gives the order, and tells the drain's stage of one that stands. */
static int give_and_tell(const struct ports *ports, struct str drain_id, const struct order *order,
                         order_of *what, struct arena *a, struct drain *out,
                         enum order_answer *answer, struct err *e)
{
    int code = give(ports, drain_id, order, what, a, out, answer, e);
    bool stands = *answer == ORDER_GIVEN || *answer == ORDER_GIVEN_BEFORE;
    if (!code && stands) tell_stage(ports, out, order, a);
    return code;
}

int operator_cancel(const struct ports *ports, struct str drain_id, const struct order *order,
                    struct arena *a, struct drain *out, enum order_answer *answer, struct err *e)
{
    return give_and_tell(ports, drain_id, order, cancels, a, out, answer, e);
}

/* ---------------------------------------------------------------- close */

static struct str both(struct str first, struct str second, struct arena *a)
{
    if (!first.n || !second.n) return first.n ? first : second;
    return arena_format(a, "%.*s; %.*s", STR_ARG(first), STR_ARG(second));
}

/* What nobody has confirmed of a drain that is being undone; its end gives no protection back. */
static struct str undoing_leaves(const struct drain *d, struct arena *a)
{
    struct str task = STR_NONE, address = STR_NONE, protection = STR_NONE;
    int64_t until =
        d->protected_until > d->protection_asked ? d->protected_until : d->protection_asked;
    if (must_cancel_first(d))
        task = arena_format(a, "task %.*s has not confirmed that it accepts work again",
                            STR_ARG(d->task_arn));
    if (d->remove_sent_at)
        address = arena_format(
            a, "the distributor has not confirmed that it sends work to the address %.*s again",
            STR_ARG(d->address));
    if (d->protection_asked)
        protection = arena_format(a, "task %.*s stays protected from scale-in until %.*s",
                                  STR_ARG(d->task_arn), STR_ARG(time_format_iso(a, until)));
    struct str all = both(both(task, address, a), protection, a);
    return all.n ? all : STR("nothing");
}

struct str operator_unconfirmed(const struct drain *d, struct arena *a)
{
    if (drain_is_newer(d)) return STR_NONE;
    if (d->state == DRAIN_UNDOING) return undoing_leaves(d, a);
    if (d->state != DRAIN_RELEASING) return STR_NONE;
    if (!d->remove_sent_at) return STR("nothing");
    return arena_format(a, "the distributor has not confirmed that it forgot the address %.*s",
                        STR_ARG(d->address));
}

/* O3. The stages end it, whose records are seen to: a final one has no timer, and whoever orders may
 * die before ebb.state has it. */
static bool closes(const struct drain *d, const struct order *order, int64_t now_ms,
                   struct arena *a, struct drain *becomes, enum order_answer *answer)
{
    *answer = ORDER_GIVEN;
    if (d->state != DRAIN_UNDOING && d->state != DRAIN_RELEASING) *answer = ORDER_TOO_EARLY;
    if (drain_is_final(d->state) || d->closed_at) *answer = ORDER_GIVEN_BEFORE;
    if (drain_is_newer(d)) *answer = ORDER_NEWER;
    if (*answer != ORDER_GIVEN) return false;
    *becomes = *d;
    becomes->closed_at = becomes->look_at = now_ms;
    becomes->closed_by = order->by;
    becomes->close_why = order->why;
    becomes->unconfirmed = operator_unconfirmed(d, a);
    return true;
}

int operator_close(const struct ports *ports, struct str drain_id, const struct order *order,
                   struct arena *a, struct drain *out, enum order_answer *answer, struct err *e)
{
    return give_and_tell(ports, drain_id, order, closes, a, out, answer, e);
}

/* ---------------------------------------------------------------- pause, resume */

int operator_pause(const struct ports *ports, struct str scope, int64_t for_ms,
                   const struct order *order, struct arena *a, int64_t *until, struct err *e)
{
    struct control c = {.kind = CONTROL_PAUSE, .scope = scope, .by = order->by, .why = order->why};
    int code = state_time(&ports->store, a, &c.at, e);
    if (code) return code;
    *until = c.until = for_ms ? c.at + for_ms : 0;
    return durable_control(ports, &c, a, e);
}

int operator_resume(const struct ports *ports, struct str scope, const struct order *order,
                    struct arena *a, bool *was_paused, struct err *e)
{
    struct control_held held;
    struct control c = {
        .kind = CONTROL_RESUME,
        .scope = scope,
        .by = order->by,
        .why = order->why,
    };
    int code = state_is_whole(&ports->store, a, e);
    if (!code) code = state_time(&ports->store, a, &c.at, e);
    if (!code) code = state_read_control(&ports->store, scope, a, &held, e);
    if (code) return code;
    *was_paused = control_pauses(&held.record, c.at);
    if (held.record.kind == CONTROL_PAUSE) return durable_control(ports, &c, a, e);
    return durable_said(ports, scope, a, e);
}
