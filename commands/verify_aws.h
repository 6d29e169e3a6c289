/* SPDX-License-Identifier: Apache-2.0
 * ebb verify-aws: its options, and what its files share. */
#ifndef EBB_COMMANDS_VERIFY_AWS_H
#define EBB_COMMANDS_VERIFY_AWS_H

#include "commands/show.h"
#include "lib/verify/verify.h"

struct verify_aws_options {
    struct verify_options run;
    struct str config, simulated_clock;
    bool yes, clean_up, json;
};

/* Says what would be made, what it costs and what it needs. */
int verify_aws_plan(const struct verify_aws_options *options, struct str region, struct arena *a);
/* The table of results for people. */
void verify_aws_print(const struct verify_report *report, struct arena *a);

/* A clock that runs as a simulated region's time does. */
struct scaled_clock {
    struct clock real;
    double speed;
    int64_t theirs_ms, ours_ms; /* their time when it was ours */
};
/* "SPEED,THEIRS,OURS"; absent: the real clock. E_MALFORMED with the words. */
int scaled_clock_parse(struct str text, struct scaled_clock *out, struct err *e) EBB_MUST_CHECK;
struct clock scaled_clock_of(struct scaled_clock *c);

#endif
