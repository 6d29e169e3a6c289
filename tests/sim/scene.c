/* SPDX-License-Identifier: Apache-2.0
 * See scene.h. */
#include "tests/sim/scene.h"

#include "lib/aws/shapes/ecs.h"
#include "lib/aws/shapes/sqs.h"
#include "lib/base/time_text.h"
#include "tests/sim/bus_model.h"
#include "tests/sim/faults.h"
#include "tests/sim/process.h"
#include "tests/sim/redis_model.h"
#include "world/region/distributor.h"
#include "world/region/operations.h"
#include "world/region/snapshot.h"
#include "world/region/tasks.h"
#include "world/shapes/ecs_setup.h"

#include <stdlib.h>
#include <string.h>

#define SECOND_MS ((int64_t)1000)
#define MINUTE_MS (60 * SECOND_MS)
#define BEGUN_MS  (2 * MINUTE_MS)  /* everything runs by then */
#define QUIET_MS  (60 * MINUTE_MS) /* what all must be final within */
#define PROCESSES 8

int scene_call(struct sim *sim, const struct aws_operation *operation, const void *in, void *out)
{
    struct caller caller = {.access_key_id = STR("AKIAOTHERS")};
    struct aws_error refusal = {0};
    struct arena a;
    arena_init(&a);
    int code = region_call(sim->region, &caller, region_operation_of(operation), in, &sim->arena,
                           out, &refusal);
    arena_release(&a);
    return code;
}

static int64_t between(struct sim *sim, int64_t least, int64_t most)
{
    return least + (int64_t)sim_random(sim, (uint64_t)(most - least + 1));
}

/* ---------------------------------------------------------------- services */

static void make_service(struct sim *sim, size_t i)
{
    struct scene *s = sim->scene;
    struct err e = {0};
    struct ecs_service_output made = {0};
    s->services[i] = arena_format(&sim->arena, "s%zu", i);
    s->tasks[i] = between(sim, 2, 3 + 3 * sim->options.size);
    struct app_options app = {
        .cluster = STR(SIM_CLUSTER),
        .service = s->services[i],
        .arrivals_per_hour = between(sim, 0, 4) * 900,
        .session_mean_ms = between(sim, 5, 60) * SECOND_MS,
        .distributor = STR(SIM_FUNCTION),
        .start_ms = between(sim, 1, 20) * SECOND_MS,
        .stop_ms = between(sim, 1, 20) * SECOND_MS,
        .exits_when_drained = sim_random(sim, 8) == 0,
        .no_cancel = sim_random(sim, 8) == 0,
        .start_delay_ms = sim_random(sim, 4) ? 0 : between(sim, 1, 4000),
        .callback_copies = between(sim, 1, 3),
        .callback_never = sim_random(sim, 6) == 0,
        .callback_delay_ms = sim_random(sim, 4) ? 0 : between(sim, 1, 20000),
        .callback_wrong_drain = sim_random(sim, 10) == 0,
    };
    struct ecs_create_service_input service = {.cluster = STR(SIM_CLUSTER),
                                               .service_name = s->services[i],
                                               .task_definition = STR("app"),
                                               .desired_count = s->tasks[i]};
    if (region_app_set(sim->region, &app, &e)) abort();
    if (scene_call(sim, &ECS_CREATE_SERVICE, &service, &made)) abort();
}

static void make_region(struct sim *sim)
{
    struct err e = {0};
    struct region_options options = {
        .seed = (int64_t)(sim->options.seed & INT64_MAX),
        .throttling_off = true,
        .scheduler_delay_ms = 500,
        .address_count = 64,
    };
    struct function_options function = {.name = STR(SIM_FUNCTION)};
    struct ecs_create_cluster_input cluster = {.cluster_name = STR(SIM_CLUSTER)};
    struct ecs_cluster_output clustered = {0};
    struct ecs_container_definition container = {.name = STR("app"), .image = STR("app:1")};
    struct ecs_register_task_definition_input definition = {
        .family = STR("app"), .container_definitions = LIST_OF(&container, 1)};
    struct ecs_register_task_definition_output registered = {0};
    struct sqs_create_queue_input queue = {.queue_name = STR("events")};
    struct sqs_queue_url_output url = {0};
    if (region_new(&options, &sim->region, &e)) abort();
    if (region_function_set(sim->region, &function, &e)) abort();
    if (scene_call(sim, &ECS_CREATE_CLUSTER, &cluster, &clustered)) abort();
    if (scene_call(sim, &ECS_REGISTER_TASK_DEFINITION, &definition, &registered)) abort();
    if (scene_call(sim, &SQS_CREATE_QUEUE, &queue, &url)) abort();
    sim->queue_url = arena_copy(&sim->arena, url.queue_url);
    sim->scene->services_n = (size_t)between(sim, 1, 1 + sim->options.size);
    for (size_t i = 0; i < sim->scene->services_n; i++)
        make_service(sim, i);
    sim->began_ms = region_now_ms(sim->region);
    sim->now_ms = sim->began_ms + BEGUN_MS;
    region_advance(sim->region, sim->now_ms);
}

