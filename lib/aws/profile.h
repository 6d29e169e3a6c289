/* SPDX-License-Identifier: Apache-2.0
 * The environment and the profile: where region, endpoints and keys are looked up. */
#ifndef EBB_AWS_PROFILE_H
#define EBB_AWS_PROFILE_H

#include "lib/aws/ini.h"

/* Environment variables by name; get NULL = the process's own. */
struct aws_environment {
    const char *(*get)(void *ctx, const char *name);
    void *ctx;
};

/* Absent when it is not set or empty. */
struct str aws_environment_get(const struct aws_environment *env, const char *name);
/* "true" in any case. */
bool aws_environment_is_true(const struct aws_environment *env, const char *name);

/* The two shared files and the name of the profile in use. */
struct aws_profile {
    struct str name;
    struct ini config, credentials;
};

/* A profile that AWS_PROFILE names and no file has is E_CONFIG. Release it soon: it holds secrets.
 */
int aws_profile_load(const struct aws_environment *env, struct aws_profile *out,
                     struct err *e) EBB_MUST_CHECK;
void aws_profile_release(struct aws_profile *profile);

/* A key of the profile in either file; the credentials file counts more. */
struct str aws_profile_value(const struct aws_profile *profile, struct str key);
struct str aws_profile_credentials_value(const struct aws_profile *profile, struct str key);
struct str aws_profile_config_value(const struct aws_profile *profile, struct str key);
/* endpoint_url of one service ("ecs") in the [services x] section the profile points to. */
struct str aws_profile_service_endpoint(const struct aws_profile *profile, struct str service);

#endif
