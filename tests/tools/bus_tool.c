/* SPDX-License-Identifier: Apache-2.0
 * lib/bus on the command line, for tests that kill it and look at what a real broker has after:
 *
 *   bus_tool produce BROKERS TOPIC FIRST N        publishes the numbers FIRST to FIRST + N - 1
 *   bus_tool consume BROKERS GROUP TOPIC WINDOW   until SIGTERM; handlers finish in random order
 *   bus_tool publish-again BROKERS TOPIC KEY A B...  publishes A; after SIGTERM the others, each once, and says
 *                                                 how each ended
 *   bus_tool read-all BROKERS TOPIC               every message of the topic
 *   bus_tool create-topics BROKERS NAME[:PARTITIONS[:compact]]...
 *   bus_tool check-topics BROKERS NAME...
 *
 * Each line is written whole and at once, so a killed process has said what it did. */
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/bus/bus.h"

#define TIMEOUT_MS   15000
#define SHORT_MS     2500
#define TRIES_MAX    20
#define BATCH        200
#define KEYS         37
#define HANDLERS     4
#define DELAY_MAX_MS 5
#define POLL_MS      100
#define WAITING_MAX  10000
#define TOPICS_MAX   50
#define SESSION_MS   3000

static volatile sig_atomic_t ending;

static void on_signal(int number)
{
    (void)number;
    ending = 1;
}

static void on_log(void *ctx, int level, struct str text)
{
    (void)ctx;
    dprintf(STDERR_FILENO, "log %d %.*s\n", level, STR_ARG(text));
}

static struct bus_options options_for(const char *brokers)
{
    return (struct bus_options){.brokers = str_from(brokers),
                                .client_id = STR("bus-tool"),
                                .publish_timeout_ms = TIMEOUT_MS,
                                .on_log = on_log};
}

static int fail(const struct err *e)
{
    struct str name = err_name(e->code);
    dprintf(STDERR_FILENO, "%.*s: %s\n", STR_ARG(name), e->text);
    return 1;
}

/* Publishes again what failed with a code that allows it. */
static int publish_surely(const struct bus_port *bus, struct bus_record *records, size_t n,
                          struct err *e)
{
    int results[BATCH];
    for (int try = 0; try < TRIES_MAX && n > 0; try++) {
        size_t left = 0;
        if (bus_publish_many(bus, records, results, n, e) == 0) return 0;
        for (size_t i = 0; i < n; i++) {
            if (results[i] == 0) continue;
            if (err_class_of(results[i]) != ERR_CLASS_RETRY) return e->code;
            records[left++] = records[i];
        }
        n = left;
    }
    return e->code;
}

static int produce(const char *brokers, const char *topic, int64_t first, int64_t n)
{
    struct err e;
    struct bus *bus;
    struct bus_options options = options_for(brokers);
    if (bus_open(&options, &bus, &e)) return fail(&e);
    struct bus_port port = bus_port_of(bus);
    int code = 0;
    for (int64_t at = 0; at < n && code == 0; at += BATCH) {
        struct bus_record records[BATCH];
        char keys[BATCH][24], values[BATCH][24];
        size_t count = 0;
        for (; count < BATCH && at + (int64_t)count < n; count++) {
            int64_t number = first + at + (int64_t)count;
            (void)snprintf(keys[count], sizeof(keys[0]), "key-%" PRId64, number % KEYS);
            (void)snprintf(values[count], sizeof(values[0]), "%" PRId64, number);
            records[count] = (struct bus_record){.topic = str_from(topic),
                                                 .key = str_from(keys[count]),
                                                 .value = str_from(values[count])};
        }
        code = publish_surely(&port, records, count, &e);
    }
    bus_close(bus, TIMEOUT_MS);
    if (code) return fail(&e);
    dprintf(STDOUT_FILENO, "produced %" PRId64 "\n", n);
    return 0;
}

/* Each gets little time, and is not tried again: its outcome is what is asked for. */
static int publish_again(const char *brokers, const char *topic, const char *key,
                         const char *const *values, int n)
{
    struct err e = {0};
    struct bus *bus;
    struct bus_options options = options_for(brokers);
    options.publish_timeout_ms = SHORT_MS;
    if (bus_open(&options, &bus, &e)) return fail(&e);
    struct bus_port port = bus_port_of(bus);
    for (int i = 0; i < n; i++) {
        struct bus_record record = {
            .topic = str_from(topic), .key = str_from(key), .value = str_from(values[i])};
        struct str outcome = err_name(bus_publish(&port, &record, &e));
        dprintf(STDOUT_FILENO, "outcome %.*s\n", STR_ARG(outcome));
        while (!ending && !i)
            clock_sleep_ms(POLL_MS);
    }
    bus_close(bus, 0);
    return 0;
}

struct pool {
    struct bus_consumer *consumer;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct bus_message *waiting[WAITING_MAX];
    size_t n;
    bool stop; /* what waits is given back */
};

