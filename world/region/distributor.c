/* SPDX-License-Identifier: Apache-2.0
 * The one kind of function there is: the distributor with its list of excluded addresses. It does
 * what it is told about an address, whoever the drain is: keeping apart who excluded what is its
 * caller's business. */
#include "world/region/distributor.h"

#include <stdio.h>
#include <stdlib.h>

#include "world/region/functions.h"

#define DELAY_MS_MAX   ((int64_t)3600 * 1000)
#define EXCLUSIONS_MAX ((size_t)65536)

static const struct field function_options_fields[] = {
    F_STR(struct function_options, name, "name", .flags = FIELD_REQUIRED, .max = FUNCTION_NAME_MAX),
    F_STR(struct function_options, kind, "kind"),
    F_SPAN(struct function_options, event_delay_ms, "eventDelay", .max = DELAY_MS_MAX),
    F_INT(struct function_options, event_lost_percent, "eventLostPercent", .max = 100),
    F_INT(struct function_options, error_percent, "errorPercent", .max = 100),
};
const struct record function_options_record =
    RECORD_OF(struct function_options, function_options_fields);

struct function *function_at(const struct region *region, size_t i)
{
    return region->functions.items[i];
}

struct function *function_find(const struct region *region, struct str name)
{
    for (size_t i = 0; i < region->functions.n; i++)
        if (str_eq(name, str_from(function_at(region, i)->name))) return function_at(region, i);
    return NULL;
}

int region_function_set(struct region *region, const struct function_options *options,
                        struct err *e)
{
    int code = record_check(&function_options_record, options, e);
    for (size_t i = 0; i < function_options_record.n && !code; i++)
        code = field_check(&function_options_record.fields[i], options, e);
    if (code) return code;
    if (!str_is_empty(options->kind) && !str_eq(options->kind, STR("distributor")))
        return err_set(e, E_MALFORMED, "kind: there is only \"distributor\"");
    struct function *function = function_find(region, options->name);
    if (!function) {
        function = calloc(1, sizeof(*function));
        if (!function) abort();
        (void)snprintf(function->name, sizeof(function->name), "%.*s",
                       STR_ARG(options->name)); /* its length was checked */
        vector_push(&region->functions, function);
    }
    function->options = *options;
    function->options.name = function->options.kind = STR_NONE;
    return 0;
}

struct str region_function_arn(const struct region *region, struct str name, struct arena *a)
{
    return region_arn(region, a, "lambda", "function:%.*s", STR_ARG(name));
}

static struct exclusion *exclusion_find(const struct function *function, struct str address)
{
    for (size_t i = 0; i < function->exclusions.n; i++) {
        struct exclusion *exclusion = function->exclusions.items[i];
        if (str_eq(address, str_from(exclusion->address))) return exclusion;
    }
    return NULL;
}

bool region_excluded(const struct region *region, struct str function, struct str address,
                     struct str *drain_id)
{
    const struct function *found = function_find(region, function);
    const struct exclusion *exclusion = found ? exclusion_find(found, address) : NULL;
    if (exclusion && drain_id) *drain_id = str_from(exclusion->drain_id);
    return exclusion != NULL;
}

struct list functions_exclusions(const struct region *region, struct arena *a)
{
    size_t most = 1, n = 0;
    for (size_t i = 0; i < region->functions.n; i++)
        most += function_at(region, i)->exclusions.n;
    struct str *lines = ARENA_ARRAY(a, most, struct str);
    for (size_t i = 0; i < region->functions.n; i++) {
        const struct function *function = function_at(region, i);
        for (size_t k = 0; k < function->exclusions.n; k++) {
            const struct exclusion *exclusion = function->exclusions.items[k];
            lines[n++] = arena_format(a, "%s %s %s", function->name, exclusion->address,
                                      exclusion->drain_id);
        }
    }
    return LIST_OF(lines, n);
}

static bool exclude(struct function *function, struct str address, struct str drain_id)
{
    struct exclusion *exclusion = exclusion_find(function, address);
    bool changed = !exclusion;
    if (!exclusion) {
        if (function->exclusions.n == EXCLUSIONS_MAX) return false;
        exclusion = calloc(1, sizeof(*exclusion));
        if (!exclusion) abort();
        vector_push(&function->exclusions, exclusion);
    }
    /* Lengths were checked by the caller. */
    (void)snprintf(exclusion->address, sizeof(exclusion->address), "%.*s", STR_ARG(address));
    (void)snprintf(exclusion->drain_id, sizeof(exclusion->drain_id), "%.*s", STR_ARG(drain_id));
    return changed;
}

static bool include(struct function *function, struct str address)
{
    struct exclusion *exclusion = exclusion_find(function, address);
    if (!exclusion) return false;
    vector_remove(&function->exclusions, exclusion);
    free(exclusion);
    return true;
}

static struct str text_member(const struct json *object, struct str name)
{
    const struct json *member = json_member(object, name);
    bool good = member && member->kind == JSON_STRING && member->text.n < TEXT_BYTES;
    return good ? member->text : STR_NONE;
}

static struct str function_error(struct arena *a, const char *type, const char *message)
{
    return arena_format(a, "{\"errorMessage\":\"%s\",\"errorType\":\"%s\"}", message, type);
}

struct str function_perform(struct region *region, struct function *function, struct str payload,
                            struct arena *a, bool *failed)
{
    struct json *request;
    *failed = true;
    if (random_percent(region, STREAM_FAULTS, function->options.error_percent))
        return function_error(a, "RuntimeError", "the distributor cannot be reached");
    if (json_parse(payload, a, &request))
        return function_error(a, "JSONDecodeError", "the payload is not JSON");
    struct str action = text_member(request, STR("action"));
    struct str address = text_member(request, STR("target_ip"));
    struct str drain_id = text_member(request, STR("drainId"));
    if (str_is_empty(address)) return function_error(a, "KeyError", "target_ip");
    bool changed;
    if (str_eq(action, STR("comment_out_ip")))
        changed = exclude(function, address, drain_id);
    else if (str_eq(action, STR("restore_ip")) || str_eq(action, STR("release_ip")))
        changed = include(function, address);
    else
        return function_error(a, "ValueError", "unknown action");
    log_add(region, (struct log_entry){.kind = LOG_DISTRIBUTOR,
                                       .subject = address,
                                       .reason = action,
                                       .detail = drain_id,
                                       .count = changed});
    *failed = false;
    struct buf answer;
    buf_init(&answer, TEXT_BYTES * 8);
    buf_add_format(&answer, "{\"ok\":true,\"action\":\"%.*s\",\"target_ip\":", STR_ARG(action));
    buf_add_json_string(&answer, address);
    buf_add_format(&answer, ",\"changed\":%s}", changed ? "true" : "false");
    struct str text = arena_copy(a, buf_view(&answer));
    buf_release(&answer);
    return text;
}
