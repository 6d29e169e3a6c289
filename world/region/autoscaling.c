/* SPDX-License-Identifier: Apache-2.0
 * Scalable targets of Application Auto Scaling: where a service's floor and ceiling are kept.
 * Nothing here moves a count. */
#include <stdio.h>
#include <stdlib.h>

#include "world/region/autoscaling.h"
#include "world/region/ecs_model.h"
#include "world/region/operations.h"

#define RESOURCE_IDS_MAX 50
#define DIMENSION        "ecs:service:DesiredCount"

const struct scalable_target *scalable_target_find(const struct region *region,
                                                   struct str resource_id)
{
    for (size_t i = 0; i < region->targets.n; i++) {
        const struct scalable_target *target = region->targets.items[i];
        if (str_eq(resource_id, str_from(target->resource_id))) return target;
    }
    return NULL;
}

static struct scalable_target *target_new(struct region *region, struct str resource_id,
                                          struct arena *a)
{
    struct scalable_target *target = calloc(1, sizeof(*target));
    if (!target) abort();
    target->number = region_number(region);
    target->created_ms = region->now_ms;
    char hex[33];
    random_hex(region, hex, 32);
    struct str arn = region_arn(region, a, "application-autoscaling", "scalable-target/%s", hex);
    /* The length of the id was checked, an ARN is never longer than its array. */
    (void)snprintf(target->resource_id, sizeof(target->resource_id), "%.*s", STR_ARG(resource_id));
    (void)snprintf(target->arn, sizeof(target->arn), "%.*s", STR_ARG(arn));
    vector_push(&region->targets, target);
    return target;
}

static int check_kind(struct str name_space, struct str dimension, struct aws_error *err)
{
    if (!str_eq(name_space, STR("ecs")))
        return refuse(err, "ValidationException", "Only the namespace ecs is offered here.");
    if (!str_is_empty(dimension) && !str_eq(dimension, STR(DIMENSION)))
        return refuse(err, "ValidationException",
                      "Unsupported service namespace, resource type or scalable dimension");
    return 0;
}

static int check_target(const struct region *region,
                        const struct autoscaling_register_scalable_target_input *in,
                        const struct scalable_target *old, struct aws_error *err)
{
    struct str key = in->resource_id;
    struct str kind = str_cut(&key, '/');
    if (!str_eq(kind, STR("service")) || in->resource_id.n >= KEY_BYTES)
        return refuse(err, "ValidationException", "ECS service doesn't exist: %.*s",
                      STR_ARG(in->resource_id));
    const struct service *service = service_find_key(region, key);
    if (!service || service->now.status == SERVICE_INACTIVE)
        return refuse(err, "ValidationException", "ECS service doesn't exist: %.*s",
                      STR_ARG(in->resource_id));
    int64_t minimum = in->min_capacity >= 0 ? in->min_capacity : old ? old->minimum : -1;
    int64_t maximum = in->max_capacity >= 0 ? in->max_capacity : old ? old->maximum : -1;
    if (minimum < 0 || maximum < 0)
        return refuse(err, "ValidationException",
                      "Both the minimum and the maximum capacity are needed for a new scalable "
                      "target");
    if (minimum > maximum)
        return refuse(err, "ValidationException",
                      "Maximum capacity cannot be less than minimum capacity");
    return 0;
}

int region_autoscaling_register_scalable_target(
    struct region *region, const struct caller *caller,
    const struct autoscaling_register_scalable_target_input *in, struct arena *a,
    struct autoscaling_register_scalable_target_output *out, struct aws_error *err)
{
    (void)caller; /* is in the log */
    const struct scalable_target *old = scalable_target_find(region, in->resource_id);
    int code = check_kind(in->service_namespace, in->scalable_dimension, err);
    if (!code) code = check_target(region, in, old, err);
    if (code) return code;
    struct scalable_target *target = NULL;
    for (size_t i = 0; i < region->targets.n; i++)
        if (region->targets.items[i] == old) target = region->targets.items[i];
    if (!target) target = target_new(region, in->resource_id, a);
    if (in->min_capacity >= 0) target->minimum = in->min_capacity;
    if (in->max_capacity >= 0) target->maximum = in->max_capacity;
    target->scale_in_suspended = in->suspended_state.dynamic_scaling_in_suspended;
    target->scale_out_suspended = in->suspended_state.dynamic_scaling_out_suspended;
    target->schedule_suspended = in->suspended_state.scheduled_scaling_suspended;
    out->scalable_target_arn = arena_copy(a, str_from(target->arn));
    return 0;
}

static bool is_asked_for(const struct autoscaling_describe_scalable_targets_input *in,
                         const struct scalable_target *target)
{
    for (size_t i = 0; i < in->resource_ids.n; i++)
        if (str_eq(*LIST_AT(in->resource_ids, struct str, i), str_from(target->resource_id)))
            return true;
    return in->resource_ids.n == 0;
}

static struct autoscaling_scalable_target describe(const struct region *region,
                                                   const struct scalable_target *target,
                                                   struct arena *a)
{
    return (struct autoscaling_scalable_target){
        .service_namespace = STR("ecs"),
        .resource_id = arena_copy(a, str_from(target->resource_id)),
        .scalable_dimension = STR(DIMENSION),
        .min_capacity = target->minimum,
        .max_capacity = target->maximum,
        .role_arn = arena_format(
            a,
            "arn:%.*s:iam::%.*s:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
            "AWSServiceRoleForApplicationAutoScaling_ECSService",
            STR_ARG(region->options.partition), STR_ARG(region->options.account)),
        .creation_time = target->created_ms,
        .suspended_state = {target->scale_in_suspended, target->scale_out_suspended,
                            target->schedule_suspended},
        .scalable_target_arn = arena_copy(a, str_from(target->arn)),
    };
}

int region_autoscaling_describe_scalable_targets(
    struct region *region, const struct caller *caller,
    const struct autoscaling_describe_scalable_targets_input *in, struct arena *a,
    struct autoscaling_describe_scalable_targets_output *out, struct aws_error *err)
{
    (void)caller; /* a read */
    struct page page;
    int code = check_kind(in->service_namespace, in->scalable_dimension, err);
    if (code) return code;
    if (in->resource_ids.n > RESOURCE_IDS_MAX)
        return refuse(err, "ValidationException",
                      "Member must have length less than or equal to %d", RESOURCE_IDS_MAX);
    code = page_begin(&page, STR("targets"), in->next_token, in->max_results, RESOURCE_IDS_MAX, a,
                      err);
    if (code) {
        err->code =
            str_is_empty(in->next_token) ? "ValidationException" : "InvalidNextTokenException";
        return code;
    }
    struct autoscaling_scalable_target *found =
        ARENA_ARRAY(a, (size_t)page.limit, struct autoscaling_scalable_target);
    size_t n = 0;
    uint64_t last = 0;
    for (size_t i = 0; i < region->targets.n; i++) {
        const struct scalable_target *target = region->targets.items[i];
        if (target->number <= page.after || !is_asked_for(in, target)) continue;
        if ((int64_t)n == page.limit) {
            out->next_token = page_token(a, STR("targets"), last);
            break;
        }
        found[n++] = describe(region, target, a);
        last = target->number;
    }
    out->scalable_targets = LIST_OF(found, n);
    return 0;
}
