/* SPDX-License-Identifier: Apache-2.0
 * Effects on our own state. */
#include "lib/effect/ports.h"
#include "lib/store/state.h"

/* The claim's answer is a result whether it grants or refuses: only not getting one is an error. */
static int claim(const struct ports *ports, const struct view *v, const struct effect *effect,
                 struct result *out, struct err *e)
{
    bool check = effect->kind == EFFECT_READ_LIMITS;
    struct drain about = {.service = v->message->service, .cause = v->message->cause};
    struct claim_request request = {
        .settings = v->settings,
        .drain = check ? &about : &effect->drain,
        .serving = effect->serving,
        .floor = effect->floor,
        .open_tasks = v->limits.open_tasks,
        .open_tasks_n = v->limits.open_tasks_n,
        .open_per_account = ports->config->limits.open_per_account,
        .check_only = check,
    };
    int code = state_claim(&ports->store, &request, v->arena, &out->limits, e);
    if (code || check) return code;
    out->outcome = out->limits.refusal ? OUTCOME_REFUSED : OUTCOME_OK;
    out->code = out->limits.refusal ? reason_word(out->limits.refusal) : STR_NONE;
    out->drain = effect->drain;
    out->drain.version = 1;
    return E_OK;
}

static int move(const struct ports *ports, const struct view *v, const struct effect *effect,
                struct result *out, struct err *e)
{
    int64_t backoff_ms =
        effect->backoff_until ? effect->backoff_until - clock_wall_ms(&ports->clock) : 0;
    struct move_request request = {
        .becomes = &effect->drain,
        .refund = effect->refund,
        .backoff_ms = backoff_ms > 0 ? backoff_ms : 0,
        .skips = view_held(v, effect->drain.drain_id)->unsent,
    };
    return state_move(&ports->store, &request, v->arena, &out->drain, e);
}

/* Asked for before and after: what was put back meanwhile may be older than ebb.state has it. */
static int read_drained(const struct ports *ports, const struct view *v, struct result *out,
                        struct err *e)
{
    struct drain_list list;
    struct str service = v->message->service;
    int code = state_is_whole(&ports->store, v->arena, e);
    if (!code) code = state_read_intent(&ports->store, service, v->arena, &out->intent, e);
    if (!code) code = state_read_open(&ports->store, service, DRAIN_DRAINED, v->arena, &list, e);
    if (!code) code = state_is_whole(&ports->store, v->arena, e);
    if (code) return code;
    out->drains = ARENA_ARRAY(v->arena, list.n, struct held);
    for (; out->drains_n < list.n; out->drains_n++)
        out->drains[out->drains_n] = (struct held){.record = list.items[out->drains_n].record,
                                                   .recorded = list.items[out->drains_n].recorded};
    return E_OK;
}

static int intent(const struct ports *ports, const struct view *v, const struct effect *effect,
                  struct result *out, struct err *e)
{
    struct str service = v->message->service;
    if (effect->kind == EFFECT_CLOSE_INTENT)
        return state_close_intent(&ports->store, service, ports->holder, &v->intent, v->arena, e);
    out->intent = (struct intent_fact){
        .open = true,
        .base = effect->base,
        .to = effect->desired,
        .not_after = effect->not_after,
        .others = effect->others,
    };
    return state_put_intent(&ports->store, service, ports->holder, &out->intent, v->arena, e);
}

static int read_drain(const struct ports *ports, const struct view *v, const struct effect *effect,
                      struct result *out, struct err *e)
{
    struct str id = effect->drain.drain_id.n ? effect->drain.drain_id : v->message->drain_id;
    struct drain_held held;
    int code = state_read_to_act(&ports->store, id, v->arena, &held, e);
    out->drain_exists = held.exists;
    out->drain = held.record;
    out->recorded = held.recorded;
    return code;
}

static int take_lease(const struct ports *ports, const struct view *v, struct result *out,
                      struct err *e)
{
    struct str name = state_scale_lease(v->arena, v->message->service);
    /* From before it was asked for: Redis begins to count later. */
    out->lease_until = clock_wall_ms(&ports->clock) + SCALE_LEASE_MS;
    return state_take_lease(&ports->store, name, ports->holder, SCALE_LEASE_MS, v->arena, e);
}

void perform_store(const struct ports *ports, const struct view *v, const struct effect *effect,
                   struct result *out)
{
    struct err e = {0};
    enum effect_kind kind = effect->kind;
    int code = E_OK;
    if (kind == EFFECT_READ_LIMITS || kind == EFFECT_CLAIM) code = claim(ports, v, effect, out, &e);
    if (kind == EFFECT_READ_DRAIN) code = read_drain(ports, v, effect, out, &e);
    if (kind == EFFECT_READ_DRAINED) code = read_drained(ports, v, out, &e);
    if (kind == EFFECT_MOVE) code = move(ports, v, effect, out, &e);
    if (kind == EFFECT_TAKE_LEASE) code = take_lease(ports, v, out, &e);
    if (kind == EFFECT_PUT_INTENT || kind == EFFECT_CLOSE_INTENT)
        code = intent(ports, v, effect, out, &e);
    if (code)
        result_of_error(out, code, &e, v->arena);
    else if (out->outcome == OUTCOME_NONE)
        out->outcome = OUTCOME_OK;
}
