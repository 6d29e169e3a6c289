/* SPDX-License-Identifier: Apache-2.0
 * One call into the region: its bucket, its function, its entry in the log. */
#include <stdarg.h>
#include <stdio.h>

#include "world/region/ecs_model.h"
#include "world/region/operations.h"

#define HTTP_BAD_REQUEST 400

/* The table calls with void pointers; these give them back their types. */
#define X(shape, function, input, output, id, bucket, writes)                                      \
    static int run_##function(struct region *region, const struct caller *caller, const void *in,  \
                              struct arena *a, void *out, struct aws_error *err)                   \
    {                                                                                              \
        return region_##function(region, caller, in, a, out, err);                                 \
    }
REGION_OPERATIONS(X)
#undef X

static const struct region_operation operations[] = {
#define X(shape, function, input, output, id, bucket, writes) {&shape, id, writes, run_##function},
    REGION_OPERATIONS(X)
#undef X
};

static const enum throttle_bucket buckets[] = {
#define X(shape, function, input, output, id, bucket, writes) THROTTLE_##bucket,
    REGION_OPERATIONS(X)
#undef X
};

size_t operations_count(void)
{
    return EBB_COUNT(operations);
}

const struct region_operation *region_operations(size_t *n)
{
    *n = EBB_COUNT(operations);
    return operations;
}

const struct region_operation *region_operation_find(struct str host_prefix, struct str name)
{
    for (size_t i = 0; i < EBB_COUNT(operations); i++) {
        const struct aws_operation *shape = operations[i].shape;
        if (str_eq(host_prefix, str_from(shape->service->host_prefix)) &&
            str_eq(name, str_from(shape->name)))
            return &operations[i];
    }
    return NULL;
}

const struct region_operation *region_operation_of(const struct aws_operation *shape)
{
    for (size_t i = 0; i < EBB_COUNT(operations); i++)
        if (operations[i].shape == shape) return &operations[i];
    return NULL;
}

int refuse(struct aws_error *err, const char *code, const char *format, ...)
{
    *err = (struct aws_error){.http_status = HTTP_BAD_REQUEST, .code = code, .sender = true};
    va_list args;
    va_start(args, format);
    (void)vsnprintf(err->message, sizeof(err->message), format, args); /* a long one is cut */
    va_end(args);
    return E_REFUSED;
}

int region_call(struct region *region, const struct caller *caller,
                const struct region_operation *operation, const void *in, struct arena *a,
                void *out, struct aws_error *err)
{
    size_t row = (size_t)(operation - operations);
    EBB_ASSERT(row < EBB_COUNT(operations));
    struct call_count *count = &region->calls[row];
    static const struct caller root;
    if (!caller) caller = &root;
    *err = (struct aws_error){0};
    int code = 0;
    if (!region->options.throttling_off &&
        !throttle_take(&region->throttle, buckets[row], region->now_ms)) {
        count->throttled++;
        (void)refuse(err, "ThrottlingException", "Rate exceeded");
        code = E_THROTTLED;
    } else {
        count->calls++;
        region->caller_key = caller->access_key_id;
        region->caller_operation = operation->id;
        code = operation->run(region, caller, in, a, out, err);
        count->refused += code != 0;
    }
    if (operation->writes)
        log_add(region, (struct log_entry){.kind = LOG_CALL,
                                           .access_key_id = caller->access_key_id,
                                           .operation = str_from(operation->id),
                                           .code = str_from(err->code)});
    region->caller_key = STR_NONE;
    region->caller_operation = NULL;
    return code;
}

int64_t region_calls(const struct region *region, struct str operation)
{
    for (size_t i = 0; i < EBB_COUNT(operations); i++)
        if (str_eq(operation, str_from(operations[i].id))) return region->calls[i].calls;
    return 0;
}

int region_sts_get_caller_identity(struct region *region, const struct caller *caller,
                                   const struct sts_get_caller_identity_input *in, struct arena *a,
                                   struct sts_get_caller_identity_output *out,
                                   struct aws_error *err)
{
    (void)in;  /* has nothing */
    (void)err; /* cannot be refused: AWS asks for no right to it */
    struct str account = region->options.account;
    out->account = account;
    out->user_id = str_is_empty(caller->user_id) ? account : arena_copy(a, caller->user_id);
    out->arn = arena_copy(a, caller->arn);
    if (str_is_empty(caller->arn))
        out->arn = arena_format(a, "arn:%.*s:iam::%.*s:root", STR_ARG(region->options.partition),
                                STR_ARG(account));
    return 0;
}
