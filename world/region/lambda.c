/* SPDX-License-Identifier: Apache-2.0
 * Lambda's Invoke: at once, or later for the type Event, where nobody hears what came of it. */
#include <stdlib.h>

#include "lib/base/arn.h"
#include "world/region/functions.h"
#include "world/region/operations.h"

#define EVENT_DELAY_MS_DEFAULT 500
#define EVENT_PAYLOAD_MAX      ((size_t)256 * 1024)

/* "name", "name:qualifier", "arn:...:function:name" or with ":qualifier" behind it. */
static struct str plain_name(struct str given)
{
    struct arn arn;
    struct str rest = given;
    if (arn_parse(given, &arn) == 0) {
        rest = arn.resource;
        (void)str_cut(&rest, ':'); /* "function" */
    }
    return str_cut(&rest, ':');
}

static void invocation_free(struct invocation *invocation)
{
    free(invocation->payload);
    free(invocation);
}

static void take_effect(struct region *region, uint64_t number, uint64_t detail)
{
    (void)detail; /* an invocation has one effect */
    for (size_t i = 0; i < region->functions.n; i++) {
        struct function *function = function_at(region, i);
        for (size_t k = 0; k < function->waiting.n; k++) {
            struct invocation *invocation = function->waiting.items[k];
            if (invocation->number != number) continue;
            struct arena scratch;
            bool failed;
            arena_init(&scratch);
            struct str payload = {invocation->payload, invocation->payload_n};
            (void)function_perform(region, function, payload, &scratch,
                                   &failed); /* nobody hears it */
            arena_release(&scratch);
            vector_remove(&function->waiting, invocation);
            invocation_free(invocation);
            return;
        }
    }
}

static void invoke_later(struct region *region, struct function *function, struct str payload)
{
    int64_t delay_ms = function->options.event_delay_ms ? function->options.event_delay_ms
                                                        : EVENT_DELAY_MS_DEFAULT;
    if (random_percent(region, STREAM_FAULTS, function->options.event_lost_percent)) return;
    struct invocation *invocation = calloc(1, sizeof(*invocation));
    if (!invocation) abort();
    invocation->number = region_number(region);
    invocation->payload = malloc(payload.n + 1);
    if (!invocation->payload) abort();
    for (size_t i = 0; i < payload.n; i++)
        invocation->payload[i] = payload.p[i];
    invocation->payload_n = payload.n;
    vector_push(&function->waiting, invocation);
    region_at(region, region->now_ms + delay_ms, take_effect, invocation->number, 0);
}

int region_lambda_invoke(struct region *region, const struct caller *caller,
                         const struct lambda_invoke_input *in, struct arena *a,
                         struct lambda_invoke_output *out, struct aws_error *err)
{
    (void)caller; /* is in the log */
    struct str name = plain_name(in->function_name);
    struct function *function = function_find(region, name);
    if (!function) {
        (void)refuse(err, "ResourceNotFoundException", "Function not found: %.*s",
                     STR_ARG(region_function_arn(region, name, a)));
        err->http_status = 404;
        return E_REFUSED;
    }
    struct str type = in->invocation_type;
    out->executed_version = STR("$LATEST");
    if (str_eq(type, STR("DryRun"))) {
        out->status_code = 204;
        return 0;
    }
    struct json *payload;
    if (!str_is_empty(in->payload) && json_parse(in->payload, a, &payload))
        return refuse(err, "InvalidRequestContentException",
                      "Could not parse request body into json");
    if (str_eq(type, STR("Event"))) {
        if (in->payload.n > EVENT_PAYLOAD_MAX)
            return refuse(err, "RequestTooLargeException", "The payload is larger than 256 KB");
        invoke_later(region, function, in->payload);
        out->status_code = 202;
        return 0;
    }
    if (!str_is_empty(type) && !str_eq(type, STR("RequestResponse")))
        return refuse(err, "InvalidParameterValueException", "Unknown invocation type: %.*s",
                      STR_ARG(type));
    bool failed;
    out->status_code = 200;
    out->payload = function_perform(region, function, in->payload, a, &failed);
    if (failed) out->function_error = STR("Unhandled");
    return 0;
}

void functions_release(struct region *region)
{
    for (size_t i = 0; i < region->functions.n; i++) {
        struct function *function = function_at(region, i);
        for (size_t k = 0; k < function->exclusions.n; k++)
            free(function->exclusions.items[k]);
        for (size_t k = 0; k < function->waiting.n; k++)
            invocation_free(function->waiting.items[k]);
        vector_release(&function->exclusions);
        vector_release(&function->waiting);
        free(function);
    }
}
