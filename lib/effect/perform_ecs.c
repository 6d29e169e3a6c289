/* SPDX-License-Identifier: Apache-2.0
 * Effects on ECS and Application Auto Scaling: what the stages want, in AWS's terms. */
#include "lib/aws/ecs_calls.h"
#include "lib/base/arn.h"
#include "lib/effect/ports.h"

#define STOP_REASON   STR("Ebb: drained, nothing was left on the task")
#define MS_PER_MINUTE ((int64_t)60 * 1000)

/* One look's call: who asks, about which service, and where failures go. */
struct call {
    const struct ports *ports;
    const struct view *v;
    struct service_key key;
    struct str cluster; /* ARN */
    struct aws_failure failure;
};

static int read_service(struct call *c, struct result *out)
{
    struct ecs_service s = {0};
    bool exists = false;
    int code = ecs_read_service(&c->ports->aws, &c->key, c->v->arena, &exists, &s, &c->failure);
    if (code) return code;
    struct str controller = s.deployment_controller.type;
    out->service = (struct service_fact){
        .known = true,
        .exists = exists,
        .active = str_eq(s.status, STR("ACTIVE")),
        .daemon = str_eq(s.scheduling_strategy, STR("DAEMON")),
        .foreign_controller = controller.n && !str_eq(controller, STR("ECS")),
        .deploying = ecs_is_deploying(&s),
        .arn = s.service_arn,
        .cluster_arn = s.cluster_arn,
        .desired = s.desired_count,
    };
    out->detail = arena_format(c->v->arena, "desired %lld, running %lld",
                               (long long)s.desired_count, (long long)s.running_count);
    return E_OK;
}

/* What is configured wins over the scalable target; without either there is no floor, and nothing
 * is done. */
static int read_floor(struct call *c, struct result *out)
{
    out->floor =
        (struct floor_fact){.known = true, .exists = true, .min = c->v->settings->min_tasks};
    if (out->floor.min >= 0) return E_OK;
    return ecs_read_min_capacity(&c->ports->aws, &c->key, c->v->arena, &out->floor.exists,
                                 &out->floor.min, &c->failure);
}

static struct task_fact task_fact_of(const struct ecs_task *t)
{
    bool wanted = str_eq(t->desired_status, STR("RUNNING"));
    return (struct task_fact){
        .arn = t->task_arn,
        .address = ecs_task_private_ipv4(t),
        .wanted = wanted,
        .running = wanted && str_eq(t->last_status, STR("RUNNING")),
        .started_at = t->started_at,
    };
}

static int read_tasks(struct call *c, struct result *out)
{
    struct list tasks;
    int code = ecs_read_service_tasks(&c->ports->aws, &c->key, c->v->arena, &tasks, &c->failure);
    if (code) return code;
    out->tasks = (struct tasks_fact){
        .known = true,
        .tasks = ARENA_ARRAY(c->v->arena, tasks.n, struct task_fact),
        .n = tasks.n,
    };
    for (size_t i = 0; i < tasks.n; i++)
        out->tasks.tasks[i] = task_fact_of(LIST_AT(tasks, struct ecs_task, i));
    out->detail = arena_format(c->v->arena, "%zu tasks", tasks.n);
    return E_OK;
}

static int read_task(struct call *c, const struct effect *effect, struct result *out)
{
    struct ecs_task t = {0};
    bool exists = false;
    int code = ecs_read_task(&c->ports->aws, &c->key, effect->drain.task_arn, c->v->arena, &exists,
                             &t, &c->failure);
    if (code) return code;
    bool stopped = exists && str_eq(t.last_status, STR("STOPPED"));
    out->task = (struct task_state_fact){
        .known = true,
        .arn = effect->drain.task_arn,
        .exists = exists,
        .stopping = exists && !stopped && !str_eq(t.desired_status, STR("RUNNING")),
        .stopped = stopped,
        .by_scheduler = exists && str_eq(t.stop_code, STR("ServiceSchedulerInitiated")),
    };
    out->detail = exists ? t.last_status : STR("MISSING");
    return E_OK;
}

static int read_protection(struct call *c, struct result *out)
{
    const struct tasks_fact *known = &c->v->tasks;
    struct str *arns = ARENA_ARRAY(c->v->arena, known->n, struct str);
    size_t n = 0;
    for (size_t i = 0; i < known->n; i++)
        if (known->tasks[i].wanted) arns[n++] = known->tasks[i].arn;
    struct ecs_task_protection_output got;
    int code =
        ecs_read_protection(&c->ports->aws, &c->key, arns, n, c->v->arena, &got, &c->failure);
    if (code) return code;
    out->tasks = *known;
    out->tasks.protection_known = true;
    for (size_t i = 0; i < known->n; i++) {
        struct task_fact *t = &out->tasks.tasks[i];
        t->protection_known = t->is_protected = false;
        for (size_t k = 0; k < got.protected_tasks.n; k++) {
            const struct ecs_protected_task *p =
                LIST_AT(got.protected_tasks, struct ecs_protected_task, k);
            if (!str_eq(p->task_arn, t->arn)) continue;
            t->protection_known = true;
            t->is_protected = p->protection_enabled;
            t->protected_until = p->expiration_date;
        }
    }
    return E_OK;
}

