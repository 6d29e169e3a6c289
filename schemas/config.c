/* SPDX-License-Identifier: Apache-2.0
 * The settings: one row each. config_load.c reads them. */
#include "schemas/config.h"

#include "lib/base/arn.h"

#define ROWS(rows) .fields = (rows), .n = EBB_COUNT(rows)

static const struct str MODE_WORDS[] = {{"unset", 5}, {"observe", 7}, {"act", 3}};
const struct enum_names SERVICE_MODES = {MODE_WORDS, EBB_COUNT(MODE_WORDS)};
static const struct str LOG_LEVEL_WORDS[] = {
    {"unset", 5}, {"debug", 5}, {"info", 4}, {"warn", 4}, {"error", 5}};
const struct enum_names LOG_LEVELS = {LOG_LEVEL_WORDS, EBB_COUNT(LOG_LEVEL_WORDS)};
static const struct str DEADLINE_WORDS[] = {{"unset", 5}, {"finish", 6}, {"undo", 4}};
static const struct enum_names DEADLINES = {DEADLINE_WORDS, EBB_COUNT(DEADLINE_WORDS)};
static const struct str VICTIM_WORDS[] = {{"unset", 5}, {"newest", 6}, {"oldest", 6}};
static const struct enum_names VICTIMS = {VICTIM_WORDS, EBB_COUNT(VICTIM_WORDS)};
static const struct str INVOCATION_WORDS[] = {{"unset", 5}, {"RequestResponse", 15}, {"Event", 5}};
static const struct enum_names INVOCATIONS = {INVOCATION_WORDS, EBB_COUNT(INVOCATION_WORDS)};

#define HOUR_MS ((int64_t)3600 * 1000)
static const struct field DISTRIBUTOR_FIELDS[] = {
    F_STR(struct distributor_settings, function, "function", .max = 256,
          .env = "KAMAILIO_LAMBDA_ARN",
          .help = "Lambda function that takes addresses out and back, name or ARN"),
    F_ENUM(struct distributor_settings, invocation, INVOCATIONS, "invocation",
           .fallback = "RequestResponse",
           .help = "Event only tells, and its removals are marked unconfirmed"),
    F_STR(struct distributor_settings, remove_action, "removeAction", .max = 128,
          .fallback = "comment_out_ip",
          .help = "value of \"action\" that stops new work to an address"),
    F_STR(struct distributor_settings, restore_action, "restoreAction", .max = 128,
          .fallback = "restore_ip", .help = "value that sends work again"),
    F_STR(struct distributor_settings, release_action, "releaseAction", .max = 128,
          .fallback = "release_ip", .help = "value that forgets an address whose task is gone"),
    F_SPAN(struct distributor_settings, late_effect_ms, "lateEffect", .max = 6 * HOUR_MS,
           .fallback = "15m", .unit = "ms",
           .help = "a removal that was not answered may take effect so long after it was sent; a "
                   "Lambda function runs 15 minutes at most"),
};
static const struct record DISTRIBUTOR_RECORD = {.name = "distributor",
                                                 .size = sizeof(struct distributor_settings),
                                                 ROWS(DISTRIBUTOR_FIELDS),
                                                 .help = "what sends work to the tasks"};

static const struct field TASK_FIELDS[] = {
    F_STR(struct task_settings, scheme, "scheme", .max = 8, .fallback = "http",
          .env = "ASTERISK_HTTP_SCHEME", .help = "http or https"),
    F_INT(struct task_settings, port, "port", .min = 1, .max = 65535, .fallback = "8080",
          .env = "ASTERISK_HTTP_PORT",
          .help = "port of /drain/start, /drain/status and /drain/cancel"),
    F_SPAN(struct task_settings, timeout_ms, "timeout", .min = 100, .max = 60000, .fallback = "10s",
           .unit = "ms", .help = "a task must answer within"),
};
static const struct record TASK_RECORD = {.name = "task",
                                          .size = sizeof(struct task_settings),
                                          ROWS(TASK_FIELDS),
                                          .help = "how a task is spoken to"};

