/* SPDX-License-Identifier: Apache-2.0
 * Task definitions: what the tasks of services are made of. */
#include <stdio.h>
#include <stdlib.h>

#include "world/region/ecs_model.h"
#include "world/region/operations.h"

static struct ecs_task_definition describe(const struct definition *definition, struct arena *a)
{
    return (struct ecs_task_definition){
        .task_definition_arn = arena_copy(a, str_from(definition->arn)),
        .family = arena_copy(a, str_from(definition->family)),
        .status = definition->inactive ? STR("INACTIVE") : STR("ACTIVE"),
        .network_mode = STR("awsvpc"),
        .cpu = arena_copy(a, str_from(definition->cpu)),
        .memory = arena_copy(a, str_from(definition->memory)),
        .revision = definition->revision,
    };
}

static void keep(char *out, size_t bytes, struct str text, const char *fallback)
{
    if (str_is_empty(text)) text = str_from(fallback);
    (void)snprintf(out, bytes, "%.*s", STR_ARG(text)); /* what is longer than AWS allows is cut */
}

/* Deregistered ones too: no revision is given twice. */
static const struct definition *newest_of(const struct region *region, struct str family)
{
    for (size_t i = region->definitions.n; i > 0; i--) {
        const struct definition *definition = region->definitions.items[i - 1];
        if (str_eq(family, str_from(definition->family))) return definition;
    }
    return NULL;
}

int region_ecs_register_task_definition(struct region *region, const struct caller *caller,
                                        const struct ecs_register_task_definition_input *in,
                                        struct arena *a, struct ecs_task_definition_output *out,
                                        struct aws_error *err)
{
    (void)caller; /* is in the log */
    if (str_is_empty(in->family) || in->family.n >= NAME_BYTES)
        return refuse(err, "ClientException", "Family should not be null or blank.");
    if (in->container_definitions.n == 0)
        return refuse(err, "ClientException", "Container list cannot be empty.");
    const struct ecs_container_definition *first =
        LIST_AT(in->container_definitions, struct ecs_container_definition, 0);
    const struct definition *older = newest_of(region, in->family);
    struct definition *definition = calloc(1, sizeof(*definition));
    if (!definition) abort();
    definition->number = region_number(region);
    definition->revision = older ? older->revision + 1 : 1;
    keep(definition->family, sizeof(definition->family), in->family, "");
    keep(definition->container, sizeof(definition->container), first->name, "app");
    keep(definition->image, sizeof(definition->image), first->image, "");
    keep(definition->cpu, sizeof(definition->cpu), in->cpu, "256");
    keep(definition->memory, sizeof(definition->memory), in->memory, "512");
    struct str arn = region_arn(region, a, "ecs", "task-definition/%s:%lld", definition->family,
                                (long long)definition->revision);
    keep(definition->arn, sizeof(definition->arn), arn, "");
    vector_push(&region->definitions, definition);
    out->task_definition = describe(definition, a);
    out->task_definition.container_definitions = in->container_definitions;
    if (!str_is_empty(in->network_mode)) out->task_definition.network_mode = in->network_mode;
    return 0;
}

int region_ecs_deregister_task_definition(struct region *region, const struct caller *caller,
                                          const struct ecs_deregister_task_definition_input *in,
                                          struct arena *a, struct ecs_task_definition_output *out,
                                          struct aws_error *err)
{
    (void)caller; /* is in the log */
    struct definition *definition = definition_find(region, in->task_definition);
    /* A family alone names none. */
    if (!definition || str_eq(in->task_definition, str_from(definition->family)))
        return refuse(err, "ClientException", "TaskDefinition not found.");
    definition->inactive = true;
    out->task_definition = describe(definition, a);
    return 0;
}

int region_ecs_list_task_definitions(struct region *region, const struct caller *caller,
                                     const struct ecs_list_task_definitions_input *in,
                                     struct arena *a, struct ecs_list_task_definitions_output *out,
                                     struct aws_error *err)
{
    (void)caller; /* a read */
    struct page page;
    bool inactive = str_eq(in->status, STR("INACTIVE"));
    struct str kind = arena_format(a, "definitions/%.*s", STR_ARG(in->family_prefix));
    int code =
        page_begin(&page, kind, in->next_token, in->max_results, ECS_LIST_DEFINITIONS_MAX, a, err);
    if (code) return code;
    struct str *arns = ARENA_ARRAY(a, (size_t)page.limit, struct str);
    size_t n = 0;
    uint64_t last = 0;
    for (size_t i = 0; i < region->definitions.n; i++) {
        const struct definition *definition = region->definitions.items[i];
        bool fits = str_is_empty(in->family_prefix) ||
                    str_eq(in->family_prefix, str_from(definition->family));
        if (!fits || definition->inactive != inactive || definition->number <= page.after) continue;
        if ((int64_t)n == page.limit) {
            out->next_token = page_token(a, kind, last);
            break;
        }
        arns[n++] = arena_copy(a, str_from(definition->arn));
        last = definition->number;
    }
    out->task_definition_arns = LIST_OF(arns, n);
    return 0;
}
