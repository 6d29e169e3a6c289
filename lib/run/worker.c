/* SPDX-License-Identifier: Apache-2.0
 * See worker.h: the threads of one stage. */
#include "lib/run/worker.h"

#include "lib/run/handle.h"
#include "lib/run/inbox.h"
#include "lib/run/taken.h"

#include <pthread.h>
#include <stdlib.h>

#define HANDLERS_MAX 256
#define POLL_MS      ((int64_t)100)

struct handler {
    struct worker *worker;
    struct inbox *inbox;
    struct ports ports;
    pthread_t thread;
    pthread_mutex_t mutex;      /* of the two below */
    bool has_in_hand;           /* something is worked on, and it is ours */
    struct bus_message in_hand; /* where it came from; nothing else of it */
};

struct worker {
    struct worker_options options;
    struct arena arena; /* of what the options' copies and holders need */
    struct bus_consumer *consumer;
    struct handler *handlers;
    size_t handlers_n;
    pthread_t poller;
    pthread_mutex_t mutex; /* of the three below */
    bool stopping;
    int failure;
    struct err failure_words;
    bool revoked; /* polling thread only: partitions went, and somebody else gets their messages */
};

static void take_in_hand(struct handler *h, const struct bus_message *message)
{
    pthread_mutex_lock(&h->mutex);
    h->has_in_hand = true;
    h->in_hand = (struct bus_message){
        .topic = str_from(h->worker->options.topic),
        .partition = message->partition,
        .offset = message->offset,
        .may_be_again = message->may_be_again,
    };
    pthread_mutex_unlock(&h->mutex);
}

/* False when it was not ours any more. */
static bool let_go(struct handler *h, struct bus_message *what)
{
    pthread_mutex_lock(&h->mutex);
    bool had = h->has_in_hand;
    *what = h->in_hand;
    h->has_in_hand = false;
    pthread_mutex_unlock(&h->mutex);
    return had;
}

/* Others get what we have in hand, and that is no death of ours. */
static void give_back(struct handler *h)
{
    struct bus_message message;
    if (let_go(h, &message))
        (void)taken_give_back(&h->ports, &h->worker->options.log, &message); /* it told the log */
}

static void on_revoked(void *ctx, bool lost)
{
    struct worker *w = ctx;
    (void)lost;
    w->revoked = true;
}

static bool is_stopping(struct worker *w)
{
    pthread_mutex_lock(&w->mutex);
    bool stopping = w->stopping;
    pthread_mutex_unlock(&w->mutex);
    return stopping;
}

/* FNV-1a: messages of one service meet the same handler, in order. */
static size_t handler_of(const struct worker *w, struct str key)
{
    uint64_t hash = 14695981039346656037ULL;
    for (size_t i = 0; i < key.n; i++)
        hash = (hash ^ (unsigned char)key.p[i]) * 1099511628211ULL;
    return hash % w->handlers_n;
}

static void *run_handler(void *arg)
{
    struct handler *h = arg;
    struct worker *w = h->worker;
    struct inbox_item item;
    struct bus_message let;
    while (inbox_take(h->inbox, &item)) {
        handle_wait_turn(&w->options, &h->ports, item.message, &item.handling);
        take_in_hand(h, item.message);
        enum handled handled = handle(&w->options, &h->ports, item.message, &item.handling);
        (void)let_go(h, &let); /* done with, whoever has it now */
        if (handled == HANDLED_DONE) {
            bus_message_done(w->consumer, item.message);
        } else {
            inbox_put(h->inbox, item, clock_mono_ms(&h->ports.clock) + item.handling.hold_ms);
        }
    }
    return NULL;
}

