/* SPDX-License-Identifier: Apache-2.0
 * What AWS STS's GetCallerIdentity looks like on the wire. */
#include "lib/aws/shapes/sts.h"

const struct aws_service AWS_STS = {
    .id = "STS",
    .host_prefix = "sts",
    .signing_name = "sts",
    .protocol = AWS_QUERY,
    .version = "2011-06-15",
};

static const struct record get_caller_identity_input = {
    .name = "struct sts_get_caller_identity_input",
    .size = sizeof(struct sts_get_caller_identity_input),
};

static const struct field get_caller_identity_output_fields[] = {
    F_STR(struct sts_get_caller_identity_output, user_id, "UserId"),
    F_STR(struct sts_get_caller_identity_output, account, "Account"),
    F_STR(struct sts_get_caller_identity_output, arn, "Arn"),
};
static const struct record get_caller_identity_output =
    RECORD_OF(struct sts_get_caller_identity_output, get_caller_identity_output_fields);

const struct aws_operation STS_GET_CALLER_IDENTITY = {
    .name = "GetCallerIdentity",
    .service = &AWS_STS,
    .input = &get_caller_identity_input,
    .output = &get_caller_identity_output,
    .retry = AWS_RETRY_READ,
};