static const struct field SERVICE_FIELDS[] = {
    F_STR(struct service_settings, match, "match", .flags = FIELD_REQUIRED, .min = 1,
          .max = SERVICE_KEY_MAX,
          .help = "cluster/name, or partition:region:account:cluster/name; * and ? are wildcards"),
    F_ENUM(struct service_settings, mode, SERVICE_MODES, "mode", .fallback = "observe",
           .env = "EBB_MODE", .help = "observe decides and records, and touches nothing; act acts"),
    F_SPAN(struct service_settings, cooldown_ms, "cooldown", .max = 24 * HOUR_MS, .fallback = "15m",
           .env = "COOLDOWN_SECONDS", .unit = "ms", .help = "between the beginnings of two drains"),
    F_INT(struct service_settings, drains_per_hour, "drainsPerHour", .max = 100000, .fallback = "2",
          .env = "MAX_DRAINS_PER_HOUR", .help = "at most so many drains begin within any hour"),
    F_INT(struct service_settings, drains_at_once, "drainsAtOnce", .min = 1, .max = 1000,
          .fallback = "1", .env = "DRAIN_CONCURRENCY_LIMIT",
          .help = "at most so many drains are open"),
    F_SPAN(struct service_settings, drain_timeout_ms, "drainTimeout", .min = 1000,
           .max = 168 * HOUR_MS, .fallback = "4h", .env = "DRAIN_TIMEOUT_SECONDS", .unit = "ms",
           .help = "a task may finish its work for so long"),
    F_INT(struct service_settings, min_tasks, "minTasks", .min = -1, .max = 100000,
          .fallback = "-1",
          .help = "never fewer serving tasks; -1 means what the scalable target says, and without "
                  "one nothing is drained"),
    F_SPAN(struct service_settings, status_poll_ms, "statusPoll", .min = 200, .max = HOUR_MS,
           .fallback = "30s", .unit = "ms", .help = "a draining task is asked how far it is"),
    F_SPAN(struct service_settings, event_age_max_ms, "eventAgeMax", .min = 1000,
           .max = 24 * HOUR_MS, .fallback = "15m", .unit = "ms",
           .help = "an older event begins nothing"),
    F_INT(struct service_settings, attempts, "attempts", .min = 1, .max = 100, .fallback = "3",
          .help = "tries of the removal and of the start before the drain is undone"),
    F_ENUM(struct service_settings, on_deadline, DEADLINES, "onDeadline", .fallback = "finish",
           .help = "when the drain's time is up: finish scales in all the same, undo returns it to "
                   "service"),
    F_ENUM(struct service_settings, victim, VICTIMS, "victim", .fallback = "newest",
           .help = "which task is drained"),
    F_STRS(struct service_settings, alarms, "alarms", .max = 100,
           .help = "alarms that mean this service, for those whose metric names none"),
    F_BOOL(struct service_settings, cancel_when_ok, "cancelWhenOk",
           .help = "a drain that an alarm asked for is undone when no alarm of the service is in "
                   "ALARM any more; asked before the task is told, while it drains, and before the "
                   "count is lowered"),
    F_RECORD(struct service_settings, distributor, struct distributor_settings, DISTRIBUTOR_RECORD,
             "distributor", .help = "what sends work to the tasks"),
    F_RECORD(struct service_settings, task, struct task_settings, TASK_RECORD, "task",
             .help = "how a task is spoken to"),
};
const struct record SERVICE_SETTINGS_RECORD = {.name = "service",
                                               .size = sizeof(struct service_settings),
                                               ROWS(SERVICE_FIELDS),
                                               .help = "how the services that match are treated"};

static const struct field KAFKA_FIELDS[] = {
    F_STR(struct kafka_settings, brokers, "brokers", .max = 4096, .env = "KAFKA_BROKERS",
          .help = "host:port, several with commas"),
    F_STR(struct kafka_settings, client_id, "clientId", .max = 256, .fallback = "ebb",
          .env = "EBB_KAFKA_CLIENT_ID", .help = "how the brokers' logs name this client"),
    F_MAP(struct kafka_settings, properties, "properties", .max = 100,
          .help = "further settings of librdkafka, such as security.protocol"),
    F_INT(struct kafka_settings, partitions, "partitions", .min = 1, .max = 1000, .fallback = "6",
          .help = "of topics that ebb makes"),
    F_INT(struct kafka_settings, replication, "replication", .max = 10, .fallback = "0",
          .help = "of topics that ebb makes; 0 means the brokers' default"),
    F_INT(struct kafka_settings, window, "window", .min = 1, .max = 100000, .fallback = "1000",
          .env = "EBB_KAFKA_WINDOW",
          .help = "unfinished messages per partition before it is paused"),
};
static const struct record KAFKA_RECORD = {.name = "kafka",
                                           .size = sizeof(struct kafka_settings),
                                           ROWS(KAFKA_FIELDS),
                                           .help = "the bus between the stages"};

