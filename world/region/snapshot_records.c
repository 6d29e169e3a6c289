/* SPDX-License-Identifier: Apache-2.0
 * What a snapshot looks like in JSON: the field tables. */
#include "world/region/snapshot.h"

#define ALWAYS .flags = FIELD_ALWAYS

static const struct field snapshot_task_fields[] = {
    F_STR(struct snapshot_task, arn, "arn"),
    F_STR(struct snapshot_task, id, "id"),
    F_STR(struct snapshot_task, address, "address"),
    F_STR(struct snapshot_task, task_definition, "taskDefinition"),
    F_STR(struct snapshot_task, last_status, "lastStatus"),
    F_STR(struct snapshot_task, desired_status, "desiredStatus"),
    F_TIME(struct snapshot_task, created_ms, "createdAt"),
    F_TIME(struct snapshot_task, started_ms, "startedAt"),
    F_TIME(struct snapshot_task, stopped_ms, "stoppedAt"),
    F_TIME(struct snapshot_task, protected_until_ms, "protectedUntil"),
    F_INT(struct snapshot_task, sessions, "sessions", ALWAYS),
    F_BOOL(struct snapshot_task, draining, "draining", ALWAYS),
    F_BOOL(struct snapshot_task, drained, "drained", ALWAYS),
    F_BOOL(struct snapshot_task, excluded, "excluded", ALWAYS),
    F_STR(struct snapshot_task, drain_id, "drainId"),
    F_STR(struct snapshot_task, stop_cause, "stopCause"),
    F_STR(struct snapshot_task, stopped_reason, "stoppedReason"),
    F_INT(struct snapshot_task, completed, "completed", ALWAYS),
    F_INT(struct snapshot_task, refused, "refused", ALWAYS),
    F_INT(struct snapshot_task, cut, "cut", ALWAYS),
};
const struct record snapshot_task_record = RECORD_OF(struct snapshot_task, snapshot_task_fields);

static const struct field snapshot_service_fields[] = {
    F_STR(struct snapshot_service, key, "key"),
    F_STR(struct snapshot_service, arn, "arn"),
    F_STR(struct snapshot_service, status, "status"),
    F_INT(struct snapshot_service, desired, "desired", ALWAYS),
    F_INT(struct snapshot_service, running, "running", ALWAYS),
    F_INT(struct snapshot_service, pending, "pending", ALWAYS),
    F_INT(struct snapshot_service, deployments, "deployments", ALWAYS),
    F_DOUBLE(struct snapshot_service, load_percent, "loadPercent", ALWAYS),
    F_INT(struct snapshot_service, sessions, "sessions", ALWAYS),
    F_INT(struct snapshot_service, arrived, "arrived", ALWAYS),
    F_INT(struct snapshot_service, completed, "completed", ALWAYS),
    F_INT(struct snapshot_service, refused, "refused", ALWAYS),
    F_INT(struct snapshot_service, nowhere, "nowhere", ALWAYS),
    F_INT(struct snapshot_service, cut, "cut", ALWAYS),
    F_INT(struct snapshot_service, cut_by_user, "cutByUser", ALWAYS),
    F_INT(struct snapshot_service, cut_by_scale_in, "cutByScaleIn", ALWAYS),
    F_INT(struct snapshot_service, cut_by_deployment, "cutByDeployment", ALWAYS),
    F_INT(struct snapshot_service, cut_by_exit, "cutByExit", ALWAYS),
    F_INT(struct snapshot_service, cut_by_other, "cutByOther", ALWAYS),
    F_INT(struct snapshot_service, min_capacity, "minCapacity", ALWAYS),
    F_INT(struct snapshot_service, max_capacity, "maxCapacity", ALWAYS),
    F_LIST(struct snapshot_service, tasks, snapshot_task_record, "tasks", ALWAYS),
    F_STR(struct snapshot_service, last_event, "lastEvent"),
};
const struct record snapshot_service_record =
    RECORD_OF(struct snapshot_service, snapshot_service_fields);

static const struct field snapshot_queue_fields[] = {
    F_STR(struct snapshot_queue, name, "name"),
    F_STR(struct snapshot_queue, url, "url"),
    F_STR(struct snapshot_queue, arn, "arn"),
    F_INT(struct snapshot_queue, visible, "visible", ALWAYS),
    F_INT(struct snapshot_queue, in_flight, "inFlight", ALWAYS),
    F_INT(struct snapshot_queue, delayed, "delayed", ALWAYS),
    F_INT(struct snapshot_queue, sent, "sent", ALWAYS),
    F_INT(struct snapshot_queue, received, "received", ALWAYS),
    F_INT(struct snapshot_queue, deleted, "deleted", ALWAYS),
    F_INT(struct snapshot_queue, redriven, "redriven", ALWAYS),
};
const struct record snapshot_queue_record = RECORD_OF(struct snapshot_queue, snapshot_queue_fields);

static const struct field snapshot_alarm_fields[] = {
    F_STR(struct snapshot_alarm, name, "name"),
    F_STR(struct snapshot_alarm, state, "state"),
    F_STR(struct snapshot_alarm, reason, "reason"),
    F_TIME(struct snapshot_alarm, since_ms, "since"),
    F_DOUBLE(struct snapshot_alarm, value, "value", ALWAYS),
};
const struct record snapshot_alarm_record = RECORD_OF(struct snapshot_alarm, snapshot_alarm_fields);

static const struct field snapshot_calls_fields[] = {
    F_STR(struct snapshot_calls, operation, "operation"),
    F_INT(struct snapshot_calls, calls, "calls", ALWAYS),
    F_INT(struct snapshot_calls, refused, "refused", ALWAYS),
    F_INT(struct snapshot_calls, throttled, "throttled", ALWAYS),
};
const struct record snapshot_calls_record = RECORD_OF(struct snapshot_calls, snapshot_calls_fields);

static const struct field region_snapshot_fields[] = {
    F_TIME(struct region_snapshot, now_ms, "now", ALWAYS),
    F_STR(struct region_snapshot, account, "account"),
    F_STR(struct region_snapshot, region, "region"),
    F_STR(struct region_snapshot, partition, "partition"),
    F_LIST(struct region_snapshot, services, snapshot_service_record, "services", ALWAYS),
    F_LIST(struct region_snapshot, queues, snapshot_queue_record, "queues", ALWAYS),
    F_LIST(struct region_snapshot, alarms, snapshot_alarm_record, "alarms", ALWAYS),
    F_LIST(struct region_snapshot, calls, snapshot_calls_record, "calls", ALWAYS),
    F_STRS(struct region_snapshot, excluded, "excluded", ALWAYS),
    F_INT(struct region_snapshot, sessions, "sessions", ALWAYS),
    F_INT(struct region_snapshot, arrived, "arrived", ALWAYS),
    F_INT(struct region_snapshot, completed, "completed", ALWAYS),
    F_INT(struct region_snapshot, refused, "refused", ALWAYS),
    F_INT(struct region_snapshot, nowhere, "nowhere", ALWAYS),
    F_INT(struct region_snapshot, cut, "cut", ALWAYS),
    F_INT(struct region_snapshot, tasks_running, "tasksRunning", ALWAYS),
    F_INT(struct region_snapshot, callbacks_waiting, "callbacksWaiting", ALWAYS),
    F_INT(struct region_snapshot, log_entries, "logEntries", ALWAYS),
    F_STR(struct region_snapshot, log_hash, "logHash"),
};
const struct record region_snapshot_record =
    RECORD_OF(struct region_snapshot, region_snapshot_fields);