/* ---------------------------------------------------------------- Ebb */

static void make_config(struct sim *sim)
{
    struct config *c = ARENA_NEW(&sim->arena, struct config);
    struct service_settings *s = ARENA_NEW(&sim->arena, struct service_settings);
    *s = (struct service_settings){
        .match = STR("*"),
        .mode = MODE_ACT,
        .cooldown_ms = between(sim, 0, 3) * 10 * SECOND_MS,
        .drains_per_hour = between(sim, 1, 20),
        .drains_at_once = between(sim, 1, 3),
        .drain_timeout_ms = between(sim, 1, 5) * MINUTE_MS,
        .min_tasks = between(sim, 1, 3),
        .status_poll_ms = between(sim, 2, 20) * SECOND_MS,
        .event_age_max_ms = 15 * MINUTE_MS,
        .attempts = between(sim, 1, 4),
        .on_deadline = sim_random(sim, 2) ? ON_DEADLINE_FINISH : ON_DEADLINE_UNDO,
        .victim = VICTIM_NEWEST,
        .distributor = {.function = STR(SIM_FUNCTION),
                        .invocation = INVOCATION_REQUEST_RESPONSE,
                        .remove_action = STR("comment_out_ip"),
                        .restore_action = STR("restore_ip"),
                        .release_action = STR("release_ip")},
        .task = {.scheme = STR("http"), .port = 8080, .timeout_ms = 3000},
    };
    c->services = LIST_OF(s, 1);
    c->callback.url = STR("http://ebb/");
    c->callback.secret = STR(SIM_SECRET);
    c->sqs.visibility_ms = 30 * SECOND_MS;
    sim->config = c;
}

static void make_processes(struct sim *sim)
{
    sim->processes_n = (size_t)between(sim, 1, 2 + 2 * sim->options.size);
    if (sim->processes_n > PROCESSES) sim->processes_n = PROCESSES;
    sim->processes = ARENA_ARRAY(&sim->arena, sim->processes_n, struct process);
    for (size_t i = 0; i < sim->processes_n; i++) {
        sim->processes[i].sim = sim;
        sim->processes[i].number = (int)i;
        process_start(&sim->processes[i]);
    }
}

/* ---------------------------------------------------------------- events */

static struct str event_body(struct sim *sim, struct str id, struct str service)
{
    struct str now = time_format_iso(&sim->arena, sim->now_ms / 1000 * 1000);
    return arena_format(
        &sim->arena,
        "{\"version\":\"0\",\"id\":\"%.*s\",\"detail-type\":\"CloudWatch Alarm State Change\","
        "\"source\":\"aws.cloudwatch\",\"account\":\"" SIM_ACCOUNT "\",\"time\":\"%.*s\","
        "\"region\":\"" SIM_REGION "\",\"resources\":[\"arn:aws:cloudwatch:" SIM_REGION
        ":" SIM_ACCOUNT ":alarm:idle\"],\"detail\":{\"alarmName\":\"idle\",\"state\":{\"value\":"
        "\"ALARM\",\"reason\":\"\",\"timestamp\":\"2026-01-01T00:00:00.000+0000\"},"
        "\"configuration\":{\"metrics\":[{\"id\":\"m1\",\"metricStat\":{\"metric\":{\"namespace\":"
        "\"AWS/ECS\",\"name\":\"CPUUtilization\",\"dimensions\":{\"ClusterName\":\"" SIM_CLUSTER
        "\",\"ServiceName\":\"%.*s\"}},\"period\":60,\"stat\":\"Average\"},\"returnData\":true}]}}"
        "}",
        STR_ARG(id), STR_ARG(now), STR_ARG(service));
}

