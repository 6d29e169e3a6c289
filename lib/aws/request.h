/* SPDX-License-Identifier: Apache-2.0
 * An operation's input as an HTTP request that is not signed yet. */
#ifndef EBB_AWS_REQUEST_H
#define EBB_AWS_REQUEST_H

#include "lib/aws/endpoint.h"

#define REQUEST_HEADERS_MAX 24
#define REQUEST_BODY_MAX    ((size_t)8 * 1024 * 1024)

struct aws_request {
    struct str method, path, query, body;
    struct http_header headers[REQUEST_HEADERS_MAX]; /* host and those the protocol needs */
    size_t headers_n;
};

/* E_MALFORMED or E_TOO_LARGE when the input breaks its table's limits; memory of the arena. */
int aws_request_encode(const struct aws_operation *operation, const struct endpoint *endpoint,
                       const void *input, struct arena *a, struct aws_request *out,
                       struct err *e) EBB_MUST_CHECK;
void aws_request_add(struct aws_request *request, struct str name, struct str value);

#endif
