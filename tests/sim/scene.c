/* SPDX-License-Identifier: Apache-2.0
 * See scene.h. */
#include "tests/sim/scene.h"

#include "lib/aws/shapes/ecs.h"
#include "lib/aws/shapes/ecs_setup.h"
#include "lib/aws/shapes/sqs.h"
#include "lib/base/time_text.h"
#include "tests/sim/alarms.h"
#include "tests/sim/bus_model.h"
#include "tests/sim/directed.h"
#include "tests/sim/process.h"
#include "tests/sim/redis_model.h"
#include "tests/sim/story.h"
#include "world/region/distributor.h"
#include "world/region/operations.h"
#include "world/region/tasks.h"

#include <stdlib.h>

#define SECOND_MS     ((int64_t)1000)
#define MINUTE_MS     (60 * SECOND_MS)
#define BEGUN_MS      (2 * MINUTE_MS) /* everything runs by then */
#define BUDGET_SHARE  50
#define ALARM_SEEN_MS (MINUTE_MS / 2)   /* one that is polled is known by then */
#define QUIET_MS      (120 * MINUTE_MS) /* what all must be final within */

int scene_call(struct sim *sim, const struct aws_operation *operation, const void *in, void *out)
{
    struct caller caller = {.access_key_id = STR(SIM_OTHERS)};
    struct aws_error refusal = {0};
    /* What others do here is little: it takes nothing of AWS's limits. */
    region_set_throttling(sim->region, false);
    int code = region_call(sim->region, &caller, region_operation_of(operation), in, &sim->arena,
                           out, &refusal);
    region_set_throttling(sim->region, sim->scene->plan.is_throttled);
    return code;
}

/* ---------------------------------------------------------------- services */

static void make_service(struct sim *sim, size_t i)
{
    struct scene *s = sim->scene;
    struct plan_service *p = &s->plan.services[i];
    struct err e = {0};
    struct ecs_service_output made = {0};
    s->services[i] = arena_format(&sim->arena, "s%zu", p->number);
    s->paths[i] = arena_format(&sim->arena, SIM_CLUSTER "/%.*s", STR_ARG(s->services[i]));
    s->keys[i] = arena_format(&sim->arena, SIM_KEY("%.*s"), STR_ARG(s->services[i]));
    p->app.cluster = STR(SIM_CLUSTER);
    p->app.service = s->services[i];
    p->settings.match = s->paths[i];
    struct ecs_create_service_input service = {.cluster = STR(SIM_CLUSTER),
                                               .service_name = s->services[i],
                                               .task_definition = STR("app"),
                                               .desired_count = p->tasks};
    if (region_app_set(sim->region, &p->app, &e)) abort();
    if (scene_call(sim, &ECS_CREATE_SERVICE, &service, &made)) abort();
}

static void set_function(struct sim *sim, int64_t error_percent)
{
    struct err e = {0};
    struct function_options function = {.name = STR(SIM_FUNCTION), .error_percent = error_percent};
    if (region_function_set(sim->region, &function, &e)) abort();
}

static void mend_function(struct sim *sim, void *ctx, uint64_t unused)
{
    (void)ctx;
    (void)unused;
    set_function(sim, 0);
}

static void kill_victim(struct sim *sim, void *ctx, uint64_t unused)
{
    const struct str *arn = ctx;
    (void)unused;
    int code = region_task_die(sim->region, *arn, STR("simulated death"));
    sim_trace(sim, "%.*s dies: %s", STR_ARG(*arn), err_text(code));
}

void scene_drain_moved(struct sim *sim, const struct drain *d)
{
    const struct plan *p = &sim->scene->plan;
    if (p->distributor_is_broken && d->state == DRAIN_UNDOING)
        sim_at(sim, sim->now_ms + 5 * SECOND_MS, mend_function, NULL, 0);
    if (!p->victim_dies || d->state != DRAIN_DRAINING) return;
    struct str *arn = ARENA_NEW(&sim->arena, struct str);
    *arn = d->task_arn;
    sim_at(sim, sim->now_ms + 5 * SECOND_MS, kill_victim, arn, 0);
}

