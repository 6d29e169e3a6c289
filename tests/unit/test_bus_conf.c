/* SPDX-License-Identifier: Apache-2.0
 * Goal: a user's Kafka properties are taken, except those our promises rest on, and no secret gets
 * into an error or the log. Method: open with one property at a time; no broker is needed. */
#include <pthread.h>
#include <string.h>

#include "lib/bus/bus.h"
#include "tests/support/test.h"

struct log {
    pthread_mutex_t lock; /* librdkafka's threads write side by side */
    char text[20000];
};

static void on_log(void *ctx, int level, struct str text)
{
    struct log *log = ctx;
    (void)level;
    pthread_mutex_lock(&log->lock);
    size_t n = strlen(log->text);
    if (n + text.n < sizeof(log->text)) memcpy(log->text + n, text.p, text.n);
    pthread_mutex_unlock(&log->lock);
}

static int open_with(const char *name, const char *value, struct err *e)
{
    struct bus_header property = {str_from(name), str_from(value)};
    struct bus_options options = {.brokers = STR("127.0.0.1:1"),
                                  .client_id = STR("test"),
                                  .properties = &property,
                                  .properties_n = 1};
    struct bus *bus;
    int code = bus_open(&options, &bus, e);
    bus_close(bus, 0);
    return code;
}

TEST(bus_conf_properties_of_the_user_are_taken)
{
    struct err e;
    assert_ok(open_with("linger.ms", "5", &e), e);
    assert_ok(open_with("compression.codec", "lz4", &e), e);
    assert_ok(open_with("client.rack", "eu-west-1a", &e), e);
}

TEST(bus_conf_promises_cannot_be_broken)
{
    static const char *const NAMES[] = {
        "enable.idempotence",
        "acks",
        "request.required.acks",
        "max.in.flight",
        "max.in.flight.requests.per.connection",
        "message.timeout.ms",
        "enable.auto.offset.store",
        "enable.auto.commit",
        "auto.offset.reset",
        "partition.assignment.strategy",
        "group.id",
        "bootstrap.servers",
        "transactional.id",
        "test.mock.num.brokers",
    };
    for (size_t i = 0; i < EBB_COUNT(NAMES); i++) {
        struct err e;
        assert_int_equal(open_with(NAMES[i], "1", &e), E_CONFIG);
        assert_contains(str_from(e.text), NAMES[i]);
        assert_contains(str_from(e.text), "cannot be set");
    }
}

TEST(bus_conf_unknown_and_impossible_are_named)
{
    struct err e;
    assert_int_equal(open_with("lingr.ms", "5", &e), E_CONFIG);
    assert_contains(str_from(e.text), "\"lingr.ms\" is not known");
    assert_int_equal(open_with("linger.ms", "soon", &e), E_CONFIG);
    assert_contains(str_from(e.text), "\"linger.ms\"");
    assert_int_equal(open_with("", "5", &e), E_CONFIG);
}

TEST(bus_conf_secrets_stay_unsaid)
{
    struct log log = {.lock = PTHREAD_MUTEX_INITIALIZER, .text = ""};
    struct bus_header properties[] = {
        {STR("security.protocol"), STR("sasl_plaintext")},
        {STR("sasl.mechanism"), STR("PLAIN")},
        {STR("sasl.username"), STR("hunter-name")},
        {STR("sasl.password"), STR("hunter2-password")},
        {STR("debug"), STR("security,conf")}, /* the most it can be made to say */
    };
    struct bus_options options = {.brokers = STR("127.0.0.1:1"),
                                  .client_id = STR("test"),
                                  .properties = properties,
                                  .properties_n = EBB_COUNT(properties),
                                  .publish_timeout_ms = 200,
                                  .on_log = on_log,
                                  .log_ctx = &log};
    struct err e;
    struct bus *bus;
    assert_ok(bus_open(&options, &bus, &e), e);
    struct bus_port port = bus_port_of(bus);
    struct bus_record r = {.topic = STR("t"), .value = STR("v")};
    assert_int_not_equal(bus_publish(&port, &r, &e), 0);
    bus_close(bus, 0);
    assert_null(strstr(e.text, "hunter"));
    assert_non_null(strstr(log.text, "sasl.password"));
    assert_null(strstr(log.text, "hunter"));
}

TEST(bus_conf_a_bad_key_is_refused_without_showing_it)
{
    struct bus_header properties[] = {{STR("security.protocol"), STR("ssl")},
                                      {STR("ssl.key.pem"), STR("hunter-key")}};
    struct bus_options options = {.brokers = STR("127.0.0.1:1"),
                                  .properties = properties,
                                  .properties_n = EBB_COUNT(properties)};
    struct err e;
    struct bus *bus;
    assert_int_equal(bus_open(&options, &bus, &e), E_CONFIG);
    assert_contains(str_from(e.text), "ssl.key.pem");
    assert_null(strstr(e.text, "hunter"));
}

TEST(bus_conf_brokers_are_needed)
{
    struct err e;
    struct bus *bus;
    struct bus_options options = {.client_id = STR("test")};
    assert_int_equal(bus_open(&options, &bus, &e), E_CONFIG);
    assert_null(bus);
}
