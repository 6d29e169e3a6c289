/* SPDX-License-Identifier: Apache-2.0
 * All operations of all services, for whoever looks one up by its name on the wire. */
#ifndef EBB_AWS_SHAPES_OPERATIONS_H
#define EBB_AWS_SHAPES_OPERATIONS_H

#include "lib/aws/aws.h"

extern const struct aws_operation *const AWS_OPERATIONS[];
extern const size_t AWS_OPERATIONS_N;

/* By the service's id and the operation's name ("ECS", "ListTasks"), or NULL. */
const struct aws_operation *aws_operation_find(struct str service_id, struct str name);
/* By X-Amz-Target ("AmazonSQS.ReceiveMessage"), or NULL: what a server of the JSON protocols reads.
 */
const struct aws_operation *aws_operation_of_target(struct str target);

#endif