/* What an answer says of one task; ECS keeps none for a task that it does not name. */
static struct protection_fact protection_of(const struct ecs_task_protection_output *answer,
                                            struct str arn, int64_t as_of)
{
    struct protection_fact fact = {.known = true, .arn = arn, .as_of = as_of};
    for (size_t i = 0; i < answer->protected_tasks.n; i++) {
        const struct ecs_protected_task *p =
            LIST_AT(answer->protected_tasks, struct ecs_protected_task, i);
        if (!str_eq(p->task_arn, arn)) continue;
        fact.exists = true;
        fact.is_protected = p->protection_enabled;
        fact.until = p->protection_enabled ? p->expiration_date : 0;
    }
    return fact;
}

static int read_task_protection(struct call *c, const struct effect *effect, struct result *out)
{
    struct ecs_task_protection_output got;
    struct str arn = effect->drain.task_arn;
    int64_t as_of = clock_wall_ms(&c->ports->clock);
    int code =
        ecs_read_protection(&c->ports->aws, &c->key, &arn, 1, c->v->arena, &got, &c->failure);
    if (code) return code;
    out->protection = protection_of(&got, arn, as_of);
    out->detail = !out->protection.exists        ? STR("none")
                  : out->protection.is_protected ? STR("protected")
                                                 : STR("not protected");
    return E_OK;
}

/* Whether the answer says of every task that it is as asked: what is not said is not so. */
static bool is_confirmed(const struct effect *effect,
                         const struct ecs_task_protection_output *answer, bool on)
{
    for (size_t i = 0; i < effect->tasks_n; i++) {
        bool said = false;
        for (size_t k = 0; k < answer->protected_tasks.n && !said; k++) {
            const struct ecs_protected_task *p =
                LIST_AT(answer->protected_tasks, struct ecs_protected_task, k);
            said = str_eq(p->task_arn, effect->tasks[i]) && p->protection_enabled == on;
        }
        if (!said) return false;
    }
    return true;
}

/* All or nothing: one task that ECS did not take makes the whole call a failure, of the kind its
 * reason says. */
static int set_protection(struct call *c, const struct effect *effect, struct result *out)
{
    struct ecs_task_protection_output got;
    bool on = effect->kind == EFFECT_PROTECT;
    int64_t as_of = clock_wall_ms(&c->ports->clock);
    int code = ecs_update_protection(&c->ports->aws, &c->key, effect->tasks, effect->tasks_n, on,
                                     effect->protect_minutes, effect->not_after, c->v->arena, &got,
                                     &c->failure);
    if (code) return code;
    out->protected_until =
        clock_wall_ms(&c->ports->clock) + effect->protect_minutes * MS_PER_MINUTE;
    for (size_t i = 0; i < got.protected_tasks.n; i++) {
        int64_t until = LIST_AT(got.protected_tasks, struct ecs_protected_task, i)->expiration_date;
        if (until && until < out->protected_until) out->protected_until = until;
    }
    if (effect->tasks_n == 1) out->protection = protection_of(&got, effect->tasks[0], as_of);
    if (!got.failures.n && is_confirmed(effect, &got, on)) return E_OK;
    if (!got.failures.n) {
        out->outcome = OUTCOME_RETRY;
        out->code = STR("unconfirmed");
        out->detail = STR("UpdateTaskProtection did not say of every task that it is as asked");
        return E_OK;
    }
    const struct ecs_failure *f = LIST_AT(got.failures, struct ecs_failure, 0);
    /* More protected tasks than desired: it may be possible once a deployment or another scale-in
     * has ended. */
    bool blocked = str_eq(f->reason, STR("DEPLOYMENT_BLOCKED"));
    out->outcome = blocked ? OUTCOME_RETRY : OUTCOME_REFUSED;
    out->code = f->reason;
    out->detail = arena_format(c->v->arena, "%.*s: %.*s", STR_ARG(f->arn), STR_ARG(f->detail));
    return E_OK;
}

static int lower(struct call *c, const struct effect *effect, struct result *out)
{
    out->detail = arena_format(c->v->arena, "%lld -> %lld", (long long)effect->base,
                               (long long)effect->desired);
    return ecs_set_desired(&c->ports->aws, &c->key, effect->desired, effect->not_after, c->v->arena,
                           &c->failure);
}

void perform_ecs(const struct ports *ports, const struct view *v, const struct effect *effect,
                 struct result *out)
{
    struct call c = {.ports = ports, .v = v};
    enum effect_kind kind = effect->kind;
    int code = service_key_parse(v->message->service, &c.key);
    if (code)
        (void)err_set(&c.failure.err, code, "'%.*s' is no service key",
                      STR_ARG(v->message->service));
    if (!code && kind == EFFECT_READ_SERVICE) code = read_service(&c, out);
    if (!code && kind == EFFECT_READ_FLOOR) code = read_floor(&c, out);
    if (!code && kind == EFFECT_READ_TASKS) code = read_tasks(&c, out);
    if (!code && kind == EFFECT_READ_TASK) code = read_task(&c, effect, out);
    if (!code && kind == EFFECT_READ_PROTECTION) code = read_protection(&c, out);
    if (!code && kind == EFFECT_READ_TASK_PROTECTION) code = read_task_protection(&c, effect, out);
    if (!code && (kind == EFFECT_PROTECT || kind == EFFECT_UNPROTECT))
        code = set_protection(&c, effect, out);
    if (!code && kind == EFFECT_LOWER) code = lower(&c, effect, out);
    if (!code && kind == EFFECT_STOP_TASK)
        code = ecs_stop_task(&ports->aws, &c.key, effect->tasks[0], STOP_REASON, effect->not_after,
                             v->arena, &c.failure);
    if (code)
        result_of_aws(out, code, &c.failure, v->arena);
    else if (out->outcome == OUTCOME_NONE)
        out->outcome = OUTCOME_OK;
}
