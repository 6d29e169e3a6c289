/* SPDX-License-Identifier: Apache-2.0
 * Relay: events from SQS into Kafka. A message is deleted from SQS only once Kafka has what it asks
 * for, or its dead letter, or its verdict; while Kafka does not answer it stays hidden, and the
 * receivers take nothing new. Several receivers per queue (receiver.c). */
#include "lib/aws/shapes/sqs.h"
#include "lib/base/pause.h"
#include "lib/run/remedy.h"
#include "producers/producers.h"
#include "producers/receiver.h"

#include <stdlib.h>

struct relay {
    struct role_context context;
    struct log log;
    struct arena arena;
    struct pause pause;
    _Atomic int64_t one_until_ms; /* see receiver.h */
    struct receiver *receivers;
    pthread_t *threads; /* one each */
    size_t receivers_n;
};

static bool wait_or_stop(void *ctx, int64_t ms)
{
    return pause_for(ctx, ms);
}

static void *run_receiver(void *arg)
{
    struct receiver *receiver = arg;
    int64_t pause_ms = 0;
    while (!receiver->wait(receiver->wait_ctx, pause_ms)) {
        struct err e = {0};
        int code = receiver_pass(receiver, &e);
        pause_ms = receiver_pause_ms(code, pause_ms);
        if (code && code != E_STOPPED)
            LOG(receiver->log, LOG_WARN, "receive_failed", LOG_STR("queue", receiver->queue),
                LOG_STR("why", str_from(e.text)));
    }
    return NULL;
}

static void stop(void *self)
{
    struct relay *r = self;
    pause_stop(&r->pause);
    for (size_t i = 0; i < r->receivers_n; i++)
        pthread_join(r->threads[i], NULL);
    pause_release(&r->pause);
    arena_release(&r->arena);
    free(r);
}

static int failure(void *self, struct err *e)
{
    (void)self;
    (void)e;
    return E_OK; /* what fails here is tried again */
}

static bool is_ready(void *self, struct str *why)
{
    const struct relay *r = self;
    for (size_t i = 0; i < r->receivers_n; i++)
        if (!r->receivers[i].ready) {
            *why = STR("relay: SQS or Kafka does not answer");
            return false;
        }
    return true;
}

static bool is_url(struct str queue)
{
    return str_starts(queue, STR("http://")) || str_starts(queue, STR("https://"));
}

/* "https://sqs.us-east-1.amazonaws.com/123456789012/name": the name, and whose it is. */
static struct sqs_get_queue_url_input input_of(struct str queue)
{
    struct str rest = queue, account = STR_NONE, name = queue;
    if (!is_url(queue)) return (struct sqs_get_queue_url_input){.queue_name = queue};
    while (rest.p) {
        account = name;
        name = str_cut(&rest, '/');
    }
    return (struct sqs_get_queue_url_input){.queue_name = name,
                                            .queue_owner_aws_account_id = account};
}

/* Each queue is asked for once, at the start: a wrong name, region, key or right is noticed here.
 * One given by its URL is used as it is given, also when we may not ask for it. */
static int find_queue(struct relay *r, struct str queue, struct str *url, struct err *e)
{
    struct sqs_get_queue_url_input input = input_of(queue);
    struct sqs_queue_url_output output = {0};
    struct aws_failure failure = {0};
    int code = aws_call(&r->context.ports.aws, &SQS_GET_QUEUE_URL, STR_NONE, &input, &r->arena,
                        &output, 0, &failure);
    *url = is_url(queue) ? queue : output.queue_url;
    if (!code) return E_OK;
    bool may_be_there = remedy_aws_knows_us(&failure) && failure.err.code != E_NOT_FOUND;
    if (is_url(queue) && may_be_there) return E_OK;
    (void)remedy_aws(&failure, r->context.region, e);
    return err_prefix(e, "SQS queue %.*s", STR_ARG(queue));
}

static int find_queues(struct relay *r, struct err *e)
{
    const struct sqs_settings *s = &r->context.config->sqs;
    size_t all = s->queues.n * (size_t)s->receivers;
    r->receivers = ARENA_ARRAY(&r->arena, all, struct receiver);
    r->threads = ARENA_ARRAY(&r->arena, all, pthread_t);
    for (size_t i = 0; i < s->queues.n; i++) {
        struct str url;
        int code = find_queue(r, *LIST_AT(s->queues, struct str, i), &url, e);
        if (code) return code;
        for (int64_t k = 0; k < s->receivers; k++) {
            struct receiver *receiver = &r->receivers[r->receivers_n++];
            receiver->context = &r->context;
            receiver->log = &r->log;
            receiver->wait = wait_or_stop;
            receiver->wait_ctx = &r->pause;
            receiver->queue = url;
            receiver->one_until_ms = &r->one_until_ms;
            receiver->ready = true;
        }
    }
    return E_OK;
}

int relay_check(const struct config *c, struct err *e)
{
    if (c->sqs.queues.n) return E_OK;
    return err_set(e, E_CONFIG,
                   "sqs.queues: missing; say which queues EventBridge fills (SQS_QUEUES)");
}

int relay_start(const struct role_context *context, struct role *out, struct err *e)
{
    struct relay *r = calloc(1, sizeof(*r));
    if (!r) abort();
    r->context = *context;
    r->log = context->log;
    r->log.role = STR("relay");
    arena_init(&r->arena);
    int code = find_queues(r, e);
    if (code) {
        arena_release(&r->arena);
        free(r);
        return code;
    }
    pause_init(&r->pause);
    for (size_t i = 0; i < r->receivers_n; i++)
        if (pthread_create(&r->threads[i], NULL, run_receiver, &r->receivers[i])) abort();
    *out = (struct role){
        .self = r, .name = STR("relay"), .stop = stop, .failure = failure, .is_ready = is_ready};
    return E_OK;
}
