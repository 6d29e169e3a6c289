/* SPDX-License-Identifier: Apache-2.0
 * CreateService, UpdateService, DeleteService, and their reading counterparts. */
#include <stdio.h>
#include <stdlib.h>

#include "world/region/ecs_model.h"
#include "world/region/operations.h"

#define MAXIMUM_PERCENT_DEFAULT 200
#define MINIMUM_PERCENT_DEFAULT 100
#define DESIRED_MAX             5000
#define UNFINISHED_MAX          5 /* deployments; AWS begins no further one */

static void note_caller(const struct region *region, struct service *service)
{
    (void)snprintf(service->changed_by, sizeof(service->changed_by), "%.*s",
                   STR_ARG(region->caller_key)); /* for the log: a long one is cut */
}

static void set_desired(struct region *region, struct service *service, int64_t desired)
{
    int64_t before = service->now.desired;
    note_caller(region, service);
    if (desired == before) return;
    service->desired_before = before;
    service->desired_at_ms = region->now_ms;
    service->gave_up = false;
    service->not_replaced = 0;
    service->now.desired = desired;
    if (service->now.deployments_n) {
        service->now.deployments[0].desired = desired;
        service->now.deployments[0].updated_ms = region->now_ms;
        if (region_departs(region, DEPART_COUNT_DEPLOYS))
            service->now.deployments[0].rollout = ROLLOUT_IN_PROGRESS;
    }
    service->steady = false;
    log_add(region, (struct log_entry){.kind = LOG_DESIRED,
                                       .service = str_from(service->key),
                                       .before = before,
                                       .after = desired});
    service_changed(region, service);
    service_wake(region, service);
}

static int choose_controller(struct str type, enum controller *out, struct aws_error *err)
{
    if (str_is_empty(type) || str_eq(type, STR("ECS")))
        *out = CONTROLLER_ECS;
    else if (str_eq(type, STR("CODE_DEPLOY")))
        *out = CONTROLLER_CODE_DEPLOY;
    else if (str_eq(type, STR("EXTERNAL")))
        *out = CONTROLLER_EXTERNAL;
    else
        return refuse(err, "InvalidParameterException", "Invalid deployment controller type: %.*s.",
                      STR_ARG(type));
    return 0;
}

static int check_desired(int64_t desired, struct aws_error *err)
{
    if (desired >= 0 && desired <= DESIRED_MAX) return 0;
    return refuse(err, "InvalidParameterException", "The desired count must be between 0 and %d.",
                  DESIRED_MAX);
}

static int check_new(const struct region *region, const struct ecs_create_service_input *in,
                     const struct cluster *cluster, struct aws_error *err)
{
    if (str_is_empty(in->service_name) || in->service_name.n >= NAME_BYTES)
        return refuse(err, "InvalidParameterException", "Invalid service name.");
    const struct service *same = service_find(region, cluster, in->service_name);
    if (same && same->now.status == SERVICE_DRAINING)
        return refuse(err, "InvalidParameterException",
                      "Unable to Start a service that is still Draining.");
    if (same && same->now.status == SERVICE_ACTIVE)
        return refuse(err, "InvalidParameterException", "Creation of service was not idempotent.");
    bool daemon = str_eq(in->scheduling_strategy, STR("DAEMON"));
    if (daemon && in->desired_count >= 0)
        return refuse(err, "InvalidParameterException",
                      "The daemon scheduling strategy does not support a desired count for "
                      "services. Remove the desired count value and try again");
    return daemon ? 0 : check_desired(in->desired_count, err);
}

static struct service *service_new(struct region *region, const struct caller *caller,
                                   const struct ecs_create_service_input *in,
                                   struct cluster *cluster, struct arena *a)
{
    struct service *service = calloc(1, sizeof(*service));
    if (!service) abort();
    const struct ecs_deployment_configuration *configuration = &in->deployment_configuration;
    service->number = region_number(region);
    service->cluster = cluster;
    service->daemon = str_eq(in->scheduling_strategy, STR("DAEMON"));
    service->created_ms = region->now_ms;
    service->maximum_percent =
        configuration->maximum_percent ? configuration->maximum_percent : MAXIMUM_PERCENT_DEFAULT;
    service->minimum_percent = configuration->minimum_healthy_percent
                                   ? configuration->minimum_healthy_percent
                                   : MINIMUM_PERCENT_DEFAULT;
    for (size_t i = 0; i < in->capacity_provider_strategy.n; i++)
        service->spot |=
            str_eq(LIST_AT(in->capacity_provider_strategy, struct ecs_capacity_provider, i)
                       ->capacity_provider,
                   STR("FARGATE_SPOT"));
    /* The lengths of names were checked, so all of these fit. */
    (void)snprintf(service->name, sizeof(service->name), "%.*s", STR_ARG(in->service_name));
    struct str arn = region_arn(region, a, "ecs", "service/%s/%s", cluster->name, service->name);
    (void)snprintf(service->arn, sizeof(service->arn), "%.*s", STR_ARG(arn));
    (void)snprintf(service->key, sizeof(service->key), "%s/%s", cluster->name, service->name);
    (void)snprintf(service->created_by, sizeof(service->created_by), "%.*s", STR_ARG(caller->arn));
    service->tags = tags_copy(&region->text, in->tags);
    service->load.sum.at_ms = region->now_ms;
    vector_push(&region->services, service);
    return service;
}

