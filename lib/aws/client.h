/* SPDX-License-Identifier: Apache-2.0
 * What the parts of the client share: client.c makes it, call.c uses it. */
#ifndef EBB_AWS_CLIENT_H
#define EBB_AWS_CLIENT_H

#include "lib/aws/credentials.h"
#include "lib/aws/endpoint.h"
#include "lib/aws/retry.h"

struct aws_client {
    struct aws_client_options options;
    struct arena arena; /* of what follows; not used after aws_client_new */
    struct aws_environment env;
    struct endpoint_settings endpoints;
    int max_attempts;
    int64_t timeout_ms;
    struct aws_credentials *credentials;
    struct retry_quota quota;
    atomic_llong skew_ms; /* added to our clock when signing */
};

/* The port's call: attempts until one counts. */
int aws_client_call(void *ctx, const struct aws_operation *operation, struct str region,
                    const void *input, struct arena *a, void *output, int64_t not_after_ms,
                    struct aws_failure *failure) EBB_MUST_CHECK;

#endif
