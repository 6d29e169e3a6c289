/* SPDX-License-Identifier: Apache-2.0
 * Which region calls go to, and which address a service has there. */
#ifndef EBB_AWS_ENDPOINT_H
#define EBB_AWS_ENDPOINT_H

#include "lib/aws/aws.h"
#include "lib/aws/profile.h"

/* What the profile says about addresses; copied, for the files are given up. */
struct endpoint_settings {
    struct aws_environment env;
    struct str region; /* the client's own */
    struct str profile_endpoint_url;
    struct list profile_services; /* of struct pair: "ecs" -> its endpoint_url */
    bool ignore_configured, fips, dual_stack;
};

/* region: from our own configuration, or absent. Checks every address that is configured for one of
 * our services. E_CONFIG. */
int endpoint_settings_load(const struct aws_environment *env, const struct aws_profile *profile,
                           struct str region, struct arena *a, struct endpoint_settings *out,
                           struct err *e) EBB_MUST_CHECK;

struct endpoint {
    struct str url;  /* "https://ecs.eu-west-1.amazonaws.com", no slash at the end */
    struct str host; /* with its port, as the Host header says it */
    struct str path; /* of the url, "" for most */
};

/* E_CONFIG when the region is none, or the address configured for the service is malformed. */
int endpoint_find(const struct endpoint_settings *settings, const struct aws_service *service,
                  struct str region, struct arena *a, struct endpoint *out,
                  struct err *e) EBB_MUST_CHECK;

/* "aws", "aws-cn", ...: the partition a region belongs to. */
struct str endpoint_partition(struct str region);

#endif
