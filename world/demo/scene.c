/* SPDX-License-Identifier: Apache-2.0
 * See scene.h. */
#include "world/demo/scene.h"

#include "lib/base/crypto.h"

#include <stdio.h>
#include <stdlib.h>

#define VARIABLES_MAX      ((size_t)32)
#define SCENARIO_BYTES_MAX ((size_t)16 * 1024)
#define FILE_BYTES_MAX     ((size_t)64 * 1024)
#define TEXT_OF_(x)        #x
#define TEXT_OF(x)         TEXT_OF_(x)
#define ROOT_KEY_ID        "AKIADEMOROOT"

struct demo_secrets scene_secrets(struct arena *a)
{
    return (struct demo_secrets){.ebb = crypto_uuid(a),
                                 .person = crypto_uuid(a),
                                 .root = crypto_uuid(a),
                                 .callback = crypto_uuid(a)};
}

/* Starting and stopping take a second here, which in AWS take minutes. The alarm's period is so
 * long that it changes only when the demo sets its state. */
static const char SCENARIO[] =
    "\"region\": {\"region\": \"" DEMO_REGION "\", \"account\": \"" DEMO_ACCOUNT "\",\n"
    "  \"schedulerDelay\": \"200ms\", \"addressFirst\": \"127.20.0.10\"},\n"
    "\"clusters\": [{\"clusterName\": \"" DEMO_CLUSTER "\"}],\n"
    "\"taskDefinitions\": [{\"family\": \"" DEMO_SERVICE "\",\n"
    "  \"containerDefinitions\": [{\"name\": \"app\", \"image\": \"" DEMO_SERVICE ":1\"}]}],\n"
    "\"functions\": [{\"name\": \"" DEMO_FUNCTION "\"}],\n"
    "\"applications\": [{\"cluster\": \"" DEMO_CLUSTER "\", \"service\": \"" DEMO_SERVICE "\",\n"
    "  \"distributor\": \"" DEMO_FUNCTION "\", \"start\": \"1s\", \"stop\": \"1s\",\n"
    "  \"sessionMean\": \"" TEXT_OF(
        DEMO_SESSION_S) "s\", \"sessionFixed\": true,\n"
                        "  \"arrivalsPerHour\": %d, \"capacity\": 20}],\n"
                        "\"services\": [{\"cluster\": \"" DEMO_CLUSTER
                        "\", \"serviceName\": \"" DEMO_SERVICE "\",\n"
                        "  \"taskDefinition\": \"" DEMO_SERVICE "\", \"desiredCount\": " TEXT_OF(
                            DEMO_TASKS) "}],\n"
                                        "\"scalableTargets\": [{\"ServiceNamespace\": \"ecs\",\n"
                                        "  \"ResourceId\": \"service/" DEMO_SERVICE_KEY "\",\n"
                                        "  \"ScalableDimension\": \"ecs:service:DesiredCount\",\n"
                                        "  \"MinCapacity\": 1, \"MaxCapacity\": 10}],\n"
                                        "\"queues\": [{\"QueueName\": \"" DEMO_QUEUE "\"}],\n"
                                        "\"rules\": [{\"Name\": \"alarms\",\n"
                                        "  \"EventPattern\": \"{\\\"detail-type\\\": "
                                        "[\\\"CloudWatch Alarm State Change\\\"]}\"}],\n"
                                        "\"targets\": [{\"Rule\": \"alarms\", \"Targets\": "
                                        "[{\"Id\": \"1\",\n"
                                        "  \"Arn\": \"arn:aws:sqs:" DEMO_REGION ":" DEMO_ACCOUNT
                                        ":" DEMO_QUEUE "\"}]}],\n"
                                        "\"alarms\": [{\"AlarmName\": \"" DEMO_ALARM
                                        "\", \"Namespace\": \"AWS/ECS\",\n"
                                        "  \"MetricName\": \"CPUUtilization\", \"Dimensions\": [\n"
                                        "    {\"Name\": \"ClusterName\", \"Value\": \"" DEMO_CLUSTER
                                        "\"},\n"
                                        "    {\"Name\": \"ServiceName\", \"Value\": \"" DEMO_SERVICE
                                        "\"}],\n"
                                        "  \"Statistic\": \"Average\", \"Period\": 86400, "
                                        "\"EvaluationPeriods\": 1,\n"
                                        "  \"Threshold\": 30, \"ComparisonOperator\": "
                                        "\"LessThanOrEqualToThreshold\"}]\n";

static void add_key(struct buf *b, const char *id, struct str secret, const char *user)
{
    buf_add_format(b,
                   "{\"accessKeyId\": \"%s\", \"secretAccessKey\": \"%.*s\",\n"
                   "  \"userArn\": \"arn:aws:iam::" DEMO_ACCOUNT ":user/%s\"}",
                   id, STR_ARG(secret), user);
}

struct str scene_scenario(struct arena *a, const struct demo_secrets *secrets)
{
    struct buf b;
    buf_init(&b, SCENARIO_BYTES_MAX);
    buf_add_text(&b, "{\"keys\": [");
    add_key(&b, DEMO_EBB_KEY_ID, secrets->ebb, "ebb");
    buf_add_text(&b, ",\n");
    add_key(&b, DEMO_PERSON_KEY_ID, secrets->person, "person");
    buf_add_text(&b, "],\n");
    buf_add_format(&b, SCENARIO, DEMO_ARRIVALS_PER_S * 3600);
    buf_add_text(&b, "}\n");
    EBB_ASSERT(!buf_failed(&b));
    struct str text = arena_copy(a, buf_view(&b));
    buf_release(&b);
    return text;
}

