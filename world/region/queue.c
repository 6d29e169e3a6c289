/* SPDX-License-Identifier: Apache-2.0
 * Standard SQS queues from inside: what is in them, what may be seen, what goes to the dead-letter
 * queue. A message is invisible until visible_ms, for whatever reason. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/crypto.h"
#include "world/region/event_model.h"

#define QUEUE_MESSAGES_MAX ((size_t)1000000)

struct queue *queue_at(const struct region *region, size_t i)
{
    return region->queues.items[i];
}

struct queue *queue_find(const struct region *region, struct str name)
{
    for (size_t i = 0; i < region->queues.n; i++)
        if (str_eq(name, str_from(queue_at(region, i)->name))) return queue_at(region, i);
    return NULL;
}

struct queue *queue_find_url(const struct region *region, struct str url)
{
    struct str name = url;
    for (size_t i = 0; i < url.n; i++)
        if (url.p[i] == '/') name = (struct str){url.p + i + 1, url.n - i - 1};
    return queue_find(region, name);
}

struct queue *queue_find_arn(const struct region *region, struct str arn)
{
    for (size_t i = 0; i < region->queues.n; i++)
        if (str_eq(arn, str_from(queue_at(region, i)->arn))) return queue_at(region, i);
    return NULL;
}

void queue_free(struct queue *queue)
{
    for (size_t i = 0; i < queue->messages.n; i++)
        free(queue->messages.items[i]);
    vector_release(&queue->messages);
    free(queue);
}

/* Nothing to do: time only has to pass a moment at which a message becomes visible. */
static void become_visible(struct region *region, uint64_t queue, uint64_t message)
{
    (void)region;
    (void)queue;
    (void)message;
}

void message_hide(struct region *region, const struct queue *queue, struct message *message,
                  int64_t for_ms)
{
    message->visible_ms = region->now_ms + for_ms;
    if (for_ms > 0)
        region_at(region, message->visible_ms, become_visible, queue->number, message->number);
}

static struct str append(char **at, struct str text)
{
    if (!text.p) return STR_NONE;
    struct str copy = {*at, text.n};
    if (text.n) memcpy(*at, text.p, text.n);
    *at += text.n;
    return copy;
}

const struct message *queue_put(struct region *region, struct queue *queue,
                                const struct message_text *text, int64_t delay_ms)
{
    if (queue->messages.n == QUEUE_MESSAGES_MAX) return NULL;
    size_t bytes = text->body.n + text->attributes.n + text->attributes_md5.n + 1;
    struct message *message = malloc(sizeof(*message) + bytes);
    if (!message) abort();
    *message = (struct message){.number = region_number(region), .sent_ms = region->now_ms};
    char *at = (char *)(void *)(message + 1);
    message->body = append(&at, text->body);
    message->attributes = append(&at, text->attributes);
    message->attributes_md5 = append(&at, text->attributes_md5);
    random_uuid(region, message->id);
    struct arena scratch;
    arena_init(&scratch);
    (void)snprintf(message->md5, sizeof(message->md5), "%.*s",
                   STR_ARG(crypto_md5_hex(&scratch, text->body))); /* always 32 characters */
    arena_release(&scratch);
    vector_push(&queue->messages, message);
    queue->sent++;
    message_hide(region, queue, message, delay_ms);
    return message;
}

bool message_visible(const struct region *region, const struct message *message)
{
    return message->visible_ms <= region->now_ms;
}

struct message *queue_message(const struct queue *queue, uint64_t number)
{
    size_t low = 0, high = queue->messages.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct message *message = queue->messages.items[middle];
        if (message->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == queue->messages.n) return NULL;
    struct message *message = queue->messages.items[low];
    return message->number == number ? message : NULL;
}

void queue_remove(struct queue *queue, struct message *message)
{
    vector_remove(&queue->messages, message);
    free(message);
}

/* It keeps its id and its age; its receipt handles end. */
static void redrive(struct region *region, struct queue *queue, struct message *message)
{
    struct queue *to = queue_find_arn(region, str_from(queue->redrive_to));
    if (!to) return; /* its queue was never made: the message stays */
    vector_remove(&queue->messages, message);
    queue->redriven++;
    message->number = region_number(region);
    message->received = 0;
    message->first_received_ms = 0;
    message->handle_nonce[0] = '\0';
    vector_push(&to->messages, message);
    to->sent++;
}

static bool is_worn_out(const struct region *region, const struct queue *queue,
                        const struct message *message)
{
    return queue->redrive_after > 0 && message->received >= queue->redrive_after &&
           queue_find_arn(region, str_from(queue->redrive_to)) != NULL;
}

struct message *queue_next(struct region *region, struct queue *queue)
{
    for (size_t i = 0; i < queue->messages.n;) {
        struct message *message = queue->messages.items[i];
        if (region->now_ms - message->sent_ms > queue->retention_ms) {
            queue_remove(queue, message);
        } else if (!message_visible(region, message)) {
            i++;
        } else if (is_worn_out(region, queue, message)) {
            redrive(region, queue, message);
        } else {
            return message;
        }
    }
    return NULL;
}
