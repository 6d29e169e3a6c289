/* SPDX-License-Identifier: Apache-2.0
 * See process.h. */
#include "lib/run/process.h"

#include "lib/aws/shapes/ecs.h"
#include "lib/base/crypto.h"
#include "lib/run/remedy.h"
#include "lib/store/state.h"
#include "lib/store/url.h"

#include <stdlib.h>
#include <unistd.h>

#define CONNECT_MS        ((int64_t)3000)
#define REDIS_COMMAND_MS  ((int64_t)5000)
#define PUBLISH_MS        ((int64_t)10000)
#define HTTP_TIMEOUT_MS   ((int64_t)10000)
#define HTTP_POOL         ((size_t)16)
#define TOPICS_ANSWER_MS  ((int64_t)10000)
#define FLUSH_MS          ((int64_t)200) /* every publisher has waited for its own */
#define KAFKA_QUIET_MS    ((int64_t)10000)
#define REDIS_CONNECTIONS ((size_t)32)

static const char *environment(void *ctx, const char *name)
{
    (void)ctx;
    return getenv(name);
}

/* What the client library says while it runs. Each of a process's clients says it of each broker
 * and again and again: one line in a while is for people. */
static void kafka_said(void *ctx, int level, struct str text)
{
    struct process *p = ctx;
    struct arena a;
    (void)level; /* it is only told from warnings on, and it goes on trying by itself */
    if (!atomic_load(&p->speaks)) return;
    int64_t now_ms = clock_mono_ms(&p->context.ports.clock), quiet_ms = atomic_load(&p->quiet_ms);
    bool first = now_ms >= quiet_ms &&
                 atomic_compare_exchange_strong(&p->quiet_ms, &quiet_ms, now_ms + KAFKA_QUIET_MS);
    arena_init(&a);
    struct str words =
        arena_format(&a, "Kafka at %.*s: %.*s", STR_ARG(p->config.kafka.brokers), STR_ARG(text));
    LOG(&p->log, first ? LOG_WARN : LOG_DEBUG, "kafka", LOG_STR("why", words));
    arena_release(&a);
}

/* Which setting of Redis is wrong. */
static int blame_redis(const struct process *p, struct err *e)
{
    struct redis_url parsed;
    struct err unwanted;
    bool url = redis_url_parse(p->config.redis.url, &parsed, &unwanted) != 0;
    bool tls = !url && parsed.address.tls;
    crypto_cleanse(&parsed, sizeof(parsed));
    return config_blame(&p->config,
                        url   ? STR("redis.url")
                        : tls ? STR("redis.caFile")
                              : STR("redis.username"),
                        e);
}

static int open_store(struct process *p, struct err *e)
{
    const struct redis_settings *s = &p->config.redis;
    struct store_options options = {
        .url = s->url,
        .username = s->username,
        .password = s->password,
        .ca_file = s->ca_file.n ? arena_cstr(&p->arena, s->ca_file) : NULL,
        .connect_timeout_ms = CONNECT_MS,
        .command_timeout_ms = REDIS_COMMAND_MS,
        .connections_max = REDIS_CONNECTIONS,
        .clock = p->context.ports.clock,
    };
    int code = store_open(&options, &p->store, e);
    if (code == E_CONFIG) return blame_redis(p, e);
    if (code) return remedy_redis(e);
    p->context.ports.store = store_port_of(p->store);
    return E_OK;
}

static int try_rights(struct process *p, struct err *e)
{
    int code = state_try_rights(&p->context.ports.store, &p->arena, e);
    return code ? remedy_redis(e) : E_OK;
}

/* While Kafka does not answer the relay hides its messages again between two attempts, which may
 * not be further apart than a message is hidden. */
static int64_t publish_ms(const struct config *c)
{
    int64_t third_ms = c->sqs.visibility_ms / 3;
    return third_ms < PUBLISH_MS ? third_ms : PUBLISH_MS;
}

static int open_bus(struct process *p, struct err *e)
{
    const struct kafka_settings *s = &p->config.kafka;
    struct bus_header *properties = ARENA_ARRAY(&p->arena, s->properties.n, struct bus_header);
    for (size_t i = 0; i < s->properties.n; i++) {
        const struct pair *pair = LIST_AT(s->properties, struct pair, i);
        properties[i] = (struct bus_header){pair->key, pair->value};
    }
    p->context.bus_options = (struct bus_options){
        .brokers = s->brokers,
        .client_id = s->client_id,
        .properties = properties,
        .properties_n = s->properties.n,
        .publish_timeout_ms = publish_ms(&p->config),
        .on_log = kafka_said,
        .log_ctx = p,
    };
    int code = bus_open(&p->context.bus_options, &p->bus, e);
    if (code == E_CONFIG) return config_blame(&p->config, STR("kafka.properties"), e);
    if (code) return code;
    p->context.ports.bus = bus_port_of(p->bus);
    return E_OK;
}

static int check_topics(struct process *p, struct err *e)
{
    size_t n;
    struct bus_topic *topics = process_topics(p, &n);
    int code = bus_check_topics(p->bus, topics, n, TOPICS_ANSWER_MS, e);
    return code ? remedy_kafka(e) : E_OK;
}

static int open_aws(struct process *p, struct err *e)
{
    struct aws_client_options options = {
        .http = p->context.ports.http,
        .clock = p->context.ports.clock,
        .region = p->config.region,
    };
    int code = aws_client_new(&options, &p->aws, e);
    if (code) return code;
    p->context.ports.aws = aws_client_port(p->aws);
    p->context.region = aws_client_region(p->aws);
    return E_OK;
}

