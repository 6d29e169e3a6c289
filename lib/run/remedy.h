/* SPDX-License-Identifier: Apache-2.0
 * What a person may do about an error of Redis, Kafka or AWS: appended to the error's words, which
 * are shortened if there is no room for both. Where nothing is known that helps, nothing is added.
 * All return the error's code. */
#ifndef EBB_RUN_REMEDY_H
#define EBB_RUN_REMEDY_H

#include "lib/aws/aws.h"

int remedy_redis(struct err *e);
int remedy_kafka(struct err *e);
/* Takes the failure's own words; region is where it was asked. */
int remedy_aws(const struct aws_failure *failure, struct str region, struct err *e);

/* Whether AWS knows us, whatever else it said: the key and its signature were right. */
bool remedy_aws_knows_us(const struct aws_failure *failure);

#endif