int region_ecs_create_service(struct region *region, const struct caller *caller,
                              const struct ecs_create_service_input *in, struct arena *a,
                              struct ecs_service_output *out, struct aws_error *err)
{
    struct cluster *cluster;
    enum controller controller = CONTROLLER_ECS;
    int code = cluster_need(region, in->cluster, &cluster, err);
    if (!code) code = check_new(region, in, cluster, err);
    if (!code) code = choose_controller(in->deployment_controller.type, &controller, err);
    if (code) return code;
    struct definition *definition = definition_find(region, in->task_definition);
    if (!definition) return refuse(err, "ClientException", "TaskDefinition not found.");
    struct service *service = service_new(region, caller, in, cluster, a);
    service->controller = controller;
    deployment_begin(region, service, definition);
    set_desired(region, service,
                service->daemon ? region->options.container_instances : in->desired_count);
    app_attach(region, service);
    out->service = service_describe(region, service, &service->now, a);
    return 0;
}

static int service_need(const struct region *region, const struct cluster *cluster, struct str name,
                        struct service **out, struct aws_error *err)
{
    *out = service_find(region, cluster, name);
    return *out ? 0 : refuse(err, "ServiceNotFoundException", "Service not found.");
}

static size_t unfinished(const struct service *service)
{
    size_t n = 0;
    for (size_t i = 0; i < service->now.deployments_n; i++)
        n += i > 0 || service->now.deployments[i].rollout != ROLLOUT_COMPLETED;
    return n;
}

static int check_deployment(const struct service *service, struct aws_error *err)
{
    if (service->controller == CONTROLLER_CODE_DEPLOY)
        return refuse(err, "InvalidParameterException",
                      "Unable to update task definition on services with a CODE_DEPLOY deployment "
                      "controller. Use AWS CodeDeploy to trigger a new deployment.");
    if (service->controller == CONTROLLER_EXTERNAL)
        return refuse(err, "InvalidParameterException",
                      "Unable to update task definition on services with an EXTERNAL deployment "
                      "controller.");
    if (unfinished(service) >= UNFINISHED_MAX)
        return refuse(err, "InvalidParameterException",
                      "The service has too many deployments that have not finished.");
    return 0;
}

int region_ecs_update_service(struct region *region, const struct caller *caller,
                              const struct ecs_update_service_input *in, struct arena *a,
                              struct ecs_update_service_output *out, struct aws_error *err)
{
    (void)caller; /* is in the log */
    struct cluster *cluster;
    struct service *service;
    int code = cluster_need(region, in->cluster, &cluster, err);
    if (!code) code = service_need(region, cluster, in->service, &service, err);
    if (code) return code;
    if (service->now.status != SERVICE_ACTIVE)
        return refuse(err, "ServiceNotActiveException", "Service was not ACTIVE.");
    bool counts = in->desired_count >= 0;
    if (counts && service->daemon)
        return refuse(err, "InvalidParameterException",
                      "The daemon scheduling strategy does not support a desired count for "
                      "services. Remove the desired count value and try again");
    if (counts) code = check_desired(in->desired_count, err);
    bool deploys = in->force_new_deployment || !str_is_empty(in->task_definition);
    if (!code && deploys) code = check_deployment(service, err);
    if (code) return code;
    struct definition *definition = service->now.deployments[0].definition;
    if (!str_is_empty(in->task_definition)) {
        definition = definition_find(region, in->task_definition);
        if (!definition) return refuse(err, "ClientException", "TaskDefinition not found.");
    }
    /* The definition it has already is no deployment unless forced. */
    deploys = in->force_new_deployment || definition != service->now.deployments[0].definition;
    if (counts) set_desired(region, service, in->desired_count);
    if (deploys) {
        note_caller(region, service);
        deployment_begin(region, service, definition);
    }
    out->service = service_describe(region, service, &service->now, a);
    return 0;
}

int region_ecs_delete_service(struct region *region, const struct caller *caller,
                              const struct ecs_delete_service_input *in, struct arena *a,
                              struct ecs_service_output *out, struct aws_error *err)
{
    (void)caller; /* is in the log */
    struct cluster *cluster;
    struct service *service;
    int code = cluster_need(region, in->cluster, &cluster, err);
    if (!code) code = service_need(region, cluster, in->service, &service, err);
    if (code) return code;
    if (service->now.status == SERVICE_INACTIVE)
        return refuse(err, "ServiceNotActiveException", "Service was not ACTIVE.");
    if (service->now.status == SERVICE_ACTIVE) {
        if (!in->force && !service->daemon && service->now.desired > 0)
            return refuse(err, "InvalidParameterException",
                          "The service cannot be stopped while it is scaled above 0.");
        set_desired(region, service, 0);
        service->now.status = SERVICE_DRAINING;
        service_changed(region, service);
        service_wake(region, service);
    }
    out->service = service_describe(region, service, &service->now, a);
    return 0;
}
