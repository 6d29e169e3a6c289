/* SPDX-License-Identifier: Apache-2.0
 * Credentials played to the tests: a chain on the fake, and a container endpoint that gives keys.
 */
#ifndef EBB_TESTS_UNIT_TEST_AWS_KEYS_H
#define EBB_TESTS_UNIT_TEST_AWS_KEYS_H

#include "lib/aws/credentials.h"
#include "tests/unit/test_aws_fake.h"

#define MINUTE_MS ((int64_t)60 * 1000)

struct aws_credentials *keys_chain(struct fake *f);
/* No keys in the environment, but a container endpoint. */
void keys_container(struct fake *f);
/* A reply with keys that are good for so long after the fake's start. */
void keys_give(struct fake *f, const char *id, int64_t minutes);
/* The access key that would be used now, or the error's words. */
struct str keys_taken(struct fake *f, struct aws_credentials *c);
/* The same of a chain that is new. */
struct str keys_taken_anew(struct fake *f);

#endif
