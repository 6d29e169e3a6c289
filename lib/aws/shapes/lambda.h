/* SPDX-License-Identifier: Apache-2.0
 * AWS Lambda: Invoke. */
#ifndef EBB_AWS_SHAPES_LAMBDA_H
#define EBB_AWS_SHAPES_LAMBDA_H

#include "lib/aws/aws.h"

#define LAMBDA_PAYLOAD_MAX       ((int64_t)6 * 1024 * 1024)
#define LAMBDA_INVOKE_TIMEOUT_MS ((int64_t)60000)

extern const struct aws_service AWS_LAMBDA;

struct lambda_invoke_input {
    struct str function_name;   /* name, ARN, or either with ":qualifier" */
    struct str qualifier;       /* version or alias */
    struct str invocation_type; /* RequestResponse (also when absent), Event or DryRun */
    struct str log_type, client_context;
    struct str payload; /* the request's body, as it is */
};

struct lambda_invoke_output {
    int64_t status_code;       /* 200 RequestResponse, 202 Event, 204 DryRun */
    struct str function_error; /* present when the function itself failed; payload then says how */
    struct str executed_version, log_result;
    struct str payload; /* the reply's body, as it is */
};

extern const struct aws_operation LAMBDA_INVOKE;

#endif
