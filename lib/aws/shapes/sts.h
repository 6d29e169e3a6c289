/* SPDX-License-Identifier: Apache-2.0
 * AWS STS: GetCallerIdentity. */
#ifndef EBB_AWS_SHAPES_STS_H
#define EBB_AWS_SHAPES_STS_H

#include "lib/aws/aws.h"

extern const struct aws_service AWS_STS;

struct sts_get_caller_identity_input {
    struct str none; /* the call has no input; a C struct needs a member */
};
struct sts_get_caller_identity_output {
    struct str user_id, account, arn;
};
extern const struct aws_operation STS_GET_CALLER_IDENTITY;

#endif