static void make_region(struct sim *sim)
{
    struct err e = {0};
    struct scene *s = sim->scene;
    struct region_options options = {
        .seed = (int64_t)(sim->options->seed & INT64_MAX),
        .throttling_off = !s->plan.is_throttled,
        .scheduler_delay_ms = 500,
        .address_count = s->plan.addresses,
    };
    struct ecs_create_cluster_input cluster = {.cluster_name = STR(SIM_CLUSTER)};
    struct ecs_cluster_output clustered = {0};
    struct ecs_container_definition container = {.name = STR("app"), .image = STR("app:1")};
    struct ecs_register_task_definition_input definition = {
        .family = STR("app"), .container_definitions = LIST_OF(&container, 1)};
    struct ecs_task_definition_output registered = {0};
    struct sqs_create_queue_input queue = {.queue_name = STR("events")};
    struct sqs_queue_url_output url = {0};
    if (region_new(&options, &sim->region, &e)) abort();
    set_function(sim, s->plan.distributor_is_broken ? 100 : 0);
    if (scene_call(sim, &ECS_CREATE_CLUSTER, &cluster, &clustered)) abort();
    if (scene_call(sim, &ECS_REGISTER_TASK_DEFINITION, &definition, &registered)) abort();
    if (scene_call(sim, &SQS_CREATE_QUEUE, &queue, &url)) abort();
    sim->queue_url = arena_copy(&sim->arena, url.queue_url);
    s->services_n = s->plan.services_n;
    for (size_t i = 0; i < s->services_n; i++)
        make_service(sim, i);
    sim->began_ms = sim->now_ms = region_now_ms(sim->region) + BEGUN_MS;
    region_advance(sim->region, sim->now_ms);
}

/* ---------------------------------------------------------------- Ebb */

static void make_config(struct sim *sim)
{
    struct config *c = ARENA_NEW(&sim->arena, struct config);
    struct scene *s = sim->scene;
    struct service_settings *all = ARENA_ARRAY(&sim->arena, s->services_n, struct service_settings);
    for (size_t i = 0; i < s->services_n; i++)
        all[i] = s->plan.services[i].settings;
    c->services = LIST_OF(all, s->services_n);
    c->budget.share = s->plan.budget_share ? s->plan.budget_share : BUDGET_SHARE;
    c->callback.url = STR("http://ebb/");
    c->callback.secret = STR(SIM_SECRET);
    c->sqs.visibility_ms = 30 * SECOND_MS;
    c->alarms.poll_ms = s->alarms->poll_ms;
    uint64_t own = sim_stream(sim, "openPerAccount", 0);
    c->limits.open_per_account = sim_draw(&own, 4) ? 1000 : 1 + (int64_t)sim_draw(&own, 4);
    sim->config = c;
}

static void make_processes(struct sim *sim)
{
    sim->processes_n = sim->scene->plan.processes_n;
    sim->processes = ARENA_ARRAY(&sim->arena, sim->processes_n, struct process);
    for (size_t i = 0; i < sim->processes_n; i++) {
        sim->processes[i].sim = sim;
        sim->processes[i].number = (int)i;
        process_start(&sim->processes[i]);
    }
}

/* ---------------------------------------------------------------- events */

static struct str event_body(struct sim *sim, struct str id, struct str service, struct str alarm,
                             struct str state)
{
    struct str now = time_format_iso(&sim->arena, sim->now_ms / 1000 * 1000);
    return arena_format(
        &sim->arena,
        "{\"version\":\"0\",\"id\":\"%.*s\",\"detail-type\":\"CloudWatch Alarm State Change\","
        "\"source\":\"aws.cloudwatch\",\"account\":\"" SIM_ACCOUNT "\",\"time\":\"%.*s\","
        "\"region\":\"" SIM_REGION "\",\"resources\":[\"arn:aws:cloudwatch:" SIM_REGION
        ":" SIM_ACCOUNT ":alarm:%.*s\"],\"detail\":{\"alarmName\":\"%.*s\",\"state\":{\"value\":"
        "\"%.*s\",\"reason\":\"\",\"timestamp\":\"2026-01-01T00:00:00.000+0000\"},"
        "\"configuration\":{\"metrics\":[{\"id\":\"m1\",\"metricStat\":{\"metric\":{\"namespace\":"
        "\"AWS/ECS\",\"name\":\"CPUUtilization\",\"dimensions\":{\"ClusterName\":\"" SIM_CLUSTER
        "\",\"ServiceName\":\"%.*s\"}},\"period\":60,\"stat\":\"Average\"},\"returnData\":true}]}}"
        "}",
        STR_ARG(id), STR_ARG(now), STR_ARG(alarm), STR_ARG(alarm), STR_ARG(state),
        STR_ARG(service));
}

void scene_send_event(struct sim *sim, struct str body)
{
    struct sqs_send_message_input in = {.queue_url = sim->queue_url, .message_body = body};
    struct sqs_send_message_output out = {0};
    if (scene_call(sim, &SQS_SEND_MESSAGE, &in, &out)) abort();
}

static void arrive(struct sim *sim, void *ctx, uint64_t number)
{
    const struct scene *s = ctx;
    scene_send_event(sim, s->events[number].body);
}