static void send_body(struct sim *sim, struct str body)
{
    struct sqs_send_message_input in = {.queue_url = sim->queue_url, .message_body = body};
    struct sqs_send_message_output out = {0};
    if (scene_call(sim, &SQS_SEND_MESSAGE, &in, &out)) abort();
}

static void ask(struct sim *sim, void *ctx, uint64_t service)
{
    struct scene *s = ctx;
    if (s->events_n == SIM_EVENTS_MAX) return;
    struct scene_event *event = &s->events[s->events_n];
    event->id = arena_format(&sim->arena, "e-%zu", s->events_n++);
    event->body = event_body(sim, event->id, s->services[service]);
    sim_trace(sim, "alarm of %.*s: event %.*s", STR_ARG(s->services[service]), STR_ARG(event->id));
    send_body(sim, event->body);
}

void scene_repeat_event(struct sim *sim)
{
    struct scene *s = sim->scene;
    if (s->events_n) send_body(sim, s->events[sim_random(sim, s->events_n)].body);
}

void scene_task_dies(struct sim *sim)
{
    struct scene *s = sim->scene;
    struct arena a;
    struct snapshot_service shown;
    struct str key = {0};
    arena_init(&a);
    key =
        arena_format(&a, SIM_CLUSTER "/%.*s", STR_ARG(s->services[sim_random(sim, s->services_n)]));
    if (!region_snapshot_service(sim->region, key, &a, &shown) && shown.tasks.n) {
        size_t i = sim_random(sim, shown.tasks.n);
        struct str arn = LIST_AT(shown.tasks, struct snapshot_task, i)->arn;
        if (!region_task_die(sim->region, arn, STR("simulated death")))
            sim_trace(sim, "%.*s dies", STR_ARG(arn));
    }
    arena_release(&a);
}

void scene_others_move_desired(struct sim *sim)
{
    struct scene *s = sim->scene;
    size_t i = sim_random(sim, s->services_n);
    struct ecs_update_service_input in = {
        .cluster = STR(SIM_CLUSTER),
        .service = s->services[i],
        .desired_count = between(sim, 1, s->tasks[i] + 1),
    };
    struct ecs_update_service_output out = {0};
    sim_trace(sim, "somebody sets %.*s to %lld", STR_ARG(in.service), (long long)in.desired_count);
    if (scene_call(sim, &ECS_UPDATE_SERVICE, &in, &out)) abort();
}

/* ---------------------------------------------------------------- all of it */

static int64_t redis_now_us(void *ctx)
{
    const struct sim *sim = ctx;
    return sim->now_ms * 1000;
}

static void become_quiet(struct sim *sim, void *ctx, uint64_t unused)
{
    (void)ctx;
    (void)unused;
    sim_trace(sim, "nothing goes wrong from here on");
    region_set_consistency_delay_ms(sim->region, 0);
    for (size_t i = 0; i < sim->processes_n; i++)
        sim->processes[i].drift_ms = 0;
}

void scene_make(struct sim *sim)
{
    struct scene *s = ARENA_NEW(&sim->arena, struct scene);
    sim->scene = s;
    make_region(sim);
    sim->redis =
        redis_model_new(redis_now_us, sim, STR("0000000000000000000000000000000000000001"));
    sim->bus = bus_model_new(sim);
    make_config(sim);
    int64_t active_ms = between(sim, 2, 6 + 4 * sim->options.size) * MINUTE_MS;
    sim->quiet_from_ms = sim->now_ms + active_ms;
    sim->end_ms = sim->quiet_from_ms + QUIET_MS;
    sim_at(sim, sim->quiet_from_ms, become_quiet, NULL, 0);
    faults_choose(sim);
    s->others_interfere =
        sim->faults->mean_ms[EVENT_OF_DEATH] || sim->faults->mean_ms[EVENT_OF_DESIRED];
    make_processes(sim);
    for (size_t i = 0; i < s->services_n; i++)
        for (int64_t n = between(sim, 1, 8); n > 0; n--)
            sim_at(sim, sim->now_ms + between(sim, 0, active_ms), ask, s, i);
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
