/* SPDX-License-Identifier: Apache-2.0
 * What is the same for every aws port. */
#include "lib/aws/aws.h"

int aws_call(const struct aws_port *port, const struct aws_operation *operation, struct str region,
             const void *input, struct arena *a, void *output, int64_t not_after_ms,
             struct aws_failure *failure)
{
    struct aws_failure own;
    if (!failure) failure = &own;
    *failure = (struct aws_failure){0};
    return port->call(port->ctx, operation, region, input, a, output, not_after_ms, failure);
}