static const struct field REDIS_FIELDS[] = {
    F_STR(struct redis_settings, url, "url", .max = 2048, .env = "REDIS_URL",
          .help = "redis://host:port/db, rediss:// for TLS, unix:///path"),
    F_STR(struct redis_settings, username, "username", .max = 256, .env = "REDIS_USERNAME",
          .help = "ACL user"),
    F_SECRET(struct redis_settings, password, "password", .max = 1024, .env = "REDIS_PASSWORD",
             .help = "better given by the environment"),
    F_STR(struct redis_settings, ca_file, "caFile", .max = 1024, .env = "REDIS_CA_FILE",
          .help = "certificates that sign the server's, instead of the system's"),
};
static const struct record REDIS_RECORD = {.name = "redis",
                                           .size = sizeof(struct redis_settings),
                                           ROWS(REDIS_FIELDS),
                                           .help = "locks, limits and drain states"};

static const struct field SQS_FIELDS[] = {
    F_STRS(struct sqs_settings, queues, "queues", .max = 20, .env = "SQS_QUEUES",
           .help = "URLs or names of the queues that EventBridge fills"),
    F_INT(struct sqs_settings, receivers, "receivers", .min = 1, .max = 64, .fallback = "2",
          .env = "EBB_SQS_RECEIVERS", .help = "long polls at once per queue"),
    F_SPAN(struct sqs_settings, visibility_ms, "visibility", .min = 5000, .max = 12 * HOUR_MS,
           .fallback = "30s", .unit = "ms",
           .help = "a message is hidden so long while it is relayed; extended when Kafka is slow"),
};
static const struct record SQS_RECORD = {.name = "sqs",
                                         .size = sizeof(struct sqs_settings),
                                         ROWS(SQS_FIELDS),
                                         .help = "where events come from"};

static const struct field ALARM_FIELDS[] = {
    F_SPAN(struct alarm_settings, poll_ms, "poll", .max = HOUR_MS, .fallback = "60s",
           .env = "EBB_ALARM_POLL", .unit = "ms",
           .help = "watched alarms are asked about so often, and those in ALARM ask again at the "
                   "cooldown's pace; 0 turns it off: then only changes of state ask"),
};
static const struct record ALARM_RECORD = {.name = "alarms",
                                           .size = sizeof(struct alarm_settings),
                                           ROWS(ALARM_FIELDS),
                                           .help = "what is asked of CloudWatch's alarms"};

static const struct field BUDGET_FIELDS[] = {
    F_INT(struct budget_settings, share, "share", .min = 1, .max = 10000, .fallback = "50",
          .env = "EBB_BUDGET_SHARE", .unit = "%",
          .help = "of the calls that AWS allows an account in a region, all of Ebb together makes "
                  "no more than so many; above 100 where AWS has raised its limits"),
};
static const struct record BUDGET_RECORD = {.name = "budget",
                                            .size = sizeof(struct budget_settings),
                                            ROWS(BUDGET_FIELDS),
                                            .help = "calls to AWS, shared by all processes"};

