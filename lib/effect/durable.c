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

/* Once the record is acknowledged Redis is told, and says whether it has moved meanwhile. */
int durable_drain(const struct ports *ports, const struct drain *given, struct arena *a,
                  struct err *e)
{
    struct drain d = *given, now = {0};
    for (int round = 0; round < ROUNDS_MAX; round++) {
        int code = publish_drain(&ports->bus, &d, a, e);
        if (!code) code = state_recorded(&ports->store, &d, a, &now, e);
        /* Redis lost it since; it is rebuilt from what was just written. */
        if (code == E_NOT_FOUND) return E_OK;
        if (code != E_CONFLICT) return code;
        d = now;
    }
    return err_set(e, E_CONFLICT, "drain %.*s moves faster than it can be recorded",
                   STR_ARG(d.drain_id));
}

int durable_said(const struct ports *ports, struct str scope, struct arena *a, struct err *e)
{
    for (int round = 0; round < ROUNDS_MAX; round++) {
        struct control_held held;
        int code = state_read_control(&ports->store, scope, a, &held, e);
        if (code || !held.exists || held.recorded) return code;
        code = publish_control(&ports->bus, &held.record, a, e);
        if (!code) code = state_control_recorded(&ports->store, &held.record, a, e);
        if (code == E_NOT_FOUND) return E_OK; /* as with drains */
        if (code != E_CONFLICT) return code;
    }
    return err_set(e, E_CONFLICT, "more is said of %.*s than can be recorded", STR_ARG(scope));
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
        c.version = held.record.version + 1;
        code = state_set_control(&ports->store, &c, a, e);
    }
    return code ? code : durable_said(ports, c.scope, a, e);
}

/* A pause without an end is left as it is, whoever said it. */
static int pause_account(const struct ports *ports, struct str service, struct arena *a,
                         struct err *e)
{
    struct control_held held;
    struct control pause = {
        .kind = CONTROL_PAUSE,
        .scope = control_account_of(a, service),
        .by = STR(CONTROL_BY_EBB),
        .why = arena_format(a,
                            "tasks that were not drained were stopped %d times within an hour, "
                            "the last one of %.*s",
                            WRONG_MAX, STR_ARG(service)),
        .at = clock_wall_ms(&ports->clock),
    };
    int code = state_read_control(&ports->store, pause.scope, a, &held, e);
    if (code) return code;
    if (held.record.kind == CONTROL_PAUSE && !held.record.until)
        return durable_said(ports, pause.scope, a, e);
    return durable_control(ports, &pause, a, e);
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
