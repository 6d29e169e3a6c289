/* SPDX-License-Identifier: Apache-2.0
 * What Ebb asks of CloudWatch's alarms, in whole answers: metric alarms and composite ones, any
 * number of names, all pages. */
#ifndef EBB_AWS_ALARM_CALLS_H
#define EBB_AWS_ALARM_CALLS_H

#include "lib/aws/shapes/cloudwatch.h"

/* CloudWatch gives no alarm a longer name, in characters. */
#define ALARM_NAME_CHARS_MAX 255

struct alarm_read {
    struct str name, arn;
    struct str state;                      /* OK, ALARM, INSUFFICIENT_DATA */
    int64_t since;                         /* that it has this state */
    const struct cloudwatch_alarm *metric; /* NULL: a composite alarm */
};

struct alarm_read_list {
    struct alarm_read *items;
    size_t n;
};

/* Those of the names that are alarms; the others are none. 0, or the code of aws_call with *failure
 * filled: then nothing is known of any. Memory is the arena's. A name that CloudWatch itself refuses
 * is no alarm, and keeps no other from being read. */
int alarms_read(const struct aws_port *aws, struct str region, const struct str *names, size_t n,
                struct arena *a, struct alarm_read_list *out,
                struct aws_failure *failure) EBB_MUST_CHECK;

/* The one of that name; NULL: it was not read. */
const struct alarm_read *alarm_read_named(const struct alarm_read_list *list, struct str name);
/* Whether CloudWatch could have an alarm of that name. */
bool alarm_name_is_one(struct str name);

#endif
