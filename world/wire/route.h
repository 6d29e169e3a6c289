/* SPDX-License-Identifier: Apache-2.0
 * Which AWS service and operation a request is for, and in which protocol it is answered. */
#ifndef EBB_WORLD_WIRE_ROUTE_H
#define EBB_WORLD_WIRE_ROUTE_H

#include "lib/aws/aws.h"
#include "lib/http/server.h"
#include "world/region/region.h"

struct route {
    const struct region_operation *operation; /* NULL: none; then refusal says why */
    const struct aws_service *service;        /* NULL: not even the service is known */
    enum aws_protocol protocol;               /* of the answer, refusals too */
    struct aws_error refusal;
};

/* Always fills all of *out. Forms of the query protocol are looked at, JSON bodies are not. */
void route_find(const struct http_incoming *request, struct arena *a, struct route *out);

/* Whether a path as sent is of the form "/a/{Name}/b"; the values are in the order of the names,
 * still percent-encoded. values has room for ROUTE_NAMES_MAX. */
#define ROUTE_NAMES_MAX 4
bool route_path_matches(const char *form, struct str path, struct str *values);

#endif