static const struct field CALLBACK_FIELDS[] = {
    F_STR(struct callback_settings, listen, "listen", .max = 256, .fallback = "0.0.0.0:8090",
          .env = "EBB_CALLBACK_LISTEN", .help = "address:port where tasks call back"),
    F_STR(struct callback_settings, url, "url", .max = 2048, .env = "SCALER_FUNCTION_URL",
          .help = "the same, as tasks reach it"),
    F_SECRET(
        struct callback_settings, secret, "secret", .max = 1024, .env = "EBB_CALLBACK_SECRET",
        .help =
            "key of the drains' tokens, 16 characters or more; better given by the environment"),
    F_SECRET(struct callback_settings, previous_secret, "previousSecret", .max = 1024,
             .env = "EBB_CALLBACK_PREVIOUS_SECRET",
             .help = "still accepted while the secret is rotated"),
    F_SECRET(struct callback_settings, shared_token, "sharedToken", .max = 1024,
             .env = "SHARED_TOKEN", .help = "one token for all drains, as older tasks know it"),
    F_BOOL(struct callback_settings, accept_shared_token, "acceptSharedToken",
           .env = "EBB_ACCEPT_SHARED_TOKEN", .help = "whether the shared token is accepted"),
};
static const struct record CALLBACK_RECORD = {.name = "callback",
                                              .size = sizeof(struct callback_settings),
                                              ROWS(CALLBACK_FIELDS),
                                              .help = "where tasks say that they are empty"};

static const struct field RUN_FIELDS[] = {
    F_INT(struct run_settings, handlers, "handlers", .min = 1, .max = 256, .fallback = "4",
          .env = "EBB_HANDLERS", .help = "threads per stage"),
    F_STR(struct run_settings, metrics_listen, "metricsListen", .max = 256,
          .env = "EBB_METRICS_LISTEN", .help = "address:port of /metrics, /live and /ready"),
    F_ENUM(struct run_settings, log_level, LOG_LEVELS, "logLevel", .fallback = "info",
           .env = "EBB_LOG_LEVEL", .help = "what is less important is left out of the log"),
    F_BOOL(struct run_settings, emf, "emf", .env = "EBB_EMF",
           .help = "CloudWatch metrics in the embedded metric format on standard output"),
};
static const struct record RUN_RECORD = {.name = "run",
                                         .size = sizeof(struct run_settings),
                                         ROWS(RUN_FIELDS),
                                         .help = "the processes themselves"};

static const struct field LIMITS_FIELDS[] = {
    F_INT(struct limits_settings, open_per_account, "openPerAccount", .min = 1, .max = 1000000,
          .fallback = "1000", .env = "EBB_OPEN_PER_ACCOUNT",
          .help = "at most so many drains are open in one AWS account"),
};
static const struct record LIMITS_RECORD = {.name = "limits",
                                            .size = sizeof(struct limits_settings),
                                            ROWS(LIMITS_FIELDS),
                                            .help = "brakes over all services together"};

static const struct field CONFIG_FIELDS[] = {
    F_STR(struct config, region, "region", .max = 64, .env = "EBB_REGION",
          .help = "AWS region; absent: as the AWS SDKs find it"),
    F_RECORD(struct config, kafka, struct kafka_settings, KAFKA_RECORD, "kafka",
             .help = "the bus between the stages"),
    F_RECORD(struct config, redis, struct redis_settings, REDIS_RECORD, "redis",
             .help = "locks, limits and drain states"),
    F_RECORD(struct config, sqs, struct sqs_settings, SQS_RECORD, "sqs",
             .help = "where events come from"),
    F_RECORD(struct config, alarms, struct alarm_settings, ALARM_RECORD, "alarms",
             .help = "what is asked of CloudWatch's alarms"),
    F_RECORD(struct config, budget, struct budget_settings, BUDGET_RECORD, "budget",
             .help = "calls to AWS, shared by all processes"),
    F_RECORD(struct config, callback, struct callback_settings, CALLBACK_RECORD, "callback",
             .help = "where tasks say that they are empty"),
    F_RECORD(struct config, run, struct run_settings, RUN_RECORD, "run",
             .help = "the processes themselves"),
    F_RECORD(struct config, limits, struct limits_settings, LIMITS_RECORD, "limits",
             .help = "brakes over all services together"),
    F_LIST(struct config, services, SERVICE_SETTINGS_RECORD, "services", .max = 10000,
           .help = "the services Ebb may touch; the first that matches counts"),
};
const struct record CONFIG_RECORD = {
    .name = "config", .size = sizeof(struct config), ROWS(CONFIG_FIELDS), .help = "ebb.yaml"};
