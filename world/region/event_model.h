/* SPDX-License-Identifier: Apache-2.0
 * Alarms, rules, queues and functions from inside, and the events that tie them together. */
#ifndef EBB_WORLD_REGION_EVENT_MODEL_H
#define EBB_WORLD_REGION_EVENT_MODEL_H

#include "world/region/ecs_model.h"
#include "world/region/pattern.h"

#define DATAPOINTS_MAX 1440

enum alarm_state { ALARM_INSUFFICIENT_DATA, ALARM_OK, ALARM_ALARM };
struct str alarm_state_word(enum alarm_state state);

struct datapoint {
    int64_t at_ms; /* begin of its period */
    double value;
    bool missing;
};

struct alarm_condition {
    enum alarm_state state;
    int64_t at_ms;
    char *reason, *reason_data; /* data NULL: none */
};

struct cloudwatch_put_metric_alarm_input;

struct alarm {
    uint64_t number;
    struct arena text; /* holds config's strings */
    const struct cloudwatch_put_metric_alarm_input *config;
    struct str
        rule; /* of a composite alarm, whose config has only what both kinds have; else absent */
    char name[NAME_BYTES], arn[ARN_BYTES];
    char metric_id[UUID_BYTES];
    int64_t configured_ms, transitioned_ms;
    struct alarm_condition now, before;
    struct datapoint points[DATAPOINTS_MAX]; /* newest first */
    size_t points_n;
    struct load_sum since; /* what the service's load was when the period began */
    uint64_t since_service;
    uint64_t turn; /* only the newest chain of evaluations goes on */
};

#define RULE_TARGETS_MAX 5

struct rule_target {
    char id[65], arn[ARN_BYTES];
};

struct rule {
    uint64_t number;
    char name[65], arn[ARN_BYTES];
    struct arena text; /* pattern, its source and the other texts */
    struct str pattern_text, schedule_text, description;
    struct pattern *pattern; /* NULL: a schedule only */
    int64_t every_ms;        /* 0: a pattern only */
    bool disabled;
    uint64_t turn;
    struct rule_target targets[RULE_TARGETS_MAX];
    size_t targets_n;
};

struct message {
    uint64_t number;
    char id[UUID_BYTES], md5[33];
    int64_t sent_ms, first_received_ms, visible_ms;
    int64_t received; /* how often */
    char handle_nonce[17];
    bool in_flight;
    struct str attributes, attributes_md5; /* JSON text; behind the body in the same block */
    struct str body;
};

struct queue {
    uint64_t number;
    char name[81], arn[ARN_BYTES];
    int64_t created_ms;
    int64_t visibility_ms, wait_s, delay_ms, retention_ms, message_bytes_max;
    int64_t redrive_after; /* maxReceiveCount; 0 = no dead-letter queue */
    char redrive_to[ARN_BYTES];
    struct vector messages; /* by rising number */
    int64_t sent, received, deleted, redriven;
};

/* --- event_text.c: the events of AWS, word for word --- */
void event_task_changed(struct region *region, const struct task *task);
void event_service_action(struct region *region, const struct service *service, const char *type,
                          const char *name);
void event_alarm_changed(struct region *region, const struct alarm *alarm);
struct event {
    struct str source, detail_type;
    struct str detail;     /* a JSON object */
    struct list resources; /* of struct str */
    int64_t time_ms;       /* 0 = now */
};
/* --- events.c --- */
/* Whether any rule could want it: building it is worth while. */
bool event_is_wanted(const struct region *region);
/* To every rule that matches. id, if not NULL, gets the event's id. */
void event_emit(struct region *region, const struct event *event, char id[UUID_BYTES]);
void rule_schedule(struct region *region, struct rule *rule);
void events_release(struct region *region);

/* --- rules.c, alarms.c, queue.c, distributor.c --- */
struct rule *rule_at(const struct region *region, size_t i);
void rule_free(struct rule *rule);
struct alarm *alarm_at(const struct region *region, size_t i);
void alarm_free(struct alarm *alarm);
/* Every period's end from now on. */
/* The alarm of that name, made if there is none; one just made has no configuration yet. */
struct alarm *alarm_named(struct region *region, struct str name, struct arena *a);
void alarm_schedule(struct region *region, struct alarm *alarm);
/* Takes a state, and says so to the event bus when it is another one. */
void alarm_enter(struct region *region, struct alarm *alarm, enum alarm_state state,
                 struct str reason, struct str reason_data);
struct queue *queue_at(const struct region *region, size_t i);
struct queue *queue_find(const struct region *region, struct str name);
struct queue *queue_find_url(const struct region *region, struct str url);
struct queue *queue_find_arn(const struct region *region, struct str arn);
void queue_free(struct queue *queue);
struct message_text {
    struct str body, attributes, attributes_md5;
};
/* NULL when the queue is full. */
const struct message *queue_put(struct region *region, struct queue *queue,
                                const struct message_text *text, int64_t delay_ms);
/* Invisible from now on for that long; 0 = visible. */
void message_hide(struct region *region, const struct queue *queue, struct message *message,
                  int64_t for_ms);
/* The next visible one, or NULL; those received too often go to the dead-letter queue first. */
struct message *queue_next(struct region *region, struct queue *queue);
bool message_visible(const struct region *region, const struct message *message);
struct message *queue_message(const struct queue *queue, uint64_t number);
void queue_remove(struct queue *queue, struct message *message);
struct queue_counts {
    int64_t visible, in_flight, delayed;
};
struct queue_counts queue_count(const struct region *region, const struct queue *queue);
struct str queue_url(const struct region *region, const struct queue *queue, struct arena *a);
/* Lines of struct str: "function address drainId". */
struct list functions_exclusions(const struct region *region, struct arena *a);
void functions_release(struct region *region);
void callbacks_release(struct region *region);
void apps_release(struct region *region);

#endif
