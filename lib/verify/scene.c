/* SPDX-License-Identifier: Apache-2.0
 * See scene.h: time, progress, and the calls whose answers are used as they are. */
#include "lib/verify/scene.h"

#include "lib/aws/shapes/ecs_setup.h"

#include <stdarg.h>
#include <stdio.h>

int64_t scene_now(const struct scene *s)
{
    return clock_wall_ms(&s->ports->clock) + s->ahead_ms;
}

int64_t scene_mono(const struct scene *s)
{
    return clock_mono_ms(&s->ports->clock);
}

void scene_say(struct scene *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int64_t passed_s = (scene_mono(s) - s->begun_ms) / SECOND_MS;
    struct str words = arena_format_list(&s->round, format, args);
    va_end(args);
    s->ports->say(s->ports->ctx,
                  arena_format(&s->round, "%3lld:%02lld  %.*s", (long long)(passed_s / 60),
                               (long long)(passed_s % 60), STR_ARG(words)));
}

bool scene_again(struct scene *s, int64_t until_ms)
{
    arena_clear(&s->round);
    if (s->ports->wait(s->ports->ctx, LOOK_MS)) {
        s->over = true;
        scene_give_up(s, "the run was ended before");
    }
    if (scene_mono(s) > s->until_ms) {
        s->over = true;
        scene_give_up(s, "the run's time was over before; --timeout gives it more");
    }
    return !s->over && scene_mono(s) <= until_ms;
}

void scene_give_up(struct scene *s, const char *format, ...)
{
    if (s->why[0]) return; /* the first reason is the reason */
    va_list args;
    va_start(args, format);
    (void)vsnprintf(s->why, sizeof(s->why), format, args); /* a long one is cut */
    va_end(args);
}

struct str scene_why(const struct scene *s, struct arena *a)
{
    if (s->why[0]) return arena_copy(a, str_from(s->why));
    if (s->failure.err.code) return arena_copy(a, str_from(s->failure.err.text));
    return STR("it was not come to");
}

bool scene_passing(const struct scene *s, int code)
{
    return code && err_class_of(code) == ERR_CLASS_RETRY && !s->over;
}

bool scene_refused(const struct scene *s, int code)
{
    return code && err_class_of(code) == ERR_CLASS_PERMANENT && code != E_DENIED &&
           s->failure.code[0];
}

int scene_read_service(struct scene *s, struct service_look *out)
{
    struct ecs_service service = {0};
    bool exists = false;
    *out = (struct service_look){0};
    int code = ecs_read_service(&s->ports->aws, &s->key, &s->round, &exists, &service, &s->failure);
    if (code) return code;
    *out = (struct service_look){
        .exists = exists,
        .active = exists && str_eq(service.status, STR("ACTIVE")),
        .deploying = ecs_is_deploying(&service),
        .desired = service.desired_count,
        .running = service.running_count,
        .pending = service.pending_count,
        .status = exists ? service.status : STR("MISSING"),
    };
    if (service.events.n)
        out->last_event = LIST_AT(service.events, struct ecs_service_event, 0)->message;
    return E_OK;
}

int scene_set_desired(struct scene *s, int64_t desired, bool deploy, int64_t *replied)
{
    struct ecs_update_service_input input = {
        .cluster = service_key_cluster_arn(&s->round, &s->key),
        .service = s->key.name,
        .desired_count = desired,
        .force_new_deployment = deploy,
    };
    struct ecs_update_service_output output = {0};
    int code = aws_call(&s->ports->aws, &ECS_UPDATE_SERVICE, s->key.region, &input, &s->round,
                        &output, 0, &s->failure);
    if (replied) *replied = output.service.desired_count;
    return code;
}

int scene_delete_service(struct scene *s)
{
    struct ecs_delete_service_input input = {
        .cluster = service_key_cluster_arn(&s->round, &s->key),
        .service = s->key.name,
        .force = true,
    };
    struct ecs_service_output output = {0};
    return aws_call(&s->ports->aws, &ECS_DELETE_SERVICE, s->key.region, &input, &s->round, &output,
                    0, &s->failure);
}

int scene_call_protection(struct scene *s, const struct str *tasks, size_t n, int64_t minutes,
                          struct ecs_task_protection_output *out)
{
    EBB_ASSERT(n <= ECS_UPDATE_PROTECTION_MAX); /* one call */
    return ecs_update_protection(&s->ports->aws, &s->key, tasks, n, minutes > 0, minutes, 0,
                                 &s->round, out, &s->failure);
}
