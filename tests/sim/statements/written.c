/* SPDX-License-Identifier: Apache-2.0
 * See written.h. Here: the scene and its time. */
#include "tests/sim/statements/written.h"

#include "lib/aws/shapes/ecs.h"
#include "lib/aws/shapes/sqs.h"
#include "lib/base/time_text.h"
#include "tests/sim/alarms.h"
#include "tests/sim/bus_internal.h"
#include "tests/sim/callbacks.h"
#include "tests/sim/invariants.h"
#include "tests/sim/redis_model.h"
#include "tests/sim/scene.h"
#include "tests/support/events.h"
#include "world/region/distributor.h"
#include "world/region/operations.h"

#include <stdlib.h>
#include <string.h>

#define BEGUN_MS     (2 * MINUTE_MS) /* all tasks run by then */
#define BUDGET_SHARE 50

static int64_t or_usual(int64_t given, int64_t usual)
{
    return given ? given : usual;
}

static void make_region(struct written *w)
{
    struct sim *sim = &w->sim;
    struct err e = {0};
    struct region_options options = {.seed = (int64_t)w->options.seed,
                                     .throttling_off = true,
                                     .scheduler_delay_ms = or_usual(w->options.scheduler_ms, 500),
                                     .task_start_ms = 5 * SECOND_MS,
                                     .task_stop_ms = 5 * SECOND_MS};
    struct ecs_create_cluster_input cluster = {.cluster_name = STR(SIM_CLUSTER)};
    struct ecs_cluster_output clustered = {0};
    struct ecs_container_definition container = {.name = STR("app"), .image = STR("app:1")};
    struct ecs_register_task_definition_input definition = {
        .family = STR("app"), .container_definitions = LIST_OF(&container, 1)};
    struct ecs_task_definition_output registered = {0};
    struct sqs_create_queue_input queue = {.queue_name = STR("events")};
    struct sqs_queue_url_output url = {0};
    struct ecs_create_service_input service = {.cluster = STR(SIM_CLUSTER),
                                               .service_name = STR("calls"),
                                               .task_definition = STR("app"),
                                               .desired_count = or_usual(w->options.tasks, 4)};
    struct ecs_service_output made = {0};
    assert_ok(region_new(&options, &sim->region, &e), e);
    written_distributor(w, 0);
    assert_int_equal(scene_call(sim, &ECS_CREATE_CLUSTER, &cluster, &clustered), 0);
    assert_int_equal(scene_call(sim, &ECS_REGISTER_TASK_DEFINITION, &definition, &registered), 0);
    assert_int_equal(scene_call(sim, &SQS_CREATE_QUEUE, &queue, &url), 0);
    sim->queue_url = arena_copy(&sim->arena, url.queue_url);
    written_app(w);
    assert_int_equal(scene_call(sim, &ECS_CREATE_SERVICE, &service, &made), 0);
    sim->began_ms = region_now_ms(sim->region);
    sim->now_ms = sim->began_ms + BEGUN_MS;
    region_advance(sim->region, sim->now_ms);
}

static void make_config(struct written *w)
{
    struct config *c = ARENA_NEW(&w->sim.arena, struct config);
    const struct written_options *o = &w->options;
    w->settings = (struct service_settings){
        .match = STR("*"),
        .mode = MODE_ACT,
        .cooldown_ms = o->cooldown_ms,
        .drains_per_hour = or_usual(o->per_hour, 100),
        .drains_at_once = or_usual(o->at_once, 1),
        .drain_timeout_ms = or_usual(o->drain_timeout_ms, 5 * MINUTE_MS),
        .min_tasks = or_usual(o->floor, 1),
        .status_poll_ms = 5 * SECOND_MS,
        .event_age_max_ms = 15 * MINUTE_MS,
        .attempts = or_usual(o->attempts, 3),
        .on_deadline = o->on_deadline ? o->on_deadline : ON_DEADLINE_FINISH,
        .victim = VICTIM_NEWEST,
        .distributor = {.function = STR(SIM_FUNCTION),
                        .invocation = INVOCATION_REQUEST_RESPONSE,
                        .remove_action = STR("comment_out_ip"),
                        .restore_action = STR("restore_ip"),
                        .release_action = STR("release_ip")},
        .task = {.scheme = STR("http"), .port = 8080, .timeout_ms = 3000},
    };
    c->services = LIST_OF(&w->settings, 1);
    c->budget.share = BUDGET_SHARE;
    c->limits.open_per_account = 1000;
    c->callback.url = STR("http://ebb/");
    c->callback.secret = STR(WRITTEN_SECRET);
    c->sqs.visibility_ms = 30 * SECOND_MS;
    w->sim.config = c;
    /* What the invariants that look at calls judge by. */
    struct scene *s = ARENA_NEW(&w->sim.arena, struct scene);
    s->services[0] = STR("calls");
    s->services_n = s->plan.services_n = 1;
    s->plan.services[0] = (struct plan_service){
        .app = w->app, .tasks = or_usual(o->tasks, 4), .settings = w->settings};
    s->alarms = ARENA_NEW(&w->sim.arena, struct sim_alarms);
    w->sim.scene = s;
}

static int64_t redis_now_us(void *ctx)
{
    const struct sim *sim = ctx;
    return sim->now_ms * 1000;
}

static void do_act(struct sim *sim, void *ctx, uint64_t unused)
{
    struct written *w = ctx;
    (void)sim;
    (void)unused;
    w->act(w);
}

