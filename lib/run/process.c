/* SPDX-License-Identifier: Apache-2.0
 * See process.h. */
#include "lib/run/process.h"

#include "lib/base/crypto.h"
#include "lib/store/state.h"

#include <stdlib.h>
#include <unistd.h>

#define CONNECT_MS        ((int64_t)3000)
#define REDIS_COMMAND_MS  ((int64_t)5000)
#define PUBLISH_MS        ((int64_t)10000)
#define HTTP_TIMEOUT_MS   ((int64_t)10000)
#define HTTP_POOL         ((size_t)16)
#define TOPICS_ANSWER_MS  ((int64_t)10000)
#define FLUSH_MS          ((int64_t)5000)
#define REDIS_CONNECTIONS ((size_t)32)

static const char *environment(void *ctx, const char *name)
{
    (void)ctx;
    return getenv(name);
}

int process_check(const struct process *p, enum process_needs need, struct err *e)
{
    if (need == NEEDS_STORE && !p->config.redis.url.n)
        return err_set(e, E_CONFIG, "redis.url: missing; say where Redis is (REDIS_URL)");
    if (need == NEEDS_BUS && !p->config.kafka.brokers.n)
        return err_set(e, E_CONFIG, "kafka.brokers: missing; say where Kafka is (KAFKA_BROKERS)");
    return E_OK;
}

static int open_store(struct process *p, struct err *e)
{
    const struct redis_settings *s = &p->config.redis;
    int code = process_check(p, NEEDS_STORE, e);
    if (code) return code;
    struct store_options options = {
        .url = s->url,
        .username = s->username,
        .password = s->password,
        .ca_file = s->ca_file.n ? s->ca_file.p : NULL,
        .connect_timeout_ms = CONNECT_MS,
        .command_timeout_ms = REDIS_COMMAND_MS,
        .connections_max = REDIS_CONNECTIONS,
        .clock = p->context.ports.clock,
    };
    code = store_open(&options, &p->store, e);
    if (!code) p->context.ports.store = store_port_of(p->store);
    return code;
}

static int open_bus(struct process *p, struct err *e)
{
    const struct kafka_settings *s = &p->config.kafka;
    int code = process_check(p, NEEDS_BUS, e);
    if (code) return code;
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
        .publish_timeout_ms = PUBLISH_MS,
    };
    code = bus_open(&p->context.bus_options, &p->bus, e);
    if (code) return code;
    p->context.ports.bus = bus_port_of(p->bus);
    return E_OK;
}

static int check_topics(struct process *p, struct err *e)
{
    size_t n;
    struct bus_topic *topics = process_topics(p, &n);
    return bus_check_topics(p->bus, topics, n, TOPICS_ANSWER_MS, e);
}

static int open_aws(struct process *p, struct err *e)
{
    struct aws_client_options options = {
        .http = p->context.ports.http,
        .clock = p->context.ports.clock,
        .region = p->config.region,
    };
    int code = aws_client_new(&options, &p->aws, e);
    if (!code) p->context.ports.aws = aws_client_port(p->aws);
    return code;
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
    struct config_source source = {.path = path && *path ? path : NULL, .getenv = environment};
    int code = config_load(&source, &p->arena, &p->config, e);
    if (code) return code;
    p->log = log_open(p->context.ports.clock, p->config.run.log_level, role);
    p->context.config = p->context.ports.config = &p->config;
    p->context.process = process_name(&p->arena);
    p->context.ports.holder = p->context.process;
    p->context.log = p->log;
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

int process_need(struct process *p, unsigned needs, struct err *e)
{
    int code = E_OK;
    if ((needs & NEEDS_STORE) && !p->store) code = open_store(p, e);
    if (!code && (needs & NEEDS_BUS) && !p->bus) code = open_bus(p, e);
    if (!code && (needs & NEEDS_TOPICS)) code = check_topics(p, e);
    if (!code && (needs & NEEDS_AWS) && !p->aws) code = open_aws(p, e);
    return code;
}

void process_stop_waiting(struct process *p)
{
    http_client_stop(p->http);
}

void process_close(struct process *p)
{
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
