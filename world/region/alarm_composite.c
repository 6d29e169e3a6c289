/* SPDX-License-Identifier: Apache-2.0
 * Composite alarms: kept, shown, and moved by SetAlarmState only; what their rules say of other
 * alarms is not computed. */
#include "world/region/alarm_text.h"
#include "world/region/operations.h"

#define NAME_MAX 255
#define RULE_MAX 10240

int region_cloudwatch_put_composite_alarm(struct region *region, const struct caller *caller,
                                          const struct cloudwatch_put_composite_alarm_input *in,
                                          struct arena *a, void *out, struct aws_error *err)
{
    (void)caller; /* is in the log */
    (void)out;    /* AWS answers nothing */
    if (str_is_empty(in->alarm_name) || in->alarm_name.n > NAME_MAX)
        return refuse(err, "InvalidParameterValue", "AlarmName must have 1 to 255 characters");
    if (str_is_empty(in->alarm_rule) || in->alarm_rule.n > RULE_MAX)
        return refuse(err, "ValidationError", "AlarmRule must have 1 to 10240 characters");
    struct alarm *alarm = alarm_named(region, in->alarm_name, a);
    if (alarm->config && !alarm->rule.p)
        return refuse(err, "ValidationError", "A metric alarm has the name %s", alarm->name);
    struct cloudwatch_put_metric_alarm_input shared = {
        .alarm_name = in->alarm_name,
        .alarm_description = in->alarm_description,
        .actions_enabled = in->actions_enabled,
        .ok_actions = in->ok_actions,
        .alarm_actions = in->alarm_actions,
        .insufficient_data_actions = in->insufficient_data_actions,
    };
    arena_release(&alarm->text);
    alarm->config = alarm_copy_config(&shared, &alarm->text);
    alarm->rule = arena_copy(&alarm->text, in->alarm_rule);
    alarm->configured_ms = region->now_ms;
    return 0;
}
