/* SPDX-License-Identifier: Apache-2.0
 * How CloudWatch words an alarm's state, its numbers and its times. */
#ifndef EBB_WORLD_REGION_ALARM_TEXT_H
#define EBB_WORLD_REGION_ALARM_TEXT_H

#include "lib/aws/shapes/cloudwatch.h"
#include "world/region/event_model.h"

/* The metric an alarm watches: its own members, or its only query. metric_name is absent when it
 * watches an expression. Borrowed from the alarm. */
struct cloudwatch_metric_stat alarm_metric(const struct alarm *alarm);

/* A deep copy by way of the record's own encoding. */
struct cloudwatch_put_metric_alarm_input *alarm_copy_config(
    const struct cloudwatch_put_metric_alarm_input *in, struct arena *a);

/* "2019-10-02T17:04:40.989+0000" */
void alarm_add_time(struct buf *b, int64_t ms);
/* The shortest decimal that reads back the same, with a point: "50.0". */
void alarm_add_number(struct buf *b, double value);
/* What a comparison over the last n points came to, as CloudWatch says it of the new state. */
struct alarm_finding {
    enum alarm_state state;
    size_t considered;         /* the last so many periods */
    size_t breaching, missing; /* of those considered */
};
void alarm_add_reason(struct buf *b, const struct alarm *alarm,
                      const struct alarm_finding *finding);
/* The JSON of reasonData. */
void alarm_add_reason_data(struct buf *b, const struct alarm *alarm,
                           const struct alarm_finding *finding, int64_t now_ms);

#endif
