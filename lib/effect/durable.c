/* SPDX-License-Identifier: Apache-2.0
 * See durable.h. */
#include "lib/effect/durable.h"

#include "lib/effect/publish.h"
#include "lib/store/state_control.h"

/* A writer that was overtaken while its record was in flight writes once more; each round means
 * that somebody else was faster. */
#define ROUNDS_MAX 8
/* So many wrong victims within an hour pause their account. */
#define WRONG_MAX 3

/* Redis lost it before it was stored, and may have been put together without it. A claim is void
 * then: nothing was done for it yet, and another may have the task. Anything else is put back. */
static int see_to_lost(const struct ports *ports, struct drain *d, struct arena *a, struct err *e)
{
    if (d->version == 1) {
        d->state = DRAIN_RESTORED;
        d->reason = reason_word(REASON_STATE_LOST);
        d->version++;
        d->look_at = 0;
        d->finished_at = clock_wall_ms(&ports->clock);
    }
    return state_merge(&ports->store, d, false, a, e);
}

/* Redis has another record than the one that was stored. A lower version: it lost ours. A higher one
 * is written too. The same one: it lost ours and went on from before it; it becomes a version higher,
 * so that what is on ebb.state has an order. *is_ours: whether we made what is to be written then. */
static int see_to_other(const struct ports *ports, struct drain *d, const struct drain *there,
                        bool *is_ours, struct arena *a, struct err *e)
{
    struct move_request again = {.becomes = there};
    if (there->version < d->version) return state_merge(&ports->store, d, false, a, e);
    bool is_newer = there->version > d->version;
    *d = *there;
    if (is_newer) return E_OK;
    int code = state_move(&ports->store, &again, a, d, e);
    *is_ours = !code;
    return code == E_CONFLICT ? E_OK : code;
}

/* E_CONFLICT and E_NOT_FOUND as state_recorded. */
static int write_once(const struct ports *ports, const struct drain *d, bool is_ours,
                      struct arena *a, struct drain *there, struct err *e)
{
    int code = is_ours ? E_OK : state_will_record(&ports->store, d, a, there, e);
    if (!code) code = publish_drain(&ports->bus, d, a, e);
    if (!code) code = state_recorded(&ports->store, d, a, there, e);
    return code;
}

int durable_record(const struct ports *ports, struct drain *d, bool is_ours, struct arena *a,
                   struct err *e)
{
    for (int round = 0; round < ROUNDS_MAX; round++) {
        struct drain there = {0};
        int code = write_once(ports, d, is_ours, a, &there, e);
        if (!code) return E_OK;
        is_ours = false;
        if (code == E_NOT_FOUND)
            code = see_to_lost(ports, d, a, e);
        else if (code == E_CONFLICT)
            code = see_to_other(ports, d, &there, &is_ours, a, e);
        if (code) return code;
    }
    return err_set(e, E_CONFLICT, "drain %.*s moves faster than it can be recorded",
                   STR_ARG(d->drain_id));
}

int durable_drain(const struct ports *ports, const struct drain *given, struct arena *a,
                  struct err *e)
{
    struct drain d = *given;
    return durable_record(ports, &d, false, a, e);
}

/* Redis has another control record than the one that was stored, or none; as with drains. */
static int see_to_other_control(const struct ports *ports, struct control *c, struct arena *a,
                                struct err *e)
{
    struct control_held held;
    int code = state_read_control(&ports->store, c->scope, a, &held, e);
    if (code) return code;
    if (held.record.version < c->version) return state_merge_control(&ports->store, c, a, e);
    bool is_same = held.record.version == c->version && held.record.at == c->at;
    bool has_order = held.record.version > c->version || control_is_newer(&held.record);
    if (is_same) return E_OK;
    *c = held.record;
    if (has_order) return E_OK;
    c->version++;
    code = state_set_control(&ports->store, c, a, e);
    return code == E_CONFLICT ? E_OK : code;
}

/* Writes that very record, also one that Redis lost since it was said. */
static int write_control(const struct ports *ports, const struct control *said, struct arena *a,
                         struct err *e)
{
    struct control c = *said;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        /* Newer programs write their own, whose fields this one would lose. */
        if (control_is_newer(&c)) return E_OK;
        int code = publish_control(&ports->bus, &c, a, e);
        if (!code) code = state_control_recorded(&ports->store, &c, a, e);
        if (code == E_NOT_FOUND || code == E_CONFLICT)
            code = see_to_other_control(ports, &c, a, e);
        else
            return code;
        if (code) return code;
    }
    return err_set(e, E_CONFLICT, "more is said of %.*s than can be recorded", STR_ARG(c.scope));
}

int durable_said(const struct ports *ports, struct str scope, struct arena *a, struct err *e)
{
    struct control_held held;
    int code = state_read_control(&ports->store, scope, a, &held, e);
    if (code || !held.exists || held.recorded) return code;
    return write_control(ports, &held.record, a, e);
}

/* A pause that lasts as long as another one wanted is left as it is, whoever said it: only to resume
 * ends it sooner. */
static bool lasts_as_long(const struct control *there, const struct control *wanted)
{
    if (wanted->kind != CONTROL_PAUSE || !control_pauses(there, wanted->at)) return false;
    return !there->until || (wanted->until && there->until >= wanted->until);
}

int durable_control(const struct ports *ports, const struct control *wanted, struct arena *a,
                    struct err *e)
{
    struct control c = *wanted;
    int code = E_CONFLICT;
    c.format = CONTROL_FORMAT;
    for (int round = 0; round < ROUNDS_MAX && code == E_CONFLICT; round++) {
        struct control_held held;
        code = state_read_control(&ports->store, c.scope, a, &held, e);
        if (code) return code;
        if (lasts_as_long(&held.record, &c))
            return held.recorded ? state_is_whole(&ports->store, a, e)
                                 : write_control(ports, &held.record, a, e);
        c.version = held.record.version + 1;
        code = state_set_control(&ports->store, &c, a, e);
    }
    return code ? code : write_control(ports, &c, a, e);
}

static int pause_account(const struct ports *ports, struct str service, struct arena *a,
                         struct err *e)
{
    struct control pause = {
        .kind = CONTROL_PAUSE,
        .scope = control_account_of(a, service),
        .by = STR(CONTROL_BY_EBB),
        .why = arena_format(a,
                            "tasks that were not drained were stopped %d times within an hour, "
                            "the last one of %.*s",
                            WRONG_MAX, STR_ARG(service)),
    };
    int code = state_time(&ports->store, a, &pause.at, e);
    return code ? code : durable_control(ports, &pause, a, e);
}

void perform_brake(const struct ports *ports, const struct view *v, struct result *out)
{
    struct err e = {0};
    int64_t count = 0;
    struct str service = v->message->service;
    int code = state_note_wrong(&ports->store, service, &v->intent, v->arena, &count, &e);
    if (!code && count >= WRONG_MAX) code = pause_account(ports, service, v->arena, &e);
    if (code) {
        result_of_error(out, code, &e, v->arena);
        return;
    }
    out->outcome = OUTCOME_OK;
    out->detail = arena_format(v->arena, "%lld within the hour%s", (long long)count,
                               count >= WRONG_MAX ? ": the account is paused" : "");
}
