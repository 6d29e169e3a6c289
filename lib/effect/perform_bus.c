/* SPDX-License-Identifier: Apache-2.0
 * Effects that publish: a drain's record to ebb.state, and the next stage's message. */
#include "lib/base/crypto.h"
#include "lib/effect/publish.h"
#include "lib/store/state.h"

/* A writer that was overtaken while its record was in flight writes once more; each round means
 * another move. */
#define RECORD_ROUNDS_MAX 8

/* Once the record is acknowledged Redis is told, and says whether it has moved meanwhile. */
static int record(const struct ports *ports, const struct view *v, const struct effect *effect,
                  struct err *e)
{
    struct drain d = effect->drain, now = {0};
    for (int round = 0; round < RECORD_ROUNDS_MAX; round++) {
        int code = publish_drain(&ports->bus, &d, v->arena, e);
        if (!code) code = state_recorded(&ports->store, &d, v->arena, &now, e);
        /* Redis lost it since; it is rebuilt from what was just written. */
        if (code == E_NOT_FOUND) return E_OK;
        if (code != E_CONFLICT) return code;
        d = now;
    }
    return err_set(e, E_CONFLICT, "drain %.*s moves faster than it can be recorded",
                   STR_ARG(d.drain_id));
}

static int ask(const struct ports *ports, const struct view *v, const struct effect *effect,
               struct err *e)
{
    struct message m = {
        .format = MESSAGE_FORMAT,
        .id = crypto_uuid(v->arena),
        .service = effect->drain.service,
        .drain_id = effect->drain.drain_id,
        .cause = v->message->cause,
        .time = clock_wall_ms(&ports->clock),
    };
    return publish_message(&ports->bus, str_from(effect->topic), &m, v->traceparent, v->arena, e);
}

void perform_bus(const struct ports *ports, const struct view *v, const struct effect *effect,
                 struct result *out)
{
    struct err e = {0};
    int code =
        effect->kind == EFFECT_RECORD ? record(ports, v, effect, &e) : ask(ports, v, effect, &e);
    if (code)
        result_of_error(out, code, &e, v->arena);
    else
        out->outcome = OUTCOME_OK;
    if (effect->kind == EFFECT_ASK) out->detail = str_from(effect->topic);
}
