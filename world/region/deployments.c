/* SPDX-License-Identifier: Apache-2.0
 * Rolling deployments: tasks of older deployments are replaced within the service's healthy
 * percentages; a protected task is left alone and the deployment waits for it. */
#include <stdio.h>
#include <string.h>

#include "world/region/ecs_model.h"
#include "world/region/event_model.h"

#define DEPARTED_MS ((int64_t)20 * 1000)

void deployment_begin(struct region *region, struct service *service, struct definition *definition)
{
    struct service_facts *now = &service->now;
    EBB_ASSERT(now->deployments_n < DEPLOYMENTS_MAX);
    memmove(now->deployments + 1, now->deployments, now->deployments_n * sizeof(struct deployment));
    now->deployments_n++;
    struct deployment *primary = &now->deployments[0];
    *primary = (struct deployment){.number = region_number(region),
                                   .definition = definition,
                                   .desired = now->desired,
                                   .created_ms = region->now_ms,
                                   .updated_ms = region->now_ms,
                                   .rollout = ROLLOUT_IN_PROGRESS};
    /* AWS's ids are 19 digits. */
    int64_t digits =
        1000000000000000000 + random_below(region, STREAM_IDS, INT64_C(8000000000000000000));
    (void)snprintf(primary->id, sizeof(primary->id), "ecs-svc/%lld", (long long)digits);
    service->steady = false;
    deployment_event(region, service, "SERVICE_DEPLOYMENT_IN_PROGRESS", primary);
    service_changed(region, service);
    service_wake(region, service);
}

/* An older deployment without a task left is gone from DescribeServices. */
static void forget_empty(struct region *region, struct service *service)
{
    struct service_facts *now = &service->now;
    for (size_t d = now->deployments_n; d > 1; d--) {
        struct deployment *old = &now->deployments[d - 1];
        bool empty = true;
        for (size_t i = 0; i < service->tasks.n; i++) {
            const struct task *task = service_task(service, i);
            if (task->deployment == old->number && task->now.last_status != TASK_STOPPED)
                empty = false;
        }
        if (!empty) continue;
        memmove(old, old + 1, (now->deployments_n - d) * sizeof(*old));
        now->deployments_n--;
    }
    service_changed(region, service);
}

struct counts {
    int64_t new_wanted, old_wanted, running; /* running: of both, wanted and RUNNING */
};

static struct counts count(const struct service *service)
{
    struct counts c = {0};
    for (size_t i = 0; i < service->tasks.n; i++) {
        const struct task *task = service_task(service, i);
        if (!task->now.wanted) continue;
        if (task->deployment == service->now.deployments[0].number)
            c.new_wanted++;
        else
            c.old_wanted++;
        c.running += task->now.last_status == TASK_RUNNING;
    }
    return c;
}

void deployment_step(struct region *region, struct service *service)
{
    int64_t desired = service->now.desired;
    int64_t most = desired * service->maximum_percent / 100;
    int64_t least = (desired * service->minimum_percent + 99) / 100;
    struct counts c = count(service);
    if (c.new_wanted > desired)
        c.running -= stop_some(region, service, c.new_wanted - desired, TASKS_NEW, STOP_SCALE_IN);
    if (c.old_wanted > 0 && c.running > least) {
        int64_t spare = c.running - least;
        c.old_wanted -= stop_some(region, service, spare, TASKS_OLD, STOP_DEPLOYMENT);
    }
    int64_t missing = desired - c.new_wanted;
    int64_t room = most - c.new_wanted - c.old_wanted;
    if (room > 0 && missing > 0 && start_some(region, service, missing < room ? missing : room))
        service_wake(region, service);
    forget_empty(region, service);
}

void deployment_complete(struct region *region, struct service *service)
{
    struct deployment *primary = &service->now.deployments[0];
    if (primary->rollout == ROLLOUT_COMPLETED) return;
    bool is_recent = region->now_ms < service->desired_at_ms + DEPARTED_MS;
    if (is_recent && region_departs(region, DEPART_COUNT_DEPLOYS)) {
        service_wake(region, service);
        return;
    }
    primary->rollout = ROLLOUT_COMPLETED;
    primary->updated_ms = region->now_ms;
    deployment_event(region, service, "SERVICE_DEPLOYMENT_COMPLETED", primary);
    service_changed(region, service);
    service_event(region, service, "(service %s) (deployment %s) deployment completed.",
                  service->name, primary->id);
}
