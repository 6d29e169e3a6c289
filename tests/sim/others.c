/* SPDX-License-Identifier: Apache-2.0
 * What others do to ECS, by their own calls, and what happens to tasks by itself. */
#include "lib/aws/shapes/ecs.h"
#include "tests/sim/invariants.h"
#include "tests/sim/scene.h"
#include "tests/sim/story.h"
#include "world/region/operations.h"
#include "world/region/snapshot.h"

static size_t some_service(struct sim *sim)
{
    return (size_t)sim_random(sim, sim->scene->services_n);
}

/* A task of some service; absent when it has none. */
static struct str some_task(struct sim *sim, struct arena *a)
{
    struct snapshot_service shown;
    struct str path = sim->scene->paths[some_service(sim)];
    if (region_snapshot_service(sim->region, path, a, &shown) || !shown.tasks.n) return STR_NONE;
    size_t i = (size_t)sim_random(sim, shown.tasks.n);
    return LIST_AT(shown.tasks, struct snapshot_task, i)->arn;
}

void others_kill_a_task(struct sim *sim, bool reclaim)
{
    struct arena a;
    arena_init(&a);
    struct str arn = some_task(sim, &a);
    int code = !arn.n    ? E_NOT_FOUND
               : reclaim ? region_task_reclaim(sim->region, arn)
                         : region_task_die(sim->region, arn, STR("simulated death"));
    if (!code) sim_trace(sim, "%.*s %s", STR_ARG(arn), reclaim ? "is taken back" : "dies");
    arena_release(&a);
}

void others_stop_a_task(struct sim *sim)
{
    struct arena a;
    arena_init(&a);
    struct ecs_stop_task_input in = {.cluster = STR(SIM_CLUSTER), .task = some_task(sim, &a)};
    struct ecs_stop_task_output out = {0};
    if (in.task.n) {
        sim_trace(sim, "somebody stops %.*s", STR_ARG(in.task));
        int code = scene_call(sim, &ECS_STOP_TASK, &in, &out);
        sim_trace(sim, "StopTask of somebody else: %s", err_text(code));
    }
    arena_release(&a);
}

/* Never for less than scale's own protection while it lowers: that would be another's scale-in. */
void others_protect_a_task(struct sim *sim)
{
    struct arena a;
    arena_init(&a);
    struct str arn = some_task(sim, &a);
    struct ecs_update_task_protection_input in = {
        .cluster = STR(SIM_CLUSTER),
        .tasks = LIST_OF(&arn, 1),
        .protection_enabled = true,
        .expires_in_minutes = 25 + (int64_t)sim_random(sim, 300),
    };
    struct ecs_task_protection_output out = {0};
    if (arn.n) {
        int code = scene_call(sim, &ECS_UPDATE_TASK_PROTECTION, &in, &out);
        sim_trace(sim, "somebody protects %.*s for %lld minutes: %s", STR_ARG(arn),
                  (long long)in.expires_in_minutes, err_text(code));
    }
    arena_release(&a);
}

static void update(struct sim *sim, size_t service, int64_t desired, bool deploys)
{
    struct ecs_update_service_input in = {
        .cluster = STR(SIM_CLUSTER),
        .service = sim->scene->services[service],
        .desired_count = desired,
        .force_new_deployment = deploys,
    };
    struct ecs_update_service_output out = {0};
    sim_trace(sim, "somebody %s %.*s, %lld", deploys ? "deploys" : "sets", STR_ARG(in.service),
              (long long)desired);
    if (deploys) tell(sim, in.service, "somebody", "deploys it anew");
    /* Another deployment may be in the way. */
    int code = scene_call(sim, &ECS_UPDATE_SERVICE, &in, &out);
    sim_trace(sim, "UpdateService of somebody else: %s", err_text(code));
    seen_service_named(sim, sim->scene->paths[service])->touched_ms = sim->now_ms;
}

void others_move_desired(struct sim *sim)
{
    size_t i = some_service(sim);
    uint64_t most = (uint64_t)sim->scene->plan.services[i].tasks + 1;
    update(sim, i, 1 + (int64_t)sim_random(sim, most), false);
}

void others_deploy(struct sim *sim)
{
    update(sim, some_service(sim), -1, true);
}

void others_repeat_event(struct sim *sim)
{
    const struct scene *s = sim->scene;
    if (s->events_n) scene_send_event(sim, s->events[sim_random(sim, s->events_n)].body);
}
