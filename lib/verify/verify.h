/* SPDX-License-Identifier: Apache-2.0
 * Whether ECS behaves as Ebb believes (docs/assumptions.md): a throwaway service is made, everything
 * that can be tried is tried on it, and all that was made is removed again. */
#ifndef EBB_VERIFY_VERIFY_H
#define EBB_VERIFY_VERIFY_H

#include "lib/aws/aws.h"

#define VERIFY_TASKS   5                /* the most that run at once, but while they are replaced */
#define VERIFY_TAG     "ebb:verify-aws" /* on all that is made: which run made it, */
#define VERIFY_TAG_END "ebb:verify-aws-ends" /* and when that run is over at the latest */
/* The family of the task definition is the prefix and this: a prefix alone may be a family of others. */
#define VERIFY_FAMILY_END "-throwaway"

struct verify_options {
    struct str cluster; /* absent: one is made */
    struct str prefix;  /* of the names of all that is made */
    struct str image;
    struct str launch_type;               /* FARGATE or EC2 */
    struct list subnets, security_groups; /* of struct str; without subnets: bridge mode */
    bool public_ip;
    int64_t timeout_ms; /* of the whole run but its end, in ECS's time */
};

/* What it stands on. Time is ECS's: where it is and how fast it goes is the clock's business. */
struct verify_ports {
    struct aws_port aws;
    struct clock clock;
    void *ctx;
    /* Waits; true when the run is to end. */
    bool (*wait)(void *ctx, int64_t ms);
    /* One line of progress. */
    void (*say)(void *ctx, struct str line);
};

enum verify_end { VERIFY_NOT_CHECKED, VERIFY_PROVEN, VERIFY_BROKEN };
extern const struct enum_names VERIFY_ENDS; /* "not checked", "proven", "broken" */

struct verify_result {
    struct str id, words;
    int end;         /* enum verify_end */
    struct str seen; /* broken: what was seen instead; not checked: why; proven: what it rests on */
};
extern const struct record VERIFY_RESULT_RECORD;

struct verify_report {
    struct list results; /* of struct verify_result, one for each assumption that can be checked */
    int64_t proven, broken, not_checked;
    struct str cluster, service; /* ARNs of what was made and used; absent when it was not */
    struct list left;            /* of struct str: what could not be removed, or is another run's */
};

/* Memory of the report is the arena's. 0 when everything was removed again, whatever was found; a
 * code with *e when the service could not be made, or something is left. */
int verify_run(const struct verify_ports *ports, const struct verify_options *options,
               struct arena *a, struct verify_report *out, struct err *e) EBB_MUST_CHECK;

/* Removes all that earlier runs with this prefix left, their end come or not; what it removed is
 * told as progress. */
int verify_clean_up(const struct verify_ports *ports, const struct verify_options *options,
                    struct arena *a, struct verify_report *out, struct err *e) EBB_MUST_CHECK;

/* The assumptions in their order, not looked at yet. */
struct list verify_assumptions(struct arena *a);
/* IAM's actions for all of it: struct str. */
struct list verify_actions(struct arena *a);

#endif
