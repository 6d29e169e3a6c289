/* SPDX-License-Identifier: Apache-2.0
 * See route.h. JSON protocols name the operation in X-Amz-Target, the query protocol in the form's
 * Action and Version, REST in method and path. All services share one endpoint, so the host says
 * nothing. */
#include "world/wire/route.h"

#include "lib/record/walkers.h"

#include <stdio.h>

struct query_head {
    struct str action, version;
};
static const struct field query_head_fields[] = {
    F_STR(struct query_head, action, "Action"),
    F_STR(struct query_head, version, "Version"),
};
static const struct record query_head_record = RECORD_OF(struct query_head, query_head_fields);

static void refuse(struct route *out, int status, const char *code, const char *query_code)
{
    out->refusal.http_status = status;
    out->refusal.code = code;
    out->refusal.query_code = query_code;
    out->refusal.sender = true;
}

static bool speaks_json(const struct aws_service *service)
{
    return service->protocol == AWS_JSON_1_0 || service->protocol == AWS_JSON_1_1;
}

static void find_by_target(struct str target, struct route *out)
{
    struct str rest = target, prefix = str_cut(&rest, '.');
    size_t n;
    const struct region_operation *operations = region_operations(&n);
    out->protocol = AWS_JSON_1_1;
    for (size_t i = 0; i < n; i++) {
        const struct aws_service *service = operations[i].shape->service;
        if (!speaks_json(service) || !str_eq(prefix, str_from(service->target_prefix))) continue;
        out->service = service;
        out->protocol = service->protocol;
        if (str_eq(rest, str_from(operations[i].shape->name))) out->operation = &operations[i];
    }
    if (!out->operation) refuse(out, 400, "UnknownOperationException", NULL);
}

static void find_by_form(const struct http_incoming *request, struct arena *a, struct route *out)
{
    struct query_head head = {0};
    struct err e;
    size_t n;
    const struct region_operation *operations = region_operations(&n);
    out->protocol = AWS_QUERY;
    if (query_decode(&query_head_record, request->body, a, &head, &e)) {
        refuse(out, 404, "MalformedQueryString", NULL);
        (void)snprintf(out->refusal.message, sizeof(out->refusal.message), "%s", e.text);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const struct aws_service *service = operations[i].shape->service;
        if (service->protocol != AWS_QUERY) continue;
        if (!str_eq(head.version, str_from(service->version))) continue;
        out->service = service;
        if (str_eq(head.action, str_from(operations[i].shape->name)))
            out->operation = &operations[i];
    }
    if (out->operation) return;
    refuse(out, 400, str_is_empty(head.action) ? "MissingAction" : "InvalidAction", NULL);
    (void)snprintf(out->refusal.message, sizeof(out->refusal.message),
                   "Could not find operation %.*s for version %.*s", STR_ARG(head.action),
                   STR_ARG(head.version));
}

bool route_path_matches(const char *form, struct str path, struct str *values)
{
    struct str wanted = str_from(form);
    size_t names = 0;
    while (wanted.p && path.p) {
        struct str step = str_cut(&wanted, '/'), given = str_cut(&path, '/');
        bool is_name = step.n > 2 && step.p[0] == '{';
        if (!is_name && !str_eq(step, given)) return false;
        if (is_name && (given.n == 0 || names == ROUTE_NAMES_MAX)) return false;
        if (is_name) values[names++] = given;
    }
    return !wanted.p && !path.p;
}

static void find_by_path(const struct http_incoming *request, struct route *out)
{
    struct str values[ROUTE_NAMES_MAX];
    size_t n;
    const struct region_operation *operations = region_operations(&n);
    out->protocol = AWS_REST_JSON;
    for (size_t i = 0; i < n; i++) {
        const struct aws_operation *shape = operations[i].shape;
        if (shape->service->protocol != AWS_REST_JSON || !shape->rest) continue;
        if (!str_eq(request->method, str_from(shape->rest->method))) continue;
        if (!route_path_matches(shape->rest->path, request->path, values)) continue;
        out->service = shape->service;
        out->operation = &operations[i];
        return;
    }
    refuse(out, 403, "AccessDeniedException", NULL);
    (void)snprintf(out->refusal.message, sizeof(out->refusal.message),
                   "Unable to determine service/operation name to be authorized");
}

void route_find(const struct http_incoming *request, struct arena *a, struct route *out)
{
    *out = (struct route){0};
    struct str target = http_incoming_header(request, STR("x-amz-target"));
    struct str type = http_incoming_header(request, STR("content-type"));
    bool posts = str_eq(request->method, STR("POST"));
    if (posts && target.p)
        find_by_target(target, out);
    else if (posts && str_starts(type, STR("application/x-www-form-urlencoded")))
        find_by_form(request, a, out);
    else
        find_by_path(request, out);
}
