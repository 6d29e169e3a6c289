/* SPDX-License-Identifier: Apache-2.0
 * Relay: events from SQS into Kafka. A message is deleted from SQS only once Kafka has what it asks
 * for, or its dead letter, or its verdict; while Kafka does not answer it stays hidden, and the
 * receivers take nothing new. Several receivers per queue (receiver.c). */
#include "lib/aws/shapes/sqs.h"
#include "producers/producers.h"
#include "producers/receiver.h"

#include <stdlib.h>

struct relay {
    struct role_context context;
    struct log log;
    struct arena arena;
    struct pause pause;
    struct receiver *receivers;
    size_t receivers_n;
};

static void stop(void *self)
{
    struct relay *r = self;
    pause_stop(&r->pause);
    for (size_t i = 0; i < r->receivers_n; i++)
        receiver_join(&r->receivers[i]);
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

/* A queue given by name is asked for once, at the start: a wrong name, region or right is noticed
 * here. */
static int find_queue(struct relay *r, struct str queue, struct str *url, struct err *e)
{
    struct sqs_get_queue_url_input input = {.queue_name = queue};
    struct sqs_queue_url_output output = {0};
    struct aws_failure failure = {0};
    if (str_starts(queue, STR("http://")) || str_starts(queue, STR("https://"))) {
        *url = queue;
        return E_OK;
    }
    int code = aws_call(&r->context.ports.aws, &SQS_GET_QUEUE_URL, STR_NONE, &input, &r->arena,
                        &output, 0, &failure);
    *url = output.queue_url;
    if (!code) return E_OK;
    *e = failure.err;
    (void)err_prefix(e, "SQS queue %.*s", STR_ARG(queue));
    return code;
}

static int find_queues(struct relay *r, struct err *e)
{
    const struct sqs_settings *s = &r->context.config->sqs;
    r->receivers = ARENA_ARRAY(&r->arena, s->queues.n * (size_t)s->receivers, struct receiver);
    for (size_t i = 0; i < s->queues.n; i++) {
        struct str url;
        int code = find_queue(r, *LIST_AT(s->queues, struct str, i), &url, e);
        if (code) return code;
        for (int64_t k = 0; k < s->receivers; k++) {
            struct receiver *receiver = &r->receivers[r->receivers_n++];
            receiver->context = &r->context;
            receiver->log = &r->log;
            receiver->pause = &r->pause;
            receiver->queue = url;
            receiver->ready = true;
        }
    }
    return E_OK;
}

int relay_check(const struct config *config, struct err *e)
{
    if (config->sqs.queues.n) return E_OK;
    return err_set(e, E_CONFIG,
                   "sqs.queues: missing; say which queues EventBridge fills (SQS_QUEUES)");
}

int relay_start(const struct role_context *context, struct role *out, struct err *e)
{
    int code = relay_check(context->config, e);
    if (code) return code;
    struct relay *r = calloc(1, sizeof(*r));
    if (!r) abort();
    r->context = *context;
    r->log = context->log;
    r->log.role = STR("relay");
    arena_init(&r->arena);
    code = find_queues(r, e);
    if (code) {
        arena_release(&r->arena);
        free(r);
        return code;
    }
    pause_init(&r->pause);
    for (size_t i = 0; i < r->receivers_n; i++)
        receiver_start(&r->receivers[i]);
    *out = (struct role){
        .self = r, .name = STR("relay"), .stop = stop, .failure = failure, .is_ready = is_ready};
    return E_OK;
}
