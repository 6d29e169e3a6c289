/* SPDX-License-Identifier: Apache-2.0
 * What AWS Lambda's Invoke looks like on the wire: a REST call whose body is the payload itself. */
#include "lib/aws/shapes/lambda.h"

const struct aws_service AWS_LAMBDA = {
    .id = "LAMBDA",
    .host_prefix = "lambda",
    .signing_name = "lambda",
    .protocol = AWS_REST_JSON,
};

static const struct field invoke_input_fields[] = {
    F_STR(struct lambda_invoke_input, function_name, "FunctionName", .flags = FIELD_REQUIRED),
    F_STR(struct lambda_invoke_input, qualifier, "Qualifier"),
    F_STR(struct lambda_invoke_input, invocation_type, "InvocationType"),
    F_STR(struct lambda_invoke_input, log_type, "LogType"),
    F_STR(struct lambda_invoke_input, client_context, "ClientContext"),
    F_STR(struct lambda_invoke_input, payload, "Payload", .max = LAMBDA_PAYLOAD_MAX),
};
static const struct record invoke_input =
    RECORD_OF(struct lambda_invoke_input, invoke_input_fields);

static const struct field invoke_output_fields[] = {
    F_INT(struct lambda_invoke_output, status_code, "StatusCode"),
    F_STR(struct lambda_invoke_output, function_error, "FunctionError"),
    F_STR(struct lambda_invoke_output, executed_version, "ExecutedVersion"),
    F_STR(struct lambda_invoke_output, log_result, "LogResult"),
    F_STR(struct lambda_invoke_output, payload, "Payload", .max = LAMBDA_PAYLOAD_MAX),
};
static const struct record invoke_output =
    RECORD_OF(struct lambda_invoke_output, invoke_output_fields);

static const struct aws_binding invoke_in[] = {
    {"FunctionName", AWS_IN_PATH, "FunctionName"},
    {"Qualifier", AWS_IN_QUERY, "Qualifier"},
    {"InvocationType", AWS_IN_HEADER, "x-amz-invocation-type"},
    {"LogType", AWS_IN_HEADER, "x-amz-log-type"},
    {"ClientContext", AWS_IN_HEADER, "x-amz-client-context"},
    {"Payload", AWS_IN_PAYLOAD, NULL},
};
static const struct aws_binding invoke_out[] = {
    {"StatusCode", AWS_IN_STATUS, NULL},
    {"FunctionError", AWS_IN_HEADER, "x-amz-function-error"},
    {"ExecutedVersion", AWS_IN_HEADER, "x-amz-executed-version"},
    {"LogResult", AWS_IN_HEADER, "x-amz-log-result"},
    {"Payload", AWS_IN_PAYLOAD, NULL},
};
static const struct aws_rest invoke_rest = {
    .method = "POST",
    .path = "/2015-03-31/functions/{FunctionName}/invocations",
    .input = invoke_in,
    .input_n = EBB_COUNT(invoke_in),
    .output = invoke_out,
    .output_n = EBB_COUNT(invoke_out),
};

/* The function is somebody else's, and it may be slow: whoever calls decides whether to call again.
 */
const struct aws_operation LAMBDA_INVOKE = {
    .name = "Invoke",
    .service = &AWS_LAMBDA,
    .input = &invoke_input,
    .output = &invoke_output,
    .rest = &invoke_rest,
    .retry = AWS_RETRY_NEVER,
    .timeout_ms = LAMBDA_INVOKE_TIMEOUT_MS,
};