/* Whoever has no Redis makes no call that a drain needs. */
static void open_budget(struct process *p)
{
    struct budget_options options = {
        .store = p->context.ports.store,
        .clock = p->context.ports.clock,
        .share = p->config.budget.share,
    };
    p->budget = p->context.ports.budget = budget_new(&options);
}

/* One call that changes nothing and may find nothing: any answer of ECS to somebody it knows will
 * do. A key that is unknown, expired or wrongly signed, and an ECS that cannot be reached, will
 * not. */
static int ask_ecs(struct process *p, struct err *e)
{
    struct str nobody = STR("ebb-start-check");
    struct ecs_describe_services_input input = {.cluster = nobody, .services = LIST_OF(&nobody, 1)};
    struct ecs_describe_services_output output = {0};
    struct aws_failure failure = {0};
    if (!aws_call(&p->context.ports.aws, &ECS_DESCRIBE_SERVICES, STR_NONE, &input, &p->arena,
                  &output, 0, &failure) ||
        remedy_aws_knows_us(&failure))
        return E_OK;
    return remedy_aws(&failure, aws_client_region(p->aws), e);
}

static struct str process_name(struct arena *a)
{
    char host[64] = "";
    (void)gethostname(host, sizeof(host) - 1); /* a name that is missing is only less telling */
    return arena_format(a, "%s/%d/%.8s", host, (int)getpid(), crypto_uuid(a).p);
}

int process_open(struct process *p, struct str config_path, unsigned needs, struct str role,
                 struct err *e)
{
    *p = (struct process){0};
    arena_init(&p->arena);
    p->context.ports.clock = clock_system();
    const char *path = config_path.n ? arena_cstr(&p->arena, config_path) : getenv("EBB_CONFIG");
    struct config_source source = {
        .path = path && *path ? path : NULL,
        .getenv = environment,
        .variables = (const char *const *)environ, /* rule 26: only const is added */
    };
    int code = config_load(&source, &p->arena, &p->config, e);
    if (code) return code;
    p->log =
        log_open(p->context.ports.clock, enum_word(&LOG_LEVELS, p->config.run.log_level), role);
    p->context.config = p->context.ports.config = &p->config;
    p->context.process = process_name(&p->arena);
    p->context.ports.holder = p->context.process;
    p->context.log = p->log;
    p->alone = alone_new();
    p->context.alone = alone_port_of(p->alone);
    struct http_client_options http = {
        .connect_timeout_ms = CONNECT_MS,
        .timeout_ms = HTTP_TIMEOUT_MS,
        .pool_max = HTTP_POOL,
        .user_agent = "ebb/" EBB_VERSION,
        .clock = p->context.ports.clock,
    };
    code = http_client_new(&http, &p->http, e);
    if (!code) p->context.ports.http = http_client_port(p->http);
    return code ? code : process_need(p, needs, e);
}

int process_check(const struct process *p, unsigned needs, struct err *e)
{
    if ((needs & NEEDS_STORE) && !p->config.redis.url.n)
        return err_set(e, E_CONFIG, "redis.url: missing; say where Redis is (REDIS_URL)");
    if ((needs & NEEDS_BUS) && !p->config.kafka.brokers.n)
        return err_set(e, E_CONFIG, "kafka.brokers: missing; say where Kafka is (KAFKA_BROKERS)");
    return E_OK;
}

int process_need(struct process *p, unsigned needs, struct err *e)
{
    int code = process_check(p, needs, e);
    if (!code && (needs & NEEDS_STORE) && !p->store) code = open_store(p, e);
    if (!code && (needs & NEEDS_RIGHTS)) code = try_rights(p, e);
    if (!code && (needs & NEEDS_BUS) && !p->bus) code = open_bus(p, e);
    if (!code && (needs & NEEDS_TOPICS)) code = check_topics(p, e);
    if (!code && (needs & NEEDS_AWS) && !p->aws) code = open_aws(p, e);
    if (!code && p->aws && p->store && !p->budget) open_budget(p);
    if (!code && (needs & NEEDS_ECS)) code = ask_ecs(p, e);
    return code;
}

void process_has_started(struct process *p)
{
    atomic_store(&p->speaks, true);
}

void process_stop_waiting(struct process *p)
{
    http_client_stop(p->http);
    if (p->bus) bus_stop_waiting(p->bus);
}

void process_close(struct process *p)
{
    budget_free(p->budget);
    alone_free(p->alone);
    if (p->aws) aws_client_free(p->aws);
    if (p->bus) bus_close(p->bus, FLUSH_MS);
    if (p->store) store_close(p->store);
    if (p->http) http_client_free(p->http);
    crypto_cleanse(&p->config.callback, sizeof(p->config.callback));
    arena_release(&p->arena);
    *p = (struct process){0};
}

struct bus_topic *process_topics(struct process *p, size_t *n)
{
    static const char *const NAMES[] = {
#define X(topic) topic,
        EBB_TOPICS(X)
#undef X
    };
    struct bus_topic *topics = ARENA_ARRAY(&p->arena, EBB_COUNT(NAMES), struct bus_topic);
    for (size_t i = 0; i < EBB_COUNT(NAMES); i++)
        topics[i] = (struct bus_topic){
            .name = str_from(NAMES[i]),
            .partitions = (int)p->config.kafka.partitions,
            .replication = (int)p->config.kafka.replication,
            .compacted = str_eq(str_from(NAMES[i]), STR(TOPIC_STATE)),
        };
    *n = EBB_COUNT(NAMES);
    return topics;
}
