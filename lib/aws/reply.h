/* SPDX-License-Identifier: Apache-2.0
 * An HTTP reply as an operation's output, or as what went wrong. */
#ifndef EBB_AWS_REPLY_H
#define EBB_AWS_REPLY_H

#include "lib/aws/aws.h"
#include "lib/aws/classify.h"

/* A reply of the 2xx kind. E_MALFORMED for a body the operation's table refuses; E_UNAVAILABLE when
 * it is no AWS reply at all (a page of some proxy). */
int aws_reply_decode(const struct aws_operation *operation, const struct http_response *reply,
                     struct arena *a, void *output, struct err *e) EBB_MUST_CHECK;

/* Any other reply: fills code, status and words, and says what it means. */
enum aws_meaning aws_reply_failure(const struct aws_operation *operation,
                                   const struct http_response *reply, struct arena *a,
                                   struct aws_failure *out);

#endif