static void *run_poller(void *arg)
{
    struct worker *w = arg;
    struct err e = {0};
    while (!is_stopping(w)) {
        struct bus_message *message = NULL;
        int code = bus_consumer_poll(w->consumer, POLL_MS, &message, &e);
        for (size_t i = 0; w->revoked && i < w->handlers_n; i++)
            give_back(&w->handlers[i]);
        w->revoked = false;
        if (code) {
            pthread_mutex_lock(&w->mutex);
            w->failure = code;
            w->failure_words = e;
            w->stopping = true;
            pthread_mutex_unlock(&w->mutex);
            LOG(&w->options.log, LOG_ERROR, "consumer_failed", LOG_STR("why", str_from(e.text)));
        } else if (message) {
            struct handler *h = &w->handlers[handler_of(w, message->key)];
            inbox_put(h->inbox, (struct inbox_item){.message = message}, 0);
        }
    }
    return NULL;
}

static void start_threads(struct worker *w)
{
    for (size_t i = 0; i < w->handlers_n; i++) {
        struct handler *h = &w->handlers[i];
        h->worker = w;
        h->inbox = inbox_new(w->options.ports.clock);
        pthread_mutex_init(&h->mutex, NULL);
        h->ports = w->options.ports;
        h->ports.holder = arena_format(&w->arena, "%.*s/%.*s/%zu", STR_ARG(w->options.process),
                                       STR_ARG(w->options.stage), i);
        if (pthread_create(&h->thread, NULL, run_handler, h)) abort();
    }
    if (pthread_create(&w->poller, NULL, run_poller, w)) abort();
}

int worker_start(const struct worker_options *options, struct worker **out, struct err *e)
{
    struct str topic = str_from(options->topic);
    struct bus_consumer_options consumer = {
        .bus = options->bus,
        .group = topic,
        .topics = &topic,
        .topics_n = 1,
        .window_max = (size_t)options->config->kafka.window,
        .on_revoked = on_revoked,
    };
    int64_t handlers = options->config->run.handlers;
    if (handlers < 1 || handlers > HANDLERS_MAX)
        return err_set(e, E_CONFIG, "run.handlers is %lld; 1 to %d are possible",
                       (long long)handlers, HANDLERS_MAX);
    struct worker *w = calloc(1, sizeof(*w));
    if (!w) abort();
    w->options = *options;
    consumer.ctx = w;
    arena_init(&w->arena);
    pthread_mutex_init(&w->mutex, NULL);
    int code = bus_consumer_open(&consumer, &w->consumer, e);
    if (code) {
        pthread_mutex_destroy(&w->mutex);
        arena_release(&w->arena);
        free(w);
        return code;
    }
    w->handlers_n = (size_t)handlers;
    w->handlers = ARENA_ARRAY(&w->arena, w->handlers_n, struct handler);
    start_threads(w);
    *out = w;
    return E_OK;
}

void worker_stop(struct worker *w)
{
    struct inbox_item item;
    if (!w) return;
    pthread_mutex_lock(&w->mutex);
    w->stopping = true;
    pthread_mutex_unlock(&w->mutex);
    pthread_join(w->poller, NULL);
    /* The process may end before what is in hand does. */
    for (size_t i = 0; i < w->handlers_n; i++)
        inbox_close(w->handlers[i].inbox);
    for (size_t i = 0; i < w->handlers_n; i++)
        give_back(&w->handlers[i]);
    for (size_t i = 0; i < w->handlers_n; i++) {
        pthread_join(w->handlers[i].thread, NULL);
        while (inbox_drain(w->handlers[i].inbox, &item))
            bus_message_drop(w->consumer, item.message);
        inbox_free(w->handlers[i].inbox);
        pthread_mutex_destroy(&w->handlers[i].mutex);
    }
    bus_consumer_close(w->consumer);
    pthread_mutex_destroy(&w->mutex);
    arena_release(&w->arena);
    free(w);
}

int worker_failure(struct worker *w, struct err *e)
{
    pthread_mutex_lock(&w->mutex);
    int code = w->failure;
    if (code) *e = w->failure_words;
    pthread_mutex_unlock(&w->mutex);
    return code;
}

struct bus_consumer_stats worker_stats(struct worker *w)
{
    return bus_consumer_stats(w->consumer);
}
