/* SPDX-License-Identifier: Apache-2.0
 * The settings librdkafka is made with. Everything our promises rest on is written out here, even
 * where it is the default, and a user's property may not change it; every other property is the
 * user's. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/bus/internal.h"

#define PUBLISH_TIMEOUT_DEFAULT_MS 10000
#define PUBLISH_TIMEOUT_MIN_MS     100
#define PUBLISH_TIMEOUT_MAX_MS     900000
#define UNKNOWN_TOPIC_WAIT_MAX_MS  5000
#define PROPERTY_NAME_MAX          100
#define PROPERTY_VALUE_MAX         (64 << 10) /* certificates are given as text too */
#define PROPERTIES_MAX             100

struct setting {
    const char *name, *value;
};

static const struct setting COMMON[] = {
    {"log_level", "4"},
    {"log.connection.close", "false"}, /* idle connections are closed all the time */
    {"statistics.interval.ms", "0"},
    {"socket.keepalive.enable", "true"},
    {"socket.nagle.disable", "true"},
    {"socket.timeout.ms", "10000"},
    {"reconnect.backoff.ms", "50"},
    {"reconnect.backoff.max.ms", "500"}, /* the default of 10 s outlasts a broker's restart */
    {"message.max.bytes", "1000000"},
    /* How soon a topic that is gone, or that has more partitions, is noticed. */
    {"topic.metadata.refresh.interval.ms", "15000"},
};

static const struct setting PRODUCER[] = {
    {"enable.idempotence", "true"},
    {"acks", "all"},
    {"retries", "2147483647"}, /* message.timeout.ms ends them */
    {"retry.backoff.ms", "100"},
    /* Not more: a broker that does not know a producer, because it has just started, takes any
     * request of it as its first. Of two under way the second could be stored and the first, sent
     * again, be taken for a repetition of what is there: acknowledged, and lost. */
    {"max.in.flight", "1"},
    /* What is waiting when a request returns goes with the next: batches form by themselves. */
    {"linger.ms", "0"},
    /* The partition that every Java producer would choose for the key. */
    {"partitioner", "murmur2_random"},
    {"compression.codec", "none"},
    {"queue.buffering.max.messages", "10000"},
    {"queue.buffering.max.kbytes", "16384"},
    {"delivery.report.only.error", "false"},
};

/* Of a group, and of a reader. */
static const struct setting READING[] = {
    {"enable.auto.offset.store", "false"},
    {"enable.partition.eof", "true"}, /* to know the lag of a partition that is read up */
    {"auto.offset.reset", "earliest"},
    {"allow.auto.create.topics", "false"},
    {"isolation.level", "read_committed"},
    {"check.crcs", "true"},
    /* At least as large as a batch can be: a partition whose next batch is larger gets nothing as
     * long as others before it have something. */
    {"max.partition.fetch.bytes", "1048576"},
    {"fetch.max.bytes", "52428800"},
    /* A partition that is wanted again waits for the fetch that is under way for the others. */
    {"fetch.wait.max.ms", "100"},
    {"fetch.error.backoff.ms", "100"},
};

static const struct setting GROUP[] = {
    {"enable.auto.commit", "true"}, /* of what was stored, nothing else */
    {"auto.commit.interval.ms", "500"},
    {"partition.assignment.strategy", "cooperative-sticky"},
    {"session.timeout.ms", "10000"},
    {"heartbeat.interval.ms", "1000"}, /* how soon a member hears of a rebalance */
    {"max.poll.interval.ms", "300000"},
    /* Of each partition, the most that waits for its window. Not less: once all partitions have
     * that much, librdkafka 2.0 looks again only after a second. */
    {"queued.min.messages", "10000"},
    {"queued.max.messages.kbytes", "4096"},
};

static const struct setting ALONE[] = {
    {"queued.min.messages", "100000"}, /* of all partitions together */
    {"queued.max.messages.kbytes", "32768"},
    {"enable.auto.commit", "false"},
};

/* Properties a user may not set, and what would break. */
static const struct setting RESERVED[] = {
    {"bootstrap.servers", "the brokers have a setting of their own"},
    {"metadata.broker.list", "the brokers have a setting of their own"},
    {"group.id", "each stage has its own group"},
    {"enable.idempotence", "messages could be lost or change places"},
    {"acks", "an acknowledged message could be lost"},
    {"request.required.acks", "an acknowledged message could be lost"},
    {"message.timeout.ms", "publishing has a timeout setting of its own"},
    {"delivery.timeout.ms", "publishing has a timeout setting of its own"},
    {"delivery.report.only.error", "publishing waits for every report"},
    {"transactional.id", "Ebb does not use transactions"},
    {"max.in.flight", "an acknowledged message could be lost"},
    {"max.in.flight.requests.per.connection", "an acknowledged message could be lost"},
    {"enable.auto.offset.store", "unfinished messages would be skipped"},
    {"enable.auto.commit", "finished messages would be delivered for ever"},
    {"auto.commit.enable", "finished messages would be delivered for ever"},
    {"offset.store.method", "finished messages would be delivered for ever"},
    {"auto.offset.reset", "messages sent before a group first reads would be skipped"},
    {"partition.assignment.strategy", "a group must use one strategy"},
    {"enable.partition.eof", "the lag would not be known"},
    {"enabled_events", "callbacks would not be called"},
    {"log.queue", "nobody would read the log"},
    {"test.mock.num.brokers", "messages would go nowhere"},
};