static void watch(struct sim *sim, const char *line)
{
    struct written *w = (void *)sim;
    if (!w->awaited || !strstr(line, w->awaited)) return;
    w->awaited = NULL;
    w->who = sim->running ? sim->running->process : NULL;
    if (!w->act) return;
    /* Not here: whoever makes this call is in the middle of it. */
    sim_at(sim, sim->now_ms, do_act, w, 0);
}

static bool is_over(struct sim *sim)
{
    struct written *w = (void *)sim;
    return w->until && w->until(w);
}

void written_begin(struct written *w, const struct written_options *options)
{
    struct sim *sim = &w->sim;
    *w = (struct written){.options = *options, .app = options->app};
    w->sim_options.seed = sim->random = (uint64_t)or_usual((int64_t)options->seed, 1);
    sim->options = &w->sim_options;
    arena_init(&w->arena);
    arena_init(&sim->arena);
    sim->fibers = fiber_set_new();
    sim->after_region = callbacks_take;
    sim->is_over = is_over;
    sim->on_trace = watch;
    invariants_begin(sim);
    sim->faults = ARENA_NEW(&sim->arena, struct faults);
    sim->quiet_from_ms = INT64_MAX;
    make_config(w);
    make_region(w);
    sim->redis =
        redis_model_new(redis_now_us, sim, STR("0000000000000000000000000000000000000001"));
    sim->bus = bus_model_new(sim);
    sim->bus->on_append = written_stored;
    sim->processes_n = (size_t)or_usual(options->processes, 1);
    sim->processes = ARENA_ARRAY(&sim->arena, sim->processes_n, struct process);
    for (size_t i = 0; i < sim->processes_n; i++) {
        sim->processes[i].sim = sim;
        sim->processes[i].number = (int)i;
        process_start(&sim->processes[i]);
    }
    /* Groups and timers have found themselves. */
    written_pass(w, 5 * SECOND_MS);
}

void written_end(struct written *w)
{
    struct sim *sim = &w->sim;
    const char *awaited = w->awaited;
    for (size_t i = 0; i < sim->processes_n; i++)
        process_kill(&sim->processes[i]);
    faults_free(sim);
    bus_model_free(sim->bus);
    redis_model_free(sim->redis);
    region_free(sim->region);
    invariants_end(sim);
    fiber_set_free(sim->fibers);
    free(sim->queue);
    arena_release(&sim->arena);
    arena_release(&w->arena);
    if (awaited) fail_msg("the trace never said '%s'", awaited);
}

void written_alarm(struct written *w, const char *id)
{
    written_alarm_of(w, id, w->sim.now_ms);
}

void written_alarm_of(struct written *w, const char *id, int64_t time_ms)
{
    struct sim *sim = &w->sim;
    const struct events_change changes[] = {
        {"id", arena_format(&sim->arena, "\"%s\"", id).p},
        {"time",
         arena_format(&sim->arena, "\"%.*s\"",
                      STR_ARG(time_format_iso(&sim->arena, time_ms / SECOND_MS * SECOND_MS)))
             .p},
    };
    struct sqs_send_message_input in = {.queue_url = sim->queue_url,
                                        .message_body =
                                            events_alarm(&sim->arena, changes, EBB_COUNT(changes))};
    struct sqs_send_message_output out = {0};
    assert_int_equal(scene_call(sim, &SQS_SEND_MESSAGE, &in, &out), 0);
}

void written_when(struct written *w, const char *words, written_act *act)
{
    w->awaited = words;
    w->act = act;
}

void written_fault(struct written *w, enum call_fault fault, bool on)
{
    w->sim.faults->per_million[fault] = on ? 1000000 : 0;
}

void written_app(struct written *w)
{
    struct err e = {0};
    w->app.cluster = STR(SIM_CLUSTER);
    w->app.service = STR("calls");
    w->app.distributor = STR(SIM_FUNCTION);
    assert_ok(region_app_set(w->sim.region, &w->app, &e), e);
}

void written_distributor(struct written *w, int64_t error_percent)
{
    struct err e = {0};
    struct function_options function = {.name = STR(SIM_FUNCTION), .error_percent = error_percent};
    assert_ok(region_function_set(w->sim.region, &function, &e), e);
}

void written_desire(struct written *w, int64_t desired)
{
    struct ecs_update_service_input in = {
        .cluster = STR(SIM_CLUSTER), .service = STR("calls"), .desired_count = desired};
    struct ecs_update_service_output out = {0};
    assert_int_equal(scene_call(&w->sim, &ECS_UPDATE_SERVICE, &in, &out), 0);
}

static void go_on(struct written *w, bool (*until)(struct written *w), int64_t most_ms)
{
    w->until = until;
    w->sim.end_ms = w->sim.now_ms + most_ms;
    sim_run(&w->sim);
    w->until = NULL;
    if (sim_is_violated(&w->sim)) fail_msg("%s", w->sim.violation.text);
}

void written_pass(struct written *w, int64_t ms)
{
    go_on(w, NULL, ms);
}

void written_wait(struct written *w, bool (*until)(struct written *w), int64_t most_ms,
                  const char *for_what)
{
    go_on(w, until, most_ms);
    if (!until(w)) fail_msg("waited %lld s for %s", (long long)(most_ms / SECOND_MS), for_what);
}

void written_drain(struct written *w)
{
    written_sessions(w, 1);
    written_alarm(w, "event-1");
    written_wait(w, a_drain_drains, MINUTE_MS, "the drain");
}
