/* SPDX-License-Identifier: Apache-2.0
 * The API budget as looks use it: whose turn a look's calls are, and what a look that will hold a
 * lease takes ahead. */
#include "lib/base/arn.h"
#include "lib/budget/budget.h"
#include "lib/effect/ports.h"

/* What the effect is for, taken by itself. A drain's task and alarm are read so that it goes on, or is
 * undone: that must not wait behind all services that ask whether they may be drained. */
static enum priority priority_of_effect(enum effect_kind kind)
{
    switch (kind) {
    case EFFECT_PROTECT:
    case EFFECT_READ_PROTECTION:
    case EFFECT_READ_TASK_PROTECTION: return PRIORITY_RENEW;
    case EFFECT_RESTORE:
    case EFFECT_RELEASE: return PRIORITY_RESTORE;
    case EFFECT_EXCLUDE:
    case EFFECT_READ_TASK:
    case EFFECT_READ_TRIGGER:
    case EFFECT_UNPROTECT:
    case EFFECT_READ_BUDGET:
    case EFFECT_LOWER:
    case EFFECT_STOP_TASK: return PRIORITY_SCALE;
    case EFFECT_READ_LIMITS:
    case EFFECT_READ_DRAIN:
    case EFFECT_READ_DRAINED:
    case EFFECT_READ_SERVICE:
    case EFFECT_READ_FLOOR:
    case EFFECT_READ_TASKS:
    case EFFECT_READ_STATUS:
    case EFFECT_READ_ALARMS:
    case EFFECT_NOTE_ALARM:
    case EFFECT_BRAKE:
    case EFFECT_CLAIM:
    case EFFECT_MOVE:
    case EFFECT_TAKE_LEASE:
    case EFFECT_PUT_INTENT:
    case EFFECT_CLOSE_INTENT:
    case EFFECT_START:
    case EFFECT_CANCEL:
    case EFFECT_RECORD:
    case EFFECT_ASK:
    case EFFECT_KINDS: break;
    }
    return PRIORITY_READ;
}

enum priority perform_priority(const struct view *v, enum effect_kind kind)
{
    enum priority priority = priority_of_effect(kind);
    bool gives_back = v->drain_known && (v->drain.record.state == DRAIN_UNDOING ||
                                         v->drain.record.state == DRAIN_RELEASING);
    return gives_back && priority > PRIORITY_RESTORE ? PRIORITY_RESTORE : priority;
}

struct budget_use perform_use(const struct ports *ports, const struct view *v)
{
    struct budget_use use = {.budget = ports->budget, .aws = ports->aws};
    struct service_key key;
    /* What is no service key is refused before anything is called for it. */
    if (!service_key_parse(v->message->service, &key)) use.account = key.account;
    return use;
}

/* What a look of stage scale calls that lowers the count of a service of some tasks: it reads the
 * service and its tasks before and after it protects the others, and once it is lowered. A look
 * that only watches gives the rest back; what a large service costs besides is owed. */
static void add_calls_of_scale(const struct service_settings *settings, int64_t calls[BUCKETS])
{
    calls[BUCKET_SERVICE_READ] = 3;
    calls[BUCKET_RESOURCE_READ] = 6;
    calls[BUCKET_PROTECTION] = 5;
    calls[BUCKET_SERVICE_MODIFY] = 1;
    calls[BUCKET_RESOURCE_MODIFY] = 1;
    calls[BUCKET_AUTOSCALING_READ] = settings->min_tasks < 0;
    calls[BUCKET_ALARM_READ] = settings->cancel_when_ok;
}

void perform_budget(const struct ports *ports, const struct view *v, struct result *out)
{
    struct service_key key;
    int64_t calls[BUCKETS] = {0}, wait_ms = 0;
    out->outcome = OUTCOME_OK;
    if (!ports->use || service_key_parse(v->message->service, &key)) return;
    add_calls_of_scale(v->settings, calls);
    budget_take_ahead(ports->use, key.region, calls, v->arena, &wait_ms);
    if (!wait_ms) return;
    out->outcome = OUTCOME_RETRY;
    out->throttled = true;
    out->code = STR(BUDGET_CODE);
    out->again_at = clock_wall_ms(&ports->clock) + wait_ms;
}
