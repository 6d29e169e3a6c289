/* SPDX-License-Identifier: Apache-2.0
 * See events.h. */
#include "tests/support/events.h"

#define EVENT_BYTES_MAX ((size_t)2 * 1024 * 1024)

static const struct events_change ALARM[] = {
    {"version", "\"0\""},
    {"id", "\"c4c1c1c9-6542-e61b-6ef0-8c4d36933a92\""},
    {"detail-type", "\"CloudWatch Alarm State Change\""},
    {"source", "\"aws.cloudwatch\""},
    {"account", "\"123456789012\""},
    {"time", "\"2019-10-02T17:04:40Z\""},
    {"region", "\"us-east-1\""},
    {"resources", "[\"arn:aws:cloudwatch:us-east-1:123456789012:alarm:calls-idle\"]"},
    {"detail",
     "{\"alarmName\":\"calls-idle\",\"configuration\":{\"metrics\":[{\"id\":\"m\",\"metricStat\":"
     "{\"metric\":{\"dimensions\":{\"ClusterName\":\"demo\",\"ServiceName\":\"calls\"},"
     "\"name\":\"CPUUtilization\",\"namespace\":\"AWS/ECS\"},\"period\":60}}]},"
     "\"state\":{\"value\":\"ALARM\"}}"},
};

struct str events_alarm(struct arena *a, const struct events_change *changes, size_t n)
{
    struct buf b;
    buf_init(&b, EVENT_BYTES_MAX);
    for (size_t i = 0; i < EBB_COUNT(ALARM); i++) {
        const char *json = ALARM[i].json;
        for (size_t k = 0; k < n; k++)
            if (str_eq(str_from(changes[k].field), str_from(ALARM[i].field)))
                json = changes[k].json;
        if (!json) continue;
        buf_add_char(&b, b.n ? ',' : '{');
        buf_add_json_string(&b, str_from(ALARM[i].field));
        buf_add_char(&b, ':');
        buf_add_text(&b, json);
    }
    buf_add_char(&b, '}');
    EBB_ASSERT(!buf_failed(&b));
    struct str out = arena_copy(a, buf_view(&b));
    buf_release(&b);
    return out;
}

struct str events_in_sns(struct arena *a, struct str message)
{
    struct buf b;
    buf_init(&b, EVENT_BYTES_MAX);
    buf_add_text(&b, "{\"Type\":\"Notification\","
                     "\"MessageId\":\"22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324\","
                     "\"TopicArn\":\"arn:aws:sns:us-east-1:123456789012:alarms\",\"Message\":");
    buf_add_json_string(&b, message);
    buf_add_text(&b, ",\"Timestamp\":\"2012-05-02T00:54:06.655Z\",\"SignatureVersion\":\"1\"}");
    EBB_ASSERT(!buf_failed(&b));
    struct str out = arena_copy(a, buf_view(&b));
    buf_release(&b);
    return out;
}
