/* SPDX-License-Identifier: Apache-2.0
 * See look.h. */
#include "lib/run/look.h"

#include "lib/distributor/token.h"

static bool is_lost_race(const struct result *r)
{
    return str_eq(r->code, err_name(E_CONFLICT));
}

bool look_is_over(const struct effect *effect, const struct result *result, struct verdict *out)
{
    enum effect_class class = effect_class_of(effect->kind);
    if (result->outcome == OUTCOME_OK || class == EFFECT_CLASS_OUTSIDE) return false;
    /* Facts a stage decides on by itself: a task that does not answer, limits that forbid, a lease
     * that is taken, an intent that came between, an alarm or a protection that cannot be read. */
    if (effect->kind == EFFECT_READ_STATUS || effect->kind == EFFECT_READ_TRIGGER) return false;
    if (effect->kind == EFFECT_READ_TASK_PROTECTION) return false;
    if (effect->kind == EFFECT_CLAIM && result->outcome == OUTCOME_REFUSED) return false;
    if (effect->kind == EFFECT_TAKE_LEASE && str_eq(result->code, err_name(E_BUSY))) return false;
    /* Somebody moved it first: it is read again and decided anew. */
    if (class == EFFECT_CLASS_STATE && is_lost_race(result)) return false;
    bool is_lost = str_eq(result->code, err_name(E_STATE_LOST));
    *out = (struct verdict){
        .kind = VERDICT_RETRY,
        .reason = is_lost            ? REASON_STATE_LOST
                  : result->answered ? REASON_ANSWERED_ERROR
                  : result->again_at ? REASON_API_BUDGET
                                     : REASON_UNREACHABLE,
        .subject = result->code,
        .at = result->again_at,
    };
    if (effect->kind == EFFECT_MOVE && str_eq(result->code, err_name(E_NOT_FOUND)))
        *out = (struct verdict){.kind = VERDICT_REFUSED, .reason = REASON_NO_SUCH_DRAIN};
    return true;
}

static void note(const struct effect *effect, const struct result *result, int64_t at,
                 int64_t took_ms, struct look_report *out)
{
    enum effect_class class = effect_class_of(effect->kind);
    bool only_looks = class == EFFECT_CLASS_READ || class == EFFECT_CLASS_NOTE;
    if (!only_looks && effect->kind != EFFECT_TAKE_LEASE) out->acted = true;
    out->steps[out->steps_n++] = (struct step_note){
        .effect = str_from(effect_word(effect->kind)),
        .outcome = outcome_word(result->outcome),
        .code = result->code,
        .detail = str_clip(result->detail, STEP_DETAIL_MAX),
        .at = at,
        .took_ms = took_ms,
    };
}

/* The proof names drain and task, so it can be judged once the drain's record is known. */
static void judge_proof(const struct ports *ports, struct view *v)
{
    const struct drain *d = &v->drain.record;
    v->proven = v->drain_known && v->drain_exists && str_eq(d->drain_id, v->message->drain_id) &&
                token_proof_is_right(&ports->config->callback, v->message->proof, d->drain_id,
                                     d->task_arn, v->arena);
}

/* One effect, its calls to AWS within the budget. */
static void perform_within(const struct ports *ports, struct budget_use *use, const struct view *v,
                           const struct effect *effect, struct result *result)
{
    struct ports own = *ports;
    own.aws = budget_port(use);
    own.use = use;
    use->priority = perform_priority(v, effect->kind);
    use->owes = v->did[EFFECT_TAKE_LEASE].outcome == OUTCOME_OK;
    use->wait_ms = 0;
    perform(&own, v, effect, result);
    if (use->wait_ms) result->again_at = clock_wall_ms(&ports->clock) + use->wait_ms;
}

static void go_on(const struct ports *ports, struct budget_use *use, stage_next *next,
                  struct view *v, struct look_report *out)
{
    *out = (struct look_report){.steps = ARENA_ARRAY(v->arena, LOOK_STEPS_MAX, struct step_note)};
    while (out->steps_n < LOOK_STEPS_MAX) {
        struct step s = next(v, clock_wall_ms(&ports->clock));
        if (s.is_verdict) {
            out->verdict = s.verdict;
            return;
        }
        struct result result;
        int64_t at = clock_wall_ms(&ports->clock), began = clock_mono_ms(&ports->clock);
        perform_within(ports, use, v, &s.effect, &result);
        note(&s.effect, &result, at, clock_mono_ms(&ports->clock) - began, out);
        view_learn(v, &s.effect, &result);
        if (s.effect.kind == EFFECT_READ_DRAIN) judge_proof(ports, v);
        out->unpublished =
            effect_class_of(s.effect.kind) == EFFECT_CLASS_PUBLISH && result.outcome != OUTCOME_OK;
        if (look_is_over(&s.effect, &result, &out->verdict)) return;
    }
    out->verdict = (struct verdict){.kind = VERDICT_RETRY, .reason = REASON_TOO_MANY_STEPS};
}

void look(const struct ports *ports, stage_next *next, struct view *v, struct look_report *out)
{
    struct budget_use use = perform_use(ports, v);
    go_on(ports, &use, next, v, out);
    budget_give_back(&use, v->arena);
}
