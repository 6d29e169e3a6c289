/* SPDX-License-Identifier: Apache-2.0
 * A process that only has a page: it has looked in every stage, with every verdict, reason, effect
 * and outcome there is, and consumes. Says "port N" and ends when its standard input does; what it
 * tells CloudWatch goes to standard output. */
#include "lib/aws/shapes/ecs.h"
#include "lib/run/emf.h"
#include "lib/run/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SERVICE STR("aws:us-east-1:123456789012:demo/sip")

static bool is_ready(void *self, struct str *why)
{
    *why = STR("waits for \"it\"\\\n");
    return self != NULL;
}

static struct bus_consumer_stats stats(void *self)
{
    return (struct bus_consumer_stats){
        .assigned = 6, .unfinished = 3, .paused = 1, .lag = self ? 17 : -1, .connected = true};
}

/* One look with that reason, at a drain that all has happened to within it. */
static void look_once(const struct look_observer *o, struct str stage, struct verdict verdict,
                      struct arena *a)
{
    struct message message = {.service = SERVICE, .cause = STR("an \"event\""), .time = 1};
    struct step_note *steps = ARENA_ARRAY(a, (size_t)EFFECT_KINDS * 5, struct step_note);
    struct look_report report = {.verdict = verdict, .steps = steps};
    for (int kind = 0; kind < EFFECT_KINDS; kind++)
        for (int outcome = OUTCOME_NONE; outcome <= OUTCOME_UNKNOWN; outcome++)
            steps[report.steps_n++] = (struct step_note){
                .effect = str_from(effect_word((enum effect_kind)kind)),
                .outcome = outcome_word((enum outcome)outcome),
                .took_ms = 10 * kind,
                .at = 1000,
            };
    struct drain drain = {
        .drain_id = STR("3366f10b5f0aa7ab"),
        .task_arn = STR("arn:aws:ecs:us-east-1:123456789012:task/demo/0123"),
        .address = STR("10.0.0.7"),
        .state = DRAIN_RELEASING,
        .becomes = DRAIN_SCALED_OUT,
        .started_at = 1000,
        .undoing_at = 1000,
        .stopped_at = 1000,
        .reason = reason_word(verdict.reason),
    };
    struct held drained[] = {{.record = drain}, {.record = drain}};
    drained[1].record.state = DRAIN_UNDOING;
    struct view v = {
        .message = &message,
        .arena = a,
        .drain_known = true,
        .drain_exists = true,
        .drain.record = drain,
        .drained = drained,
        .drained_n = EBB_COUNT(drained),
        .limits = {.known = true, .open_tasks_n = 2},
    };
    v.did[EFFECT_MOVE] = (struct attempt){.outcome = OUTCOME_OK, .times = 1};
    v.did[EFFECT_LOWER] = (struct attempt){.outcome = OUTCOME_UNKNOWN, .times = 1};
    o->looked(o->ctx, stage, &v, &report, 1234);
}

static void look_at_everything(const struct look_observer *o)
{
    static const struct str STAGES[] = {{"select", 6}, {"remove", 6}, {"drain", 5}, {"scale", 5}};
    for (size_t s = 0; s < EBB_COUNT(STAGES); s++)
        for (int kind = VERDICT_DONE; kind <= VERDICT_DEAD; kind++)
            for (int reason = 0; reason < REASONS; reason++) {
                struct arena a;
                arena_init(&a);
                look_once(o, STAGES[s],
                          (struct verdict){.kind = (enum verdict_kind)kind,
                                           .reason = (enum reason)reason},
                          &a);
                arena_release(&a);
            }
}

static int aws_throttles(void *ctx, const struct aws_operation *operation, struct str region,
                         const void *input, struct arena *a, void *output, int64_t not_after_ms,
                         struct aws_failure *failure)
{
    (void)ctx, (void)operation, (void)region, (void)input, (void)a, (void)output;
    (void)not_after_ms, (void)failure;
    return E_THROTTLED;
}

static int redis_is_away(void *ctx, const struct script *script, const struct str *keys,
                         const struct str *args, size_t n, struct arena *a, struct reply *out,
                         struct err *e)
{
    (void)ctx, (void)script, (void)keys, (void)args, (void)n, (void)a, (void)out;
    return err_set(e, E_UNREACHABLE, "no Redis here");
}

/* The first call takes a token and is throttled, those after it are put off. */
static struct budget *spent_budget(struct arena *a)
{
    struct budget_options options = {
        .store = {.script = redis_is_away}, .clock = clock_system(), .share = 50};
    struct budget_use use = {.budget = budget_new(&options),
                             .aws = {.call = aws_throttles},
                             .account = STR("123456789012"),
                             .priority = PRIORITY_READ};
    struct aws_port port = budget_port(&use);
    for (int i = 0; i < 3; i++) {
        struct aws_failure failure = {0};
        use.begun = 0;
        if (!aws_call(&port, &ECS_DESCRIBE_TASKS, STR("us-east-1"), NULL, a, NULL, 0, &failure))
            abort(); /* it cannot go well */
    }
    return use.budget;
}

int main(void)
{
    struct arena a;
    struct err e = {0};
    struct page *page;
    char byte;
    int something = 1;
    struct role roles[] = {
        {.self = &something, .name = STR("select"), .is_ready = is_ready, .stats = stats},
        {.name = STR("dra\"in\\"), .is_ready = is_ready, .stats = stats},
        {.self = &something, .name = STR("relay"), .is_ready = is_ready},
    };
    size_t roles_n = EBB_COUNT(roles);
    struct process p = {.context.ports.clock = clock_system(), .context.process = STR("host/1/x")};
    p.config.run.metrics_listen = STR("127.0.0.1:0");
    p.config.run.emf = true;
    arena_init(&a);
    p.budget = spent_budget(&a);
    p.log = log_open(clock_system(), STR("error"), STR("page"));
    if (page_start(&p, roles, &roles_n, &page, &e)) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    page_all_started(page);
    look_at_everything(&p.context.observer);
    emf_count(p.context.emf, EMF_SCALER_AUTH_FAILURES,
              &(struct emf_about){.address = STR("192.0.2.1")});
    emf_count(p.context.emf, EMF_SCALER_INVALID_STATE, &(struct emf_about){.service = SERVICE});
    fprintf(stderr, "port %d\n", page_port(page));
    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
    page_stop(page);
    page_free(page);
    budget_free(p.budget);
    arena_release(&a);
    return 0;
}
