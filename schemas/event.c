/* SPDX-License-Identifier: Apache-2.0
 * See event.h. */
#include "schemas/event.h"

#include "schemas/message.h"

#define DETAIL_MAX ((int64_t)1024 * 1024) /* of SQS's largest message */

static const struct field EVENT_FIELDS[] = {
    F_STR(struct event, version, "version", .flags = FIELD_REQUIRED, .max = 16),
    F_STR(struct event, id, "id", .flags = FIELD_REQUIRED, .min = 1, .max = 128),
    F_STR(struct event, detail_type, "detail-type", .flags = FIELD_REQUIRED, .min = 1, .max = 256),
    F_STR(struct event, source, "source", .flags = FIELD_REQUIRED, .min = 1, .max = 256),
    F_STR(struct event, account, "account", .flags = FIELD_REQUIRED, .min = 1, .max = 32),
    F_TIME(struct event, time, "time", .flags = FIELD_REQUIRED),
    F_STR(struct event, region, "region", .flags = FIELD_REQUIRED, .min = 1, .max = 64),
    F_STRS(struct event, resources, "resources", .max = 1000),
    F_STR(struct event, detail, "detail", .flags = FIELD_REQUIRED | FIELD_JSON_TEXT,
          .max = DETAIL_MAX),
};
const struct record EVENT_RECORD = {.name = "event",
                                    .size = sizeof(struct event),
                                    .fields = EVENT_FIELDS,
                                    .n = EBB_COUNT(EVENT_FIELDS)};

static const struct field METRIC_FIELDS[] = {
    F_STR(struct alarm_metric, namespace, "namespace", .max = 256),
    F_STR(struct alarm_metric, name, "name", .max = 256),
    F_MAP(struct alarm_metric, dimensions, "dimensions", .max = 30),
};
static const struct record METRIC_RECORD = {.name = "metric",
                                            .size = sizeof(struct alarm_metric),
                                            .fields = METRIC_FIELDS,
                                            .n = EBB_COUNT(METRIC_FIELDS)};
static const struct field STAT_FIELDS[] = {
    F_RECORD(struct alarm_metric_stat, metric, struct alarm_metric, METRIC_RECORD, "metric"),
};
static const struct record STAT_RECORD = {.name = "metricStat",
                                          .size = sizeof(struct alarm_metric_stat),
                                          .fields = STAT_FIELDS,
                                          .n = EBB_COUNT(STAT_FIELDS)};
static const struct field QUERY_FIELDS[] = {
    F_STR(struct alarm_metric_query, id, "id", .max = 256),
    F_RECORD(struct alarm_metric_query, metric_stat, struct alarm_metric_stat, STAT_RECORD,
             "metricStat"),
};
static const struct record QUERY_RECORD = {.name = "metric query",
                                           .size = sizeof(struct alarm_metric_query),
                                           .fields = QUERY_FIELDS,
                                           .n = EBB_COUNT(QUERY_FIELDS)};
static const struct field CONFIGURATION_FIELDS[] = {
    F_LIST(struct alarm_configuration, metrics, QUERY_RECORD, "metrics", .max = 500),
};
static const struct record CONFIGURATION_RECORD = {.name = "configuration",
                                                   .size = sizeof(struct alarm_configuration),
                                                   .fields = CONFIGURATION_FIELDS,
                                                   .n = EBB_COUNT(CONFIGURATION_FIELDS)};
static const struct field CONDITION_FIELDS[] = {
    F_ENUM(struct alarm_condition, value, ALARM_STATES, "value", .flags = FIELD_REQUIRED),
};
static const struct record CONDITION_RECORD = {.name = "state",
                                               .size = sizeof(struct alarm_condition),
                                               .fields = CONDITION_FIELDS,
                                               .n = EBB_COUNT(CONDITION_FIELDS)};
static const struct field ALARM_FIELDS[] = {
    F_STR(struct alarm_detail, alarm_name, "alarmName", .flags = FIELD_REQUIRED, .min = 1,
          .max = ALARM_NAME_MAX),
    F_RECORD(struct alarm_detail, configuration, struct alarm_configuration, CONFIGURATION_RECORD,
             "configuration"),
    F_RECORD(struct alarm_detail, state, struct alarm_condition, CONDITION_RECORD, "state",
             .flags = FIELD_REQUIRED),
};
const struct record ALARM_DETAIL_RECORD = {.name = "alarm",
                                           .size = sizeof(struct alarm_detail),
                                           .fields = ALARM_FIELDS,
                                           .n = EBB_COUNT(ALARM_FIELDS)};

static const struct field SNS_FIELDS[] = {
    F_STR(struct sns_envelope, type, "Type", .max = 64),
    F_STR(struct sns_envelope, message, "Message", .max = DETAIL_MAX),
};
const struct record SNS_ENVELOPE_RECORD = {.name = "SNS notification",
                                           .size = sizeof(struct sns_envelope),
                                           .fields = SNS_FIELDS,
                                           .n = EBB_COUNT(SNS_FIELDS)};
