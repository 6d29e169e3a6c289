/* SPDX-License-Identifier: Apache-2.0
 * The least a stage could do, for bench/throughput to compare a stage with: takes each message as a
 * worker does (the same consumer, threads by key), sends one small thing to Redis so often,
 * publishes the message to another topic, and is done with it once that is acknowledged.
 *
 *   floor_tool BROKERS GROUP FROM TO HANDLERS REDIS_URL CALLS    until SIGTERM
 *
 * Says "assigned N" when partitions come, and "done N" whenever nothing is in work. */
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/bus/bus.h"
#include "lib/run/inbox.h"
#include "lib/store/store.h"

#define HANDLERS_MAX 64
#define TIMEOUT_MS   10000
#define POLL_MS      100
#define WINDOW       1000 /* kafka.window's default */

struct floor {
    struct bus *bus;
    struct store *store;
    struct bus_consumer *consumer;
    struct str to;
    int64_t calls;
    atomic_long taken, finished;
};

struct handler {
    struct floor *floor;
    struct inbox *inbox;
    pthread_t thread;
};

static volatile sig_atomic_t ending;

static void on_signal(int number)
{
    (void)number;
    ending = 1;
}

static void must(int code, const struct err *e)
{
    if (code == 0) return;
    dprintf(STDERR_FILENO, "floor_tool: %s\n", e->text);
    exit(1);
}

static void one(struct floor *f, struct bus_message *m)
{
    struct arena a;
    struct err e = {0};
    struct reply reply;
    struct str set[] = {STR("SET"), STR("floor"), m->value};
    struct store_port store = store_port_of(f->store);
    arena_init(&a);
    for (int64_t i = 0; i < f->calls; i++)
        must(store_command(&store, set, EBB_COUNT(set), &a, &reply, &e), &e);
    struct bus_record record = {.topic = f->to, .key = m->key, .value = m->value};
    struct bus_port bus = bus_port_of(f->bus);
    must(bus_publish(&bus, &record, &e), &e);
    arena_release(&a);
    bus_message_done(f->consumer, m);
    long finished = atomic_fetch_add(&f->finished, 1) + 1;
    if (finished == atomic_load(&f->taken)) dprintf(STDOUT_FILENO, "done %ld\n", finished);
}

static void *run_handler(void *arg)
{
    struct handler *h = arg;
    struct inbox_item item;
    while (inbox_take(h->inbox, &item))
        one(h->floor, item.message);
    return NULL;
}

/* As a worker does: messages of one key meet the same handler. */
static size_t handler_of(struct str key, size_t n)
{
    uint64_t hash = 14695981039346656037ULL;
    for (size_t i = 0; i < key.n; i++)
        hash = (hash ^ (unsigned char)key.p[i]) * 1099511628211ULL;
    return hash % n;
}

static void poll_until_end(struct floor *f, struct handler *handlers, size_t n)
{
    struct err e = {0};
    int64_t assigned = -1;
    while (!ending) {
        struct bus_message *m;
        must(bus_consumer_poll(f->consumer, POLL_MS, &m, &e), &e);
        if (m) {
            atomic_fetch_add(&f->taken, 1);
            inbox_put(handlers[handler_of(m->key, n)].inbox, (struct inbox_item){.message = m}, 0);
            continue;
        }
        struct bus_consumer_stats stats = bus_consumer_stats(f->consumer);
        if (stats.assigned != assigned)
            dprintf(STDOUT_FILENO, "assigned %" PRId64 "\n", stats.assigned);
        assigned = stats.assigned;
    }
}

static void run(struct floor *f, size_t n)
{
    struct handler handlers[HANDLERS_MAX];
    struct inbox_item item;
    for (size_t i = 0; i < n; i++) {
        handlers[i] = (struct handler){.floor = f, .inbox = inbox_new(clock_system())};
        if (pthread_create(&handlers[i].thread, NULL, run_handler, &handlers[i])) abort();
    }
    poll_until_end(f, handlers, n);
    for (size_t i = 0; i < n; i++)
        inbox_close(handlers[i].inbox);
    for (size_t i = 0; i < n; i++) {
        pthread_join(handlers[i].thread, NULL);
        while (inbox_drain(handlers[i].inbox, &item)) /* at most a window's worth */
            bus_message_drop(f->consumer, item.message);
        inbox_free(handlers[i].inbox);
    }
}

int main(int argc, char **argv)
{
    struct err e = {0};
    struct floor f = {0};
    int64_t handlers;
    if (argc != 8 || !str_to_int(str_from(argv[5]), &handlers) || handlers < 1 ||
        handlers > HANDLERS_MAX || !str_to_int(str_from(argv[7]), &f.calls)) {
        dprintf(STDERR_FILENO, "see the head of tests/tools/floor_tool.c\n");
        return 2;
    }
    (void)signal(SIGTERM, on_signal); /* cannot fail for this signal */
    struct bus_options bus = {.brokers = str_from(argv[1]), .publish_timeout_ms = TIMEOUT_MS};
    struct str from = str_from(argv[3]);
    struct bus_consumer_options consumer = {.bus = bus,
                                            .group = str_from(argv[2]),
                                            .topics = &from,
                                            .topics_n = 1,
                                            .window_max = WINDOW};
    struct store_options store = {.url = str_from(argv[6]),
                                  .connect_timeout_ms = TIMEOUT_MS,
                                  .command_timeout_ms = TIMEOUT_MS,
                                  .connections_max = HANDLERS_MAX,
                                  .clock = clock_system()};
    f.to = str_from(argv[4]);
    must(bus_open(&bus, &f.bus, &e), &e);
    must(store_open(&store, &f.store, &e), &e);
    must(bus_consumer_open(&consumer, &f.consumer, &e), &e);
    run(&f, (size_t)handlers);
    bus_consumer_close(f.consumer);
    bus_close(f.bus, TIMEOUT_MS);
    store_close(f.store);
    return 0;
}