/* The cooldown is shorter than anybody's would be, for who tries more with KEEP=1. */
struct str scene_config(struct arena *a, const struct demo_places *places)
{
    return arena_format(a,
                        "sqs:\n"
                        "  queues: [" DEMO_QUEUE "]\n"
                        "services:\n"
                        "  - match: \"" DEMO_CLUSTER "/*\"\n"
                        "    mode: act\n"
                        "    cooldown: 30s\n"
                        "    drainsPerHour: 20\n"
                        "    drainTimeout: 1m\n"
                        "    statusPoll: 1s\n"
                        "    distributor:\n"
                        "      function: " DEMO_FUNCTION "\n"
                        "      removeAction: " DEMO_REMOVE "\n"
                        "      restoreAction: " DEMO_RESTORE "\n"
                        "      releaseAction: " DEMO_RELEASE "\n"
                        "    task:\n"
                        "      port: %d\n"
                        "      timeout: 3s\n",
                        places->task_port);
}

struct variables {
    struct arena *arena;
    const char **all;
    size_t n;
};

static void set(struct variables *v, const char *name, struct str value)
{
    EBB_ASSERT(v->n + 1 < VARIABLES_MAX);
    v->all[v->n++] = arena_format(v->arena, "%s=%.*s", name, STR_ARG(value)).p;
}

/* What a program needs wherever it runs, and what tunes the build's own checks. */
static struct variables base(const struct demo *d, struct arena *a)
{
    static const char *const KEPT[] = {"PATH",   "LANG",         "LC_ALL",        "TZ",
                                       "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"};
    struct variables v = {a, ARENA_ARRAY(a, VARIABLES_MAX, const char *), 0};
    for (size_t i = 0; i < EBB_COUNT(KEPT); i++)
        if (getenv(KEPT[i])) set(&v, KEPT[i], str_from(getenv(KEPT[i])));
    set(&v, "HOME", str_from(d->folder));
    return v;
}

const char *const *scene_world_environment(const struct demo *d, struct arena *a)
{
    struct variables v = base(d, a);
    set(&v, "EBB_WORLD_ACCESS_KEY_ID", STR(ROOT_KEY_ID));
    set(&v, "EBB_WORLD_SECRET_ACCESS_KEY", d->secrets.root);
    return v.all;
}

static void set_ebb(struct variables *v, const struct demo *d)
{
    set(v, "AWS_ENDPOINT_URL", d->places.endpoint);
    set(v, "AWS_REGION", STR(DEMO_REGION));
    set(v, "AWS_DEFAULT_REGION", STR(DEMO_REGION));
    set(v, "AWS_ACCESS_KEY_ID", STR(DEMO_EBB_KEY_ID));
    set(v, "AWS_SECRET_ACCESS_KEY", d->secrets.ebb);
    set(v, "KAFKA_BROKERS", d->places.brokers);
    set(v, "REDIS_URL", d->places.redis_url);
    set(v, "EBB_CONFIG", arena_format(v->arena, "%s/" SCENE_CONFIG, d->folder));
    set(v, "EBB_CALLBACK_SECRET", d->secrets.callback);
    set(v, "EBB_CALLBACK_LISTEN", arena_format(v->arena, "127.0.0.1:%d", d->places.callback_port));
    set(v, "SCALER_FUNCTION_URL",
        arena_format(v->arena, "http://127.0.0.1:%d/", d->places.callback_port));
}

const char *const *scene_ebb_environment(const struct demo *d, struct arena *a)
{
    struct variables v = base(d, a);
    set_ebb(&v, d);
    return v.all;
}

/* As one word of a shell. */
static void add_quoted(struct buf *b, struct str text)
{
    buf_add_char(b, '\'');
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\'')
            buf_add_text(b, "'\\''");
        else
            buf_add_char(b, text.p[i]);
    buf_add_char(b, '\'');
}

struct str scene_shell_file(const struct demo *d, struct arena *a)
{
    struct variables v = {a, ARENA_ARRAY(a, VARIABLES_MAX, const char *), 0};
    struct str program = str_from(d->programs.ebb);
    struct buf b;
    buf_init(&b, FILE_BYTES_MAX);
    buf_add_text(&b, "# Source this to talk to the running demo: its keys open nothing else.\n");
    set_ebb(&v, d);
    for (size_t i = 0; i < v.n; i++) {
        struct str value = str_from(v.all[i]), name = str_cut(&value, '=');
        buf_add_format(&b, "export %.*s=", STR_ARG(name));
        add_quoted(&b, value);
        buf_add_char(&b, '\n');
    }
    while (program.n && program.p[program.n - 1] != '/')
        program.n--;
    buf_add_text(&b, "PATH=");
    add_quoted(&b, program);
    buf_add_text(&b, ":$PATH\n");
    EBB_ASSERT(!buf_failed(&b));
    struct str text = arena_copy(a, buf_view(&b));
    buf_release(&b);
    return text;
}
