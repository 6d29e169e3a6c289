/* SPDX-License-Identifier: Apache-2.0
 * Which port performs which effect, and how an error becomes an outcome. */
#include "lib/effect/durable.h"

void result_of_error(struct result *out, int code, const struct err *e, struct arena *a)
{
    out->code = code ? err_name(code) : STR_NONE;
    out->throttled = code == E_THROTTLED;
    out->detail = arena_copy(a, str_from(e->text));
    switch (err_class_of(code)) {
    case ERR_CLASS_NONE: out->outcome = OUTCOME_OK; break;
    case ERR_CLASS_RETRY:
        out->outcome = code == E_UNKNOWN_OUTCOME ? OUTCOME_UNKNOWN : OUTCOME_RETRY;
        break;
    case ERR_CLASS_PERMANENT: out->outcome = OUTCOME_REFUSED; break;
    /* A bug or a broken dependency does not make a drain impossible: it is tried again after a
     * repair. */
    case ERR_CLASS_OURS:
    case ERR_CLASS_FATAL: out->outcome = OUTCOME_RETRY; break;
    }
}

void result_of_aws(struct result *out, int code, const struct aws_failure *failure, struct arena *a)
{
    result_of_error(out, code, &failure->err, a);
    if (!failure->code[0]) return;
    out->code = arena_copy(a, str_from(failure->code));
    out->answered = !out->throttled;
}

void perform(const struct ports *ports, const struct view *v, const struct effect *effect,
             struct result *out)
{
    *out = (struct result){0};
    switch (effect->kind) {
    case EFFECT_READ_LIMITS:
    case EFFECT_READ_DRAIN:
    case EFFECT_READ_DRAINED:
    case EFFECT_CLAIM:
    case EFFECT_MOVE:
    case EFFECT_TAKE_LEASE:
    case EFFECT_PUT_INTENT:
    case EFFECT_CLOSE_INTENT: perform_store(ports, v, effect, out); break;
    case EFFECT_BRAKE: perform_brake(ports, v, out); break;
    case EFFECT_READ_SERVICE:
    case EFFECT_READ_FLOOR:
    case EFFECT_READ_TASKS:
    case EFFECT_READ_TASK:
    case EFFECT_READ_PROTECTION:
    case EFFECT_READ_TASK_PROTECTION:
    case EFFECT_PROTECT:
    case EFFECT_UNPROTECT:
    case EFFECT_LOWER:
    case EFFECT_STOP_TASK: perform_ecs(ports, v, effect, out); break;
    case EFFECT_READ_BUDGET: perform_budget(ports, v, out); break;
    case EFFECT_READ_STATUS:
    case EFFECT_START:
    case EFFECT_CANCEL: perform_task(ports, v, effect, out); break;
    case EFFECT_READ_ALARMS:
    case EFFECT_READ_TRIGGER:
    case EFFECT_NOTE_ALARM: perform_alarms(ports, v, effect, out); break;
    case EFFECT_EXCLUDE:
    case EFFECT_RESTORE:
    case EFFECT_RELEASE: perform_distributor(ports, v, effect, out); break;
    case EFFECT_RECORD:
    case EFFECT_ASK: perform_bus(ports, v, effect, out); break;
    case EFFECT_KINDS: EBB_ASSERT(effect->kind < EFFECT_KINDS);
    }
}