static const char *const SECRET_PARTS[] = {"password",    "secret",   "pem", "token",
                                           "oauthbearer", "username", "jaas"};

void bus_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char words[BUS_WORDS_MAX];
    EBB_ASSERT(rd_kafka_conf_set(conf, name, value, words, sizeof(words)) == RD_KAFKA_CONF_OK);
}

void bus_conf_set_int(rd_kafka_conf_t *conf, const char *name, int64_t value)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "%" PRId64, value); /* fits */
    bus_conf_set(conf, name, text);
}

int64_t bus_publish_timeout_ms(const struct bus_options *options)
{
    int64_t ms = options->publish_timeout_ms;
    if (ms == 0) ms = PUBLISH_TIMEOUT_DEFAULT_MS;
    if (ms < PUBLISH_TIMEOUT_MIN_MS) ms = PUBLISH_TIMEOUT_MIN_MS;
    return ms < PUBLISH_TIMEOUT_MAX_MS ? ms : PUBLISH_TIMEOUT_MAX_MS;
}

static void set_all(rd_kafka_conf_t *conf, const struct setting *settings, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bus_conf_set(conf, settings[i].name, settings[i].value);
}

static void set_role(rd_kafka_conf_t *conf, enum bus_role role, const struct bus_options *options)
{
    set_all(conf, COMMON, EBB_COUNT(COMMON));
    switch (role) {
    case BUS_PRODUCER: {
        int64_t timeout_ms = bus_publish_timeout_ms(options);
        set_all(conf, PRODUCER, EBB_COUNT(PRODUCER));
        bus_conf_set_int(conf, "message.timeout.ms", timeout_ms);
        bus_conf_set_int(conf, "request.timeout.ms", timeout_ms);
        /* "No such topic" must come before the timeout does, or nobody learns the reason. */
        int64_t wait_ms = timeout_ms / 2;
        if (wait_ms > UNKNOWN_TOPIC_WAIT_MAX_MS) wait_ms = UNKNOWN_TOPIC_WAIT_MAX_MS;
        bus_conf_set_int(conf, "topic.metadata.propagation.max.ms", wait_ms);
        break;
    }
    case BUS_CONSUMER:
        set_all(conf, READING, EBB_COUNT(READING));
        set_all(conf, GROUP, EBB_COUNT(GROUP));
        break;
    case BUS_READER:
        set_all(conf, READING, EBB_COUNT(READING));
        set_all(conf, ALONE, EBB_COUNT(ALONE));
        break;
    }
}

static bool is_secret(const char *name)
{
    for (size_t i = 0; i < EBB_COUNT(SECRET_PARTS); i++)
        if (strcasestr(name, SECRET_PARTS[i])) return true;
    return false;
}

static int set_property(rd_kafka_conf_t *conf, struct arena *a, const struct bus_header *property,
                        struct err *e)
{
    if (str_is_empty(property->name) || property->name.n > PROPERTY_NAME_MAX)
        return err_set(e, E_CONFIG, "a Kafka property's name has 1 to %d bytes", PROPERTY_NAME_MAX);
    const char *name = arena_cstr(a, property->name);
    if (property->value.n > PROPERTY_VALUE_MAX)
        return err_set(e, E_CONFIG, "Kafka property \"%s\" is longer than %d bytes", name,
                       PROPERTY_VALUE_MAX);
    for (size_t i = 0; i < EBB_COUNT(RESERVED); i++)
        if (str_eq(property->name, str_from(RESERVED[i].name)))
            return err_set(e, E_CONFIG, "Kafka property \"%s\" cannot be set: %s", name,
                           RESERVED[i].value);
    char words[BUS_WORDS_MAX];
    switch (rd_kafka_conf_set(conf, name, arena_cstr(a, property->value), words, sizeof(words))) {
    case RD_KAFKA_CONF_OK: return 0;
    case RD_KAFKA_CONF_UNKNOWN:
        return err_set(e, E_CONFIG, "Kafka property \"%s\" is not known to librdkafka %s", name,
                       rd_kafka_version_str());
    case RD_KAFKA_CONF_INVALID: break;
    }
    return err_set(e, E_CONFIG, "Kafka property \"%s\": %s", name,
                   is_secret(name) ? "not a value librdkafka takes" : words);
}

int bus_conf_new(enum bus_role role, const struct bus_options *options, rd_kafka_conf_t **out,
                 struct err *e)
{
    *out = NULL;
    if (str_is_empty(options->brokers)) return err_set(e, E_CONFIG, "no Kafka brokers are given");
    if (options->properties_n > PROPERTIES_MAX)
        return err_set(e, E_CONFIG, "more than %d Kafka properties", PROPERTIES_MAX);
    struct arena a;
    arena_init(&a);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set_role(conf, role, options);
    bus_conf_set(conf, "bootstrap.servers", arena_cstr(&a, options->brokers));
    bus_conf_set(conf, "client.id",
                 str_is_empty(options->client_id) ? "ebb" : arena_cstr(&a, options->client_id));
    int code = 0;
    for (size_t i = 0; i < options->properties_n && code == 0; i++)
        code = set_property(conf, &a, &options->properties[i], e);
    arena_release(&a);
    if (code)
        rd_kafka_conf_destroy(conf);
    else
        *out = conf;
    return code;
}
