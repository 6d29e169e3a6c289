/* SPDX-License-Identifier: Apache-2.0
 * ebb.yaml and the environment: every setting has one row in config.c, from which reading, --help
 * and the documents come. The original documents' variable names (COOLDOWN_SECONDS ...) are
 * accepted. */
#ifndef EBB_SCHEMAS_CONFIG_H
#define EBB_SCHEMAS_CONFIG_H

#include "lib/record/record.h"

enum service_mode { MODE_UNSET = ENUM_OTHER, MODE_OBSERVE, MODE_ACT };
enum on_deadline { ON_DEADLINE_UNSET = ENUM_OTHER, ON_DEADLINE_FINISH, ON_DEADLINE_UNDO };
enum victim_rule { VICTIM_UNSET = ENUM_OTHER, VICTIM_NEWEST, VICTIM_OLDEST };
enum invocation { INVOCATION_UNSET = ENUM_OTHER, INVOCATION_REQUEST_RESPONSE, INVOCATION_EVENT };

/* The distributor of a service: a Lambda function that keeps addresses out and takes them back. */
struct distributor_settings {
    struct str function; /* name or ARN */
    int invocation;      /* enum invocation */
    struct str remove_action, restore_action,
        release_action;     /* values of "action" in the payload */
    int64_t late_effect_ms; /* a call without an answer may take effect so long after it was sent */
};

/* How a task is spoken to (its contract: docs/task-contract.md). */
struct task_settings {
    struct str scheme; /* http or https */
    int64_t port, timeout_ms;
};

struct service_settings {
    struct str match; /* pattern of cluster/name, or of the whole key */
    int mode;         /* enum service_mode */
    int64_t cooldown_ms, drains_per_hour, drains_at_once, drain_timeout_ms;
    int64_t min_tasks; /* -1 = what the scalable target says */
    int64_t status_poll_ms, event_age_max_ms, attempts;
    int on_deadline;    /* enum on_deadline */
    int victim;         /* enum victim_rule */
    struct list alarms; /* of struct str: names that mean this service whatever their metric says */
    bool cancel_when_ok; /* a drain is undone once no alarm of the service asks for it any more */
    struct distributor_settings distributor;
    struct task_settings task;
};

struct kafka_settings {
    struct str brokers, client_id;
    struct list properties; /* of struct pair, for librdkafka */
    int64_t partitions, replication, window;
};

struct redis_settings {
    struct str url, username, password, ca_file;
};

struct sqs_settings {
    struct list queues; /* of struct str: URLs or names */
    int64_t receivers, visibility_ms;
};

struct alarm_settings {
    int64_t poll_ms; /* 0: alarms are only heard of, never asked about */
};

struct budget_settings {
    int64_t share; /* percent of AWS's own limits */
};

struct callback_settings {
    struct str listen; /* address:port */
    struct str url;    /* what tasks are told */
    struct str secret, previous_secret, shared_token;
    bool accept_shared_token;
};

/* Brakes over all services together. */
struct limits_settings {
    int64_t open_per_account; /* drains */
};

struct run_settings {
    int64_t handlers;
    struct str metrics_listen; /* address:port, absent = no page */
    int log_level;             /* a word of LOG_LEVELS */
    bool emf;
};

struct config_source {
    const char *path; /* of ebb.yaml, or NULL */
    const char *(*getenv)(void *ctx, const char *name);
    void *ctx;
    /* All variables there are, as "NAME=value", NULL at the end: to find mistyped ones. NULL: not
     * looked for. */
    const char *const *variables;
};

/* Where the settings came from; config_blame asks it. */
struct config_origin {
    struct config_source source;
    struct str bytes; /* of the file; absent without one */
};

struct config {
    struct config_origin origin; /* no setting: no field of the table */
    struct str region;
    struct kafka_settings kafka;
    struct redis_settings redis;
    struct sqs_settings sqs;
    struct alarm_settings alarms;
    struct budget_settings budget;
    struct callback_settings callback;
    struct run_settings run;
    struct limits_settings limits;
    struct list services; /* of struct service_settings, first match counts */
};

extern const struct record CONFIG_RECORD;
extern const struct record SERVICE_SETTINGS_RECORD;
extern const struct enum_names SERVICE_MODES, LOG_LEVELS;

/* Reads the file, then the environment over it, then defaults; checks what contradicts; refuses
 * unknown keys and unknown EBB_ variables. Every error
 * names the file, line and column, or the variable. E_CONFIG. All memory is the arena's. */
int config_load(const struct config_source *source, struct arena *a, struct config *out,
                struct err *e) EBB_MUST_CHECK;

/* Puts the place of a setting ("callback.listen") before an error found only when it was used: line
 * and column, or its variable, or its name when it is a default. Returns the error's code. */
int config_blame(const struct config *c, struct str path, struct err *e);

/* The first entry whose pattern matches the service, or NULL: such a service is never touched. */
const struct service_settings *config_service(const struct config *c, struct str service_key);

#endif