void scene_tell(struct sim *sim, size_t service, struct str alarm, struct str state)
{
    struct scene *s = sim->scene;
    if (s->events_n == SIM_EVENTS_MAX) return;
    struct scene_event *event = &s->events[s->events_n];
    event->id = arena_format(&sim->arena, "e-%zu", s->events_n);
    event->body = event_body(sim, event->id, s->services[service], alarm, state);
    event->alarm = alarm;
    event->at_ms = sim->now_ms;
    event->is_over = str_eq(state, STR("OK"));
    sim_trace(sim, "alarm of %.*s: event %.*s", STR_ARG(s->services[service]), STR_ARG(event->id));
    tell(sim, s->services[service], "CloudWatch", "%.*s is %.*s: event %.*s", STR_ARG(alarm),
         STR_ARG(state), STR_ARG(event->id));
    int64_t late_ms = s->held_until_ms > sim->now_ms ? s->held_until_ms - sim->now_ms : 0;
    sim_at(sim, sim->now_ms + late_ms, arrive, s, s->events_n++);
}

/* Of one that may be over by now, or come late. */
static void ask(struct sim *sim, void *ctx, uint64_t service)
{
    const struct scene *s = ctx;
    struct str name = arena_format(&sim->arena, "%.*s-idle", STR_ARG(s->services[service]));
    scene_tell(sim, service, name, STR("ALARM"));
}

/* ---------------------------------------------------------------- all of it */

static int64_t redis_now_us(void *ctx)
{
    const struct sim *sim = ctx;
    return (sim->now_ms + sim->redis_off_ms) * 1000;
}

/* A task that was told to drain, or may have been, and never answers any more, is a drain that never
 * ends (ebb close --force): those answer now. */
static void answer_from_now_on(struct sim *sim)
{
    struct scene *s = sim->scene;
    struct err e = {0};
    for (size_t i = 0; i < s->services_n; i++) {
        struct app_options *app = &s->plan.services[i].app;
        app->not_tasks = false;
        if (region_app_set(sim->region, app, &e)) abort();
    }
}

static void become_quiet(struct sim *sim, void *ctx, uint64_t unused)
{
    (void)ctx;
    (void)unused;
    set_function(sim, 0);
    sim_trace(sim, "nothing goes wrong from here on");
    tell(sim, STR_NONE, "", "nothing goes wrong from here on");
    region_set_consistency_delay_ms(sim->region, 0);
    sim->redis_off_ms = 0;
    answer_from_now_on(sim);
    for (size_t i = 0; i < sim->processes_n; i++)
        sim->processes[i].clock = (struct process_clock){0};
}

/* Of what a course has in store. */
static int64_t last_happening_ms(const struct sim *sim)
{
    const struct plan *p = &sim->scene->plan;
    const struct faults *f = sim->faults;
    int64_t last_ms = p->alarm_poll_ms ? ALARM_SEEN_MS : 0;
    last_ms += p->alarm_to_ms > p->alarm_from_ms ? p->alarm_to_ms : p->alarm_from_ms;
    for (size_t i = 0; i < p->events_n; i++)
        if (p->events[i].at_ms > last_ms) last_ms = p->events[i].at_ms;
    for (size_t i = 0; i < f->directed_n; i++)
        if (f->directed[i].at_ms > last_ms) last_ms = f->directed[i].at_ms;
    return sim->now_ms + last_ms + 1;
}

void scene_make(struct sim *sim)
{
    struct scene *s = ARENA_NEW(&sim->arena, struct scene);
    sim->scene = s;
    plan_make(sim, &s->plan);
    make_region(sim);
    alarms_make(sim);
    sim->redis =
        redis_model_new(redis_now_us, sim, STR("0000000000000000000000000000000000000001"));
    sim->bus = bus_model_new(sim);
    make_config(sim);
    sim->quiet_from_ms = sim->now_ms + s->plan.active_ms;
    sim->end_ms = sim->quiet_from_ms + QUIET_MS + alarms_extra_ms(sim);
    sim_at(sim, sim->quiet_from_ms, become_quiet, NULL, 0);
    if (alarms_extra_ms(sim))
        sim_at(sim, sim->quiet_from_ms + alarms_extra_ms(sim), alarms_are_over, NULL, 0);
    faults_choose(sim);
    make_processes(sim);
    sim->over_from_ms = sim->options->course ? last_happening_ms(sim) : sim->quiet_from_ms;
    for (size_t i = 0; i < s->plan.events_n; i++)
        sim_at(sim, sim->now_ms + s->plan.events[i].at_ms, ask, s, s->plan.events[i].service);
}

void scene_free(struct sim *sim)
{
    sim->quiet_from_ms = 0;
    for (size_t i = 0; i < sim->processes_n; i++)
        process_kill(&sim->processes[i]);
    faults_free(sim);
    bus_model_free(sim->bus);
    redis_model_free(sim->redis);
    region_free(sim->region);
}