/* Of the clock that all processes of a machine share. */
static long long now_us(void)
{
    struct timespec now;
    /* rule 12: finer than ms, for the order of what several processes say. */
    EBB_ASSERT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void say(const char *what, const struct bus_message *m)
{
    dprintf(STDOUT_FILENO, "%s %.*s %d %" PRId64 " %lld\n", what, STR_ARG(m->value), m->partition,
            m->offset, now_us());
}

static void on_revoked(void *ctx, bool lost)
{
    (void)ctx;
    dprintf(STDOUT_FILENO, "revoked %s %lld\n", lost ? "lost" : "asked", now_us());
}

static void *handle(void *argument)
{
    struct pool *pool = argument;
    unsigned seed = (unsigned)getpid() ^ (unsigned)(uintptr_t)pthread_self();
    pthread_mutex_lock(&pool->lock);
    while (!pool->stop) {
        if (pool->n == 0) {
            pthread_cond_wait(&pool->changed, &pool->lock);
            continue;
        }
        size_t any = (size_t)rand_r(&seed) % pool->n;
        struct bus_message *m = pool->waiting[any];
        pool->waiting[any] = pool->waiting[--pool->n];
        pthread_mutex_unlock(&pool->lock);
        clock_sleep_ms(rand_r(&seed) % (DELAY_MAX_MS + 1));
        /* The effect comes before the offset: killed between the two, it is done twice. */
        say("done", m);
        bus_message_done(pool->consumer, m);
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void hand_over(struct pool *pool, struct bus_message *message)
{
    say("got", message);
    pthread_mutex_lock(&pool->lock);
    EBB_ASSERT(pool->n < WAITING_MAX);
    pool->waiting[pool->n++] = message;
    pthread_cond_signal(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
}

static int consume(const char *brokers, const char *group, const char *topic, int64_t window)
{
    static struct pool pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
                               .changed = PTHREAD_COND_INITIALIZER};
    struct err e;
    struct str name = str_from(topic);
    pthread_t threads[HANDLERS];
    int code = 0;
    int64_t assigned = -1;
    struct bus_consumer_options options = {.bus = options_for(brokers),
                                           .group = str_from(group),
                                           .topics = &name,
                                           .topics_n = 1,
                                           .window_max = (size_t)window,
                                           .session_timeout_ms = SESSION_MS,
                                           .on_revoked = on_revoked};
    if (bus_consumer_open(&options, &pool.consumer, &e)) return fail(&e);
    for (int i = 0; i < HANDLERS; i++)
        if (pthread_create(&threads[i], NULL, handle, &pool)) abort();
    while (!ending && code == 0) {
        struct bus_message *message;
        code = bus_consumer_poll(pool.consumer, POLL_MS, &message, &e);
        if (code == 0 && message) hand_over(&pool, message);
        struct bus_consumer_stats stats = bus_consumer_stats(pool.consumer);
        if (stats.assigned != assigned)
            dprintf(STDOUT_FILENO, "assigned %" PRId64 "\n", stats.assigned);
        assigned = stats.assigned;
    }
    pthread_mutex_lock(&pool.lock);
    pool.stop = true;
    pthread_cond_broadcast(&pool.changed);
    pthread_mutex_unlock(&pool.lock);
    for (int i = 0; i < HANDLERS; i++)
        pthread_join(threads[i], NULL);
    while (pool.n > 0)
        bus_message_drop(pool.consumer, pool.waiting[--pool.n]);
    bus_consumer_close(pool.consumer);
    dprintf(STDOUT_FILENO, "closed\n");
    return code ? fail(&e) : 0;
}

static int print_message(void *ctx, const struct bus_message *m, struct err *e)
{
    (void)ctx;
    (void)e;
    dprintf(STDOUT_FILENO, "%d %" PRId64 " %.*s %.*s\n", m->partition, m->offset, STR_ARG(m->key),
            STR_ARG(m->value));
    return 0;
}

static int read_all(const char *brokers, const char *topic)
{
    struct err e;
    struct bus_options options = options_for(brokers);
    int code = bus_read_all(&options, str_from(topic), TIMEOUT_MS, print_message, NULL, &e);
    return code ? fail(&e) : 0;
}

static int topics(const char *brokers, bool create, char **names, int n)
{
    struct err e;
    struct bus *bus;
    struct bus_options options = options_for(brokers);
    struct bus_topic list[TOPICS_MAX] = {{.partitions = 0}};
    EBB_ASSERT(n <= TOPICS_MAX);
    for (int i = 0; i < n; i++) {
        struct str rest = str_from(names[i]);
        int64_t partitions = 0;
        list[i].name = str_cut(&rest, ':');
        struct str number = str_cut(&rest, ':');
        if (number.p && !str_to_int(number, &partitions)) return 2;
        list[i].partitions = (int)partitions;
        list[i].compacted = str_eq(rest, STR("compact"));
    }
    if (bus_open(&options, &bus, &e)) return fail(&e);
    int code = create ? bus_create_topics(bus, list, (size_t)n, TIMEOUT_MS, &e)
                      : bus_check_topics(bus, list, (size_t)n, TIMEOUT_MS, &e);
    bus_close(bus, 0);
    return code ? fail(&e) : 0;
}

int main(int argc, char **argv)
{
    struct str what = str_from(argc > 2 ? argv[1] : "");
    int64_t a, b;
    (void)signal(SIGTERM, on_signal); /* cannot fail for this signal */
    if (str_eq(what, STR("produce")) && argc == 6 && str_to_int(str_from(argv[4]), &a) &&
        str_to_int(str_from(argv[5]), &b))
        return produce(argv[2], argv[3], a, b);
    if (str_eq(what, STR("consume")) && argc == 6 && str_to_int(str_from(argv[5]), &a))
        return consume(argv[2], argv[3], argv[4], a);
    if (str_eq(what, STR("publish-again")) && argc > 6)
        return publish_again(argv[2], argv[3], argv[4], (const char *const *)argv + 5, argc - 5);
    if (str_eq(what, STR("read-all")) && argc == 4) return read_all(argv[2], argv[3]);
    if (str_eq(what, STR("create-topics"))) return topics(argv[2], true, argv + 3, argc - 3);
    if (str_eq(what, STR("check-topics"))) return topics(argv[2], false, argv + 3, argc - 3);
    dprintf(STDERR_FILENO, "see the head of tests/tools/bus_tool.c\n");
    return 2;
}
