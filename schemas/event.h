/* SPDX-License-Identifier: Apache-2.0
 * Events as EventBridge puts them into SQS, as far as Ebb reads them (EventBridge User Guide,
 * "Event structure"; CloudWatch User Guide, "Alarm events"). */
#ifndef EBB_SCHEMAS_EVENT_H
#define EBB_SCHEMAS_EVENT_H

#include "lib/record/record.h"

/* Bytes. CloudWatch allows 255 characters of any script. */
#define ALARM_NAME_MAX 1024

struct event {
    struct str version, id, detail_type, source, account, region;
    int64_t time;
    struct list resources; /* of struct str: ARNs */
    struct str detail;     /* JSON text */
};
extern const struct record EVENT_RECORD;

/* detail of "CloudWatch Alarm State Change" */
struct alarm_metric {
    struct str namespace, name;
    struct list dimensions; /* of struct pair */
};
struct alarm_metric_stat {
    struct alarm_metric metric;
};
struct alarm_metric_query {
    struct str id;
    struct alarm_metric_stat metric_stat;
};
struct alarm_configuration {
    struct list metrics; /* of struct alarm_metric_query */
};
struct alarm_condition {
    int value; /* enum alarm_state of message.h */
};
struct alarm_detail {
    struct str alarm_name;
    struct alarm_configuration configuration;
    struct alarm_condition state;
};
extern const struct record ALARM_DETAIL_RECORD;

/* SNS's envelope around a message that was not delivered raw (SNS Developer Guide, "Fanout to SQS
 * queues"). */
struct sns_envelope {
    struct str type, message;
};
extern const struct record SNS_ENVELOPE_RECORD;

#endif
