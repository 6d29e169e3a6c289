/* SPDX-License-Identifier: Apache-2.0
 * Effects that publish: a drain's record to ebb.state, and the next stage's message. */
#include "lib/effect/durable.h"
#include "lib/effect/publish.h"

static int ask(const struct ports *ports, const struct view *v, const struct effect *effect,
               struct err *e)
{
    struct message m = message_about(ports, &effect->drain, v->arena);
    m.cause = v->message->cause; /* of what this look is about */
    return publish_message(&ports->bus, str_from(effect->topic), &m, v->traceparent, v->arena, e);
}

/* What is durable then may be another record than the look goes by: it is to be decided anew. */
static int record(const struct ports *ports, const struct view *v, const struct effect *effect,
                  struct err *e)
{
    struct drain d = effect->drain;
    bool is_ours = view_held(v, d.drain_id)->unsent;
    int code = durable_record(ports, &d, is_ours, v->arena, e);
    if (code || d.version == effect->drain.version) return code;
    return err_set(e, E_CONFLICT, "drain %.*s was moved to version %lld meanwhile",
                   STR_ARG(d.drain_id), (long long)d.version);
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
